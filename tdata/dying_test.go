//go:build rinsesched

package tdata

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/internal/engine"
	"github.com/rinse-go/rinse/internal/shared"
	"github.com/rinse-go/rinse/stm"
)

// A mortal is a map and, in it, what stands for the key 1: something that dies when nobody needs it.
type mortal struct {
	owner    *stm.Owner
	store    func(key, value int)
	remove   func(key int) (int, bool)
	get      func(tx *stm.Tx, key int) (int, bool)
	set      func(tx *stm.Tx, key, value int)
	snapshot func() (get func(key int) (int, bool), end func())

	find       func() (slot *engine.Cell, holds *shared.Int32)
	slot, size *engine.Cell
	holds      *shared.Int32
	mu         *shared.Mutex
}

// mortals makes the maps, with keys from 1 to 9.
func mortals() map[string]*mortal {
	return map[string]*mortal{"Map": newMortal(mortalNode), "OrderedMap": newMortal(mortalTower)}
}

func newMortal(make func() *mortal) *mortal {
	m := make()
	m.store(1, 1)
	m.fill()
	m.slot, m.holds = m.find()
	return m
}

func mortalNode() *mortal {
	o := stm.NewOwner()
	m := NewMap[int, int](In(o))
	c := m.use()
	return &mortal{
		owner: o, store: m.Store, remove: m.Remove, get: m.Get, set: m.Set,
		snapshot: func() (func(int) (int, bool), func()) { s := m.Snapshot(); return s.Get, s.Close },
		find: func() (*engine.Cell, *shared.Int32) {
			n := c.index.find(c.hash(1), 1)
			return &n.value.cell, &n.holds
		},
		size: c.size.any(),
		mu:   &c.segment(c.hash(1)).mu,
	}
}

func mortalTower() *mortal {
	o := stm.NewOwner()
	m := NewOrderedMap[int, int](In(o))
	c := m.use()
	return &mortal{
		owner: o, store: m.Store, remove: m.Remove, get: m.Get, set: m.Set,
		snapshot: func() (func(int) (int, bool), func()) { s := m.Snapshot(); return s.Get, s.Close },
		find: func() (*engine.Cell, *shared.Int32) {
			n, _ := c.skipList.find(1)
			return &n.value.cell, &n.holds
		},
		size: c.size.any(),
		mu:   &c.mu,
	}
}

// fill adds other keys.
func (m *mortal) fill() {
	for k := 2; k < 10; k++ {
		m.store(k, 1)
	}
}

// sweep removes other keys, so that the map takes down what is empty and not needed.
func (m *mortal) sweep() {
	for k := 2; k < 10; k++ {
		m.remove(k)
	}
}

// A play is a scheduler that lets everybody go on, and has something happen before the accesses for which it is time.
type play struct {
	*mortal
	scenes []scene       // that are to come
	busy   atomic.Bool   // something happens, or all has
	tries  atomic.Int32  // to hold it, or to see whether it is dead, while something happens
	waits  chan struct{} // somebody waits for the mutex then
	spins  chan struct{} // or comes again and again
}

type scene struct {
	time    func(access) bool
	happens func()
}

type access struct {
	at          unsafe.Pointer
	change, may bool // may: it waits, if need be
}

// stage has a play begin.
func (m *mortal) stage(t *testing.T) *play {
	p := &play{mortal: m, waits: make(chan struct{}, 1), spins: make(chan struct{}, 1)}
	p.busy.Store(true)
	shared.Hook = p
	t.Cleanup(func() { shared.Hook = nil })
	return p
}

// then adds a scene.
func (p *play) then(time func(access) bool, happens func()) {
	p.scenes = append(p.scenes, scene{time, happens})
	p.busy.Store(false)
}

// isOver reports whether everything has happened.
func (p *play) isOver() bool { return len(p.scenes) == 0 }

func (p *play) Access(at unsafe.Pointer, change bool) { p.before(access{at, change, false}) }

func (p *play) Until(_ string, at, _ unsafe.Pointer, change bool, _ func() bool) {
	p.before(access{at, change, true})
}

func (p *play) before(a access) {
	if p.busy.Load() {
		p.watch(a)
		return
	}
	if next := p.scenes[0]; next.time(a) {
		p.busy.Store(true)
		next.happens()
		p.scenes = p.scenes[1:]
		p.busy.Store(p.isOver())
	}
}

