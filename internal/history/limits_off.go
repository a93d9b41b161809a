//go:build !rinsesched

package history

// fewest is how many buckets a table has at least.
const fewest = 16
