package stm

import (
	"runtime"
	"sync"
	"weak"

	"github.com/rinse-go/rinse/internal/engine"
)

// numbers tells variables without a name apart: it numbers them in the order in which reports mention
// them. (The order in which they were made would cost each of them an addition to a word that all
// threads share.) A variable is forgotten when it is garbage.
var numbers struct {
	mu   sync.Mutex
	of   map[weak.Pointer[engine.Cell]]int // guarded by mu
	last int                               // guarded by mu
}

func numberOf(c *engine.Cell) int {
	key := weak.Make(c)
	numbers.mu.Lock()
	defer numbers.mu.Unlock()
	if n := numbers.of[key]; n != 0 {
		return n
	}
	if numbers.of == nil {
		numbers.of = map[weak.Pointer[engine.Cell]]int{}
	}
	numbers.last++
	numbers.of[key] = numbers.last
	runtime.AddCleanup(c, forgetNumber, key)
	return numbers.last
}

func forgetNumber(key weak.Pointer[engine.Cell]) {
	numbers.mu.Lock()
	defer numbers.mu.Unlock()
	delete(numbers.of, key)
}
