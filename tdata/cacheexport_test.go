package tdata

// Renewals returns how many leaves of the table were renewed.
func (c *Cache[K, V]) Renewals() uint64 { return c.table.renewals.Load() }

// ClearNow is Clear as a transaction of its own.
func (c *Cache[K, V]) ClearNow() { c.run(c.Clear) }
