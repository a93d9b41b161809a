package discipline_test

import (
	"context"
	"errors"
	"reflect"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/discipline"
)

var background = context.Background()

// eachWith runs a test for every discipline that offers an object.
func eachWith(t *testing.T, object string, test func(t *testing.T, d discipline.Discipline)) {
	for _, d := range discipline.All() {
		if !reflect.ValueOf(d).FieldByName(object).IsNil() {
			t.Run(d.Name, func(t *testing.T) { test(t, d) })
		}
	}
}

// objects are the fields of a Discipline that make one.
func objects() (names []string) {
	of := reflect.TypeFor[discipline.Discipline]()
	for i := range of.NumField() {
		if f := of.Field(i); f.Type.Kind() == reflect.Func {
			names = append(names, f.Name)
		}
	}
	return names
}

// TestWhatIsMissingHasAReason, and what has a reason is missing.
func TestWhatIsMissingHasAReason(t *testing.T) {
	require.Len(t, objects(), 10)
	for _, d := range discipline.All() {
		offered := 0
		for _, object := range objects() {
			missing := reflect.ValueOf(d).FieldByName(object).IsNil()
			assert.Equal(t, missing, d.Cannot[object] != "", "%s of %s", object, d.Name)
			if !missing {
				offered++
			}
		}
		assert.Positive(t, offered, d.Name)
		for what := range d.Cannot {
			object, _, _ := strings.Cut(what, ".")
			assert.Contains(t, objects(), object, "%s cannot %s", d.Name, what)
		}
	}
}

// TestEveryDisciplineExplainsItself in a paragraph: the idea, what it costs, when to use it and when not.
func TestEveryDisciplineExplainsItself(t *testing.T) {
	all := discipline.All()
	assert.Len(t, all, 15)
	for i, d := range all {
		assert.Regexp(t, "^[a-z-]+$", d.Name)
		assert.NotEmpty(t, d.From, d.Name)
		assert.NotContains(t, d.Explain, "\n", d.Name)
		assert.Greater(t, len(d.Explain), 400, d.Name)
		if i > 0 {
			assert.Less(t, all[i-1].Name, d.Name)
		}
		found, ok := discipline.Find(d.Name)
		assert.True(t, ok)
		assert.Equal(t, d.Explain, found.Explain)
	}
	_, ok := discipline.Find("nonsense")
	assert.False(t, ok)
}

// TestAWaitThatIsGivenUpHasNoEffect cancels waits while what they wait for arrives, and counts: what was not
// got is still there.
func TestAWaitThatIsGivenUpHasNoEffect(t *testing.T) {
	t.Run("Buffer.Take", func(t *testing.T) {
		eachWith(t, "Buffer", func(t *testing.T, d discipline.Discipline) {
			b := d.Buffer(1)
			defer b.Close()
			race(t, func(ctx context.Context) error { _, err := b.Take(ctx); return err },
				func() { require.NoError(t, b.Put(background, 7)) },
				func() int { return b.Len() },
				func() { _, err := b.Take(background); require.NoError(t, err) })
		})
	})
	t.Run("Buffer.Put", func(t *testing.T) {
		eachWith(t, "Buffer", func(t *testing.T, d discipline.Discipline) {
			b := d.Buffer(1)
			defer b.Close()
			require.NoError(t, b.Put(background, 1))
			race(t, func(ctx context.Context) error { return b.Put(ctx, 2) },
				func() { _, err := b.Take(background); require.NoError(t, err) },
				func() int { return 1 - b.Len() },
				func() { require.NoError(t, b.Put(background, 3)) })
		})
	})
	t.Run("Pool.Acquire", func(t *testing.T) {
		eachWith(t, "Pool", func(t *testing.T, d discipline.Discipline) {
			p := d.Pool(1)
			defer p.Close()
			acquire := func(ctx context.Context) error { _, err := p.Acquire(ctx); return err }
			require.NoError(t, acquire(background))
			race(t, acquire, func() { p.Release(0) }, nil, func() { require.NoError(t, acquire(background)) })
		})
	})
	t.Run("Pair.TakeAny", func(t *testing.T) {
		eachWith(t, "Pair", func(t *testing.T, d discipline.Discipline) {
			p := d.Pair()
			defer p.Close()
			race(t, func(ctx context.Context) error { _, err := p.TakeAny(ctx); return err },
				func() { p.Put(1, 7) },
				func() int { return p.Lens()[1] },
				func() { _, ok := p.Take(1); require.True(t, ok) })
		})
	})
	t.Run("Table.PickUp", func(t *testing.T) {
		eachWith(t, "Table", func(t *testing.T, d discipline.Discipline) {
			table := d.Table(3)
			defer table.Close()
			require.NoError(t, table.PickUp(background, 0))
			race(t, func(ctx context.Context) error { return table.PickUp(ctx, 1) },
				func() { table.PutDown(0) },
				nil,
				func() { require.NoError(t, table.PickUp(background, 1)) },
				func() { table.PutDown(1); require.NoError(t, table.PickUp(background, 0)) })
		})
	})
}

