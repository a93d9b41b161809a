package seq

// A Queue is an unbounded queue. Its zero value is empty.
type Queue struct {
	ring []int64 // its length is a power of two, or 0
	head uint
	n    int
}

// Put appends a value.
func (q *Queue) Put(value int64) {
	if q.n == len(q.ring) {
		q.grow()
	}
	q.ring[(q.head+uint(q.n))&uint(len(q.ring)-1)] = value
	q.n++
}

func (q *Queue) grow() {
	wider := make([]int64, max(8, 2*len(q.ring)))
	for i := range q.n {
		wider[i] = q.ring[(q.head+uint(i))&uint(len(q.ring)-1)]
	}
	q.ring, q.head = wider, 0
}

// Take takes the first value, and returns false if there is none.
func (q *Queue) Take() (int64, bool) {
	if q.n == 0 {
		return 0, false
	}
	value := q.ring[q.head]
	q.head = (q.head + 1) & uint(len(q.ring)-1)
	q.n--
	return value, true
}

// Len returns the number of values.
func (q *Queue) Len() int { return q.n }

// A Pair is two queues.
type Pair [2]Queue

// Move takes from one queue and puts into the other, and returns false if the first is empty.
func (p *Pair) Move(from int) (int64, bool) {
	value, ok := p[from].Take()
	if ok {
		p[1-from].Put(value)
	}
	return value, ok
}

// TakeAny takes from the first queue that has a value, and returns false if both are empty.
func (p *Pair) TakeAny() (int64, bool) {
	if value, ok := p[0].Take(); ok {
		return value, true
	}
	return p[1].Take()
}

// Lens returns how many values the queues have.
func (p *Pair) Lens() [2]int { return [2]int{p[0].n, p[1].n} }
