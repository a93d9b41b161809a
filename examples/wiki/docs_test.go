package main

import (
	"os"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// TestTheGuideDoesWhatItSays runs the commands of docs/http.md, and compares what they print with what stands below
// each. Tags and versions differ from run to run.
func TestTheGuideDoesWhatItSays(t *testing.T) {
	if _, err := exec.LookPath("curl"); err != nil {
		t.Skip("skipped: curl is not installed; get it with: apt-get install -y curl")
	}
	guide, err := os.ReadFile("../../docs/http.md")
	require.NoError(t, err)
	examples := regexp.MustCompile("(?s)```sh\n(.*?)```\n\n```text\n(.*?)```").FindAllStringSubmatch(string(guide), -1)
	require.Greater(t, len(examples), 5)

	const next = "---- next\n"
	var script, want strings.Builder
	for _, e := range examples {
		script.WriteString(e[1] + "printf '%s' '" + next + "'\n")
		want.WriteString(e[2] + next)
	}
	_, address := newTestSite(t)
	cmd := exec.Command("bash", "-eu")
	cmd.Stdin = strings.NewReader(script.String())
	cmd.Dir = t.TempDir()
	cmd.Env = append(os.Environ(), "wiki="+address)
	out, err := cmd.CombinedOutput()
	require.NoError(t, err, "%s", out)
	assert.Equal(t, alike(want.String()), alike(string(out)))
}

// alike replaces what differs from run to run.
func alike(s string) string {
	s = regexp.MustCompile(`[0-9a-f]{16}-[0-9a-f]{16}\.[0-9a-f…]+`).ReplaceAllString(s, "TAG")
	s = regexp.MustCompile(`("base":|"current":|at version |now at )\d+`).ReplaceAllString(s, "${1}N")
	return strings.TrimSpace(s)
}
