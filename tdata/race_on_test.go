//go:build race

package tdata_test

// raceEnabled tells that everything takes ten times as long.
const raceEnabled = true
