// Package proof has the figures of the tests that explore schedules: what they came to, as a line of
// output that the command prove adds up.
package proof

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Figures are what one test binary came to.
type Figures struct {
	Of        string `json:"of"`        // what was explored
	Programs  int    `json:"programs"`  // generated or enumerated
	Cut       int    `json:"cut"`       // of these, not to the end of their schedules
	Schedules int    `json:"schedules"` // run under a scheduler
	Stressed  int    `json:"stressed"`  // runs on real threads
	Histories int    `json:"histories"` // checked
	Unknown   int    `json:"unknown"`   // of these, not decided
	Mutants   int    `json:"mutants"`   // things made wrong
	Killed    int    `json:"killed"`    // of these, noticed
}

const prefix = "explored: "

// Print prints the line.
func (f Figures) Print() {
	line, err := json.Marshal(f)
	if err != nil {
		panic(err)
	}
	fmt.Println(prefix + string(line))
}

// Parse reads a line that Print has printed, and returns false if it is another one.
func Parse(line string) (f Figures, ok bool) {
	text, ok := strings.CutPrefix(line, prefix)
	if !ok {
		return f, false
	}
	return f, json.Unmarshal([]byte(text), &f) == nil
}

// Plus adds figures; they are of all.
func (f Figures) Plus(other Figures) Figures {
	return Figures{
		Of:        "all",
		Programs:  f.Programs + other.Programs,
		Cut:       f.Cut + other.Cut,
		Schedules: f.Schedules + other.Schedules,
		Stressed:  f.Stressed + other.Stressed,
		Histories: f.Histories + other.Histories,
		Unknown:   f.Unknown + other.Unknown,
		Mutants:   f.Mutants + other.Mutants,
		Killed:    f.Killed + other.Killed,
	}
}
