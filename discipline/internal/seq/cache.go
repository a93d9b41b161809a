package seq

// A Cache is a map with a capacity, which forgets the key that was put first.
type Cache struct {
	values map[int]int64
	keys   []int // a ring in the order of their first Put, once it is full
	oldest int   // in keys
}

// NewCache returns an empty cache.
func NewCache(capacity int) *Cache {
	AtLeastOne(capacity, "entries of a cache")
	return &Cache{values: make(map[int]int64, capacity), keys: make([]int, 0, capacity)}
}

// Get returns the value of a key.
func (c *Cache) Get(key int) (int64, bool) {
	value, ok := c.values[key]
	return value, ok
}

// Put sets the value of a key.
func (c *Cache) Put(key int, value int64) {
	if _, known := c.values[key]; !known {
		c.admit(key)
	}
	c.values[key] = value
}

func (c *Cache) admit(key int) {
	if len(c.keys) < cap(c.keys) {
		c.keys = append(c.keys, key)
		return
	}
	delete(c.values, c.keys[c.oldest])
	c.keys[c.oldest] = key
	c.oldest = (c.oldest + 1) % len(c.keys)
}

// Len returns the number of keys.
func (c *Cache) Len() int { return len(c.values) }
