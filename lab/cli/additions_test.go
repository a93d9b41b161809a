package cli

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/workload"
)

// Whatever the command, and before anything is measured.
func TestWhatIsWrongWithAdditionsIsSaid(t *testing.T) {
	mine := func(change func(*workload.Workload)) Options {
		w := workload.Counter
		w.Name, w.Needs = "mine", []string{"Counter", "Pair.TakeAny"}
		change(&w)
		return Options{Workloads: []workload.Workload{w}}
	}
	discipline := func(name string) Options {
		return Options{Disciplines: []discipline.Discipline{{Name: name}}}
	}
	for want, o := range map[string]Options{
		`there is a workload "cache" already: give yours another name`:  mine(func(w *workload.Workload) { w.Name = "cache" }),
		`there is a workload "all" already`:                             mine(func(w *workload.Workload) { w.Name = "all" }),
		`the name of a workload has small letters, `:                    mine(func(w *workload.Workload) { w.Name = "" }),
		`got "my own/thing"`:                                            mine(func(w *workload.Workload) { w.Name = "my own/thing" }),
		`workload "mine" has no New`:                                    mine(func(w *workload.Workload) { w.New = nil }),
		`workload "mine" needs "Countr": there is no such object`:       mine(func(w *workload.Workload) { w.Needs = []string{"Countr"} }),
		`workload "mine" needs "Name": there is no such object`:         mine(func(w *workload.Workload) { w.Needs = []string{"Name"} }),
		`workload "mine" needs "Pair.Peek": there is no such operation`: mine(func(w *workload.Workload) { w.Needs = []string{"Pair.Peek"} }),
		`there is a discipline "mutex" already`:                         discipline("mutex"),
		`the name of a discipline has small letters`:                    discipline("STM"),
	} {
		var out, errs strings.Builder
		assert.Equal(t, exitFailed, run(o, []string{"list"}, &out, &errs), want)
		assert.Empty(t, out.String())
		assert.Contains(t, errs.String(), want)
	}
	var out, errs strings.Builder
	assert.Zero(t, run(mine(func(*workload.Workload) {}), []string{"list"}, &out, &errs), errs.String())
	assert.Contains(t, out.String(), "  mine")
}