// race lets a wait be given up while what it waits for arrives. If it was given up, what arrived is left, and
// can be taken; in the end all is as it was at first.
func race(t *testing.T, wait func(context.Context) error, arrive func(), left func() int, take func(), reset ...func()) {
	t.Helper()
	for range 50 {
		ctx, cancel := context.WithCancel(background)
		result := make(chan error)
		go func() { result <- wait(ctx) }()
		go cancel()
		arrive()
		switch err := <-result; {
		case err != nil:
			require.ErrorIs(t, err, context.Canceled)
			if left != nil {
				require.Equal(t, 1, left(), "it was given up, and yet had an effect")
			}
			take()
		case left != nil:
			require.Zero(t, left(), "it was done, and yet had no effect")
		}
		for _, r := range reset {
			r()
		}
	}
}

// TestAWaitEndsWithItsContext where nothing ever arrives.
func TestAWaitEndsWithItsContext(t *testing.T) {
	ended, cancel := context.WithCancelCause(background)
	cancel(errors.New("a cause"))
	eachWith(t, "Latch", func(t *testing.T, d discipline.Discipline) {
		l := d.Latch()
		defer l.Close()
		require.ErrorIs(t, l.Wait(ended), context.Canceled)
		l.Open()
		require.NoError(t, l.Wait(background))
	})
	eachWith(t, "Pair", func(t *testing.T, d discipline.Discipline) {
		p := d.Pair()
		defer p.Close()
		_, err := p.TakeAny(ended)
		require.ErrorIs(t, err, context.Canceled)
	})
}

// TestWhatCannotBeIsRefused on the caller's goroutine, and the object can be used afterwards.
func TestWhatCannotBeIsRefused(t *testing.T) {
	sized := map[string]func(d discipline.Discipline, size int){
		"Bank":   func(d discipline.Discipline, size int) { d.Bank(size, 1) },
		"Cache":  func(d discipline.Discipline, size int) { d.Cache(size) },
		"Buffer": func(d discipline.Discipline, size int) { d.Buffer(size) },
		"Pool":   func(d discipline.Discipline, size int) { d.Pool(size) },
		"Table":  func(d discipline.Discipline, size int) { d.Table(size) },
		"Memory": func(d discipline.Discipline, size int) { d.Memory(size) },
	}
	for object, open := range sized {
		t.Run(object, func(t *testing.T) {
			eachWith(t, object, func(t *testing.T, d discipline.Discipline) {
				for _, size := range []int{0, -1} {
					assert.Contains(t, panicOf(func() { open(d, size) }), "discipline: ")
				}
			})
		})
	}
	t.Run("accounts", func(t *testing.T) {
		eachWith(t, "Bank", func(t *testing.T, d discipline.Discipline) {
			b := d.Bank(2, 5)
			defer b.Close()
			assert.NotEmpty(t, panicOf(func() { b.Balance(2) }))
			assert.NotEmpty(t, panicOf(func() { b.Transfer(0, -1, 1) }))
			assert.NotEmpty(t, panicOf(func() { b.Transfer(0, 2, 1) }))
			assert.NotEmpty(t, panicOf(func() { b.Transfer(2, 0, 1) }))
			assert.Equal(t, int64(10), b.Total())
		})
	})
	t.Run("resources", func(t *testing.T) {
		eachWith(t, "Pool", func(t *testing.T, d discipline.Discipline) {
			p := d.Pool(1)
			defer p.Close()
			for _, resource := range []int{0, 1, -1} {
				assert.Contains(t, panicOf(func() { p.Release(resource) }), "nobody has acquired")
			}
			_, err := p.Acquire(background)
			assert.NoError(t, err)
		})
	})
}

// panicOf returns what a function panics with, as text.
func panicOf(fn func()) (text string) {
	defer func() {
		switch p := recover().(type) {
		case nil:
		case error:
			text = p.Error()
		case string:
			text = p
		}
	}()
	fn()
	return ""
}

