package main

import (
	"context"
	"io/fs"

	"golang.org/x/sync/errgroup"
)

// countTogether counts the files into the tally with many goroutines. What it
// cannot count it skips; its only errors are the end of the context and the
// tally's own.
func countTogether(ctx context.Context, files fs.FS, paths []string, t *tally, workers int) error {
	queue := make(chan string)
	group, ctx := errgroup.WithContext(ctx)
	group.Go(func() error {
		defer close(queue)
		for _, path := range paths {
			select {
			case queue <- path:
			case <-ctx.Done():
				return ctx.Err()
			}
		}
		return nil
	})
	for range workers {
		group.Go(func() error {
			r := newReader(files)
			for path := range queue {
				if err := countFile(ctx, r, path, t); err != nil {
					return err
				}
			}
			return nil
		})
	}
	return group.Wait()
}

// countFile reads a file by itself, then adds it to the tally in one transaction.
func countFile(ctx context.Context, r *reader, path string, t *tally) error {
	words := make(counter)
	size, err := r.read(ctx, path, words.found)
	if err != nil {
		return t.skip(ctx, path, err) // refused as well if the context has ended
	}
	return t.add(ctx, size, words)
}

// countAlone counts the files one after another into a plain map, and calls done
// after each.
func countAlone(ctx context.Context, files fs.FS, paths []string, done func()) (map[string]int, error) {
	words := make(counter)
	r := newReader(files)
	for _, path := range paths {
		if _, err := r.read(ctx, path, words.found); err != nil {
			return nil, err
		}
		done()
	}
	counts := make(map[string]int, len(words))
	for word, n := range words {
		counts[word] = *n
	}
	return counts, nil
}

// A counter counts words for one goroutine. Its numbers are pointers, because
// then only a word's first occurrence allocates.
type counter map[string]*int

func (c counter) found(word []byte) {
	n := c[string(word)]
	if n == nil {
		n = new(int)
		c[string(word)] = n
	}
	*n++
}
