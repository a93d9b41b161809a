//go:build !rinsesched

package model_test

import "github.com/rinse-go/rinse/proptest"

const programs = 6

// Without the build tag clients are interrupted where they wait only, so that there is little to explore.
var schedulers = []proptest.Scheduler{proptest.Exhaustive(2, 50), proptest.Stress(15)}
