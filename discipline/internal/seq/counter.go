package seq

// A Counter counts.
type Counter struct{ N int64 }

// Add adds to the counter and returns its new value.
func (c *Counter) Add(delta int64) int64 {
	c.N += delta
	return c.N
}
