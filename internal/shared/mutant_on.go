//go:build rinsemutant

package shared

// Alive is the mutant that is alive, if any: a way in which the engine is wrong on purpose. The
// mutations themselves are patches, applied where the checks are tested (see internal/explore).
var Alive string

// Mutant reports whether a mutant is alive.
func Mutant(name string) bool { return name == Alive }
