//go:build rinsesched

package waiting

// Clean reports whether nobody was left on the list, when nobody is at it.
func (l *List) Clean() bool { return l.first == nil && l.Empty() }

// Free reports whether nobody has or wants the queue.
func (q *Queue) Free() bool { return !q.held.Load() && !q.Wanted() }
