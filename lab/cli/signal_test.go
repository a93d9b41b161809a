//go:build unix

package cli_test

import (
	"bytes"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/lab/result"
)

// patience is for another process: to start, to write, to end.
const patience = 4 * time.Minute

// labCommand is this program once more, as the lab: see TestMain.
func labCommand(t *testing.T, args ...string) *exec.Cmd { return command(t, "lab", args...) }

func command(t *testing.T, name string, args ...string) *exec.Cmd {
	t.Helper()
	self, err := os.Executable()
	require.NoError(t, err)
	cmd := exec.Command(self)
	link := filepath.Join(t.TempDir(), name)
	require.NoError(t, os.Symlink(self, link))
	cmd.Path = link
	cmd.Args = append([]string{name}, args...)
	return cmd
}

// long is a run that takes much longer than a test.
func long(out string) []string {
	return []string{
		"run", "--workloads", "counter/inc", "--disciplines", "mutex", "--goroutines", "1",
		"--rounds", "100000", "--time", "2ms", "--warm-up", "1ms", "--costs=false", "--out", out,
	}
}

// On a terminal it shows what is measured, how much is done, and the time left, in one line. At the first
// interrupt it keeps what it has.
func TestATerminalOfFortyColumns(t *testing.T) {
	out := filepath.Join(t.TempDir(), "a.jsonl")
	cmd := labCommand(t, long(out)...)
	terminal, err := pty.StartWithSize(cmd, &pty.Winsize{Rows: 20, Cols: 40})
	require.NoError(t, err)
	defer func() { _ = terminal.Close() }()
	var shown bytes.Buffer
	read(t, terminal, &shown, regexp.MustCompile(`\([0-9]{2,}/100000\)`))
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	read(t, terminal, &shown, nil)

	var exit *exec.ExitError
	require.ErrorAs(t, cmd.Wait(), &exit)
	assert.Equal(t, 130, exit.ExitCode())
	assert.Regexp(t, `\d+[hms]+\S* left:`, shown.String(), "the time left, which takes all the room if it is in days")
	assert.Contains(t, shown.String(), " left: c", "what")
	assert.Regexp(t, `interrupted: \d+ measurements are kept`, strings.ReplaceAll(shown.String(), "\r\n", " "))
	for _, line := range regexp.MustCompile(`[\r\n]+`).Split(withoutEscapes(shown.String()), -1) {
		line = strings.TrimRight(line, " ")
		if strings.Contains(line, out[:10]) || strings.HasPrefix(line, "lab: interrupted") {
			continue // messages and names of files are as long as they are
		}
		assert.LessOrEqual(t, len([]rune(line)), 40, "%q", line)
	}
	run, err := result.Load(out)
	require.NoError(t, err)
	assert.True(t, run.Partial)
	assert.GreaterOrEqual(t, len(run.Points), 10)
	assert.FileExists(t, strings.TrimSuffix(out, ".jsonl")+".html")
}

func withoutEscapes(text string) string {
	return regexp.MustCompile(`\x1b\[[0-9;?]*[a-zA-Z]`).ReplaceAllString(text, "")
}

// read reads until something is there, or to the end.
func read(t *testing.T, from io.Reader, into *bytes.Buffer, until *regexp.Regexp) {
	t.Helper()
	buffer := make([]byte, 4096)
	for until == nil || !until.Match(into.Bytes()) {
		n, err := from.Read(buffer)
		into.Write(buffer[:n])
		if until == nil && (errors.Is(err, io.EOF) || errors.Is(err, syscall.EIO)) { // as a closed terminal says it
			return
		}
		require.NoError(t, err, "%s", into)
	}
}

func TestASecondInterruptStopsAtOnce(t *testing.T) {
	cmd := command(t, "endless", "run", "--workloads", "endless", "--disciplines", "stm", "--goroutines", "1",
		"--costs=false", "--out", filepath.Join(t.TempDir(), "a.jsonl"))
	stderr, err := cmd.StderrPipe()
	require.NoError(t, err)
	stdout, err := cmd.StdoutPipe()
	require.NoError(t, err)
	require.NoError(t, cmd.Start())
	var shown bytes.Buffer
	read(t, stdout, &shown, regexp.MustCompile("endless begins"))
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	shown.Reset()
	read(t, stderr, &shown, regexp.MustCompile("once more to stop at once"))
	require.NoError(t, cmd.Process.Signal(os.Interrupt))
	var exit *exec.ExitError
	require.ErrorAs(t, cmd.Wait(), &exit)
	assert.Equal(t, 130, exit.ExitCode())
}

// kill -9 cannot be noticed, so at every moment the file is whole or not there.
func TestAKilledRunLeavesAWholeFile(t *testing.T) {
	dir := t.TempDir()
	out := filepath.Join(dir, "a.jsonl")
	cmd := labCommand(t, long(out)...)
	require.NoError(t, cmd.Start())
	require.Eventually(t, func() bool { _, err := os.Stat(out); return err == nil }, patience, 10*time.Millisecond)
	require.NoError(t, cmd.Process.Kill())
	_ = cmd.Wait()
	run, err := result.Load(out)
	require.NoError(t, err)
	assert.True(t, run.Partial)
	assert.NotEmpty(t, run.Points)
	assert.NoFileExists(t, filepath.Join(dir, "a.html"))
}
