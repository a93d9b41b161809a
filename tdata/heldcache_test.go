package tdata_test

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tdata"
)

// cacheState is a Cache: what keys have, and what has left since the last commit but for eviction.
type cacheState struct {
	entries map[int]cacheItem
	gone    []cacheLeft
}

// cacheLeft is a value that has left.
type cacheLeft struct{ key, value int }

// A cacheItem is a value, or a flight that loads one.
type cacheItem struct {
	value   int
	expires float64 // in seconds; 0: never
	flight  int     // 0: none
}

func (e cacheItem) isLive(now float64) bool {
	return e.flight == 0 && (e.expires == 0 || now < e.expires)
}

// heldCache is a Cache. The weight of a value is its last digit but one, if it weighs.
type heldCache struct {
	*tdata.Cache[int, int]
	clock    *heldClock
	keys     int
	capacity int
	ttl      float64
	weighs   bool
	whole    bool // ask for all of it too, after which its table is renewed
	events   []cacheEvent
}

type cacheEvent struct {
	key, value int
	reason     tdata.RemovalReason
}

func newHeldCache(o *stm.Owner, h heldCache) *heldCache {
	h.clock = newHeldClock()
	cfg := tdata.CacheConfig[int, int]{Capacity: h.capacity, Clock: h.clock, TTL: time.Duration(h.ttl) * time.Second,
		Removed: func(k, v int, why tdata.RemovalReason) { h.events = append(h.events, cacheEvent{k, v, why}) }}
	if h.weighs {
		cfg.Weigh = func(_, v int) int { return h.weight(v) }
	}
	h.Cache = tdata.NewCache(cfg, tdata.In(o))
	return &h
}

func (h *heldCache) weight(v int) int {
	if h.weighs {
		return v / 10 % 10
	}
	return 1
}

func (h *heldCache) begin() any { return cacheState{entries: map[int]cacheItem{}} }

func (h *heldCache) show(state any) (all string) {
	for k := range h.keys {
		all += h.pair(state.(cacheState), k, h.clock.seconds()) + ", "
	}
	return all
}

// look does not ask for all, which would seal the table.
func (h *heldCache) look(tx *stm.Tx) (all string) {
	for k := range h.keys {
		all += fmt.Sprint(h.Peek(tx, k)) + ", "
	}
	return all
}

func (h *heldCache) pair(s cacheState, k int, now float64) string {
	if e := s.entries[k]; hasKey(s.entries, k) && e.isLive(now) {
		return fmt.Sprint(e.value, true)
	}
	return fmt.Sprint(0, false)
}

// part names a key. If the table is renewed, a key may lose its place, and get another one.
func (h *heldCache) part(k int) string {
	if h.whole {
		return fmt.Sprint("~key", k)
	}
	return keyPart(k)
}

func (h *heldCache) reads(want string, k int) heldDeed {
	return heldDeed{want: want, relies: []string{h.part(k), "~table"}}
}

// deadline returns when something expires that is set now.
func (h *heldCache) deadline(now float64) float64 {
	if h.ttl == 0 {
		return 0
	}
	return now + h.ttl
}

// set is what it is to give a key a value, and remove to delete it, also if it has expired, or is being loaded.
func (h *heldCache) set(want string, k int, e cacheItem) heldDeed {
	d := heldDeed{want: want, relies: []string{"~table"}, changes: []string{h.part(k)}, effect: func(state any) any {
		return state.(cacheState).put(k, e)
	}}
	if h.whole {
		d.adds = []string{"~table"}
	}
	return d
}

func (s cacheState) put(k int, e cacheItem) cacheState {
	s = s.drop(k)
	s.entries = with(s.entries, k, e)
	return s
}

func (s cacheState) drop(k int) cacheState {
	if e, ok := s.entries[k]; ok && e.flight == 0 {
		s.gone = append(slices.Clone(s.gone), cacheLeft{k, e.value})
	}
	s.entries = without(s.entries, k)
	return s
}

func (h *heldCache) remove(want string, s cacheState, k int) heldDeed {
	if !hasKey(s.entries, k) {
		return h.reads(want, k)
	}
	return heldDeed{want: want, relies: []string{"~table"}, changes: []string{h.part(k)},
		effect: func(state any) any { return state.(cacheState).drop(k) }}
}

