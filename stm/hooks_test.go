package stm_test

import (
	"context"
	"fmt"
	"runtime"
	"sync/atomic"
	"testing"
	"testing/synctest"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// both registers a hook for either end that notes its name.
func both(tx *stm.Tx, name string, calls *[]string) {
	tx.OnCommit(func() { *calls = append(*calls, "commit "+name) })
	tx.OnAbort(func() { *calls = append(*calls, "abort "+name) })
}

func TestOnCommitRunsOnceInTheOrderRegistered(t *testing.T) {
	for _, f := range append(updates, formView) {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			x := tvar.New(0, tvar.In(o))
			var calls []string
			note := func(name string) { calls = append(calls, name) }
			require.NoError(t, f.run(o, func(tx *stm.Tx) error {
				x.Get(tx)
				tx.OnCommit(func() { note("1") })
				tx.OnCommitToken(func(token.Token) { note("2") })
				_ = tx.Nested(func(tx *stm.Tx) error { tx.OnCommit(func() { note("3") }); return nil })
				_ = tx.OrElse(func(tx *stm.Tx) error {
					tx.OnCommitToken(func(token.Token) { note("4") })
					return nil
				})
				tx.OnAbort(func() { note("abort") })
				tx.OnCommit(func() { note("5") })
				assert.Empty(t, calls, "not before the commit")
				return nil
			}))
			assert.Equal(t, []string{"1", "2", "3", "4", "5"}, calls)
		})
	}
}

// An attempt that clashes aborts, each time, and the last one commits, once.
func TestHooksOfEachAttemptRunOnce(t *testing.T) {
	for _, f := range []form{formAtomically, formDo, formTry, formHeld} {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			v := ints(o, 2, 0)
			var calls []string
			runs := 0
			require.NoError(t, f.run(o, func(tx *stm.Tx) error {
				runs++
				both(tx, fmt.Sprint(runs), &calls)
				v[1].Set(tx, v[0].Get(tx))
				if runs <= 3 {
					elsewhere(func() { v[0].Store(runs) })
				}
				return nil
			}))
			assert.Equal(t, []string{"abort 1", "abort 2", "abort 3", "commit 4"}, calls)
		})
	}
}

// A clash that ends the attempt in the middle is an abort too; so is a view's lost snapshot.
func TestOnAbortRunsWhenAReadEndsTheAttempt(t *testing.T) {
	for _, f := range []form{formAtomically, formView} {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			v := ints(o, 2, 0)
			var calls []string
			runs := 0
			require.NoError(t, f.run(o, func(tx *stm.Tx) error {
				runs++
				both(tx, fmt.Sprint(runs), &calls)
				v[0].Get(tx)
				if runs == 1 {
					elsewhere(func() { mustAtomically(o, func(tx *stm.Tx) { write(tx, v[0]); write(tx, v[1]) }) })
				}
				v[1].Get(tx)
				return nil
			}))
			assert.Equal(t, []string{"abort 1", "commit 2"}, calls)
		})
	}
}

func TestOnAbortRunsHoweverTheAttemptEnds(t *testing.T) {
	ends := map[string]func(tx *stm.Tx, cancel func()) error{
		"error":  func(*stm.Tx, func()) error { return errUser },
		"panic":  func(*stm.Tx, func()) error { panic(value) },
		"Goexit": func(*stm.Tx, func()) error { runtime.Goexit(); return nil },
		"cancel": func(tx *stm.Tx, cancel func()) error { cancel(); tx.Retry(); return nil },
	}
	for name, end := range ends {
		t.Run(name, func(t *testing.T) {
			for form := range newScene().formsOf(true) {
				if name == "cancel" && form == "Checkout" {
					continue
				}
				s := newScene()
				var calls []string
				watch(func() error {
					return s.formsOf(true)[form](func(tx *stm.Tx) error {
						both(tx, "it", &calls)
						s.x.Set(tx, s.y.Get(tx))
						return end(tx, s.cancel)
					})
				})
				assert.Equal(t, []string{"abort it"}, calls, form)
			}
		})
	}
}

// Each attempt that waits has ended before the next one begins.
func TestOnAbortRunsWhenTheAttemptRetries(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		o := stm.NewOwner()
		x := tvar.New(0, tvar.In(o))
		var calls []string
		s := sleep(background, o, func(tx *stm.Tx) error {
			calls = append(calls, "run")
			both(tx, "it", &calls)
			tx.Check(x.Get(tx) > 1)
			return nil
		})
		for n := range 2 {
			synctest.Wait()
			x.Store(n + 1)
		}
		assert.NoError(t, <-s.ended)
		assert.Equal(t, []string{"run", "abort it", "run", "abort it", "run", "commit it"}, calls)
	})
}

