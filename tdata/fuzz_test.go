package tdata_test

import (
	"math/rand/v2"
	"testing"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// bytesSource makes random decisions of what a fuzzer has drawn. The high bits decide; the low ones differ
// from draw to draw, since package rand draws again if it does not like them.
type bytesSource struct {
	data  []byte
	drawn uint64
}

func (s *bytesSource) Uint64() uint64 {
	s.drawn++
	low := s.drawn * 0x9E3779B97F4A7C15 >> 8
	if len(s.data) == 0 {
		return low
	}
	high := uint64(s.data[0]) << 56
	s.data = s.data[1:]
	return high | low
}

func FuzzMap(f *testing.F) {
	f.Add([]byte("a few operations"), uint8(3))
	f.Fuzz(func(t *testing.T, data []byte, keys uint8) {
		source := &bytesSource{data: data}
		r, owner, model := rand.New(source), stm.NewOwner(), map[int]int{}
		m := tdata.NewMap[int, int](tdata.In(owner))
		for len(source.data) > 0 {
			mapStep(t, r, owner, m, model, int(keys)+1)
		}
	})
}

func FuzzOrderedMap(f *testing.F) {
	f.Add([]byte("a few operations"), uint8(3))
	f.Fuzz(func(t *testing.T, data []byte, keys uint8) {
		source := &bytesSource{data: data}
		r, owner, model := rand.New(source), stm.NewOwner(), map[int]int{}
		m := tdata.NewOrderedMap[int, int](tdata.In(owner))
		for len(source.data) > 0 {
			commit(t, owner, func(tx *stm.Tx) {
				for range 4 {
					orderedStep(t, r, tx, m, model, int(keys)+1)
				}
			})
			orderedChecks(t, r, owner, m, model, int(keys)+1)
		}
	})
}
