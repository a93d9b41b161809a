package discipline

import (
	"github.com/rinse-go/rinse/internal/shared"
)

var _ = offer(Discipline{
	Name: "atomic",
	From: "single-word instructions of the processor: fetch-and-add, compare-and-swap (Herlihy, Wait-Free Synchronization, TOPLAS 1991)",
	Explain: "One word, one instruction: the processor itself adds to it, or swaps it if it is still what it was. Nothing is " +
		"faster, nobody ever waits, and it costs no more than the trip of one cache line from core to core, 5 ns to 50 ns. " +
		"It is also all there is: what needs two words at one moment, or has to wait, cannot be done by one instruction, and " +
		"clever structures out of many of them (lock-free queues, hash tables) are research, best taken from a library. Use " +
		"it for counters, flags, sequence numbers and statistics. Not as a way to do without a lock that you need.",

	Counter: func() Counter { return new(atomicCounter) },
	Cannot: map[string]string{
		"Bank":   "a transfer changes two words, and an audit reads all at one moment; an instruction does one",
		"Cache":  "a key, its value, its age and that of the one evicted are several words",
		"Buffer": "a word can be asked again and again, but not waited for",
		"Pool":   "a word can be asked again and again, but not waited for",
		"Pair":   "a move changes two queues at one moment; an instruction changes one word",
		"Table":  "a word can be asked again and again, but not waited for",
		"Index":  "a scan reads many words at one moment",
		"Latch":  "a word can be asked again and again, but not waited for",
		"Memory": "a function on many words is not an instruction",
	},
})

type atomicCounter struct{ n shared.Uint64 }

func (c *atomicCounter) Add(delta int64) { c.n.Add(uint64(delta)) }
func (c *atomicCounter) Inc() int64      { return int64(c.n.Add(1)) }
func (c *atomicCounter) Value() int64    { return int64(c.n.Load()) }
func (*atomicCounter) Close()            {}
