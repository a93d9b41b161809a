package seq

// A Pool is resources, parked or lent.
type Pool struct {
	parked *Buffer
	lent   []bool
}

// NewPool returns a pool with all resources parked, in their order.
func NewPool(resources int) *Pool {
	AtLeastOne(resources, "resources")
	p := &Pool{parked: NewBuffer(resources), lent: make([]bool, resources)}
	for i := range resources {
		p.parked.Put(int64(i))
	}
	return p
}

// Acquire lends the resource that has been parked longest, and returns false if all are lent.
func (p *Pool) Acquire() (int, bool) {
	resource, ok := p.parked.Take()
	if ok {
		p.lent[resource] = true
	}
	return int(resource), ok
}

// Release parks a resource, and returns false if it is not lent, or no resource at all.
func (p *Pool) Release(resource int) bool {
	if resource < 0 || resource >= len(p.lent) || !p.lent[resource] {
		return false
	}
	p.lent[resource] = false
	return p.parked.Put(int64(resource))
}

// Parked returns the number of resources that can be acquired.
func (p *Pool) Parked() int { return p.parked.Len() }
