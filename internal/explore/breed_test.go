//go:build rinsesched && !rinsemutant

package explore

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestMutantsAreKilled builds the engine with all its mutants and has TestHunt run there.
func TestMutantsAreKilled(t *testing.T) {
	overlay := overlayOf(t)
	command := exec.Command("go", "test", "-tags", "rinsesched,rinsemutant", "-overlay", overlay,
		"-run", "^TestHunt$", "-count", "1", "-v", "-timeout", "5m", ".")
	output, err := command.CombinedOutput()
	t.Logf("%s", output)
	require.NoError(t, err)
	found := killed.FindStringSubmatch(string(output))
	require.NotNil(t, found, "the hunt does not say how many mutants it killed")
	tally.Killed, _ = strconv.Atoi(found[1])
	tally.Mutants, _ = strconv.Atoi(found[2])
}

var killed = regexp.MustCompile(`mutants killed: (\d+) of (\d+)`)

// overlayOf writes the mutated files and the list that makes the go command take them for the originals.
func overlayOf(t *testing.T) string {
	root, err := filepath.Abs("../..")
	require.NoError(t, err)
	original, current := map[string]string{}, map[string]string{}
	for _, m := range mutants() {
		for _, p := range m.patches {
			if _, known := original[p.file]; !known {
				text, err := os.ReadFile(filepath.Join(root, p.file))
				require.NoError(t, err)
				original[p.file], current[p.file] = string(text), string(text)
			}
		}
	}
	for _, m := range mutants() {
		require.NoError(t, m.mutate(original, current))
	}
	dir, replace := t.TempDir(), map[string]string{}
	for file, text := range current {
		mutated := filepath.Join(dir, filepath.Base(filepath.Dir(file))+"_"+filepath.Base(file))
		require.NoError(t, os.WriteFile(mutated, []byte(text), 0o600))
		replace[filepath.Join(root, file)] = mutated
	}
	list, err := json.Marshal(map[string]any{"Replace": replace})
	require.NoError(t, err)
	overlay := filepath.Join(dir, "overlay.json")
	require.NoError(t, os.WriteFile(overlay, list, 0o600))
	return overlay
}
