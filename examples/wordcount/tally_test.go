package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"sync"
	"testing"
)

func TestTallyAddsWhatManyAddAtOnce(t *testing.T) {
	const goroutines, files = 8, 1000
	tally := newTally(64)
	var all sync.WaitGroup
	for g := range goroutines {
		all.Go(func() {
			for f := range files {
				// One word of everybody's, one of this file's name, one of its own.
				words := count("the", "the", fmt.Sprint("file", f), fmt.Sprint("own", g, ".", f))
				if err := tally.add(t.Context(), 10, words); err != nil {
					t.Error(err)
				}
			}
		})
	}
	all.Wait()

	want := map[string]int{"the": 2 * goroutines * files}
	for f := range files {
		want[fmt.Sprint("file", f)] = goroutines
		for g := range goroutines {
			want[fmt.Sprint("own", g, ".", f)] = 1
		}
	}
	s := snap(t, tally)
	if !maps.Equal(s.counts, want) {
		t.Error("the counts are wrong")
	}
	sum := totals{files: goroutines * files, bytes: 10 * goroutines * files, words: 4 * goroutines * files, different: len(want)}
	if s.sum != sum {
		t.Errorf("totals %+v, want %+v", s.sum, sum)
	}
}

// Whoever looks while files are added sees whole files: snapshot itself makes
// sure that the words add up to the totals.
func TestSnapshotsSeeWholeFiles(t *testing.T) {
	tally := newTally(64)
	adding := make(chan struct{})
	go func() {
		defer close(adding)
		for f := range 200 {
			words := count("the", fmt.Sprint("word", f), fmt.Sprint("word", f/2), fmt.Sprint("word", f/3))
			if err := tally.add(t.Context(), 1, words); err != nil {
				t.Error(err)
			}
		}
	}()
	for done := false; !done; {
		select {
		case <-adding:
			done = true
		default:
		}
		s := snap(t, tally)
		if s.counts["the"] != s.sum.files {
			t.Fatalf("the occurs %d times in %d files", s.counts["the"], s.sum.files)
		}
	}
}

func TestSnapshotFindsWhatDoesNotAddUp(t *testing.T) {
	for name, spoil := range map[string]func(*tally){
		"a word too many":   func(t *tally) { t.totals.Store(totals{files: 1, words: 3, different: 2}) },
		"a word unknown":    func(t *tally) { t.totals.Store(totals{files: 1, words: 2, different: 3}) },
		"a skip unrecorded": func(t *tally) { t.totals.Store(totals{files: 1, words: 2, different: 2, skipped: 1}) },
	} {
		tally := newTally(64)
		if err := tally.add(t.Context(), 0, count("a", "b")); err != nil {
			t.Fatal(err)
		}
		snap(t, tally)
		spoil(tally)
		if _, err := tally.snapshot(t.Context()); err == nil {
			t.Errorf("%s: no error", name)
		}
	}
}

func TestACancelledFileIsNotCountedAtAll(t *testing.T) {
	tally := newTally(64)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := tally.add(ctx, 3, count("the")); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v, want %v", err, context.Canceled)
	}
	if s := snap(t, tally); len(s.counts) > 0 || s.sum != (totals{}) {
		t.Errorf("counted %v, %+v, want nothing", s.counts, s.sum)
	}
}

func count(words ...string) counter {
	c := make(counter)
	for _, word := range words {
		c.found([]byte(word))
	}
	return c
}

func snap(t *testing.T, tally *tally) snapshot {
	t.Helper()
	s, err := tally.snapshot(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return s
}