func (h *heldCache) op(rnd *rand.Rand, _ any, id int) heldOp {
	k, v, now := rnd.IntN(h.keys), id*100+rnd.IntN(60), h.clock.seconds()
	keep := rnd.IntN(2) == 0
	modify := func(int, bool) (int, bool) { return v, keep }
	found := func(s any) bool { e, ok := s.(cacheState).entries[k]; return ok && e.isLive(now) }
	plain := func(s any) string { return h.pair(s.(cacheState), k, now) }
	switch n := rnd.IntN(24); {
	case n < 4:
		return heldOp{text: fmt.Sprintf("Get(%d)", k),
			do:    func(tx *stm.Tx) string { return fmt.Sprint(h.Get(tx, k)) },
			alone: func() string { return fmt.Sprint(h.Load(k)) },
			spec:  func(s any, _ string) heldDeed { return h.reads(plain(s), k) }}
	case n == 4:
		return heldOp{text: fmt.Sprintf("Peek(%d)", k),
			do:   func(tx *stm.Tx) string { return fmt.Sprint(h.Peek(tx, k)) },
			spec: func(s any, _ string) heldDeed { return h.reads(plain(s), k) }}
	case n == 5:
		return heldOp{text: fmt.Sprintf("Wait(%d)", k),
			do: func(tx *stm.Tx) string {
				return orBlocked(tx, func(tx *stm.Tx) string { return fmt.Sprint(h.Wait(tx, k)) })
			},
			spec: func(s any, _ string) heldDeed {
				if s.(cacheState).entries[k].flight != 0 {
					return h.reads("blocked", k)
				}
				return h.reads(plain(s), k)
			}}
	case n < 11:
		return heldOp{text: fmt.Sprintf("Set(%d, %d)", k, v),
			do:    func(tx *stm.Tx) string { h.Set(tx, k, v); return "" },
			alone: func() string { h.Store(k, v); return "" },
			spec:  func(any, string) heldDeed { return h.set("", k, cacheItem{value: v, expires: h.deadline(now)}) }}
	case n == 11:
		ttl := rnd.IntN(3)
		expires := now + float64(ttl)
		if ttl == 0 {
			expires = -1
		}
		return heldOp{text: fmt.Sprintf("SetFor(%d, %d, %ds)", k, v, ttl),
			do:    func(tx *stm.Tx) string { h.SetFor(tx, k, v, time.Duration(ttl)*time.Second); return "" },
			alone: func() string { h.StoreFor(k, v, time.Duration(ttl)*time.Second); return "" },
			spec:  func(any, string) heldDeed { return h.set("", k, cacheItem{value: v, expires: expires}) }}
	case n < 15:
		return heldOp{text: fmt.Sprintf("Delete(%d)", k),
			do:    func(tx *stm.Tx) string { return fmt.Sprint(h.Delete(tx, k)) },
			alone: func() string { return fmt.Sprint(h.Remove(k)) },
			spec:  func(s any, _ string) heldDeed { return h.remove(fmt.Sprint(found(s)), s.(cacheState), k) }}
	case n < 18:
		return heldOp{text: fmt.Sprintf("GetOrSet(%d, %d)", k, v),
			do:    func(tx *stm.Tx) string { return fmt.Sprint(h.GetOrSet(tx, k, v)) },
			alone: func() string { return fmt.Sprint(h.LoadOrStore(k, v)) },
			spec: func(s any, _ string) heldDeed {
				if found(s) {
					return h.reads(plain(s), k)
				}
				return h.set(fmt.Sprint(v, false), k, cacheItem{value: v, expires: h.deadline(now)})
			}}
	case n < 21 || !h.whole:
		return heldOp{text: fmt.Sprintf("Modify(%d, %d, %v)", k, v, keep),
			do:    func(tx *stm.Tx) string { return fmt.Sprint(h.Modify(tx, k, modify)) },
			alone: func() string { return fmt.Sprint(h.Update(k, modify)) },
			spec: func(s any, _ string) heldDeed {
				switch {
				case keep:
					return h.set(fmt.Sprint(v, true), k, cacheItem{value: v, expires: h.deadline(now)})
				case found(s):
					return h.remove(fmt.Sprint(v, false), s.(cacheState), k)
				}
				return h.reads(fmt.Sprint(v, false), k)
			}}
	}
	return h.wholeOp(rnd, now)
}

// wholeOp asks for all, or clears it.
func (h *heldCache) wholeOp(rnd *rand.Rand, now float64) heldOp {
	all := func(d heldDeed) heldDeed {
		d.relies = append(d.relies, "~table")
		for k := range h.keys {
			d.relies = append(d.relies, h.part(k))
		}
		return d
	}
	if rnd.IntN(2) == 0 {
		return heldOp{text: "Clear()",
			do:    func(tx *stm.Tx) string { h.Clear(tx); return "" },
			alone: func() string { h.Purge(); return "" },
			spec: func(state any, _ string) heldDeed {
				s := state.(cacheState)
				d := all(heldDeed{})
				if len(s.entries) == 0 {
					return d
				}
				for k := range s.entries {
					d.changes = append(d.changes, h.part(k))
				}
				d.effect = func(state any) any {
					now := state.(cacheState)
					for _, k := range slices.Sorted(maps.Keys(s.entries)) {
						now = now.drop(k)
					}
					return now
				}
				return d
			}}
	}
	return heldOp{text: "All()",
		do: func(tx *stm.Tx) string { return fmt.Sprint(maps.Collect(h.All(tx)), h.Len(tx)) },
		spec: func(state any, _ string) heldDeed {
			live := map[int]int{}
			for k, e := range state.(cacheState).entries {
				if e.isLive(now) {
					live[k] = e.value
				}
			}
			return all(heldDeed{want: fmt.Sprint(live, len(live))})
		}}
}

