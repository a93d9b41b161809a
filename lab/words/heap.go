// Package words has data structures that lie in an array of words: what a program with shared memory
// and transactions would build from pointers. Every discipline that offers a Memory can run them.
//
// A pointer is the number of a word; 0 points to nothing, so word 0 must not belong to anything. Nothing
// here is synchronized: all calls belong inside an Update or View of a [discipline.Memory].
package words

import "github.com/rinse-go/rinse/discipline"

// Block is how many words the heap hands out at a time: a cache line, if they lie side by side.
const Block = 8

// Heap hands out blocks. It has shards, so that goroutines which allocate do not clash.
type Heap struct {
	base   int // of the heads of the shards: free list, blocks that were never used
	blocks int // the first block
	shards int
	each   int // blocks of a shard
}

// NewHeap returns a heap of at least as many blocks, which lies from word base on. All of it must be 0.
func NewHeap(base, shards, blocks int) Heap {
	each := (blocks + shards - 1) / shards
	return Heap{base: base, blocks: base + 2*shards, shards: shards, each: each}
}

// End is the first word behind the heap.
func (h Heap) End() int { return h.blocks + h.shards*h.each*Block }

// Alloc returns a block of words that are 0, from this shard if it has one, else from another. It
// panics if there is none.
func (h Heap) Alloc(w discipline.Words, shard int) int {
	for i := range h.shards {
		if block := h.take(w, (shard+i)%h.shards); block != 0 {
			return block
		}
	}
	panic("words: the heap is used up")
}

func (h Heap) take(w discipline.Words, shard int) int {
	free, used := h.base+2*shard, h.base+2*shard+1
	if block := int(w.Get(free)); block != 0 {
		w.Set(free, w.Get(block))
		w.Set(block, 0)
		return block
	}
	n := int(w.Get(used))
	if n == h.each {
		return 0
	}
	w.Set(used, int64(n+1))
	return h.blocks + (shard*h.each+n)*Block
}

// Free takes a block back, into this shard.
func (h Heap) Free(w discipline.Words, shard, block int) {
	for i := 1; i < Block; i++ {
		set(w, block+i, 0)
	}
	free := h.base + 2*shard
	w.Set(block, w.Get(free))
	w.Set(free, int64(block))
}

// set leaves a word alone that has this value already: a write is dearer than a read, and clashes.
func set(w discipline.Words, word int, value int64) {
	if w.Get(word) != value {
		w.Set(word, value)
	}
}
