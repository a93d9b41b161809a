package seq

// A Memory is words.
type Memory []int64

// NewMemory returns words that are 0.
func NewMemory(words int) Memory {
	AtLeastOne(words, "words")
	return make(Memory, words)
}

// Get returns a word.
func (m Memory) Get(word int) int64 { return m[word] }

// Set sets a word.
func (m Memory) Set(word int, value int64) { m[word] = value }