// act has time pass, removes what has expired, or fetches something.
func (h *heldCache) act(r *heldRun, rnd *rand.Rand, at int) {
	switch n := rnd.IntN(4); {
	case n == 0:
		r.note("%v pass", h.clock.pass(rnd))
	case n == 1:
		r.note("Expire()")
		h.Expire()
		r.aftermath()
	case r.within < 2:
		h.fetch(r, rnd, at)
	}
}

// fetch has a key loaded by a loader beside which other things happen. It is two commits: the claim, and the landing.
func (h *heldCache) fetch(r *heldRun, rnd *rand.Rand, at int) {
	r.ids++
	k, flight := rnd.IntN(h.keys), r.ids
	if r.now[at].(cacheState).entries[k].flight != 0 {
		return // it would wait
	}
	update := func(now cacheState) {
		r.now[at] = now
		r.change(nil, at, []string{h.part(k), "~table"})
		r.aftermath()
	}
	want := h.pair(r.now[at].(cacheState), k, h.clock.seconds())
	r.note("Fetch(%d)", k)
	loaded := false
	v, err := h.Fetch(background, k, func(context.Context, int) (int, error) {
		loaded = true
		update(r.now[at].(cacheState).put(k, cacheItem{flight: flight}))
		r.within++
		for range rnd.IntN(5) {
			r.turn(rnd)
		}
		r.within--
		if rnd.IntN(4) == 0 {
			return 0, errUndo
		}
		return flight*100 + 10, nil
	})
	r.note("Fetch(%d) → %d, %v", k, v, err)
	if !loaded {
		r.same(want, fmt.Sprint(v, err == nil), "Fetch")
		return
	}
	now := r.now[at].(cacheState)
	if now.entries[k].flight == flight {
		if now = now.drop(k); err == nil {
			now = now.put(k, cacheItem{value: v, expires: h.deadline(h.clock.seconds())})
		}
	}
	update(now)
}

// after checks that each entry that has left was told of once, with the reason, and that what was evicted was too much.
func (h *heldCache) after(r *heldRun, state any, changed func(string)) any {
	s, now := state.(cacheState), h.clock.seconds()
	events := h.events
	h.events = nil
	last, taken := -1, 0 // weights: what was evicted last, and what was taken out, which may come after what was put in
	for _, left := range s.gone {
		taken += h.weight(left.value)
	}
	for _, e := range events {
		told := cacheLeft{e.key, e.value}
		if i := slices.Index(s.gone, told); i >= 0 && e.reason != tdata.Evicted {
			s.gone = slices.Delete(slices.Clone(s.gone), i, i+1)
			continue
		}
		entry, ok := s.entries[e.key]
		if !ok || entry.flight != 0 || entry.value != e.value || e.reason != tdata.Evicted && e.reason != tdata.Expired {
			r.failf("%v was told to be %v, and is not what left", told, e.reason)
		}
		if e.reason == tdata.Expired && entry.isLive(now) {
			r.failf("%v was told to have expired, and has not", told)
		}
		if e.reason == tdata.Evicted {
			last = h.weight(e.value)
		}
		s.entries = without(s.entries, e.key)
		changed(h.part(e.key))
	}
	if len(s.gone) > 0 {
		r.failf("%v have left, and nobody was told", s.gone)
	}
	total := 0
	for _, e := range s.entries {
		if e.flight == 0 {
			total += h.weight(e.value)
		}
	}
	r.same(fmt.Sprint(total), fmt.Sprint(h.Size()), "Size")
	if total > h.capacity || last >= 0 && last <= h.capacity && total+last+taken <= h.capacity {
		r.failf("%d are left of a capacity of %d, after the last eviction of %d", total, h.capacity, last)
	}
	return s
}

func TestHeldCachesAreTheirModels(t *testing.T) {
	for name, h := range map[string]heldCache{
		"by count":    {keys: 8, capacity: 5},
		"by weight":   {keys: 8, capacity: 12, weighs: true},
		"with expiry": {keys: 8, capacity: 100, ttl: 2},
		"as a whole":  {keys: 40, capacity: 20, ttl: 3, whole: true},
	} {
		t.Run(name, func(t *testing.T) {
			heldWorld(func(*testing.T) (*stm.Owner, []heldStructure) {
				o := stm.NewOwner()
				return o, []heldStructure{newHeldCache(o, h)}
			}).holds(t, 12)
		})
	}
}
