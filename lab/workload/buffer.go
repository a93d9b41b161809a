package workload

import (
	"context"
	"errors"
	"fmt"
)

// Buffer hands over from producers to consumers, who wait for each other.
var Buffer = Workload{
	Name: "buffer",
	Explain: "Half of the goroutines put into one queue with room for 64, the others take; who finds it full or " +
		"empty waits. One goroutine alone does both by turns. Each put and each take is an operation.",
	Needs: []string{"Buffer"},
	New: func(s Setup) (*Load, error) {
		buffer := s.Discipline.Buffer(64)
		workers := make([]bufferWorker, s.Goroutines)
		for i := range workers {
			workers[i] = bufferWorker{id: i, latest: make([]int64, s.Goroutines)}
		}
		return &Load{
			Objects:  []Object{buffer},
			Together: true,
			Worker: func(i int) Op {
				w := &workers[i]
				put := func(ctx context.Context) error { return w.put(ctx, buffer.Put) }
				take := func(ctx context.Context) error { return w.take(ctx, buffer.Take) }
				switch {
				case s.Goroutines == 1:
					return func(ctx context.Context) error {
						if w.puts > w.takes {
							return take(ctx)
						}
						return put(ctx)
					}
				case i%2 == 0:
					return put
				}
				return take
			},
			Check: func(uint64) error {
				var puts, takes, in, out int64
				for i := range workers {
					puts, takes = puts+workers[i].puts, takes+workers[i].takes
					in, out = in+workers[i].in, out+workers[i].out
				}
				left := buffer.Len()
				for range left {
					value, err := buffer.Take(context.Background())
					if err != nil {
						return err
					}
					out += value
				}
				return errors.Join(Want("values left", int64(left), puts-takes), Want("their sum", out, in))
			},
		}, nil
	},
}

// A bufferWorker is one producer or consumer. Its values say who put them, and when.
type bufferWorker struct {
	id          int
	puts, takes int64
	in, out     int64   // sums
	latest      []int64 // by producer, what was taken last from it
	_           [64]byte
}

func (w *bufferWorker) put(ctx context.Context, put func(context.Context, int64) error) error {
	value := int64(w.id)<<40 | (w.puts + 1)
	if err := put(ctx, value); err != nil {
		return err
	}
	w.puts++
	w.in += value
	return nil
}

func (w *bufferWorker) take(ctx context.Context, take func(context.Context) (int64, error)) error {
	value, err := take(ctx)
	if err != nil {
		return err
	}
	producer, n := int(value>>40), value&(1<<40-1)
	if producer < 0 || producer >= len(w.latest) || n <= w.latest[producer] {
		return fmt.Errorf("took %#x, out of order or never put", value)
	}
	w.latest[producer] = n
	w.takes++
	w.out += value
	return nil
}
