//go:build race

package tdata_test

// cacheRaceFactor is by how much tests of many elements are smaller under the race detector, which is slow.
const cacheRaceFactor = 10
