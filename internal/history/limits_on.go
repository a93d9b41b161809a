//go:build rinsesched

package history

// fewest is such that the second variable whose old value is kept makes the first one move.
const fewest = 1