// TestManyAtOnceLoseNothing: more goroutines and larger objects than the models are checked with.
func TestManyAtOnceLoseNothing(t *testing.T) {
	const goroutines, rounds = 8, 200
	t.Run("Counter", func(t *testing.T) {
		eachWith(t, "Counter", func(t *testing.T, d discipline.Discipline) {
			c := d.Counter()
			defer c.Close()
			atOnce(goroutines, func(int) {
				for range rounds {
					c.Add(2)
					c.Inc()
				}
			})
			assert.Equal(t, int64(3*goroutines*rounds), c.Value())
		})
	})
	t.Run("Bank", func(t *testing.T) {
		eachWith(t, "Bank", func(t *testing.T, d discipline.Discipline) {
			b := d.Bank(20, 10)
			defer b.Close()
			atOnce(goroutines, func(g int) {
				for i := range rounds {
					b.Transfer((g+i)%20, (g*i)%20, int64(i%7))
					if i%10 == 0 {
						assert.Equal(t, int64(200), b.Total())
					}
				}
			})
			for i := range 20 {
				assert.GreaterOrEqual(t, b.Balance(i), int64(0))
			}
		})
	})
	t.Run("Buffer", func(t *testing.T) {
		eachWith(t, "Buffer", func(t *testing.T, d discipline.Discipline) {
			b := d.Buffer(3)
			defer b.Close()
			sums := make([]int64, goroutines)
			atOnce(goroutines, func(g int) {
				for i := range rounds {
					if g%2 == 0 {
						assert.NoError(t, b.Put(background, int64(i)))
						continue
					}
					value, err := b.Take(background)
					assert.NoError(t, err)
					sums[g] += value
				}
			})
			total := int64(0)
			for _, sum := range sums {
				total += sum
			}
			assert.Equal(t, int64(goroutines/2*rounds*(rounds-1)/2), total)
			assert.Zero(t, b.Len())
		})
	})
	t.Run("Table", func(t *testing.T) {
		eachWith(t, "Table", func(t *testing.T, d discipline.Discipline) {
			table := d.Table(goroutines)
			defer table.Close()
			forks := make([]int, goroutines) // which the race detector watches
			atOnce(goroutines, func(seat int) {
				for range rounds {
					assert.NoError(t, table.PickUp(background, seat))
					forks[seat]++
					forks[(seat+1)%goroutines]++
					table.PutDown(seat)
				}
			})
			for _, used := range forks {
				assert.Equal(t, 2*rounds, used)
			}
		})
	})
	t.Run("Memory", func(t *testing.T) {
		eachWith(t, "Memory", func(t *testing.T, d discipline.Discipline) {
			m := d.Memory(100)
			defer m.Close()
			atOnce(goroutines, func(g int) {
				for i := range rounds {
					m.Update(func(w discipline.Words) {
						from, to := (g*i)%100, (g+i)%100
						w.Set(from, w.Get(from)-1)
						w.Set(to, w.Get(to)+1)
					})
				}
			})
			m.View(func(w discipline.Words) {
				sum := int64(0)
				for i := range 100 {
					sum += w.Get(i)
				}
				assert.Zero(t, sum)
			})
		})
	})
}

func atOnce(n int, fn func(i int)) {
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() { fn(i) })
	}
	all.Wait()
}

// TestAHundredThousandMicrothreads are accounts of one bank.
func TestAHundredThousandMicrothreads(t *testing.T) {
	green, ok := discipline.Find("green")
	require.True(t, ok)
	const accounts = 100_000
	b := green.Bank(accounts, 1)
	defer b.Close()
	require.True(t, b.Transfer(0, accounts-1, 1))
	require.Equal(t, int64(2), b.Balance(accounts-1))
	require.Equal(t, int64(accounts), b.Total())
}

// TestClashesAreCounted where there are any.
func TestClashesAreCounted(t *testing.T) {
	for _, name := range []string{"stm", "checkout", "anacrolix"} {
		d, ok := discipline.Find(name)
		require.True(t, ok)
		c := d.Counter()
		clasher, ok := c.(discipline.Clasher)
		require.True(t, ok, name)
		require.Zero(t, clasher.Clashes())
		c.Close()
	}
	stm, _ := discipline.Find("stm")
	m := stm.Memory(1)
	defer m.Close()
	m.Update(func(w discipline.Words) {
		if m.(discipline.Clasher).Clashes() == 0 && w.Get(0) == 0 {
			atOnce(1, func(int) { m.Update(func(w discipline.Words) { w.Set(0, 1) }) })
		}
		w.Set(0, w.Get(0)+1)
	})
	require.Equal(t, uint64(1), m.(discipline.Clasher).Clashes())
}
