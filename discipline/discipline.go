// Package discipline has the same few shared objects under every way of sharing state: locks, owner
// goroutines, event loops, actors, processes, transactions. The lab measures them, and property tests
// hold each of them against one model an object.
//
// A discipline is one file, which makes one [Discipline] and the objects that it can offer.
package discipline

import (
	"context"
	"errors"
)

// A Discipline is one way of sharing state. A maker that is nil is an object that it cannot offer, and
// Cannot says why.
type Discipline struct {
	Name    string // short and lower case, such as "mutex"
	From    string // where the idea is from, in a line
	Explain string // how state is shared, what that costs, when to use it: a paragraph

	Counter func() Counter
	Bank    func(accounts int, balance int64) Bank
	Cache   func(capacity int) Cache
	Buffer  func(capacity int) Buffer
	Pool    func(resources int) Pool
	Pair    func() Pair
	Table   func(seats int) Table
	Index   func() Index
	Latch   func() Latch
	Memory  func(words int) Memory

	// Kernel tells that its operations wait in the operating system, so that testing/synctest and
	// controlled schedulers cannot see them wait.
	Kernel bool

	// Cannot says why an object ("Memory") or an operation ("Pair.TakeAny") is missing.
	Cannot map[string]string
}

// ErrCannot is returned by operations that a discipline cannot offer; its Cannot says why.
var ErrCannot = errors.New("discipline: this operation cannot be done this way")

// Every object is safe for use by many goroutines, and linearizable. Close ends the goroutines and
// processes behind it; it is called once, when no operation is under way. Operations that take a
// context block, and return its error if it ends first; then they have had no effect.

// A Counter counts.
type Counter interface {
	Add(delta int64) // may be fire and forget
	Inc() int64      // adds one and returns the new value
	Value() int64
	Close()
}

// A Bank has accounts, numbered from 0.
type Bank interface {
	Transfer(from, to int, amount int64) bool // false, and nothing happens, if from has less than amount
	Balance(account int) int64
	Total() int64 // of all accounts at one moment
	Close()
}

// A Cache is a map with a capacity. A Put of a new key at capacity evicts the key that was put first;
// a Put of a known key changes its value only.
type Cache interface {
	Get(key int) (int64, bool)
	Put(key int, value int64)
	Len() int
	Close()
}

// A Buffer is a bounded queue: first in, first out.
type Buffer interface {
	Put(ctx context.Context, value int64) error // waits while the buffer is full
	Take(ctx context.Context) (int64, error)    // waits while the buffer is empty
	Len() int
	Close()
}

// A Pool lends resources, numbered from 0, the one that has been parked longest first.
type Pool interface {
	Acquire(ctx context.Context) (int, error) // waits while all are lent
	Release(resource int)                     // of one that was acquired, else it panics
	Close()
}

// A Pair is two unbounded queues, numbered 0 and 1.
type Pair interface {
	Put(queue int, value int64)
	Take(queue int) (int64, bool)               // false if that queue is empty
	Move(from int) (int64, bool)                // takes from one and puts into the other, at once
	TakeAny(ctx context.Context) (int64, error) // waits while both are empty; prefers queue 0
	Lens() [2]int                               // at one moment
	Close()
}

// A Table has seats and as many forks, one between two neighbours (Dijkstra's dining philosophers).
type Table interface {
	PickUp(ctx context.Context, seat int) error // both forks, waiting while a neighbour has one
	PutDown(seat int)
	Close()
}

// An Index is an ordered map.
type Index interface {
	Put(key, value int64)
	Get(key int64) (int64, bool)
	Delete(key int64) bool                      // whether it was there
	Scan(from, to int64) (count int, sum int64) // of the values of keys from ≤ key < to, at one moment
	Close()
}

// A Latch holds everybody until it is opened, once and for good.
type Latch interface {
	Wait(ctx context.Context) error
	Open()
	Close()
}

// A Memory is an array of words, all 0 at first, on which whole functions run as if alone. They may run
// several times, and must do nothing but read and set words.
type Memory interface {
	Update(fn func(Words))
	View(fn func(Words)) // which sets none
	Close()
}

// Words is what a function of a [Memory] works on.
type Words interface {
	Get(word int) int64
	Set(word int, value int64)
}

// A Clasher is an object that counts how often work had to be done again because of a clash.
type Clasher interface{ Clashes() uint64 }
