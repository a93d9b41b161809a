// Lab measures every way of sharing state, side by side, on this machine:
//
//	go run ./lab
package main

import "github.com/rinse-go/rinse/lab/cli"

func main() { cli.Main(cli.Options{Command: "go run ./lab"}) }
