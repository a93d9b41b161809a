package workload

import (
	"context"
	"errors"
	"fmt"

	"github.com/rinse-go/rinse/discipline"
)

// In the index each goroutine has a region of 64 keys. The even ones stay. A token, which is on an odd
// one, wanders downwards: it is put one place lower, then deleted from where it was. So at any one moment
// a region has 32 keys that stay, and one token or two, and a scan that is not of one moment finds none.
const (
	region  = 64
	regions = 32 // at least
	stays   = region / 2
	stay    = 1 // values
	token   = 1000
)

// Index is an ordered map under everything that one does with a database's.
var Index = Workload{
	Name: "index",
	Explain: "An ordered map with 1,000 keys and more: of 10 operations 6 look up a key, 3 move one (put, then delete), " +
		"and 1 scans 256 keys, which has to be of one moment.",
	Needs: []string{"Index"},
	New: func(s Setup) (*Load, error) {
		index := s.Discipline.Index()
		all := max(regions, s.Goroutines)
		at := make([]tally, all) // where the token is
		for r := range all {
			at[r].n = region - 1
			for place := range int64(region) {
				if value := int64(stay); place%2 == 0 {
					index.Put(int64(r)*region+place, value)
				}
			}
			index.Put(int64(r)*region+at[r].n, token)
		}
		return &Load{
			Objects: []Object{index},
			Worker: func(i int) Op {
				random := s.Rand(i)
				return func(context.Context) error {
					switch n := random.IntN(10); {
					case n < 6:
						return lookUp(index, int64(random.IntN(all*region)))
					case n < 9:
						return wander(index, int64(i), &at[i].n)
					}
					return scanRegions(index, int64(random.IntN(all-3)), 4)
				}
			},
			Check: func(uint64) error {
				var wrong error
				for r := range int64(all) {
					value, ok := index.Get(r*region + at[r].n)
					count, sum := index.Scan(r*region, (r+1)*region)
					if !ok || value != token || count != stays+1 || sum != stays*stay+token {
						wrong = errors.Join(wrong, fmt.Errorf("region %d has %d keys of sum %d, token %d (%t)", r, count, sum, value, ok))
					}
				}
				return wrong
			},
		}, nil
	},
}

func lookUp(index discipline.Index, key int64) error {
	value, ok := index.Get(key)
	if key%2 == 0 && (!ok || value != stay) || ok && key%2 == 1 && value != token {
		return fmt.Errorf("key %d has value %d (%t)", key, value, ok)
	}
	return nil
}

func wander(index discipline.Index, r int64, at *int64) error {
	next := *at - 2
	if next < 0 {
		next = region - 1
	}
	index.Put(r*region+next, token)
	if !index.Delete(r*region + *at) {
		return fmt.Errorf("key %d was lost", r*region+*at)
	}
	*at = next
	return nil
}

func scanRegions(index discipline.Index, first, n int64) error {
	count, sum := index.Scan(first*region, (first+n)*region)
	tokens := int64(count) - n*stays
	if tokens < n || tokens > 2*n || sum != n*stays*stay+tokens*token {
		return fmt.Errorf("a scan of %d regions finds %d tokens and a sum of %d", n, tokens, sum)
	}
	return nil
}
