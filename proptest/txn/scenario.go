package txn

// A scenario is a run made to break one property. What it finds wrong by itself, a hang or a wrong result, it says
// by fail; what it did is checked against the level. A hang is blamed on the property, or on RetryWakeUp if the
// scenario only relies on being woken and is about something else.
type scenario struct {
	property Property
	name     string
	level    Level
	run      func(*world)
	waits    bool // relies on being woken
}

// scenarios are the runs made to break a property. Their level is the weakest at which the property's failure
// shows, so that nothing else is blamed on it.
var scenarios = []scenario{
	{NoTornRead, "two ints, one commit between the reads", coherent, tornInts, false},
	{NoTornRead, "two lists, one commit between the reads", coherent, tornLists, false},
	{NoTornRead, "two commits, one after the other, between the reads", coherent, tornChain, false},
	{NoTornRead, "an update, torn after its first write", coherent, tornUpdate, false},
	{ReadSnapshot, "one reads eight variables while another changes all", Serializable, readSnapshot, false},
	{ReadSnapshot, "one reads a list and an int while another changes both", Serializable, readMixed, false},
	{NoLostUpdate, "two increments of an int", Serializable, lostIncrement, false},
	{NoLostUpdate, "two appends to a list", Serializable, lostAppend, false},
	{NoLostUpdate, "many appends by four clients", Serializable, manyAppends, false},
	{NoWriteSkew, "each reads both ints and writes one", Serializable, skewInts, false},
	{NoWriteSkew, "each reads both lists and appends to one", Serializable, skewLists, false},
	{NoWriteSkew, "each reads what the other writes", Serializable, skewCrossed, false},
	{NoDirtyRead, "a write that an error takes back", Serializable, dirtyError, false},
	{NoDirtyRead, "a write that Retry takes back", Serializable, dirtyRetry, true},
	{NoDirtyRead, "a write that another one covers", Serializable, dirtyIntermediate, false},
	{NoDirtyRead, "a write before its commit", Serializable, dirtyEarly, false},
	{RealTimeOrder, "a read after another client's write", StrictSerializable, readAfterWrite, false},
	{RealTimeOrder, "a read after the client's own write", StrictSerializable, readAfterOwn, false},
	{RealTimeOrder, "reads along a chain of writes", StrictSerializable, readAfterChain, false},
	{RealTimeOrder, "lists, one client after the other", StrictSerializable, appendInTurn, false},
	{AtomicOnError, "writes, then an error", Serializable, errorAfterWrites, false},
	{AtomicOnError, "reads and appends, then an error", Serializable, errorAfterAppends, false},
	{AtomicOnPanic, "writes, then a panic", Serializable, panicAfterWrites, false},
	{AtomicOnPanic, "appends, then Goexit", Serializable, goexitAfterAppends, false},
	{AtomicOnRetry, "writes and appends, then Retry", Serializable, retryAfterWrites, true},
	{RetryWakeUp, "each variable read wakes", Serializable, wakeByEach, false},
	{RetryWakeUp, "one write wakes all", Serializable, wakeAll, false},
	{RetryWakeUp, "a write between the read and Retry", Serializable, wakeBefore, false},
	{RetryWakeUp, "a write as soon as Retry is called", Serializable, wakeAtOnce, false},
	{RetryWakeUp, "ping and pong", Serializable, pingPong, false},
	{OrElseLaws, "left is enough", Serializable, orElseLeft, false},
	{OrElseLaws, "right sees nothing of a left that retried", Serializable, orElseRight, false},
	{OrElseLaws, "an error of left is no reason for right", Serializable, orElseError, false},
	{OrElseLaws, "Retry is neutral on either side", Serializable, orElseNeutral, false},
	{OrElseLaws, "grouping does not matter", Serializable, orElseGroups, false},
	{OrElseLaws, "either side's variables wake", Serializable, orElseWakes, false},
}
