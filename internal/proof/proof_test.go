package proof_test

import (
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rinse-go/rinse/internal/proof"
)

func Example() {
	proof.Figures{Of: "something", Programs: 3, Histories: 7}.Print()
	// Output:
	// explored: {"of":"something","programs":3,"cut":0,"schedules":0,"stressed":0,"histories":7,"unknown":0,"mutants":0,"killed":0}
}

func TestParseReadsWhatPrintPrints(t *testing.T) {
	f, ok := proof.Parse(`explored: {"of":"x","programs":1,"killed":2}`)
	assert.True(t, ok)
	assert.Equal(t, proof.Figures{Of: "x", Programs: 1, Killed: 2}, f)
	for _, other := range []string{"", "ok", "explored: nothing"} {
		_, ok := proof.Parse(other)
		assert.False(t, ok, other)
	}
}

func TestPlusAddsAll(t *testing.T) {
	f := proof.Figures{Of: "x", Programs: 1, Cut: 2, Schedules: 3, Stressed: 4, Histories: 5, Unknown: 6, Mutants: 7, Killed: 8}
	assert.Equal(t, proof.Figures{Of: "all", Programs: 2, Cut: 4, Schedules: 6, Stressed: 8, Histories: 10, Unknown: 12,
		Mutants: 14, Killed: 16}, f.Plus(f))
}
