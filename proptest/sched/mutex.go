package sched

import "sync"

// A Mutex is a lock that the scheduler sees: a task that finds it locked waits, and others go on. Goroutines
// of a bubble that are no tasks block on it.
type Mutex struct {
	run   *Run
	name  string
	taken chan struct{} // holds one element while locked
}

// Mutex returns a new, unlocked Mutex. The name is for deadlock reports.
func (r *Run) Mutex(name string) *Mutex {
	return &Mutex{run: r, name: name, taken: make(chan struct{}, 1)}
}

// Lock locks m, waiting until it is free. When the run has failed, goroutines that are no tasks do not wait:
// whoever held the lock may have been unwound.
func (m *Mutex) Lock() {
	if me := m.run.host.self(); me >= 0 {
		m.run.until(me, m.free, []string{m.name})
	} else if m.run.failing.Load() {
		m.TryLock()
		return
	}
	m.taken <- struct{}{}
}

// TryLock locks m if it is free.
func (m *Mutex) TryLock() bool {
	m.run.Yield(m.name)
	select {
	case m.taken <- struct{}{}:
		return true
	default:
		return false
	}
}

// Unlock unlocks m. It panics if m is not locked.
func (m *Mutex) Unlock() {
	select {
	case <-m.taken:
	default:
		if m.run.failing.Load() {
			return
		}
		panic("sched: unlock of unlocked mutex " + m.name)
	}
}

func (m *Mutex) free() bool { return len(m.taken) == 0 }

// A Cond is a condition variable that the scheduler sees, for tasks on coroutines; in a bubble sync.Cond
// will do as well. Waiters are woken in the order in which they began to wait.
type Cond struct {
	run     *Run
	name    string
	locker  sync.Locker
	waiting []*bool // set when woken
}

// Cond returns a new Cond for the lock. The name is for deadlock reports.
func (r *Run) Cond(name string, l sync.Locker) *Cond {
	return &Cond{run: r, name: name, locker: l}
}

// Wait unlocks the lock, waits until Signal or Broadcast wakes it, and locks again.
func (c *Cond) Wait() {
	woken := new(bool)
	c.waiting = append(c.waiting, woken)
	c.locker.Unlock()
	c.run.Until(func() bool { return *woken }, c.name)
	c.locker.Lock()
}

// Signal wakes one waiter, if there is any.
func (c *Cond) Signal() {
	if len(c.waiting) > 0 {
		*c.waiting[0] = true
		c.waiting = c.waiting[1:]
	}
}

// Broadcast wakes all waiters.
func (c *Cond) Broadcast() {
	for len(c.waiting) > 0 {
		c.Signal()
	}
}
