package txn

import (
	"fmt"
	"strings"
	"text/tabwriter"
)

// A Status is how a property came out.
type Status uint8

// The statuses. A property is skipped if the memory has not got what it is about.
const (
	Passed Status = iota + 1
	Failed
	Skipped
)

// String names the status, failures in capitals.
func (s Status) String() string {
	names := [...]string{"", "pass", "FAIL", "skip"}
	if int(s) < len(names) {
		return names[s]
	}
	return fmt.Sprintf("status %d", uint8(s))
}

// A Result is what was found out about one property.
type Result struct {
	Property Property
	Status   Status
	Runs     int    // that it was judged by
	Failures int    // how many of them failed
	Detail   string // of a failed one: the run with the fewest attempts, explained; of a skipped one: why

	attempts int // of the run in Detail
}

// A Report is what was found out about a memory.
type Report struct {
	Adapter   string
	Seed      uint64
	Results   []Result
	Histories int // that were recorded in full, because nobody hung
	Attempts  int // in them
	Aborted   int // of those
	Unjudged  int // times that a history was too large for a checker
}

func (u *suite) report() Report {
	r := u.counts
	r.Adapter, r.Seed = u.adapter.Name, u.settings.seed
	for _, p := range properties {
		r.Results = append(r.Results, *u.results[p])
	}
	return r
}

// Failed lists the properties that failed.
func (r Report) Failed() (failed []Property) {
	for _, result := range r.Results {
		if result.Status == Failed {
			failed = append(failed, result.Property)
		}
	}
	return failed
}

// Roots lists the failed properties less those that narrower failures account for: a lost update is no strict
// serializability either, but it is the lost update that tells what to repair.
func (r Report) Roots() []Property { return roots(r.Failed()) }

// Result gives the result of one property.
func (r Report) Result(p Property) Result {
	for _, result := range r.Results {
		if result.Property == p {
			return result
		}
	}
	return Result{}
}

// String is a table of the properties, and below it what explains each root.
func (r Report) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s (seed %d; %d histories of %d attempts, %d aborted; %d unjudged)\n",
		r.Adapter, r.Seed, r.Histories, r.Attempts, r.Aborted, r.Unjudged)
	table := tabwriter.NewWriter(&b, 0, 0, 2, ' ', 0)
	for _, result := range r.Results {
		note := fmt.Sprintf("%d runs", result.Runs)
		switch result.Status {
		case Failed:
			note = fmt.Sprintf("%d of %d runs", result.Failures, result.Runs)
		case Skipped:
			note = result.Detail
		}
		fmt.Fprintf(table, "  %s\t%s\t%s\n", result.Property, result.Status, note)
	}
	_ = table.Flush() // a strings.Builder takes all
	for _, p := range r.Roots() {
		fmt.Fprintf(&b, "%s, %s\n", p, r.Result(p).Detail)
	}
	return b.String()
}
