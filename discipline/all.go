package discipline

import (
	"cmp"
	"fmt"
	"slices"
)

// all is added to by the files of the disciplines, before main begins, and immutable then.
var all []Discipline

// offer adds a discipline to those that [All] returns.
func offer(d Discipline) Discipline {
	if _, known := Find(d.Name); known {
		panic(fmt.Sprintf("discipline: two are called %q", d.Name))
	}
	all = append(all, d)
	return d
}

// All returns the disciplines of this package by name.
func All() []Discipline {
	return slices.SortedFunc(slices.Values(all), func(a, b Discipline) int { return cmp.Compare(a.Name, b.Name) })
}

// Find returns the discipline of that name, and false if there is none.
func Find(name string) (Discipline, bool) {
	for _, d := range all {
		if d.Name == name {
			return d, true
		}
	}
	return Discipline{}, false
}
