//go:build rinsesched

package tdata

import (
	"context"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/stm"
)

// A mortal is a map and, in it, what stands for the key 1: something that dies when nobody needs it.
type mortal struct {
	owner    *stm.Owner
	store    func(key, value int)
	remove   func(key int) (int, bool)
	get      func(tx *stm.Tx, key int) (int, bool)
	getOrSet func(tx *stm.Tx, key, value int) (int, bool)
	snapshot func() (get func(key int) (int, bool), end func())

	value, end unsafe.Pointer // where its slot begins and ends
	holds, mu  unsafe.Pointer
}

const others = 9 // keys from 2 on

// mortals makes the maps, filled.
func mortals() map[string]*mortal {
	return map[string]*mortal{"Map": mortalNode(), "OrderedMap": mortalTower()}
}

func mortalNode() *mortal {
	o := stm.NewOwner()
	m := NewMap[int, int](In(o))
	fill(m.Store)
	c := m.use()
	n, s := c.find(c.hash(1), 1), c.segment(c.hash(1))
	return &mortal{
		o, m.Store, m.Remove, m.Get, m.GetOrSet,
		func() (func(int) (int, bool), func()) { s := m.Snapshot(); return s.Get, s.Close },
		unsafe.Pointer(&n.value), unsafe.Add(unsafe.Pointer(&n.value), unsafe.Sizeof(n.value)),
		unsafe.Pointer(&n.holds), unsafe.Pointer(&s.mu),
	}
}

func mortalTower() *mortal {
	o := stm.NewOwner()
	m := NewOrderedMap[int, int](In(o))
	fill(m.Store)
	c := m.use()
	n, _ := c.find(1)
	return &mortal{
		o, m.Store, m.Remove, m.Get, m.GetOrSet,
		func() (func(int) (int, bool), func()) { s := m.Snapshot(); return s.Get, s.Close },
		unsafe.Pointer(&n.value), unsafe.Add(unsafe.Pointer(&n.value), unsafe.Sizeof(n.value)),
		unsafe.Pointer(&n.holds), unsafe.Pointer(&c.mu),
	}
}

func fill(store func(key, value int)) {
	for k := range others {
		store(k+1, 1)
	}
}

// sweep has the map take down what is empty and not needed.
func (m *mortal) sweep() {
	for k := range others - 1 {
		m.remove(k + 2)
	}
}

// A play is a scheduler that lets everybody go on, and has something happen before one access: the first for which
// it is time.
type play struct {
	*mortal
	time    func(access) bool
	happens func()
	begun   atomic.Bool
	tries   atomic.Int32  // to hold it, or to see whether it is dead, since it happens
	waits   chan struct{} // somebody waits for the mutex, since it happens
	spins   chan struct{} // or comes again and again
}

type access struct {
	at          unsafe.Pointer
	change, may bool // may: it waits, if need be
}

// stage has a play begin.
func (m *mortal) stage(t *testing.T, time func(access) bool) *play {
	p := &play{mortal: m, time: time, waits: make(chan struct{}, 1), spins: make(chan struct{}, 1)}
	shared.Hook = p
	t.Cleanup(func() { shared.Hook = nil })
	return p
}

func (p *play) Access(at unsafe.Pointer, change bool) { p.before(access{at, change, false}) }

func (p *play) Until(_ string, at, _ unsafe.Pointer, change bool, _ func() bool) {
	p.before(access{at, change, true})
}

func (p *play) before(a access) {
	switch {
	case p.begun.Load():
		p.watch(a)
	case p.time(a):
		p.begun.Store(true)
		p.happens()
	}
}

func (p *play) watch(a access) {
	switch {
	case a.at == p.mu && a.may:
		signal(p.waits)
	case a.at == p.holds && p.tries.Add(1) > 20:
		signal(p.spins)
	}
}

