//go:build rinsesched && rinsemutant

package explore

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/rinse-go/rinse/internal/shared"
)

// huntLimits are how many schedules of each program are run to find a mutant out, first and then.
var huntLimits = []int{100, 5000}

// TestHunt lets every mutant live for a while and says which property killed it. With no mutant alive
// the same programs show nothing.
func TestHunt(t *testing.T) {
	programs := scenarios()
	var table strings.Builder
	fmt.Fprintf(&table, "%-40s %-68s %9s  %s\n", "mutant", "killed by", "schedules", "program")
	killed := 0
	for _, m := range mutants() {
		shared.Alive = m.name
		start := time.Now()
		v, schedules := hunt(programs)
		shared.Alive = ""
		if v == nil {
			fmt.Fprintf(&table, "%-40s SURVIVED %d %v\n", m.name, schedules, time.Since(start))
			continue
		}
		killed++
		fmt.Fprintf(&table, "%-40s %-68s %9d  %s\n", m.name, v.Property, schedules, v.Program.Name)
	}
	t.Logf("mutants killed: %d of %d\n%s", killed, len(mutants()), table.String())
	assert.Equal(t, len(mutants()), killed, "a mutant that survives is a hole to close")
	v, schedules := hunt(programs)
	assert.Nil(t, v, "without a mutant nothing is wrong")
	t.Logf("schedules without a mutant: %d", schedules)
}

// hunt explores programs until one breaks a property.
func hunt(programs []*Program) (*Violation, int) {
	var e Explorer
	schedules := 0
	for _, limit := range huntLimits {
		for _, p := range programs {
			r := e.Explore(p, limit)
			schedules += r.Schedules
			if r.Violation != nil {
				return r.Violation, schedules
			}
		}
	}
	return nil, schedules
}
