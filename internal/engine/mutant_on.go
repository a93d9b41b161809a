//go:build rinsemutant

package engine

import "github.com/rinse-go/rinse/internal/shared"

// Mutant reports whether a mutant is alive, here and in what stands on the engine.
func Mutant(name string) bool { return shared.Mutant(name) }
