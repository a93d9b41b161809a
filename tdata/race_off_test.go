//go:build !race

package tdata_test

const raceEnabled = false