func (p *play) watch(a access) {
	switch {
	case a.at == unsafe.Pointer(p.mu) && a.may:
		signal(p.waits)
	case a.at == unsafe.Pointer(p.holds) && p.tries.Add(1) > 20:
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

// to reports whether an access is one to a cell.
func (a access) to(c *engine.Cell) bool {
	begin := uintptr(unsafe.Pointer(c))
	return uintptr(a.at) >= begin && uintptr(a.at) < begin+unsafe.Sizeof(*c)
}

// killing returns what is true of the access that kills it, and from then on.
func (m *mortal) killing() func(access) bool {
	locked, kills := false, false
	return func(a access) bool {
		if a.at == unsafe.Pointer(m.mu) {
			locked = a.may
		}
		kills = kills || locked && a.change && a.at == unsafe.Pointer(m.holds)
		return kills
	}
}

// Between the look at an empty slot and the death of what has it, somebody may fill the slot; he may also empty it
// again, and a snapshot in between needs it.
func TestWhatIsNeededAfterAllDoesNotDie(t *testing.T) {
	for _, watched := range []bool{false, true} {
		for name, m := range mortals() {
			t.Run(fmt.Sprintf("%s, watched: %t, filled", name, watched), func(t *testing.T) {
				m.emptied(t, watched, func() { m.store(1, 2) })
				value, found := read(m.owner.Atomically, m, 1)
				assert.True(t, found)
				assert.Equal(t, 2, value)
			})
		}
		for name, m := range mortals() {
			t.Run(fmt.Sprintf("%s, watched: %t, filled and emptied", name, watched), func(t *testing.T) {
				var get func(int) (int, bool)
				var end func()
				m.emptied(t, watched, func() {
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
}

// emptied removes the key 1, and has something happen before what stands for it is killed. If it is watched, somebody
// holds a snapshot then.
func (m *mortal) emptied(t *testing.T, watched bool, happens func()) {
	_, end := m.snapshot() // keeps it alive
	m.remove(1)
	later := func() {}
	if watched {
		_, later = m.snapshot()
	}
	end()
	join := func() {}
	p := m.stage(t)
	p.then(m.killing(), func() { join = p.aside(t, happens) })
	m.sweep()
	join()
	later()
	require.True(t, p.isOver())
}

// A reader that relies on nothing yet has found what stands for a key, and looks into the slot after that was emptied,
// has died, and another one has come. All that it sees is so at one moment.
func TestAReaderNoticesThatItLooksAtTheDead(t *testing.T) {
	for name, m := range mortals() {
		t.Run(name, func(t *testing.T) {
			m.remove(1)
			m.sweep()
			p := m.stage(t)
			p.then(func(a access) bool { return a.to(m.size) }, func() { // it has found nothing, and will look again
				p.aside(t, func() { m.store(1, 1) })()
				m.slot, m.holds = m.find()
			})
			p.then(func(a access) bool { return a.to(m.slot) }, func() {
				p.aside(t, func() {
					m.remove(1)
					m.fill()
					m.sweep()
					_ = m.owner.Atomically(context.Background(), func(tx *stm.Tx) error {
						m.set(tx, 1, 2)
						m.set(tx, 2, 2)
						return nil
					})
					_, end := m.snapshot() // from now on it is the past
					end()
				})()
			})
			var one, two bool
			_ = m.owner.View(context.Background(), func(tx *stm.Tx) error {
				_, one = m.get(tx, 1)
				_, two = m.get(tx, 2)
				return nil
			})
			assert.True(t, p.isOver())
			assert.Equal(t, one, two, "they come at the same time")
		})
	}
}

// Who comes upon something that is dying waits until it is decided whether it does.
func TestWhoComesUponTheDyingWaits(t *testing.T) {
	for who, come := range map[string]func(m *mortal) bool{
		"reader":           func(m *mortal) bool { _, found := read(m.owner.View, m, 1); return found },
		"who relies on it": func(m *mortal) bool { _, found := read(m.owner.Atomically, m, 1); return found },
		"writer":           func(m *mortal) bool { m.store(1, 2); return false },
	} {
		for name, m := range mortals() {
			t.Run(name+", "+who, func(t *testing.T) {
				p, isKilled := m.stage(t), m.killing()
				join, found := func() {}, true
				p.then(func(a access) bool { return isKilled(a) && a.to(m.slot) }, func() {
					join = p.aside(t, func() { found = come(m) })
				})
				m.remove(1)
				m.sweep()
				join()
				assert.True(t, p.isOver())
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
