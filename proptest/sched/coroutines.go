package sched

import "iter"

// coroutines carries each task on a coroutine that outlives it and serves the next run as well. Who goes
// next is decided on the coroutine of the task that stops: if it is itself, nothing is switched; if not,
// it switches back to run, which switches to the other.
type coroutines struct {
	owner   *Run
	workers []*worker
	current int // who has the turn, -1 outside Parallel
}

type worker struct {
	fn     func() // what to run next
	resume func() (struct{}, bool)
	stop   func()
	back   func(struct{}) bool // switches back to whoever resumed
}

func (c *coroutines) run(fns []func()) {
	for len(c.workers) < len(fns) {
		c.workers = append(c.workers, c.newWorker(len(c.workers)))
	}
	for i, fn := range fns {
		c.workers[i].fn = fn
	}
	defer func() { c.current = -1 }()
	for c.current = c.owner.next(); c.current >= 0; {
		c.workers[c.current].resume()
	}
	c.unwind()
}

// unwind ends the tasks of a run that has failed.
func (c *coroutines) unwind() {
	r := c.owner
	r.aborting = true
	r.release()
	for i := range r.tasks {
		if r.tasks[i].state != ended {
			c.current = i
			if c.workers[i].fn != nil { // not started
				c.workers[i].fn, r.tasks[i].state = nil, ended
				continue
			}
			c.workers[i].resume()
		}
	}
	r.aborting = false
}

func (c *coroutines) newWorker(me int) *worker {
	w := &worker{}
	w.resume, w.stop = iter.Pull(func(back func(struct{}) bool) {
		w.back = back
		for {
			fn := w.fn
			w.fn = nil
			c.owner.call(me, fn)
			if !c.owner.aborting {
				c.current = c.owner.next()
			}
			if !back(struct{}{}) {
				return
			}
		}
	})
	return w
}

func (c *coroutines) park(me int) {
	c.current = c.owner.next()
	if c.current != me && !c.workers[me].back(struct{}{}) {
		c.owner.aborting = true // the exploration was left from inside a task
	}
}

func (c *coroutines) self() int { return c.current }

func (c *coroutines) arrive() {}

func (c *coroutines) idle() bool { return false }

func (c *coroutines) close() {
	for _, w := range c.workers {
		w.stop()
	}
}
