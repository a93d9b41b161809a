package seq

import "github.com/google/btree"

type entry struct{ key, value int64 }

// An Index is an ordered map in a B-tree.
type Index struct{ tree *btree.BTreeG[entry] }

// NewIndex returns an empty index.
func NewIndex() *Index {
	return &Index{btree.NewG(32, func(a, b entry) bool { return a.key < b.key })}
}

// Get returns the value of a key.
func (x *Index) Get(key int64) (int64, bool) {
	e, ok := x.tree.Get(entry{key: key})
	return e.value, ok
}

// Put sets the value of a key.
func (x *Index) Put(key, value int64) { x.tree.ReplaceOrInsert(entry{key, value}) }

// Delete removes a key, and returns whether it was there.
func (x *Index) Delete(key int64) bool {
	_, ok := x.tree.Delete(entry{key: key})
	return ok
}

// Scan counts and adds up the values of the keys from one to before another.
func (x *Index) Scan(from, to int64) (count int, sum int64) {
	x.tree.AscendRange(entry{key: from}, entry{key: to}, func(e entry) bool {
		count++
		sum += e.value
		return true
	})
	return count, sum
}

// Clone returns a copy that shares nodes with x until either is changed.
func (x *Index) Clone() *Index { return &Index{x.tree.Clone()} }
