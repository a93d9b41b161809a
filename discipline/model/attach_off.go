//go:build !rinsesched

package model

import "github.com/rinse-go/rinse/proptest"

// attach has a scheduler decide about accesses to shared memory, if they were built to ask.
func attach(*proptest.Env) {}
