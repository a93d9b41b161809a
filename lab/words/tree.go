package words

import "github.com/rinse-go/rinse/discipline"

// Tree is an ordered map in a heap: an AA tree, which is a red-black tree whose red nodes are right
// children only (Andersson, "Balanced search trees made simple", 1993). A node is a block: key, links
// and level, and a payload.
type Tree struct {
	Root int // the word that points to the root
	Heap Heap
}

const (
	key = iota
	left
	right
	level
	// Payload is where in a node the words of its user begin. There are four.
	Payload
)

// deepest is more levels than a tree of any memory has.
const deepest = 128

// Torn is what is panicked with where links lead in a circle, which a discipline can show only to a
// doomed attempt that it lets go on (see opacity).
const Torn = "words: links lead in a circle: what was read has never been so at one moment"

// Find returns the node of a key, or 0.
func (t Tree) Find(w discipline.Words, k int64) int {
	node := int(w.Get(t.Root))
	for range deepest {
		if node == 0 {
			return 0
		}
		switch here := w.Get(node + key); {
		case k < here:
			node = int(w.Get(node + left))
		case k > here:
			node = int(w.Get(node + right))
		default:
			return node
		}
	}
	panic(Torn)
}

// Insert returns the node of a key, a new one from this shard of the heap if there was none. A node
// moves when others are deleted, so what is returned holds until then only.
func (t Tree) Insert(w discipline.Words, shard int, k int64) (node int) {
	if node = t.Find(w, k); node != 0 {
		return node
	}
	node = t.Heap.Alloc(w, shard)
	w.Set(node+key, k)
	w.Set(node+level, 1)
	set(w, t.Root, insert(w, w.Get(t.Root), int64(node), k, deepest))
	return node
}

func insert(w discipline.Words, tree, node, k int64, deepest int) int64 {
	if tree == 0 {
		return node
	}
	if deepest == 0 {
		panic(Torn)
	}
	side := right
	if k < w.Get(int(tree)+key) {
		side = left
	}
	child := int(tree) + side
	set(w, child, insert(w, w.Get(child), node, k, deepest-1))
	return split(w, skew(w, tree))
}

// Delete deletes a key, and says whether it was there.
func (t Tree) Delete(w discipline.Words, shard int, k int64) bool {
	if t.Find(w, k) == 0 {
		return false
	}
	set(w, t.Root, t.remove(w, shard, w.Get(t.Root), k))
	return true
}

func (t Tree) remove(w discipline.Words, shard int, tree, k int64) int64 {
	node := int(tree)
	switch here := w.Get(node + key); {
	case k < here:
		set(w, node+left, t.remove(w, shard, w.Get(node+left), k))
	case k > here:
		set(w, node+right, t.remove(w, shard, w.Get(node+right), k))
	case w.Get(node+right) == 0: // so it has no left child either: its level is 1
		t.Heap.Free(w, shard, node)
		return 0
	case w.Get(node+left) == 0:
		t.replace(w, shard, node, right, left)
	default:
		t.replace(w, shard, node, left, right)
	}
	return rebalance(w, tree)
}

// replace puts the content of the next node on one side, its outermost on the other, in place of this one.
func (t Tree) replace(w discipline.Words, shard, node, side, other int) {
	next := int(w.Get(node + side))
	for depth := 0; w.Get(next+other) != 0; depth++ {
		if depth == deepest {
			panic(Torn)
		}
		next = int(w.Get(next + other))
	}
	k := w.Get(next + key)
	set(w, node+key, k)
	for i := Payload; i < Block; i++ {
		set(w, node+i, w.Get(next+i))
	}
	set(w, node+side, t.remove(w, shard, w.Get(node+side), k))
}

func rebalance(w discipline.Words, tree int64) int64 {
	node := int(tree)
	lowest := min(levelOf(w, w.Get(node+left)), levelOf(w, w.Get(node+right))) + 1
	if lowest < w.Get(node+level) {
		w.Set(node+level, lowest)
		if r := w.Get(node + right); lowest < levelOf(w, r) {
			w.Set(int(r)+level, lowest)
		}
	}
	tree = skew(w, tree)
	turn(w, int(tree)+right, skew)
	if r := int(w.Get(int(tree) + right)); r != 0 {
		turn(w, r+right, skew)
	}
	tree = split(w, tree)
	turn(w, int(tree)+right, split)
	return tree
}

func levelOf(w discipline.Words, tree int64) int64 {
	if tree == 0 {
		return 0
	}
	return w.Get(int(tree) + level)
}

func turn(w discipline.Words, link int, how func(discipline.Words, int64) int64) {
	if tree := w.Get(link); tree != 0 {
		set(w, link, how(w, tree))
	}
}

// skew turns a left child of the same level into the parent.
func skew(w discipline.Words, tree int64) int64 {
	l := w.Get(int(tree) + left)
	if l == 0 || w.Get(int(l)+level) != w.Get(int(tree)+level) {
		return tree
	}
	w.Set(int(tree)+left, w.Get(int(l)+right))
	w.Set(int(l)+right, tree)
	return l
}

// split raises the middle of three in a row of the same level.
func split(w discipline.Words, tree int64) int64 {
	r := w.Get(int(tree) + right)
	if r == 0 {
		return tree
	}
	rr := w.Get(int(r) + right)
	if rr == 0 || w.Get(int(rr)+level) != w.Get(int(tree)+level) {
		return tree
	}
	w.Set(int(tree)+right, w.Get(int(r)+left))
	w.Set(int(r)+left, tree)
	w.Set(int(r)+level, w.Get(int(r)+level)+1)
	return r
}

// Each calls visit for all nodes by rising key, until it returns false.
func (t Tree) Each(w discipline.Words, visit func(k int64, node int) bool) {
	each(w, int(w.Get(t.Root)), deepest, visit)
}

func each(w discipline.Words, node, deepest int, visit func(int64, int) bool) bool {
	if node == 0 {
		return true
	}
	if deepest == 0 {
		panic(Torn)
	}
	return each(w, int(w.Get(node+left)), deepest-1, visit) && visit(w.Get(node+key), node) &&
		each(w, int(w.Get(node+right)), deepest-1, visit)
}
