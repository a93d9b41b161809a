//go:build linux

package cli_test

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
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
	}, patience, time.Millisecond)
	return child
}

// isGone reports whether a process has ended, though nobody may have asked for its status yet.
func isGone(process int) bool {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", process))
	return err != nil || strings.Contains(string(stat), ") Z ")
}

func TestAChildThatDiesIsNamed(t *testing.T) {
	out := filepath.Join(t.TempDir(), "a.jsonl")
	cmd := command(t, "endless", "run", "--workloads", "endless", "--disciplines", "process,mutex", "--goroutines", "1",
		"--rounds", "1", "--time", "100ms", "--costs=false", "--out", out)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var shown bytes.Buffer
	read(t, stdout, &shown, regexp.MustCompile("endless begins")) // so it serves
	require.NoError(t, syscall.Kill(childOf(t, cmd.Process.Pid), syscall.SIGKILL))
	read(t, stdout, &shown, nil)
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
			require.Eventually(t, func() bool { return isGone(child) }, patience, 10*time.Millisecond)
		})
	}
}
