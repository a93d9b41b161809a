package tdata

import (
	"math/bits"
	"math/rand/v2"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/stm"
)

// An OrderedMap consists of towers, one for each key, in a skip list. As in a Map (see mapindex.go) a tower's
// slot holds the key's value, or nothing while the map does not have it, and there are towers of keys that
// are not in the map but were asked for. What is added is the order:
//
//  1. The bottom links are transactional. A link changes, by a transaction of its own that nobody waits
//     for, when a tower comes or goes right behind it; so it stands for the gap between two keys. Who
//     goes through a range in order to rely on it, reads the slots and the links in it, and thereby
//     clashes with whoever makes a tower in one of its gaps, and, by the slot, with whoever fills one.
//     The range begins and ends with towers, which are made if need be, so nothing outside counts.
//  2. A key has at most one living tower, and the list has it. Towers come and go under the list's mutex,
//     under which no user code runs: what was found by comparisons is checked by comparing pointers.
//  3. A tower goes only while its slot is empty, no attempt holds it, and every registered snapshot is
//     as new as the commit that emptied it. Every attempt holds the empty towers that it relies on, and
//     those that its ranges begin and end with. So who relies on a link relies on the tower behind
//     it, or on what fills that one, and the link's change, when that tower goes, disturbs nobody.
//  4. A dead tower's links stay as they were. So one who stands on it gets on, and misses nothing but
//     towers that were made later.
//  5. Each tower has the floor of the gap behind it: the newest version at which one that has left was
//     emptied. Towers that are made in the gap are empty since then, and it goes to the tower before when
//     this one leaves. So a snapshot older than a key's removal is extended before it takes the key
//     for missing.
//
// The upper links only lead the way. They are ordinary atomic pointers, and no transaction relies on them.
//
// Skip lists: Pugh, 1990. Predicates that stand for gaps: Bronson and others, see mapindex.go.

// A skipTower is a key that is in the map, or was asked for, and links to those that come after.
type skipTower[K, V any] struct {
	value slot[V]               // first: reports get from there to the key
	next  link[skipTower[K, V]] // the gap behind
	floor shared.Uint64         // of the gap; raised under the list's mutex
	holds shared.Int32          // attempts that rely on the tower; or dead and below
	list  *skipList[K, V]       // immutable, as is key
	key   K
	upper []shared.Pointer[skipTower[K, V]] // changed under the list's mutex
}

// hold reports whether the tower is alive, and keeps it so until LetGo.
func (n *skipTower[K, V]) hold() bool {
	if n.holds.Add(1) > 0 {
		return true
	}
	n.holds.Add(-1)
	return false
}

// LetGo ends a hold. The last one to let go of an empty tower takes it down.
func (n *skipTower[K, V]) LetGo() {
	if n.holds.Add(-1) == 0 {
		if _, ok := engine.Vacant(&n.value.cell); ok {
			n.list.tidy(n)
		}
	}
}

func (n *skipTower[K, V]) isDead() bool { return n.holds.Load() < 0 }

// die kills an empty tower that nobody needs. It returns when it was emptied.
func (n *skipTower[K, V]) die(oldest uint64) (emptied uint64, ok bool) {
	if _, ok = engine.Vacant(&n.value.cell); !ok || !n.holds.CompareAndSwap(0, dead) {
		return 0, false
	}
	// Who held it meanwhile may have filled it; from here on nobody can.
	if emptied, ok = engine.Vacant(&n.value.cell); !ok || emptied > oldest {
		n.revive()
		return 0, false
	}
	return emptied, true
}

func (n *skipTower[K, V]) revive() { n.holds.Add(-dead) }

// link returns where the link of a level leads to. Level 0 is the bottom.
func (n *skipTower[K, V]) link(level int) *skipTower[K, V] {
	if level == 0 {
		return n.next.peek()
	}
	return n.upper[level-1].Load()
}

