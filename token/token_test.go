package token_test

import (
	"encoding"
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/token"
)

var (
	_ encoding.TextMarshaler   = token.Token{}
	_ encoding.TextUnmarshaler = (*token.Token)(nil)
)

// edges are numbers where digits, signs and sizes go wrong first.
var edges = []uint64{
	0, 1, 9, 10, 15, 16, 255, 256, math.MaxInt32, math.MaxUint32, math.MaxUint32 + 1,
	math.MaxInt64, math.MaxInt64 + 1, 0xabcdef0123456789, math.MaxUint64 - 1, math.MaxUint64,
}

func TestATokenIsItsTwoNumbers(t *testing.T) {
	for _, owner := range edges {
		for _, version := range edges {
			tok := token.New(owner, version)
			assert.Equal(t, owner, tok.Owner())
			assert.Equal(t, version, tok.Version())
			assert.Equal(t, owner == 0 && version == 0, tok.IsZero())
		}
	}
	assert.True(t, token.Token{}.IsZero())
}

func TestTokensAreEqualWhenBothNumbersAre(t *testing.T) {
	one, same := token.New(1, 2), token.New(1, 2)
	assert.True(t, one == same)
	assert.False(t, token.New(1, 2) == token.New(2, 1))
	assert.False(t, token.New(1, 2) == token.New(1, 3))
	seen := map[token.Token]string{token.New(1, 2): "a", token.New(2, 1): "b"}
	assert.Equal(t, "a", seen[token.New(1, 2)])
	assert.Equal(t, "b", seen[token.New(2, 1)])
}

func TestTextIsFixedForGood(t *testing.T) {
	for want, tok := range map[string]token.Token{
		"0000000000000000-0000000000000000": {},
		"0000000000000001-0000000000000002": token.New(1, 2),
		"0123456789abcdef-fedcba9876543210": token.New(0x0123456789abcdef, 0xfedcba9876543210),
		"ffffffffffffffff-ffffffffffffffff": token.New(math.MaxUint64, math.MaxUint64),
	} {
		assert.Equal(t, want, tok.String())
	}
}

func TestEveryTokenComesBackFromItsText(t *testing.T) {
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range 10_000 {
		comesBack(t, token.New(random.Uint64()>>random.UintN(64), random.Uint64()>>random.UintN(64)))
	}
	for _, owner := range edges {
		for _, version := range edges {
			comesBack(t, token.New(owner, version))
		}
	}
	if t.Failed() {
		t.Log("seed", seed)
	}
}

func comesBack(t *testing.T, tok token.Token) {
	t.Helper()
	text := tok.String()
	parsed, err := token.Parse(text)
	require.NoError(t, err)
	require.Equal(t, tok, parsed)
	require.Len(t, text, 33)

	marshaled, err := tok.MarshalText()
	require.NoError(t, err)
	require.Equal(t, text, string(marshaled))
	var back token.Token
	require.NoError(t, back.UnmarshalText(marshaled))
	require.Equal(t, tok, back)
}

func TestTextIsSafeEverywhere(t *testing.T) {
	for _, owner := range edges {
		text := token.New(owner, ^owner).String()
		assert.Equal(t, text, url.PathEscape(text))
		assert.Equal(t, text, url.QueryEscape(text))
		quoted, err := json.Marshal(text)
		require.NoError(t, err)
		assert.Equal(t, `"`+text+`"`, string(quoted))
		// Letters of one case, digits and a hyphen inside: the portable file names of POSIX, and no name that
		// two files could share on a file system that ignores case.
		assert.Empty(t, strings.Trim(text, "0123456789abcdef-"))
		assert.NotEqual(t, byte('-'), text[0])
	}
}

func TestTextsSortAsVersionsDo(t *testing.T) {
	texts := make([]string, len(edges))
	for i, version := range edges {
		texts[i] = token.New(7, version).String()
	}
	assert.True(t, slices.IsSorted(texts), texts)
}

func TestOnlyTheCanonicalTextParses(t *testing.T) {
	const good = "0123456789abcdef-00000000deadbeef"
	_, err := token.Parse(good)
	require.NoError(t, err)

	refused(t, "")
	for _, text := range []string{
		strings.ToUpper(good), "0x" + good, "+" + good, "-" + good, " " + good, good + " ", good + "\n", good + "\x00",
		`"` + good + `"`, good + good, good + "-" + good, "0", "zero", "0-0", "1-2", "-",
		strings.Repeat("0", 33), strings.Repeat("0", 32), strings.Repeat("-", 33), strings.Repeat(" ", 33),
		strings.Repeat("é", 33), strings.Repeat("0", 1<<20),
		"0000000000000000_0000000000000000", "0000000000000000.0000000000000000", "0000000000000000 0000000000000000",
		"000000000000000-00000000000000000", "00000000000000000-000000000000000",
		"+000000000000001-0000000000000002", "0000000000000001--000000000000002",
		"0x00000000000001-0000000000000002", "0_00000000000001-0000000000000002",
		"000000000000000١-000000000000000", "g000000000000000-0000000000000000",
	} {
		refused(t, text)
	}
	for i := range good {
		refused(t, good[:i])
		refused(t, good[i+1:])
		refused(t, good[:i]+good[i+1:])
		for b := range 256 {
			near := good[:i] + string([]byte{byte(b)}) + good[i:]
			refused(t, near)
		}
	}
}

