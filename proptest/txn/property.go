package txn

import "slices"

// A Property is something that the conformance suite tests.
type Property string

// The properties. All but the first three have runs of their own, with schedules made to break them.
const (
	// Opacity: every attempt of every run, also a doomed one, saw one consistent state, in real-time order.
	Opacity Property = "opacity"
	// StrictSerializability: the committed attempts of every run are strictly serializable.
	StrictSerializability Property = "strict serializability"
	// HonestVersions: every attempt saw the version that it claims; skipped if Tx is not Versioned.
	HonestVersions Property = "honest versions"

	NoTornRead    Property = "no torn read"   // in no attempt, not even one that will not commit
	ReadSnapshot  Property = "read snapshot"  // one who only reads commits with one state, while others write
	NoLostUpdate  Property = "no lost update" // of two who read and then write, one sees the other's write
	NoWriteSkew   Property = "no write skew"  // nor if they write different variables
	NoDirtyRead   Property = "no dirty read"  // nothing is seen before it is committed, or if it never is
	RealTimeOrder Property = "real-time order"
	AtomicOnError Property = "atomic on error" // an error changes nothing, and is returned
	AtomicOnPanic Property = "atomic on panic" // nor does a panic, which reaches the caller, or Goexit
	AtomicOnRetry Property = "atomic on retry" // nor does an attempt that retried
	RetryWakeUp   Property = "retry wake-up"   // who retried runs again when any variable it read has changed
	OrElseLaws    Property = "orElse laws"     // skipped if Tx is not an OrElser
)

// properties are all of them in the order of reports.
var properties = []Property{
	Opacity, StrictSerializability, HonestVersions, NoTornRead, ReadSnapshot, NoLostUpdate, NoWriteSkew, NoDirtyRead,
	RealTimeOrder, AtomicOnError, AtomicOnPanic, AtomicOnRetry, RetryWakeUp, OrElseLaws,
}

// accountedBy lists the narrower properties whose failure shows as one of the property as well.
var accountedBy = map[Property][]Property{
	Opacity: {StrictSerializability, NoTornRead},
	StrictSerializability: {ReadSnapshot, NoLostUpdate, NoWriteSkew, NoDirtyRead, RealTimeOrder, AtomicOnError,
		AtomicOnPanic, AtomicOnRetry, OrElseLaws},
	HonestVersions: {StrictSerializability, NoTornRead},
	NoTornRead:     {ReadSnapshot},
	NoLostUpdate:   {NoDirtyRead},
	OrElseLaws:     {RetryWakeUp, AtomicOnError, AtomicOnRetry},
}

// roots leaves out the failures that narrower ones account for.
func roots(failed []Property) []Property {
	return slices.DeleteFunc(slices.Clone(failed), func(p Property) bool {
		return slices.ContainsFunc(accountedBy[p], func(q Property) bool { return slices.Contains(failed, q) })
	})
}
