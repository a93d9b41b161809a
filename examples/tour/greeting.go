package main

import (
	"fmt"
	"io"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

// greet changes one variable by hand: check out, change the copy, commit.
func greet(w io.Writer) error {
	fmt.Fprint(w, "1. A greeting\n\n")
	greeting := tvar.New("hello", tvar.Name("greeting"))

	tx := stm.Checkout()
	defer tx.Discard() // does nothing once the commit has succeeded
	fmt.Fprintf(w, "   We check it out and find %q. The token says as of when:\n", greeting.Get(tx))
	fmt.Fprintf(w, "      %v\n", tx.Token())

	greeting.Set(tx, "hello, world")
	fmt.Fprintf(w, "   In our checkout it is now %q,\n", greeting.Get(tx))
	fmt.Fprintf(w, "   and for everybody else it is still %q.\n", greeting.Load())

	committed, err := tx.Commit()
	if err != nil {
		return err
	}
	fmt.Fprintf(w, "   We commit. Now everybody reads %q, under a new token:\n", greeting.Load())
	fmt.Fprintf(w, "      %v\n\n", committed)
	return nil
}
