//go:build linux

package cli_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/lab/result"
)

// withChildren is a run in which each measurement of one discipline has a child process.
func withChildren(out string) []string {
	return []string{
		"run", "--workloads", "counter/inc", "--disciplines", "process,mutex", "--goroutines", "1",
		"--rounds", "1000", "--time", "300ms", "--warm-up", "1ms", "--costs=false", "--out", out,
	}
}

// childOf waits for a child process.
func childOf(t *testing.T, parent int) (child int) {
	t.Helper()
	require.Eventually(t, func() bool {
		tasks, _ := filepath.Glob(fmt.Sprintf("/proc/%d/task/*/children", parent))
		for _, task := range tasks {
			children, _ := os.ReadFile(task)
			if first := strings.Fields(string(children)); len(first) > 0 {
				child, _ = strconv.Atoi(first[0])
				environment, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", child))
				return strings.Contains(string(environment), "RINSE_DISCIPLINE_CHILD=") // else it is git, asked for the commit
			}
		}
		return false
	}, time.Minute, time.Millisecond)
	return child
}

// isGone reports whether a process has ended, though nobody may have asked for its status yet.
func isGone(process int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process))
	return err != nil || strings.Contains(string(stat), ") Z ")
}

// hasWorked reports whether a process has used some hundredths of a second, which it does not to start.
func hasWorked(process int) bool {
	stat, _ := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process))
	fields := strings.Fields(string(stat[strings.LastIndex(string(stat), ")")+1:]))
	if len(fields) < 13 {
		return false
	}
	user, _ := strconv.Atoi(fields[11])
	system, _ := strconv.Atoi(fields[12])
	return user+system >= 10
}

func TestAChildThatDiesIsNamed(t *testing.T) {
	out := filepath.Join(t.TempDir(), "a.jsonl")
	cmd := command(t, "endless", "run", "--workloads", "endless", "--disciplines", "process,mutex", "--goroutines", "1",
		"--rounds", "1", "--time", "100ms", "--costs=false", "--out", out)
	var shown strings.Builder
	cmd.Stdout = &shown
	require.NoError(t, cmd.Start())
	child := childOf(t, cmd.Process.Pid)
	require.Eventually(t, func() bool { return hasWorked(child) }, time.Minute, time.Millisecond)
	require.NoError(t, syscall.Kill(child, syscall.SIGKILL))
	require.NoError(t, cmd.Wait(), "the run goes on with the others")

	assert.Regexp(t, `process FAILED at endless: .*the child\s+process that keeps this object has\s+died`, shown.String())
	run, err := result.Load(out)
	require.NoError(t, err)
	assert.Len(t, run.Points, 1)
	assert.Len(t, run.Refusals, 1)
}

func TestNoProcessIsLeft(t *testing.T) {
	for name, signal := range map[string]os.Signal{
		"kill -9": os.Kill, "interrupt": os.Interrupt, "terminate": syscall.SIGTERM,
	} {
		t.Run(name, func(t *testing.T) {
			cmd := labCommand(t, withChildren(filepath.Join(t.TempDir(), "a.jsonl"))...)
			require.NoError(t, cmd.Start())
			child := childOf(t, cmd.Process.Pid)
			require.NoError(t, cmd.Process.Signal(signal))
			var exit *exec.ExitError
			require.ErrorAs(t, cmd.Wait(), &exit)
			require.Eventually(t, func() bool { return isGone(child) }, time.Minute, 10*time.Millisecond)
		})
	}
}
