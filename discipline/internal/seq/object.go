package seq

// An Op is an operation of one of the objects.
type Op uint8

// The operations. Different objects use the same name for different things.
const (
	Add Op = iota + 1
	Inc
	Value
	Transfer
	Balance
	Total
	Get
	Put
	Delete
	Len
	Take
	TakeAny
	Move
	Acquire
	Release
	PickUp
	PutDown
	Scan
	Wait
	Open
	Run
)

// A Request is an operation with its arguments.
type Request struct {
	Op      Op
	A, B, C int64
	Fn      func(Memory) // of Run; it does not travel between processes
}

// A Reply is what an operation returns.
type Reply struct {
	N, M      int64
	OK        bool
	Cancelled bool // the operation was withdrawn, and has had no effect
}

// An Object does what a request says, or nothing, if the request has to wait: then it returns false.
type Object interface {
	Do(Request) (Reply, bool)
}

// A Kind says which object is wanted.
type Kind struct {
	Of      string // "Counter", …
	Size    int
	Balance int64
}

// Make makes an object.
func Make(k Kind) Object {
	switch k.Of {
	case "Counter":
		return new(Counter)
	case "Bank":
		return NewBank(k.Size, k.Balance)
	case "Cache":
		return NewCache(k.Size)
	case "Buffer":
		return NewBuffer(k.Size)
	case "Pool":
		return NewPool(k.Size)
	case "Pair":
		return new(Pair)
	case "Table":
		return NewTable(k.Size)
	case "Index":
		return NewIndex()
	case "Latch":
		return new(Latch)
	case "Memory":
		return NewMemory(k.Size)
	}
	panic("seq: no such object: " + k.Of)
}

// Do does one of Add, Inc and Value.
func (c *Counter) Do(r Request) (Reply, bool) {
	switch r.Op {
	case Add:
		c.Add(r.A)
	case Inc:
		c.Add(1)
	}
	return Reply{N: c.N}, true
}

// Do does one of Transfer, Balance and Total.
func (b Bank) Do(r Request) (Reply, bool) {
	switch r.Op {
	case Transfer:
		return Reply{OK: b.Transfer(int(r.A), int(r.B), r.C)}, true
	case Balance:
		return Reply{N: b[r.A]}, true
	}
	return Reply{N: b.Total()}, true
}

// Do does one of Get, Put and Len.
func (c *Cache) Do(r Request) (reply Reply, ok bool) {
	switch r.Op {
	case Get:
		reply.N, reply.OK = c.Get(int(r.A))
	case Put:
		c.Put(int(r.A), r.B)
	case Len:
		reply.N = int64(c.Len())
	}
	return reply, true
}

// Do does one of Put, Take and Len.
func (b *Buffer) Do(r Request) (reply Reply, ok bool) {
	switch r.Op {
	case Put:
		return reply, b.Put(r.A)
	case Take:
		reply.N, ok = b.Take()
		return reply, ok
	}
	return Reply{N: int64(b.n)}, true
}

// Do does one of Acquire and Release.
func (p *Pool) Do(r Request) (Reply, bool) {
	if r.Op == Acquire {
		resource, ok := p.Acquire()
		return Reply{N: int64(resource)}, ok
	}
	return Reply{OK: p.Release(int(r.A))}, true
}

// Do does one of Put, Take, Move, TakeAny and Len.
func (p *Pair) Do(r Request) (reply Reply, ok bool) {
	switch r.Op {
	case Put:
		p[r.A].Put(r.B)
	case Take:
		reply.N, reply.OK = p[r.A].Take()
	case Move:
		reply.N, reply.OK = p.Move(int(r.A))
	case TakeAny:
		reply.N, ok = p.TakeAny()
		return reply, ok
	case Len:
		reply.N, reply.M = int64(p[0].n), int64(p[1].n)
	}
	return reply, true
}

// Do does one of PickUp and PutDown.
func (t Table) Do(r Request) (Reply, bool) {
	if r.Op == PickUp {
		return Reply{}, t.PickUp(int(r.A))
	}
	t.PutDown(int(r.A))
	return Reply{}, true
}

// Do does one of Put, Get, Delete and Scan.
func (x *Index) Do(r Request) (reply Reply, ok bool) {
	switch r.Op {
	case Put:
		x.Put(r.A, r.B)
	case Get:
		reply.N, reply.OK = x.Get(r.A)
	case Delete:
		reply.OK = x.Delete(r.A)
	case Scan:
		count, sum := x.Scan(r.A, r.B)
		reply.N, reply.M = int64(count), sum
	}
	return reply, true
}

// A Latch is closed at first.
type Latch struct{ open bool }

// Do does one of Wait and Open.
func (l *Latch) Do(r Request) (Reply, bool) {
	if r.Op == Open {
		l.open = true
	}
	return Reply{}, l.open
}

// Do does Run.
func (m Memory) Do(r Request) (Reply, bool) {
	r.Fn(m)
	return Reply{}, true
}
