package words_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/words"
)

// plain is words of one goroutine.
type plain []int64

func (p plain) Get(word int) int64        { return p[word] }
func (p plain) Set(word int, value int64) { p[word] = value }

func Example() {
	heap := words.NewHeap(2, 1, 100)
	memory := make(plain, heap.End())
	prices := words.Tree{Root: 1, Heap: heap}

	prices.Insert(memory, 0, 30)
	node := prices.Insert(memory, 0, 10)
	memory.Set(node+words.Payload, 99)
	prices.Delete(memory, 0, 30)
	prices.Each(memory, func(key int64, node int) bool {
		fmt.Println(key, memory.Get(node+words.Payload))
		return true
	})
	// Output: 10 99
}

// Against a map of Go, with few keys, so that all ways to delete are gone many times.
func TestATreeIsAnOrderedMap(t *testing.T) {
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, 0))
		heap := words.NewHeap(2, 3, 200)
		w := make(plain, heap.End())
		tree := words.Tree{Root: 1, Heap: heap}
		model := map[int64]int64{}
		for step := range 3000 {
			k := random.Int64N(200)
			if random.IntN(2) == 0 {
				node := tree.Insert(w, step%3, k)
				require.Equal(t, model[k], w[node+words.Payload], "seed %d", seed)
				w[node+words.Payload], model[k] = int64(step), int64(step)
			} else {
				_, there := model[k]
				require.Equal(t, there, tree.Delete(w, step%3, k), "seed %d", seed)
				delete(model, k)
			}
			if step%100 == 0 {
				requireTree(t, w, tree, model, seed)
			}
		}
		requireTree(t, w, tree, model, seed)
	}
}

func requireTree(t *testing.T, w plain, tree words.Tree, model map[int64]int64, seed uint64) {
	t.Helper()
	got := map[int64]int64{}
	var keys []int64
	tree.Each(w, func(k int64, node int) bool {
		keys = append(keys, k)
		got[k] = w[node+words.Payload]
		require.Equal(t, node, tree.Find(w, k))
		return true
	})
	require.True(t, slices.IsSorted(keys), "seed %d: %v", seed, keys)
	require.Equal(t, model, got, "seed %d", seed)
	require.LessOrEqual(t, height(w, int(w[tree.Root])), 2*8+1, "seed %d: not balanced", seed)
}

// height knows where the links are: the second and the third word of a node.
func height(w plain, node int) int {
	if node == 0 {
		return 0
	}
	return 1 + max(height(w, int(w[node+1])), height(w, int(w[node+2])))
}

func TestAHeapHandsOutWhatItHas(t *testing.T) {
	heap := words.NewHeap(1, 2, 10)
	w := make(plain, heap.End())
	seen := map[int]bool{}
	for range 10 {
		block := heap.Alloc(w, 0)
		assert.False(t, seen[block], "handed out twice")
		assert.LessOrEqual(t, block+words.Block, heap.End())
		seen[block] = true
		for i := range words.Block {
			w[block+i] = 7
		}
	}
	assert.PanicsWithValue(t, "words: the heap is used up", func() { heap.Alloc(w, 1) })
	for block := range seen {
		heap.Free(w, 1, block)
	}
	for range 10 {
		block := heap.Alloc(w, 0)
		assert.True(t, seen[block])
		assert.Equal(t, make([]int64, words.Block), []int64(w[block:block+words.Block]))
	}
}

var _ discipline.Words = plain(nil)

// What a doomed attempt may see must end it, not the program.
func TestACircleIsNoEndlessLoop(t *testing.T) {
	heap := words.NewHeap(2, 1, 10)
	w := make(plain, heap.End())
	tree := words.Tree{Root: 1, Heap: heap}
	a, b := tree.Insert(w, 0, 1), tree.Insert(w, 0, 2)
	w[b+2] = int64(a) // its right child
	assert.PanicsWithValue(t, words.Torn, func() { tree.Find(w, 3) })
	assert.PanicsWithValue(t, words.Torn, func() { tree.Each(w, func(int64, int) bool { return true }) })
}
