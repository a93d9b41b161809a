package httptoken

import (
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func strong(opaque string) entityTag { return entityTag{false, opaque} }
func weak(opaque string) entityTag   { return entityTag{true, opaque} }

// TestAFieldIsReadAsRFC9110SaysIt has the examples of its sections 8.8.3, 13.1.1 and 13.1.2, and what its grammar and
// section 5.6.1 (lists) say beyond them.
func TestAFieldIsReadAsRFC9110SaysIt(t *testing.T) {
	for _, tt := range []struct {
		lines []string
		any   bool
		tags  []entityTag
	}{
		{lines: []string{`"xyzzy"`}, tags: []entityTag{strong("xyzzy")}},
		{lines: []string{`W/"xyzzy"`}, tags: []entityTag{weak("xyzzy")}},
		{lines: []string{`""`}, tags: []entityTag{strong("")}},
		{lines: []string{`W/""`}, tags: []entityTag{weak("")}},
		{lines: []string{`"xyzzy", "r2d2xxxx", "c3piozzzz"`}, tags: []entityTag{strong("xyzzy"), strong("r2d2xxxx"), strong("c3piozzzz")}},
		{lines: []string{`W/"xyzzy", W/"r2d2xxxx", W/"c3piozzzz"`}, tags: []entityTag{weak("xyzzy"), weak("r2d2xxxx"), weak("c3piozzzz")}},
		{lines: []string{`*`}, any: true},
		{lines: []string{" \t* "}, any: true},
		// several lines are one list
		{lines: []string{`"a"`, `W/"b"`}, tags: []entityTag{strong("a"), weak("b")}},
		{lines: []string{`"a", "b"`, ``, `"c"`}, tags: []entityTag{strong("a"), strong("b"), strong("c")}},
		// blanks are optional, of any number, and tabs too
		{lines: []string{`"a","b"`}, tags: []entityTag{strong("a"), strong("b")}},
		{lines: []string{"\t\"a\" \t,  \t\"b\" "}, tags: []entityTag{strong("a"), strong("b")}},
		// empty elements are ignored
		{lines: []string{`, "a",, ,"b" , `}, tags: []entityTag{strong("a"), strong("b")}},
		{lines: []string{`,*,`}, any: true},
		{lines: []string{``}},
		{lines: []string{` , ,`}},
		// a tag may contain commas, backslashes (which escape nothing) and what is not ASCII
		{lines: []string{`"a,b"`}, tags: []entityTag{strong("a,b")}},
		{lines: []string{`"a\", "b"`}, tags: []entityTag{strong(`a\`), strong("b")}},
		{lines: []string{`"*"`}, tags: []entityTag{strong("*")}},
		{lines: []string{`"W/"`}, tags: []entityTag{strong("W/")}},
		{lines: []string{"\"\x80\xff\""}, tags: []entityTag{strong("\x80\xff")}},
		{lines: []string{`"é"`}, tags: []entityTag{strong("é")}},
		{lines: []string{"\"!#~\""}, tags: []entityTag{strong("!#~")}},
	} {
		f, err := readField(http.Header{"If-Match": tt.lines}, "If-Match")
		if assert.NoError(t, err, "%q", tt.lines) {
			assert.Equal(t, field{true, tt.any, tt.tags}, f, "%q", tt.lines)
		}
	}
	f, err := readField(http.Header{}, "If-Match")
	assert.NoError(t, err)
	assert.Equal(t, field{}, f)
}

func TestWhatIsNoFieldIsAnError(t *testing.T) {
	for _, lines := range [][]string{
		{`xyzzy`}, {`"xyzzy`}, {`xyzzy"`}, {`'xyzzy'`}, {`W/xyzzy`}, {`w/"xyzzy"`}, {`W/ "xyzzy"`}, {`W "xyzzy"`}, {`W/*`},
		{`"a" "b"`}, {`"a";"b"`}, {`"a""b"`}, {`"a"W/"b"`}, {`"a"*`}, {`""a`},
		{`*, *`}, {`*`, `*`}, {`**`}, {`*, "a"`}, {`"a", *`}, {`"a"`, `*`},
		{`"a b"`}, {"\"a\tb\""}, {"\"a\x00b\""}, {"\"a\x7fb\""}, {"\"a\nb\""}, {`"a", b`}, {`=`}, {"\x80"},
		{strings.Repeat(`"a",`, maxTags+1)}, {strings.Repeat("a", 1<<20)}, {`"` + strings.Repeat("a", 1<<20)},
	} {
		_, err := readField(http.Header{"If-Match": lines}, "If-Match")
		if assert.Error(t, err, "%.50q", lines) {
			assert.Less(t, len(err.Error()), 250, "an error must not repeat a long field")
			assert.Contains(t, err.Error(), "If-Match: ")
		}
	}
}

func TestALongListIsNotRead(t *testing.T) {
	h := http.Header{"If-Match": []string{strings.Repeat(`"a",`, maxTags)}}
	f, err := readField(h, "If-Match")
	require.NoError(t, err)
	assert.Len(t, f.tags, maxTags)

	h.Add("If-Match", `"a"`)
	_, err = readField(h, "If-Match")
	assert.ErrorIs(t, err, errTooMany)
}

// FuzzReadField compares the parser with one that is simpler and slower: a regular language, byte by byte.
func FuzzReadField(f *testing.F) {
	for _, line := range []string{`"a"`, `W/"a", "b"`, `*`, `, ,"a,b" ,`, `"`, `W/`, `"a" "b"`, `*,"a"`, "\"\x80\"", "\"\x7f\""} {
		f.Add(line, "")
		f.Add(`"a"`, line)
	}
	f.Fuzz(func(t *testing.T, first, second string) {
		got, err := readField(http.Header{"If-Match": {first, second}}, "If-Match")
		elements, ok := split(first + ", " + second)
		want := field{present: true}
		for _, e := range elements {
			opaque, isWeak := strings.CutPrefix(e, "W/")
			switch {
			case e == "*":
				ok = ok && len(elements) == 1
				want.any = true
			case isTag(opaque):
				want.tags = append(want.tags, entityTag{isWeak, opaque[1 : len(opaque)-1]})
			default:
				ok = false
			}
		}
		ok = ok && len(want.tags) <= maxTags
		require.Equal(t, ok, err == nil, "%q, %q: %v", first, second, err)
		if ok {
			require.Equal(t, want, got)
		}
	})
}

// split splits a list at the commas outside of quotes, and leaves out what is empty.
func split(list string) (elements []string, ok bool) {
	quoted, start := false, 0
	for i := 0; i <= len(list); i++ {
		switch {
		case i == len(list) || list[i] == ',' && !quoted:
			if e := strings.Trim(list[start:i], " \t"); e != "" {
				elements = append(elements, e)
			}
			start = i + 1
		case list[i] == '"':
			quoted = !quoted
		}
	}
	return elements, !quoted
}

// isTag reports whether s is an opaque-tag.
func isTag(s string) bool {
	if len(s) < 2 || s[0] != '"' || s[len(s)-1] != '"' {
		return false
	}
	for _, b := range []byte(s[1 : len(s)-1]) {
		if b != 0x21 && (b < 0x23 || b > 0x7e) && b < 0x80 {
			return false
		}
	}
	return true
}
