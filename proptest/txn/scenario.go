package txn

// A scenario is a run made to break one property. What it finds wrong by itself, a hang or a wrong result, it says
// by fail; what it did is checked against the level.
type scenario struct {
	property Property
	name     string
	level    Level
	run      func(*world)
}

// scenarios are the runs made to break a property. Their level is the weakest at which the property's failure
// shows, so that nothing else is blamed on it.
var scenarios = []scenario{
	{NoTornRead, "two ints, one commit between the reads", coherent, tornInts},
	{NoTornRead, "two lists, one commit between the reads", coherent, tornLists},
	{NoTornRead, "two commits, one after the other, between the reads", coherent, tornChain},
	{NoTornRead, "an update, torn after its first write", coherent, tornUpdate},
	{ReadSnapshot, "one reads eight variables while another changes all", Serializable, readSnapshot},
	{ReadSnapshot, "one reads a list and an int while another changes both", Serializable, readMixed},
	{NoLostUpdate, "two increments of an int", Serializable, lostIncrement},
	{NoLostUpdate, "two appends to a list", Serializable, lostAppend},
	{NoLostUpdate, "many appends by four clients", Serializable, manyAppends},
	{NoWriteSkew, "each reads both ints and writes one", Serializable, skewInts},
	{NoWriteSkew, "each reads both lists and appends to one", Serializable, skewLists},
	{NoWriteSkew, "each reads what the other writes", Serializable, skewCrossed},
	{NoDirtyRead, "a write that an error takes back", Serializable, dirtyError},
	{NoDirtyRead, "a write that Retry takes back", Serializable, dirtyRetry},
	{NoDirtyRead, "a write that another one covers", Serializable, dirtyIntermediate},
	{NoDirtyRead, "a write before its commit", Serializable, dirtyEarly},
	{RealTimeOrder, "a read after another client's write", StrictSerializable, readAfterWrite},
	{RealTimeOrder, "a read after the client's own write", StrictSerializable, readAfterOwn},
	{RealTimeOrder, "reads along a chain of writes", StrictSerializable, readAfterChain},
	{RealTimeOrder, "lists, one client after the other", StrictSerializable, appendInTurn},
	{AtomicOnError, "writes, then an error", Serializable, errorAfterWrites},
	{AtomicOnError, "reads and appends, then an error", Serializable, errorAfterAppends},
	{AtomicOnPanic, "writes, then a panic", Serializable, panicAfterWrites},
	{AtomicOnPanic, "appends, then Goexit", Serializable, goexitAfterAppends},
	{RetryWakeUp, "each variable read wakes", Serializable, wakeByEach},
	{RetryWakeUp, "one write wakes all", Serializable, wakeAll},
	{RetryWakeUp, "a write as soon as Retry is called", Serializable, wakeAtOnce},
	{RetryWakeUp, "ping and pong", Serializable, pingPong},
	{RetryWakeUp, "what was written before Retry is gone", Serializable, retryUndoes},
	{OrElseLaws, "left is enough", Serializable, orElseLeft},
	{OrElseLaws, "right sees nothing of a left that retried", Serializable, orElseRight},
	{OrElseLaws, "an error of left is no reason for right", Serializable, orElseError},
	{OrElseLaws, "Retry is neutral on either side", Serializable, orElseNeutral},
	{OrElseLaws, "grouping does not matter", Serializable, orElseGroups},
	{OrElseLaws, "either side's variables wake", Serializable, orElseWakes},
}
