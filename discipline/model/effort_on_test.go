//go:build rinsesched

package model_test

import "github.com/rinse-go/rinse/proptest"

const programs = 6

var schedulers = []proptest.Scheduler{proptest.Exhaustive(2, 1000), proptest.PCT(3, 200)}
