package seq

// A Buffer is a bounded queue in a ring.
type Buffer struct {
	ring []int64
	head int // of the value to take next
	n    int
}

// NewBuffer returns an empty buffer.
func NewBuffer(capacity int) *Buffer {
	AtLeastOne(capacity, "places of a buffer")
	return &Buffer{ring: make([]int64, capacity)}
}

// Put appends a value, and returns false if the buffer is full.
func (b *Buffer) Put(value int64) bool {
	if b.Full() {
		return false
	}
	at := b.head + b.n
	if at >= len(b.ring) {
		at -= len(b.ring)
	}
	b.ring[at] = value
	b.n++
	return true
}

// Take takes the first value, and returns false if there is none.
func (b *Buffer) Take() (int64, bool) {
	if b.n == 0 {
		return 0, false
	}
	value := b.ring[b.head]
	if b.head++; b.head == len(b.ring) {
		b.head = 0
	}
	b.n--
	return value, true
}

// Len returns the number of values.
func (b *Buffer) Len() int { return b.n }

// Full reports whether a Put would fail.
func (b *Buffer) Full() bool { return b.n == len(b.ring) }
