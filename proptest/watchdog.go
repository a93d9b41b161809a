package proptest

import (
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

// A watchdog lets work go on as long as it makes progress.
type watchdog struct {
	patience  time.Duration
	beats     atomic.Int64
	abandoned atomic.Bool
	mu        sync.Mutex
	now       situation // guarded by mu
}

// A situation is what the work was busy with, for the case that it never comes back.
type situation struct {
	program, scheduler, token string
	report                    Report
}

func newWatchdog(patience time.Duration) *watchdog { return &watchdog{patience: patience} }

// begin notes what comes now.
func (w *watchdog) begin(s situation) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = s
}

func (w *watchdog) current() situation {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// beat tells of progress; it is false when nobody waits for the work any more.
func (w *watchdog) beat() bool {
	w.beats.Add(1)
	return !w.abandoned.Load()
}

// mustBeat is beat for where the goroutine can be ended.
func (w *watchdog) mustBeat() {
	if !w.beat() {
		runtime.Goexit()
	}
}

// looks is how often the watchdog looks within its patience. It counts looks rather than time, so that a
// process that was held up is not taken for one that hangs.
const looks = 16

// An ending is how supervised work ended.
type ending uint8

const (
	finished ending = iota
	exited          // its goroutine ended first
	hung
)

// supervise does the work on a goroutine of its own. If that makes no progress for too long it is left
// behind, and the stacks of the goroutines that may be to blame are returned.
func (w *watchdog) supervise(work func()) (end ending, stacks string) {
	done := make(chan struct{})
	var panicked any
	end = exited
	before := goroutines()
	go func() {
		defer close(done)
		defer func() { panicked = recover() }()
		work()
		end = finished
	}()
	ticker := time.NewTicker(w.patience/looks + 1)
	defer ticker.Stop()
	for last, idle := w.beats.Load(), 0; ; {
		select {
		case <-done:
			if panicked != nil {
				panic(panicked)
			}
			return end, ""
		case <-ticker.C:
		}
		if beats := w.beats.Load(); beats != last {
			last, idle = beats, 0
		} else if idle++; idle > looks {
			w.abandoned.Store(true)
			return hung, suspects(before)
		}
	}
}

// suspects tells who may be to blame: goroutines that are inside an operation, or else those in a bubble that
// are not durably blocked. Those that were there before do not count: an earlier search has left them behind.
func suspects(before map[int]string) string {
	var inside, spinning []string
	for id, stack := range goroutines() {
		head, _, _ := strings.Cut(stack, "\n")
		_, old := before[id]
		switch {
		case old:
		case strings.Contains(stack, ").perform(") || strings.Contains(stack, ").start("):
			inside = append(inside, theirs(stack))
		case strings.Contains(head, "synctest bubble") && !strings.Contains(head, "(durable)") && !strings.Contains(stack, self+"."):
			spinning = append(spinning, theirs(stack))
		}
	}
	slices.Sort(inside)
	slices.Sort(spinning)
	switch {
	case len(inside) > 0:
		return "clients are blocked on something that no scheduler\nsees, such as a sync.Mutex (use env.Mutex), or " +
			"spin without calling Pause\n\n" + strings.Join(inside, "\n")
	case len(spinning) > 0:
		return "a goroutine that the implementation\nhas started does not block: it spins, or waits for what no " +
			"scheduler sees, such as a sync.Mutex\n\n" + strings.Join(spinning, "\n")
	}
	return "no goroutine is inside an operation: a function of the spec, or a Cleanup, does not come back\n"
}

// theirs leaves out of a stack what is this package's and the runtime's.
func theirs(stack string) string {
	lines := strings.Split(strings.TrimSpace(stack), "\n")
	var b strings.Builder
	fmt.Fprintln(&b, lines[0])
	for i := 1; i+1 < len(lines); i += 2 {
		function := strings.TrimPrefix(lines[i], "created by ")
		if !strings.HasPrefix(function, self+".") && !strings.HasPrefix(function, self+"/sched.") &&
			!strings.HasPrefix(function, "iter.") && !strings.HasPrefix(function, "internal/") {
			fmt.Fprintf(&b, "%s\n%s\n", lines[i], lines[i+1])
		}
	}
	return b.String()
}

// goroutineOf reads the id at the head of a stack; 0 if there is none.
func goroutineOf(stack string) (id int) {
	_, _ = fmt.Sscanf(stack, "goroutine %d", &id)
	return id
}

// goroutines returns the stacks of all goroutines by their ids.
func goroutines() map[int]string {
	buffer := make([]byte, 1<<16)
	n := runtime.Stack(buffer, true)
	for n == len(buffer) && n < 1<<28 {
		buffer = make([]byte, 4*n)
		n = runtime.Stack(buffer, true)
	}
	stacks := map[int]string{}
	for stack := range strings.SplitSeq(string(buffer[:n]), "\n\n") {
		stacks[goroutineOf(stack)] = stack
	}
	return stacks
}
