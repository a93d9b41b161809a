package main

import (
	"context"
	"fmt"
	"hash/maphash"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// A tally is the state that all goroutines share: a hash table with a variable
// for each bucket and one for each word, and the totals. Every file is counted
// by one transaction, so whoever looks sees whole files only.
type tally struct {
	totals  tvar.TVar[totals]
	skips   tvar.TVar[*skip]
	seed    maphash.Seed        // immutable
	buckets []tvar.TVar[*entry] // the slice is immutable
}

type totals struct {
	files, skipped, bytes, words int
	different                    int // words
}

// An entry is a word and how often it occurs. Entries of one bucket are linked.
type entry struct {
	word  string // immutable, as is next
	count tvar.TVar[int]
	next  *entry
}

// A skip is a file that is not counted, and why.
type skip struct {
	path string
	why  error
	next *skip
}

func newTally(buckets int) *tally {
	return &tally{seed: maphash.MakeSeed(), buckets: make([]tvar.TVar[*entry], buckets)}
}

// add counts one file, all of it or, if the context ends first, none of it.
//
// Counters only ever grow, so Commute suits them: two files that share a word
// do not clash over it. They clash when both add a new word to one bucket.
func (t *tally) add(ctx context.Context, bytes int, words counter) error {
	return stm.Atomically(ctx, func(tx *stm.Tx) error {
		file := totals{files: 1, bytes: bytes}
		for word, n := range words {
			e, isNew := t.entry(tx, word)
			e.count.Commute(tx, func(count int) int { return count + *n })
			file.words += *n
			if isNew {
				file.different++
			}
		}
		t.totals.Commute(tx, file.plus)
		return nil
	})
}

// entry finds a word, or puts it in front of its bucket.
func (t *tally) entry(tx *stm.Tx, word string) (e *entry, isNew bool) {
	bucket := &t.buckets[maphash.String(t.seed, word)%uint64(len(t.buckets))]
	first := bucket.Get(tx)
	for e := first; e != nil; e = e.next {
		if e.word == word {
			return e, false
		}
	}
	e = &entry{word: word, next: first}
	bucket.Set(tx, e)
	return e, true
}

// skip notes that a file is not counted.
func (t *tally) skip(ctx context.Context, path string, why error) error {
	return stm.Atomically(ctx, func(tx *stm.Tx) error {
		t.skips.Modify(tx, func(first *skip) *skip { return &skip{path, why, first} })
		t.totals.Commute(tx, totals{skipped: 1}.plus)
		return nil
	})
}

// A snapshot is all of a tally at one moment.
type snapshot struct {
	counts map[string]int
	sum    totals
	skips  []*skip
}

// snapshot reads everything in one view. It is an error if the words do not add
// up to the totals of that moment.
func (t *tally) snapshot(ctx context.Context) (snapshot, error) {
	var s snapshot
	err := stm.View(ctx, func(tx *stm.Tx) error {
		s = snapshot{counts: make(map[string]int), sum: t.totals.Get(tx)} // a view may run twice
		for i := range t.buckets {
			for e := t.buckets[i].Get(tx); e != nil; e = e.next {
				s.counts[e.word] = e.count.Get(tx)
			}
		}
		for f := t.skips.Get(tx); f != nil; f = f.next {
			s.skips = append(s.skips, f)
		}
		return nil
	})
	if err != nil {
		return snapshot{}, err
	}
	words := 0
	for _, n := range s.counts {
		words += n
	}
	if words != s.sum.words || len(s.counts) != s.sum.different || len(s.skips) != s.sum.skipped {
		return snapshot{}, fmt.Errorf("found %d words, %d different, and %d skipped files, but the totals are %+v",
			words, len(s.counts), len(s.skips), s.sum)
	}
	return s, nil
}

func (a totals) plus(b totals) totals {
	return totals{
		files:     a.files + b.files,
		skipped:   a.skipped + b.skipped,
		bytes:     a.bytes + b.bytes,
		words:     a.words + b.words,
		different: a.different + b.different,
	}
}
