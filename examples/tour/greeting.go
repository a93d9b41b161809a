package main

import (
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// greeting changes one variable by hand: check out, change the copy, commit.
func (t *tour) greeting() error {
	t.say("1. A greeting\n")
	greeting := tvar.New("hello", tvar.Name("greeting"))

	tx := stm.Checkout()
	defer tx.Discard() // does nothing once the commit has succeeded
	t.say("   We check it out and find %q. The token says as of when:", greeting.Get(tx))
	t.say("      %v", tx.Token())

	greeting.Set(tx, "hello, world")
	t.say("   In our checkout it is now %q,", greeting.Get(tx))
	t.say("   and for everybody else it is still %q.", greeting.Load())

	committed, err := tx.Commit()
	if err != nil {
		return err
	}
	t.say("   We commit. Now everybody reads %q, under a new token:", greeting.Load())
	t.say("      %v\n", committed)
	return nil
}
