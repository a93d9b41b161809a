package seq

import "container/list"

// A Desk serves calls to an object, one at a time. Those that have to wait stand in lines and are served
// when they can be, first come first served. It belongs to one goroutine, or is guarded by a lock.
type Desk[From any] struct {
	Object Object
	Answer func(From, Reply)
	lines  []line
}

// A Call is a request and who made it.
type Call[From any] struct {
	Request
	From  From
	place *list.Element // where it waits, else nil
	line  *list.List
	void  bool // it was cancelled before it was served
}

// A line is calls that wait for the same: if the first one has to wait, all have to.
type line struct {
	op    Op
	seat  int64
	calls *list.List
}

// Serve answers a call, now or later, and what can be answered because of it.
func (d *Desk[From]) Serve(c *Call[From]) {
	if c.void {
		d.Answer(c.From, Reply{Cancelled: true})
		return
	}
	reply, ok := d.Object.Do(c.Request)
	if !ok {
		c.line = d.lineOf(c.Request)
		c.place = c.line.PushBack(c)
		return
	}
	d.Answer(c.From, reply)
	for d.advance() {
	}
}

// Cancel answers a call that waits, or will be served; one that was served has its answer. The call must
// not be used again.
func (d *Desk[From]) Cancel(c *Call[From]) {
	if c.place == nil {
		c.void = true
		return
	}
	d.leave(c)
	d.Answer(c.From, Reply{Cancelled: true})
}

func (d *Desk[From]) leave(c *Call[From]) {
	c.line.Remove(c.place)
	c.place, c.line = nil, nil
}

// advance serves the first of each line, and reports whether one of them need not wait any more.
func (d *Desk[From]) advance() (served bool) {
	for _, l := range d.lines {
		for first := l.calls.Front(); first != nil; first = l.calls.Front() {
			c := first.Value.(*Call[From])
			reply, ok := d.Object.Do(c.Request)
			if !ok {
				break
			}
			d.leave(c)
			d.Answer(c.From, reply)
			served = true
		}
	}
	return served
}

func (d *Desk[From]) lineOf(r Request) *list.List {
	seat := int64(0)
	if r.Op == PickUp {
		seat = r.A
	}
	for _, l := range d.lines {
		if l.op == r.Op && l.seat == seat {
			return l.calls
		}
	}
	d.lines = append(d.lines, line{r.Op, seat, list.New()})
	return d.lines[len(d.lines)-1].calls
}
