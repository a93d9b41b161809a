package workload

import (
	"context"
	"errors"
	"fmt"
)

// Scan shows what a long reader does to short writers, and they to it.
var Scan = Workload{
	Name: "scan",
	Explain: "Everybody changes the values of an ordered map with 4,096 keys, one at a time, while one more goroutine adds " +
		"up all of them without pause, as of one moment. An operation is one change; the scans are counted apart.",
	Needs: []string{"Index"},
	New: func(s Setup) (*Load, error) {
		const keys = 4096
		index := s.Discipline.Index()
		for key := range int64(keys) {
			index.Put(key, 0)
		}
		pairs := keys / 2 / s.Goroutines // a goroutine
		if pairs == 0 {
			return nil, Refuse(fmt.Sprintf("it has keys for %d goroutines only", keys/2))
		}
		writers := make([]scanWriter, s.Goroutines)
		return &Load{
			Objects: []Object{index},
			Worker: func(i int) Op {
				w := &writers[i]
				*w = scanWriter{first: int64(i * pairs), values: make([]int64, pairs)}
				return func(context.Context) error {
					key, value := w.next()
					index.Put(key, value)
					return nil
				}
			},
			Beside: func(context.Context) error {
				count, sum := index.Scan(0, keys)
				if count != keys || sum < 0 || sum > int64(s.Goroutines) {
					return fmt.Errorf("a scan finds %d keys and a sum of %d, want %d and 0 to %d", count, sum, keys, s.Goroutines)
				}
				return nil
			},
			BesideUnit: "scans/s",
			Check: func(uint64) error {
				var wrong error
				for i := range writers {
					for key, want := range writers[i].want() {
						got, _ := index.Get(key)
						wrong = errors.Join(wrong, Want(fmt.Sprintf("key %d", key), got, want))
					}
				}
				return wrong
			},
		}, nil
	},
}

// A scanWriter has pairs of keys of its own. It counts one of a pair up, then the other down. So the sum
// of all that it has is 0 or, between the two, 1.
type scanWriter struct {
	first   int64   // pair
	values  []int64 // of the key that was counted up, by pair
	at      int
	between bool
	_       [64]byte
}

func (w *scanWriter) next() (key, value int64) {
	key = 2 * (w.first + int64(w.at))
	if !w.between {
		w.between = true
		w.values[w.at]++
		return key, w.values[w.at]
	}
	w.between = false
	value = -w.values[w.at]
	w.at = (w.at + 1) % len(w.values)
	return key + 1, value
}

// want says what the keys have to hold in the end.
func (w *scanWriter) want() map[int64]int64 {
	want := make(map[int64]int64)
	for pair, value := range w.values {
		key := 2 * (w.first + int64(pair))
		want[key], want[key+1] = value, -value
		if w.between && pair == w.at {
			want[key+1] = 1 - value
		}
	}
	return want
}
