package stm

import "github.com/rinse-go/rinse/token"

// OnCommit has fn called once after the transaction has committed and everybody can see it, in the
// order registered, on this goroutine. If fn panics, the others still run, the panic goes on in the
// caller, and the commit stands. fn must not use the Tx; it may start transactions.
func (tx *Tx) OnCommit(fn func()) {
	tx.mustBeOpen()
	mustHave(fn != nil, "hook")
	tx.core.Encumber()
	tx.onCommit = append(tx.onCommit, hook{plain: fn})
}

// OnCommitToken is OnCommit for functions that want the token of the commit: the variables that the
// transaction has read or written have not changed since, as long as Expect does not tell otherwise.
// Such a commit advances the owner's clock, which all threads share.
func (tx *Tx) OnCommitToken(fn func(token.Token)) {
	tx.mustBeOpen()
	mustHave(fn != nil, "hook")
	tx.core.Encumber()
	tx.onCommit = append(tx.onCommit, hook{withToken: fn})
}

// OnAbort has fn called once after this attempt has ended in another way than by a commit: an error,
// a clash, a Retry, a panic, Goexit or Discard. fn must not use the Tx; it may start transactions.
func (tx *Tx) OnAbort(fn func()) {
	tx.mustBeOpen()
	mustHave(fn != nil, "hook")
	tx.core.Encumber()
	tx.onAbort = append(tx.onAbort, fn)
}

func (tx *Tx) wantsToken() bool {
	for i := range tx.onCommit {
		if tx.onCommit[i].withToken != nil {
			return true
		}
	}
	return false
}

// runHooks runs all hooks, also those after one that panics.
func runHooks(hooks []hook, t token.Token) {
	for i, h := range hooks {
		func() {
			done := false
			defer func() {
				if !done {
					runHooks(hooks[i+1:], t)
				}
			}()
			if h.plain != nil {
				h.plain()
			} else {
				h.withToken(t)
			}
			done = true
		}()
	}
}

// runAborts runs the hooks of an attempt that did not commit, and forgets those for a commit.
func (tx *Tx) runAborts() {
	aborts := tx.onAbort
	tx.onCommit, tx.onAbort = nil, nil
	runAll(aborts)
}

// runAll runs all functions, also those after one that panics.
func runAll(fns []func()) {
	for i, fn := range fns {
		func() {
			done := false
			defer func() {
				if !done {
					runAll(fns[i+1:])
				}
			}()
			fn()
			done = true
		}()
	}
}
