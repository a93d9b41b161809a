package text_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/examples/wiki/text"
)

// lines makes a text of a line for each letter.
func lines(letters string) string {
	var b strings.Builder
	for _, r := range letters {
		b.WriteRune(r)
		b.WriteByte('\n')
	}
	return b.String()
}

func TestMergeTakesWhatOneSideHasChanged(t *testing.T) {
	for _, tt := range []struct{ base, mine, theirs, want string }{
		{"abcde", "abcde", "abcde", "abcde"},
		{"abcde", "Abcde", "abcde", "Abcde"},
		{"abcde", "abcde", "abcdE", "abcdE"},
		{"abcde", "Abcde", "abcdE", "AbcdE"},
		{"abcde", "bcde", "abcd", "bcd"},
		{"abcde", "xabcde", "abcdey", "xabcdey"},
		{"abcde", "aXcde", "aXcdE", "aXcdE"},
		{"abcde", "", "abcde", ""},
		{"", "a", "a", "a"},
		{"", "a", "", "a"},
		{"abcdefg", "aXcdefg", "abcdeYg", "aXcdeYg"},
		{"abcdefg", "aXcdYfg", "abcdYfg", "aXcdYfg"},
	} {
		merged, conflicts := text.Merge(lines(tt.base), lines(tt.mine), lines(tt.theirs))
		assert.Equal(t, lines(tt.want), merged, "%v", tt)
		assert.Zero(t, conflicts, "%v", tt)
		merged, _ = text.Merge(lines(tt.base), lines(tt.theirs), lines(tt.mine))
		assert.Equal(t, lines(tt.want), merged, "the other way round: %v", tt)
	}
}

func TestMergeMarksWhatBothHaveChanged(t *testing.T) {
	for _, tt := range []struct{ base, mine, theirs, want string }{
		{"abc", "aXc", "aYc", "a<X=Y>c"},
		{"abc", "ac", "aYc", "a<=Y>c"},
		{"abc", "aXbc", "aYbc", "a<X=Y>bc"},
		{"abcd", "aXcd", "abYd", "a<Xc=bY>d"}, // neighbours
		{"", "a", "b", "<a=b>"},
		{"abc", "", "abC", "<=abC>"},
		{"abcdefg", "aXcdeXg", "aYcdeYg", "a<X=Y>cde<X=Y>g"},
	} {
		merged, conflicts := text.Merge(lines(tt.base), lines(tt.mine), lines(tt.theirs))
		want := strings.NewReplacer("<\n", "<<<<<<< yours\n", "=\n", "=======\n", ">\n", ">>>>>>> theirs\n").Replace(lines(tt.want))
		assert.Equal(t, want, merged)
		assert.Equal(t, strings.Count(tt.want, "<"), conflicts)
		assert.True(t, text.Marked(merged))
	}
}

func TestMarksAreOnLinesOfTheirOwn(t *testing.T) {
	merged, conflicts := text.Merge("a", "b", "c")
	assert.Equal(t, 1, conflicts)
	assert.Equal(t, "<<<<<<< yours\nb\n=======\nc\n>>>>>>> theirs\n", merged)
	assert.False(t, text.Marked("a <<<<<<< yours\n<<<<<<<\n=======\n"))
	assert.True(t, text.Marked("a\r\n>>>>>>> theirs\r\n"))
}

func TestChangedLinesAreTold(t *testing.T) {
	assert.Equal(t, []text.Line{{"a", false}, {"X", true}, {"c", false}}, text.Added("a\nb\nc\n", "a\nX\nc\n"))
	assert.Equal(t, []text.Line{{"a", true}, {"b", false}, {"c", true}}, text.Removed("a\nb\nc\n", "b\nc\n", "a\nb\n"))
	assert.Empty(t, text.Added("a\n", ""))
	assert.Empty(t, text.Removed(""))
}

// FuzzMerge checks what holds of any merge.
func FuzzMerge(f *testing.F) {
	f.Add("a\nb\nc\n", "a\nX\nc\n", "a\nb\nY\n")
	f.Add("a", "", "b\n")
	f.Add("", "a\n\n", "\r\n")
	f.Add(lines("abcdefgh"), lines("xaycdzh"), lines("abhhq"))
	f.Fuzz(func(t *testing.T, base, mine, theirs string) {
		for _, tt := range [][3]string{{base, base, theirs}, {base, theirs, base}, {base, theirs, theirs}} {
			merged, conflicts := text.Merge(tt[0], tt[1], tt[2])
			require.Equal(t, theirs, merged)
			require.Zero(t, conflicts)
		}
		merged, conflicts := text.Merge(base, mine, theirs)
		again, conflictsToo := text.Merge(base, theirs, mine)
		require.Equal(t, conflicts, conflictsToo)
		if conflicts == 0 {
			require.Equal(t, merged, again)
		} else {
			require.True(t, text.Marked(merged))
		}
		text.Removed(base, mine, theirs)
	})
}
