package stm

// Numbered returns how many variables have a number.
func Numbered() int {
	numbers.mu.Lock()
	defer numbers.mu.Unlock()
	return len(numbers.of)
}