func TestHooksOfWhatWasUndoneAreDropped(t *testing.T) {
	for _, result := range []error{nil, errUser} {
		o := stm.NewOwner()
		x := tvar.New(0, tvar.In(o))
		var calls []string
		err := o.Atomically(background, func(tx *stm.Tx) error {
			both(tx, "1", &calls)
			_ = tx.Nested(func(tx *stm.Tx) error {
				both(tx, "undone", &calls)
				_ = tx.Nested(func(tx *stm.Tx) error { both(tx, "undone with it", &calls); return nil })
				return errUser
			})
			both(tx, "2", &calls)
			_ = tx.OrElse(func(tx *stm.Tx) error {
				both(tx, "undone by Retry", &calls)
				tx.Check(x.Get(tx) > 0)
				return nil
			}, func(tx *stm.Tx) error {
				both(tx, "3", &calls)
				return nil
			})
			_ = tx.OrElse(func(tx *stm.Tx) error { both(tx, "undone by its error", &calls); return errUser })
			return result
		})
		assert.Equal(t, result, err)
		if result == nil {
			assert.Equal(t, []string{"commit 1", "commit 2", "commit 3"}, calls)
		} else {
			assert.ElementsMatch(t, []string{"abort 1", "abort 2", "abort 3"}, calls)
		}
	}
}

// When a commit hook runs, everybody sees the commit, waiters have been woken, and the gate is open.
func TestOnCommitRunsAfterPublication(t *testing.T) {
	for _, f := range updates {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			v := ints(o, 2, 0)
			asked := make(chan struct{}, 1)
			waiter := sleep(background, o, asking(v[0], asked))
			<-asked
			ran := 0
			soon(t, "the commit and its hooks", func() {
				assert.NoError(t, f.run(o, func(tx *stm.Tx) error {
					v[0].Set(tx, 1)
					v[1].Set(tx, 1)
					tx.OnCommit(func() {
						ran++
						assert.NoError(t, <-waiter.ended)
						elsewhere(func() {
							assert.Equal(t, 2, v[0].Load())
							assert.NoError(t, o.View(background, func(tx *stm.Tx) error {
								assert.Equal(t, 1, v[1].Get(tx))
								return nil
							}))
							assert.NoError(t, o.Try(func(tx *stm.Tx) error { write(tx, v[1]); return nil }))
						})
					})
					return nil
				}))
			})
			assert.Equal(t, 1, ran)
			healthy(t, o, v...)
		})
	}
}

func TestHooksMayStartTransactions(t *testing.T) {
	for _, f := range updates {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			x := tvar.New(0, tvar.In(o))
			use := func() {
				for _, f := range updates {
					assert.NoError(t, f.run(o, func(tx *stm.Tx) error { write(tx, x); return nil }), f.name)
				}
				x.Update(func(n int) int { return n + 1 })
			}
			soon(t, "the hooks", func() {
				assert.NoError(t, f.run(o, func(tx *stm.Tx) error {
					write(tx, x)
					tx.OnCommit(use)
					tx.OnCommitToken(func(token.Token) { use() })
					return nil
				}))
				assert.Same(t, errUser, f.run(o, func(tx *stm.Tx) error {
					write(tx, x)
					tx.OnAbort(use)
					return errUser
				}))
			})
			assert.Equal(t, 1+3*(len(updates)+1), x.Load())
		})
	}
}

// A hook started from a hook is its own transaction's.
func TestHooksInHooks(t *testing.T) {
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o))
	var calls []string
	mustAtomically(o, func(tx *stm.Tx) {
		write(tx, x)
		tx.OnCommit(func() {
			calls = append(calls, "outer 1")
			mustAtomically(o, func(tx *stm.Tx) {
				write(tx, x)
				tx.OnCommit(func() { calls = append(calls, "inner") })
			})
		})
		tx.OnCommit(func() { calls = append(calls, "outer 2") })
	})
	assert.Equal(t, []string{"outer 1", "inner", "outer 2"}, calls)
}

func TestAPanicInACommitHookSurfacesAndTheCommitStands(t *testing.T) {
	for _, f := range updates {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			x := tvar.New(0, tvar.In(o))
			var calls []string
			assert.Same(t, value, panicked(func() {
				_ = f.run(o, func(tx *stm.Tx) error {
					x.Set(tx, 1)
					tx.OnAbort(func() { calls = append(calls, "abort") })
					tx.OnCommit(func() { calls = append(calls, "before") })
					tx.OnCommit(func() { panic(value) })
					return nil
				})
			}))
			assert.Equal(t, 1, x.Load())
			assert.Equal(t, []string{"before"}, calls)
			healthy(t, o, x)
		})
	}
}

