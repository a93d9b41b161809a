package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"slices"
	"time"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/tvar"
)

var (
	errInterrupted = errors.New("interrupted")
	errDisagree    = errors.New("the two counts disagree")
)

// buckets is enough for a few hundred thousand different words.
const buckets = 1 << 17

// A job counts one directory.
type job struct {
	options
	files  fs.FS
	tally  *tally
	live   *live
	report report
	before stm.Stats
	start  time.Time
}

func newJob(files fs.FS, w io.Writer, o options) *job {
	return &job{
		options: o,
		files:   files,
		tally:   newTally(buckets),
		live:    newLive(w),
		report:  report{out: w},
		before:  stm.Default().Stats(),
		start:   time.Now(),
	}
}

// run counts, says what there is (an interrupt does not lose it), and checks.
func (j *job) run(ctx context.Context) error {
	paths, err := j.find(ctx)
	if err != nil {
		return interrupted(ctx, err)
	}
	start := time.Now()
	err = j.count(ctx, paths)
	took := time.Since(start)
	if err != nil && ctx.Err() == nil {
		return err
	}
	stats := stm.Default().Stats().Sub(j.before)
	seen, err := j.tally.snapshot(context.WithoutCancel(ctx))
	if err != nil {
		return err
	}

	j.tell(seen, stats, took)
	switch {
	case ctx.Err() != nil:
		j.report.say("\nInterrupted after %s of %s.", comma(seen.sum.files), plural(len(paths), "file"))
		return errInterrupted
	case seen.sum.files == 0:
		j.report.say("\nThere is no text to count.")
		return j.report.err
	}
	return j.check(ctx, paths, seen)
}

// tell says what was counted.
func (j *job) tell(seen snapshot, stats stm.Stats, took time.Duration) {
	j.report.sums(j.dir, seen.sum)
	j.report.skipped(seen.skips, j.verbose)
	if seen.sum.files > 0 {
		j.report.top(seen.counts, j.top)
		j.report.say("")
		j.report.speed(plural(j.workers, "goroutine"), seen.sum, took)
		j.report.effort(stats)
	}
}

// find lists the files, and skips what is not a regular file.
func (j *job) find(ctx context.Context) (paths []string, err error) {
	status := func() []string { return []string{j.elapsed(), "looking for files"} }
	err = j.live.during(status, func() (err error) {
		paths, err = find(ctx, j.files, func(path string, why error) error {
			return j.tally.skip(ctx, path, why)
		})
		return err
	})
	return paths, err
}

// count counts the files together, and shows how far it is.
func (j *job) count(ctx context.Context, paths []string) error {
	start, skipped := time.Now(), j.tally.totals.Load().skipped
	status := func() []string {
		now := j.tally.totals.Load()
		done := now.files + now.skipped - skipped
		perSecond := float64(done) / time.Since(start).Seconds()
		return []string{
			j.elapsed(),
			millions(now.words) + " words",
			clashes(stm.Default().Stats().Sub(j.before)),
			percent(done, len(paths)),
			comma(int(perSecond)) + " files/s",
			plural(now.files, "file"),
		}
	}
	return j.live.during(status, func() error {
		return countTogether(ctx, j.files, paths, j.tally, j.workers)
	})
}

// check counts the same files again, one after another, and compares.
func (j *job) check(ctx context.Context, paths []string, seen snapshot) error {
	skipped := make(map[string]bool, len(seen.skips))
	for _, s := range seen.skips {
		skipped[s.path] = true
	}
	paths = slices.DeleteFunc(paths, func(path string) bool { return skipped[path] })

	var checked tvar.TVar[int]
	status := func() []string {
		return []string{j.elapsed(), "checking", percent(checked.Load(), len(paths))}
	}
	var alone map[string]int
	start := time.Now()
	err := j.live.during(status, func() (err error) {
		alone, err = countAlone(ctx, j.files, paths, func() { checked.Update(func(n int) int { return n + 1 }) })
		return err
	})
	if err != nil {
		j.report.say("\nNot checked.")
		return interrupted(ctx, fmt.Errorf("cannot check: %w", err))
	}
	j.report.speed("one by one", seen.sum, time.Since(start))
	return j.compare(seen, alone)
}

// compare says whether the transactions counted the same as the plain map.
func (j *job) compare(seen snapshot, alone map[string]int) error {
	if maps.Equal(seen.counts, alone) {
		j.report.say("\nBoth counts agree on every word.")
		return j.report.err
	}
	j.report.say("\nThe counts disagree. Did a file change meanwhile?")
	j.report.differences(seen.counts, alone)
	return errDisagree
}

func (j *job) elapsed() string { return fmt.Sprintf("%.1fs", time.Since(j.start).Seconds()) }

// interrupted is err, or the plain word for it if the context has ended.
func interrupted(ctx context.Context, err error) error {
	if ctx.Err() != nil {
		return errInterrupted
	}
	return err
}
