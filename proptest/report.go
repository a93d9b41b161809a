package proptest

import "fmt"

// A Report counts what a check did.
type Report struct {
	Spec      string
	Seed      uint64
	Programs  int // generated and run
	Schedules int // controlled runs; not those of shrinking
	Complete  int // times that every schedule of a program within an Exhaustive bound was run
	Stressed  int // runs on real threads
	Histories int // checked against the model
	Discarded int // commands drawn that could not be given where they were
	Unknown   int // histories not decided, or not complete, in time
	Shrinks   int // smaller programs tried after failures
}

func (r Report) String() string {
	return fmt.Sprintf("%s: %d programs, %d schedules (%d searches complete), %d stress runs, %d histories, "+
		"%d discarded, %d unknown, seed %#x", r.Spec, r.Programs, r.Schedules, r.Complete, r.Stressed, r.Histories,
		r.Discarded, r.Unknown, r.Seed)
}

func (r *Report) add(other Report) {
	r.Programs += other.Programs
	r.Schedules += other.Schedules
	r.Complete += other.Complete
	r.Stressed += other.Stressed
	r.Histories += other.Histories
	r.Discarded += other.Discarded
	r.Unknown += other.Unknown
	r.Shrinks += other.Shrinks
}
