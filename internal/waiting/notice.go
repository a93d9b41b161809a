package waiting

import "github.com/rinse-go/rinse/internal/shared"

// A Notice tells, once, that something has changed since a version. It is on the lists like one who
// sleeps, but whoever tells it takes it off all of them.
type Notice struct {
	Waiter
	since uint64
	told  shared.Bool
	stop  func() bool // immutable once the notice is posted
}

// Init makes the zero notice one that is to be posted on a number of lists. Whoever tells it calls stop,
// on no lock, if that is not nil.
func (n *Notice) Init(since uint64, lists int) {
	n.since = since
	n.ready = make(chan struct{})
	n.notice = n
	n.Prepare(lists)
}

// OnTold has whoever tells n call stop, on no lock. It comes before n is on any list.
func (n *Notice) OnTold(stop func() bool) { n.stop = stop }

// Tell tells n if the version is a later one, and reports whether it is.
func (n *Notice) Tell(version uint64) bool {
	if !n.concerns(version) {
		return false
	}
	n.tell()
	n.drop()
	return true
}

func (n *Notice) concerns(version uint64) bool { return version > n.since }

// tell closes the channel.
func (n *Notice) tell() {
	if n.told.CompareAndSwap(false, true) {
		shared.Close(n.ready)
	}
}

// drop takes n, which was told, off the lists that it is still on.
func (n *Notice) drop() {
	n.Leave()
	if n.stop != nil {
		n.stop()
	}
}

// C returns the channel that is closed when n is told.
func (n *Notice) C() <-chan struct{} { return n.ready }