// TestEveryByteCounts replaces each byte by each of the 256: what still parses must spell a different token, and be
// its one text.
func TestEveryByteCounts(t *testing.T) {
	const good = "0123456789abcdef-00000000deadbeef"
	original, err := token.Parse(good)
	require.NoError(t, err)
	for i := range good {
		for b := range 256 {
			near := good[:i] + string([]byte{byte(b)}) + good[i+1:]
			if near == good {
				continue
			}
			digit := strings.IndexByte("0123456789abcdef", byte(b)) >= 0
			if i == 16 || !digit {
				refused(t, near)
				continue
			}
			parsed, err := token.Parse(near)
			require.NoError(t, err, "%q", near)
			require.NotEqual(t, original, parsed)
			require.Equal(t, near, parsed.String())
		}
	}
}

func refused(t *testing.T, text string) {
	t.Helper()
	parsed, err := token.Parse(text)
	require.Error(t, err, "%q", text)
	require.True(t, errors.Is(err, token.ErrMalformed), "%q: %v", text, err)
	require.True(t, parsed.IsZero(), "%q", text)
	require.Less(t, len(err.Error()), 400, "an error must not repeat a long input")

	kept := token.New(3, 4)
	require.ErrorIs(t, kept.UnmarshalText([]byte(text)), token.ErrMalformed)
	require.Equal(t, token.New(3, 4), kept, "a failed UnmarshalText must leave the token as it was")
}

func TestJSONValue(t *testing.T) {
	type page struct {
		Seen token.Token `json:"seen"`
		Last token.Token `json:"last,omitzero"`
	}
	text, err := json.Marshal(page{Seen: token.New(1, 2)})
	require.NoError(t, err)
	assert.JSONEq(t, `{"seen":"0000000000000001-0000000000000002"}`, string(text))

	var back page
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, page{Seen: token.New(1, 2)}, back)

	assert.ErrorIs(t, json.Unmarshal([]byte(`{"seen":""}`), &back), token.ErrMalformed)
	assert.ErrorIs(t, json.Unmarshal([]byte(`{"seen":"1-2"}`), &back), token.ErrMalformed)
	assert.Error(t, json.Unmarshal([]byte(`{"seen":12}`), &back))
}

func TestJSONMapKey(t *testing.T) {
	names := map[token.Token]string{token.New(1, 2): "two", token.New(1, 3): "three", {}: "never"}
	text, err := json.Marshal(names)
	require.NoError(t, err)
	assert.JSONEq(t, `{
		"0000000000000001-0000000000000002": "two",
		"0000000000000001-0000000000000003": "three",
		"0000000000000000-0000000000000000": "never"
	}`, string(text))

	var back map[token.Token]string
	require.NoError(t, json.Unmarshal(text, &back))
	assert.Equal(t, names, back)
}

func TestMarshaledTextIsTheCallersOwn(t *testing.T) {
	tok := token.New(1, 2)
	first, err := tok.MarshalText()
	require.NoError(t, err)
	clear(first)
	second, err := tok.MarshalText()
	require.NoError(t, err)
	assert.Equal(t, "0000000000000001-0000000000000002", string(second))
}

var (
	textSink  string
	tokenSink token.Token
)

func TestNoAllocationBeyondTheString(t *testing.T) {
	tok := token.New(1, 2)
	text := tok.String()
	assert.Equal(t, 1.0, testing.AllocsPerRun(100, func() { textSink = tok.String() }))
	assert.Zero(t, testing.AllocsPerRun(100, func() { tokenSink, _ = token.Parse(text) }))
	assert.Zero(t, testing.AllocsPerRun(100, func() { tokenSink = token.New(tok.Owner(), tok.Version()) }))
}

func FuzzParse(f *testing.F) {
	f.Add("")
	f.Add("0000000000000000-0000000000000000")
	f.Add("ffffffffffffffff-ffffffffffffffff")
	f.Add("0123456789ABCDEF-0123456789abcdef")
	f.Add("0123456789abcdef 0123456789abcdef")
	f.Add("0_23456789abcdef-+123456789abcdef")
	f.Fuzz(func(t *testing.T, text string) {
		parsed, err := token.Parse(text)
		if err != nil {
			require.ErrorIs(t, err, token.ErrMalformed)
			require.True(t, parsed.IsZero())
			require.False(t, canonical(text), "%q is canonical and was refused", text)
			return
		}
		require.True(t, canonical(text), "%q is not canonical and was taken", text)
		require.Equal(t, text, parsed.String())
		require.Equal(t, parsed, token.New(parsed.Owner(), parsed.Version()))
	})
}

// canonical says the format a second time, byte by byte.
func canonical(text string) bool {
	if len(text) != 33 {
		return false
	}
	for i := range len(text) {
		b := text[i]
		digit := '0' <= b && b <= '9' || 'a' <= b && b <= 'f'
		if digit == (i == 16) || i == 16 && b != '-' {
			return false
		}
	}
	return true
}