// A skipList has all towers of one map, after head, which has no key.
type skipList[K, V any] struct {
	core    *engine.Owner
	values  *engine.Rare // of the slots
	gaps    *engine.Rare // of the bottom links
	compare func(a, b K) int
	head    *skipTower[K, V]

	mu    shared.Mutex
	limbo []*skipTower[K, V] // guarded by mu: empty ones that somebody still needed
}

const skipLevels = 16 // the bottom one included; each has a quarter of the towers of the one below

// A path is, on each level, the last tower before a key, and the one after that.
type path[K, V any] struct{ before, after [skipLevels]*skipTower[K, V] }

func (l *skipList[K, V]) init(core *engine.Owner, values, gaps *engine.Rare, compare func(a, b K) int) {
	l.core, l.values, l.gaps, l.compare = core, values, gaps, compare
	l.head = l.tower(*new(K), skipLevels, 0, nil)
}

// tower makes a tower with so many levels before another one.
func (l *skipList[K, V]) tower(key K, height int, floor uint64, next *skipTower[K, V]) *skipTower[K, V] {
	n := &skipTower[K, V]{list: l, key: key}
	if height > 1 {
		n.upper = make([]shared.Pointer[skipTower[K, V]], height-1)
	}
	n.floor.Store(floor)
	n.value.init(l.values, floor)
	n.next.init(l.gaps, floor, next)
	return n
}

// before returns the last tower before a key, head if there is none.
func (l *skipList[K, V]) before(key K) *skipTower[K, V] {
	n, _ := l.around(key)
	return n
}

// around returns the last tower before a key, head if there is none, and the one after that, which is the first not
// before the key, nil if there is none. The two were neighbours at one moment; by now there may be others between.
func (l *skipList[K, V]) around(key K) (before, after *skipTower[K, V]) {
	n := l.head
	var beyond *skipTower[K, V] // known not to be before the key
	for level := skipLevels - 1; level >= 0; level-- {
		after := n.link(level)
		for ; after != beyond && after != nil && l.compare(after.key, key) < 0; after = n.link(level) {
			n = after
		}
		beyond = after
	}
	return n, beyond
}

// last returns the last tower, head if there is none.
func (l *skipList[K, V]) last() *skipTower[K, V] {
	n := l.head
	for level := skipLevels - 1; level >= 0; level-- {
		for after := n.link(level); after != nil; after = n.link(level) {
			n = after
		}
	}
	return n
}

// find returns the tower of a key, or nil, and the one before.
func (l *skipList[K, V]) find(key K) (n, before *skipTower[K, V]) {
	before, n = l.around(key)
	if n != nil && l.compare(n.key, key) == 0 {
		return n, before
	}
	return nil, before
}

// way returns the path to a key.
func (l *skipList[K, V]) way(key K) (p path[K, V]) {
	n := l.head
	var beyond *skipTower[K, V] // as in before
	for level := skipLevels - 1; level >= 0; level-- {
		after := n.link(level)
		for ; after != beyond && after != nil && l.compare(after.key, key) < 0; after = n.link(level) {
			n = after
		}
		p.before[level], p.after[level], beyond = n, after, after
	}
	return p
}

// stands reports whether the lowest levels of a path are as they were. The caller holds the mutex.
func (p *path[K, V]) stands(height int) bool {
	for level := range height {
		if n := p.before[level]; n.isDead() || n.link(level) != p.after[level] {
			return false
		}
	}
	return true
}

// held returns the tower of a key, which may be the one that was found, made if need be, and held.
func (l *skipList[K, V]) held(tx *stm.Tx, key K, n *skipTower[K, V]) *skipTower[K, V] {
	for {
		if n == nil {
			n = l.make(tx, key)
		}
		switch {
		case n == nil: // something has changed meanwhile
		case n.hold():
			return n
		default: // it is dying, which is decided under the mutex
			l.await()
			n = nil
		}
	}
}

// keep holds the tower that a cell is the value of. It returns nil if the tower is dead, which is decided under the mutex.
func (l *skipList[K, V]) keep(c *engine.Cell) engine.Holder {
	l.mu.Lock()
	defer l.mu.Unlock()
	if n := towerOfValue[K, V](c); n.hold() {
		return n
	}
	return nil
}

