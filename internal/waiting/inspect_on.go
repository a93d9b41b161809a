//go:build rinsesched

package waiting

// Clean reports whether nobody was left on the list, when nobody is at it.
func (l *List) Clean() bool { return l.first == nil && l.Empty() }
