//go:build rinsesched

package explore

// A record is what became of a call. Times are counts of the calls that had begun or ended, so that
// histories are the same if nobody could tell them apart.
type record struct {
	call       *Call
	thread     int
	begin, end int // end is 0 if it has not ended
	outcome    outcome
	attempts   []attempt
	hooks      []int // in the order in which they ran
	problem    string

	pinned, commits int   // when a checkout was made, and when its commit began
	moves, moved    int   // when its Rebase or Checkpoint began and ended; moved is 0 if it failed
	rest            []int // what it saw from then on
}

// An attempt is one run of a call's function, or its only one.
type attempt struct {
	start, end int // not after it began, not before it ended
	outcome    outcome
	seen       []int
	aborts     []int // hooks registered for the case that it does not commit
	ran        []int // those of them that ran
}

func (r *record) reset(c *Call, thread int) {
	*r = record{call: c, thread: thread, attempts: r.attempts[:0], hooks: r.hooks[:0], rest: r.rest[:0]}
}

// try begins another attempt.
func (r *record) try(now int) *attempt {
	start := r.begin
	if n := len(r.attempts); n > 0 {
		last := &r.attempts[n-1]
		start, last.end = last.end, now
	}
	if len(r.attempts) == cap(r.attempts) {
		r.attempts = append(r.attempts, attempt{})
	} else {
		r.attempts = r.attempts[:len(r.attempts)+1]
	}
	a := &r.attempts[len(r.attempts)-1]
	*a = attempt{start: start, outcome: clashed, seen: a.seen[:0], aborts: a.aborts[:0], ran: a.ran[:0]}
	return a
}

func (r *record) last() *attempt { return &r.attempts[len(r.attempts)-1] }

// finish notes how the last attempt ended.
func (r *record) finish() {
	if len(r.attempts) == 0 {
		return
	}
	a := r.last()
	a.end = r.end
	if r.outcome != cancelled {
		a.outcome = r.outcome
	}
}

// takesEffect reports whether the call happened as a whole: it is to be found in the order of calls.
func (r *record) takesEffect() bool {
	return r.outcome == committed || r.outcome == failed || r.outcome == panicked
}

// seen is what the call has read in the end.
func (r *record) seen() []int {
	if len(r.attempts) == 0 {
		return nil
	}
	return r.last().seen
}

// encode appends all that can be told about the record.
func (r *record) encode(to []byte) []byte {
	to = append(to, byte(r.begin), byte(r.end), byte(r.pinned), byte(r.commits), byte(r.moves), byte(r.moved), byte(r.outcome), byte(len(r.attempts)))
	for i := range r.attempts {
		a := &r.attempts[i]
		to = append(to, byte(a.start), byte(a.end), byte(a.outcome))
		to = encodeInts(to, a.seen)
		to = encodeInts(to, a.aborts)
		to = encodeInts(to, a.ran)
	}
	return append(encodeInts(encodeInts(to, r.rest), r.hooks), r.problem...)
}

func encodeInts(to []byte, list []int) []byte {
	to = append(to, byte(len(list)))
	for _, x := range list {
		to = append(to, byte(x), byte(x>>8))
	}
	return to
}
