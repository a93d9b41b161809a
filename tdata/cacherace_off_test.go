//go:build !race

package tdata_test

const cacheRaceFactor = 1
