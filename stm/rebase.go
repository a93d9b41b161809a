package stm

// Rebase moves a held checkout to the newest version and keeps its changes on top: after a clash, or
// whenever you like. Variable by variable,
//
//   - what only others have changed is as they left it from now on;
//   - what only this checkout has changed stays so;
//   - what both have changed goes through the variable's tvar.Merge, and what that returns is this
//     checkout's change from now on.
//
// If one has no Merge, or its Merge returns an error, nothing moves, the checkout stays as it was, and
// a [*ClashError] names each such variable, from its version in the checkout to its newest; errors.Is
// and errors.As find in it what Merges have returned. If a Merge panics, nothing moves either. With
// tvar.Equal, a change to an equal value is none, and the same change on both sides is theirs. A change
// by Commute is applied to whatever is there at commit, and needs no Merge.
//
// Variables are merged one by one, like the files of a version control system. So a value that was
// computed from a variable which only others have changed stays as it was computed. [Tx.Clashes] tells
// beforehand what has changed; compute such values again after Rebase, or keep what belongs together in
// one variable.
//
// Merge functions run on this goroutine and on no lock. Others may commit meanwhile: the checkout is
// moved to what was there when Rebase began, and its Commit may clash again. The values of its old
// snapshot are let go of. Hooks stay registered. Token and the Base of later reports are of the new
// snapshot. After the end it returns [ErrClosed]; on a managed transaction, and inside Nested and
// OrElse, it panics with [ErrManaged].
//
// Rebase costs about as much as reading all that the checkout has read or changed.
func (tx *Tx) Rebase() error {
	if err := tx.mustBeHeld("Rebase"); err != nil {
		return err
	}
	base := tx.tokenAt(tx.core.Base())
	conflicts := tx.core.Rebase()
	tx.page.pin.Store(tx.core.Pinned())
	if conflicts != nil {
		return report(base, conflicts)
	}
	return nil
}
