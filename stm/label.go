package stm

// Label says who makes the changes of this transaction, or what for: those who lose to them find it in
// their clash reports, as VarClash.By. It holds for this attempt, or for all commits of a held checkout,
// until another Label, "" included; what Nested or OrElse undo, they undo with its label. It is not for
// identification: nobody checks it.
//
// A variable's label is that of its last change: a later change without one takes it away. Variables
// that were ever changed under a label take about 100 bytes more each; transactions without one pay
// nothing.
func (tx *Tx) Label(label string) {
	tx.mustBeOpen()
	tx.core.Label(label)
}