// A context that ends after the commit, here in its first hook, takes nothing back.
func TestACommitHookMayCancelItsContext(t *testing.T) {
	ctx, cancel := context.WithCancel(background)
	o := stm.NewOwner()
	x := tvar.New(0, tvar.In(o))
	ran := false
	require.NoError(t, o.Atomically(ctx, func(tx *stm.Tx) error {
		assert.Equal(t, ctx, tx.Context())
		x.Set(tx, 1)
		tx.OnCommit(cancel)
		tx.OnCommit(func() { ran = true })
		return nil
	}))
	assert.True(t, ran)
	assert.Equal(t, 1, x.Load())
}

// The token that a hook is given is that of the state right after the commit.
func TestOnCommitTokenGivesTheTokenOfTheCommit(t *testing.T) {
	for _, f := range append(updates, formView) {
		t.Run(f.name, func(t *testing.T) {
			o := stm.NewOwner()
			v := ints(o, 3, 0)
			var at token.Token
			require.NoError(t, f.run(o, func(tx *stm.Tx) error {
				v[1].Get(tx)
				if f.name != "View" {
					v[0].Set(tx, 1)
				}
				tx.OnCommitToken(func(given token.Token) { at = given })
				return nil
			}))
			_, own := v[0].LoadToken()
			assert.Equal(t, own.Owner(), at.Owner())
			require.NoError(t, expect(o, at, v[0], v[1]))
			v[2].Store(1)
			require.NoError(t, expect(o, at, v[0], v[1]), "something else has changed")
			v[1].Store(1)
			require.ErrorIs(t, expect(o, at, v[1]), stm.ErrClash)
			require.NoError(t, expect(o, at, v[0]))
			v[0].Store(2)
			require.ErrorIs(t, expect(o, at, v[0]), stm.ErrClash)
		})
	}
}

// expect asks in a transaction of its own whether variables have changed since a token.
func expect(o *stm.Owner, at token.Token, vars ...*tvar.TVar[int]) error {
	return o.View(background, func(tx *stm.Tx) error {
		for _, v := range vars {
			if err := tx.Expect(at, v); err != nil {
				return err
			}
		}
		return nil
	})
}

// tokened are the ways to run a function and to be given the token of the state that it has left.
var tokened = map[string]func(o *stm.Owner, fn func(tx *stm.Tx) error) (token.Token, error){
	"OnCommitToken": func(o *stm.Owner, fn func(tx *stm.Tx) error) (at token.Token, err error) {
		err = o.Atomically(background, func(tx *stm.Tx) error {
			tx.OnCommitToken(func(given token.Token) { at = given })
			return fn(tx)
		})
		return at, err
	},
	"OnCommitToken of a View": func(o *stm.Owner, fn func(tx *stm.Tx) error) (at token.Token, err error) {
		err = o.View(background, func(tx *stm.Tx) error {
			tx.OnCommitToken(func(given token.Token) { at = given })
			return fn(tx)
		})
		return at, err
	},
	"Commit": func(o *stm.Owner, fn func(tx *stm.Tx) error) (token.Token, error) {
		tx := o.Checkout()
		defer tx.Discard()
		if err := fn(tx); err != nil {
			return token.Token{}, err
		}
		return tx.Commit()
	},
	"Token": func(o *stm.Owner, fn func(tx *stm.Tx) error) (at token.Token, err error) {
		err = o.Atomically(background, func(tx *stm.Tx) error {
			defer func() { at = tx.Token() }()
			return fn(tx)
		})
		return at, err
	},
}

// No other commit has the number of a token: what changes after the commit is newer, also what was only read.
func TestTokensOfCommitsMissNoLaterChange(t *testing.T) {
	for name, commit := range tokened {
		t.Run(name, func(t *testing.T) {
			leaksNothing(t)
			o := stm.NewOwner()
			read := tvar.New(0, tvar.In(o))
			own := ints(o, 2, 0)
			var missed atomic.Int64
			stop := meanwhile(2, func(g int) {
				if g == 0 {
					read.Update(func(n int) int { return n + 1 })
				} else {
					mustAtomically(o, func(tx *stm.Tx) { write(tx, read) })
				}
			})
			writes := name == "Commit" || name == "OnCommitToken"
			crowd(t, 2, func(g int) {
				for i := range rounds(2000) {
					seen, now := 0, 0
					at, err := commit(o, func(tx *stm.Tx) error {
						seen = read.Get(tx)
						if writes && i%2 == 0 {
							write(tx, own[g])
						}
						return nil
					})
					if again(err) {
						continue
					}
					err = o.View(background, func(tx *stm.Tx) error {
						now = read.Get(tx)
						return tx.Expect(at, read)
					})
					if again(err) != (now != seen) {
						missed.Add(1)
					}
				}
			})
			stop()
			assert.Zero(t, missed.Load(), "Expect disagrees with what was read")
		})
	}
}
