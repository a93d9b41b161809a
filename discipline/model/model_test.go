package model_test

import (
	"testing"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/discipline/model"
	"github.com/rinse-go/rinse/proptest"
)

// TestEveryDiscipline holds every object of every discipline to its model.
func TestEveryDiscipline(t *testing.T) {
	for _, d := range discipline.All() {
		t.Run(d.Name, func(t *testing.T) {
			for _, r := range model.Check(t, d, proptest.WithPrograms(40)) {
				t.Log(r)
			}
		})
	}
}