func signal(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

// aside runs fn on another goroutine until it ends or has to wait for the mutex. It returns what awaits its end.
func (p *play) aside(t *testing.T, fn func()) (join func()) {
	ended := make(chan struct{})
	go func() { defer close(ended); fn() }()
	select {
	case <-ended:
	case <-p.waits:
	case <-p.spins:
		t.Error("it does not wait for what is decided under the mutex")
	}
	return func() { <-ended }
}

func (m *mortal) isSlot(at unsafe.Pointer) bool {
	return uintptr(at) >= uintptr(m.value) && uintptr(at) < uintptr(m.end)
}

// killing returns what is true of the access that kills it, and from then on.
func (m *mortal) killing() func(access) bool {
	locked, kills := false, false
	return func(a access) bool {
		if a.at == m.mu {
			locked = a.may
		}
		kills = kills || locked && a.change && a.at == m.holds
		return kills
	}
}

// Between the look at an empty slot and the death of what has it, somebody may fill the slot; he may also empty it
// again, and a snapshot in between needs it.
func TestWhatIsNeededAfterAllDoesNotDie(t *testing.T) {
	for name, m := range mortals() {
		t.Run(name+", filled", func(t *testing.T) {
			m.emptied(t, func() { m.store(1, 2) })
			value, found := read(m.owner.Atomically, m, 1)
			assert.True(t, found)
			assert.Equal(t, 2, value)
		})
	}
	for name, m := range mortals() {
		t.Run(name+", filled and emptied", func(t *testing.T) {
			var get func(int) (int, bool)
			var end func()
			m.emptied(t, func() {
				m.store(1, 2)
				get, end = m.snapshot()
				m.remove(1)
			})
			defer end()
			value, found := get(1)
			assert.True(t, found)
			assert.Equal(t, 2, value)
			_, found = read(m.owner.Atomically, m, 1)
			assert.False(t, found)
		})
	}
}

// emptied removes the key 1, and has something happen before what stands for it is killed.
func (m *mortal) emptied(t *testing.T, happens func()) {
	_, end := m.snapshot() // keeps it alive
	m.remove(1)
	_, later := m.snapshot()
	end()
	join := func() {}
	p := m.stage(t, m.killing())
	p.happens = func() { join = p.aside(t, happens) }
	m.sweep()
	join()
	later()
	require.True(t, p.begun.Load())
}

// A reader that has found the key missing, and what stands for it, looks into the slot once more after that was
// filled and emptied, has died, and another one has come: with a snapshot that is extended it must not see the dead.
func TestAReaderNoticesThatItLooksAtTheDead(t *testing.T) {
	for name, m := range mortals() {
		t.Run(name, func(t *testing.T) {
			_, end := m.snapshot() // keeps it alive
			m.remove(1)
			holder := m.owner.Checkout()
			m.get(holder, 1)
			end()

			looks := 0
			m.stage(t, func(a access) bool {
				if m.isSlot(a.at) {
					looks++
				}
				return false
			})
			_, found := read(m.owner.View, m, 1)
			require.False(t, found)
			half := looks / 2 // of it before the second time
			looks = 0
			p := m.stage(t, func(a access) bool {
				if m.isSlot(a.at) {
					looks++
				}
				return looks > half
			})
			p.happens = func() {
				p.aside(t, func() {
					m.store(1, 2)
					m.remove(1)
					holder.Discard()
					m.sweep()
					m.store(1, 3)
				})()
			}
			value, found := read(m.owner.View, m, 1)
			assert.True(t, p.begun.Load())
			assert.True(t, found)
			assert.Equal(t, 3, value)
		})
	}
}

// Who comes upon something that is dying waits until it is decided whether it does.
func TestWhoComesUponTheDyingWaits(t *testing.T) {
	for who, come := range map[string]func(m *mortal) (int, bool){
		"reader":           func(m *mortal) (int, bool) { return read(m.owner.View, m, 1) },
		"who relies on it": func(m *mortal) (int, bool) { return read(m.owner.Atomically, m, 1) },
		"writer": func(m *mortal) (value int, found bool) {
			_ = m.owner.Atomically(context.Background(), func(tx *stm.Tx) error {
				value, found = m.getOrSet(tx, 1, 2)
				return nil
			})
			return value, found
		},
	} {
		for name, m := range mortals() {
			t.Run(name+", "+who, func(t *testing.T) {
				isKilled := m.killing()
				p := m.stage(t, func(a access) bool { return isKilled(a) && m.isSlot(a.at) })
				join, found := func() {}, true
				p.happens = func() { join = p.aside(t, func() { _, found = come(m) }) }
				m.remove(1)
				m.sweep()
				join()
				assert.True(t, p.begun.Load())
				assert.False(t, found)
				value, found := read(m.owner.View, m, 1)
				assert.Equal(t, who == "writer", found)
				assert.Equal(t, found, value == 2)
			})
		}
	}
}

// read reads a key in a transaction of a kind.
func read(kind func(context.Context, func(*stm.Tx) error) error, m *mortal, key int) (value int, found bool) {
	_ = kind(context.Background(), func(tx *stm.Tx) error {
		value, found = m.get(tx, key)
		return nil
	})
	return value, found
}