// await waits for who holds the mutex to be done with it.
func (l *skipList[K, V]) await() {
	l.mu.Lock()
	defer l.mu.Unlock()
}

// make makes the tower of a key. It returns nil if that has to be tried again.
func (l *skipList[K, V]) make(tx *stm.Tx, key K) *skipTower[K, V] {
	p := l.way(key)
	if n := p.after[0]; n != nil && l.compare(n.key, key) == 0 {
		return n
	}
	n, verdict := l.insert(inside(tx), &p, key)
	if verdict == engine.Shut {
		awaitGate(tx)
	}
	return n
}

// insert puts a new tower where a path leads to.
func (l *skipList[K, V]) insert(t *engine.Tx, p *path[K, V], key K) (*skipTower[K, V], engine.Verdict) {
	height := min(1+bits.TrailingZeros64(rand.Uint64())/2, skipLevels)
	l.mu.Lock()
	defer l.mu.Unlock()
	if !p.stands(height) {
		return nil, engine.Changed
	}
	before := p.before[0]
	n := l.tower(key, height, before.floor.Load(), p.after[0])
	for level := 1; level < height; level++ {
		n.upper[level-1].Store(p.after[level])
	}
	w := before.next.word()
	if verdict := before.next.replace(w, n, t.Gate()); verdict != engine.Committed {
		return nil, verdict
	}
	if t.Renew(&before.next.cell, w, before.next.word()) {
		n.next.latest(t) // it relied on the gap that it has divided
	}
	for level := 1; level < height; level++ {
		p.before[level].upper[level-1].Store(n)
	}
	return n, engine.Committed
}

// awaitGate waits until the gate is open, as far as the transaction may wait.
func awaitGate(tx *stm.Tx) {
	t := inside(tx)
	if t.Is(engine.Impatient) || !t.AwaitGate(tx.Context().Done()) {
		t.GiveWay()
	}
}

// tidy takes down a tower, and a few of those that were needed still when it was their turn.
func (l *skipList[K, V]) tidy(n *skipTower[K, V]) {
	l.takeDown(n)
	for range 2 {
		if n = l.fromLimbo(); n == nil {
			return
		}
		l.takeDown(n)
	}
}

func (l *skipList[K, V]) fromLimbo() *skipTower[K, V] {
	l.mu.Lock()
	defer l.mu.Unlock()
	if len(l.limbo) == 0 {
		return nil
	}
	n := l.limbo[0]
	l.limbo[0] = nil
	l.limbo = l.limbo[1:]
	return n
}

// takeDown removes a tower if it is empty and nobody needs it.
func (l *skipList[K, V]) takeDown(n *skipTower[K, V]) {
	for {
		p := l.way(n.key)
		l.mu.Lock()
		if p.after[0] != n {
			l.mu.Unlock()
			return // it is gone; or the comparison contradicts itself
		}
		stood := l.remove(n, &p)
		l.mu.Unlock()
		if stood {
			return
		}
	}
}

// remove removes a tower that a path leads to. It reports whether the path stands. The caller holds
// the mutex.
func (l *skipList[K, V]) remove(n *skipTower[K, V], p *path[K, V]) bool {
	height := 1 + len(n.upper)
	if !p.stands(height) {
		return false
	}
	emptied, ok := n.die(l.core.Oldest())
	if !ok {
		if _, empty := engine.Vacant(&n.value.cell); empty && n.holds.Load() == 0 {
			l.limbo = append(l.limbo, n)
		}
		return true
	}
	before := p.before[0]
	before.floor.Store(max(before.floor.Load(), n.floor.Load(), emptied))
	if before.next.replace(before.next.word(), n.next.peek(), nil) != engine.Committed {
		n.revive() // the gate is shut
		l.limbo = append(l.limbo, n)
		return true
	}
	for level := 1; level < height; level++ {
		p.before[level].upper[level-1].Store(n.upper[level-1].Load())
	}
	return true
}
