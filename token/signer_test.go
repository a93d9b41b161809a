package token_test

import (
	"bytes"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/token"
)

// key returns a key that is easy to recognise in what should not show it.
func key(letter byte) []byte { return bytes.Repeat([]byte{letter}, token.MinKey) }

func signer(t testing.TB, keys ...[]byte) *token.Signer {
	t.Helper()
	s, err := token.NewSigner(keys...)
	require.NoError(t, err)
	return s
}

func TestWhatIsSignedIsTakenBack(t *testing.T) {
	s := signer(t, key('a'))
	for _, owner := range edges {
		for _, version := range edges {
			tok := token.New(owner, version)
			text := s.Sign(tok)
			require.Len(t, text, 98)
			require.Equal(t, text, url.QueryEscape(text))
			require.Equal(t, text, url.PathEscape(text))
			require.Empty(t, strings.Trim(text, "0123456789abcdef-."))
			back, err := s.Verify(text)
			require.NoError(t, err)
			require.Equal(t, tok, back)
		}
	}
}

// TestTheSignatureIsAnHMACOfPurposeAndToken says the format a second time: texts that are about when the program is
// replaced by a newer one must stay good.
func TestTheSignatureIsAnHMACOfPurposeAndToken(t *testing.T) {
	tok := token.New(7, 42)
	mac := hmac.New(sha256.New, key('a'))
	mac.Write([]byte("rinse token\x00" + tok.String()))
	assert.Equal(t, tok.String()+"."+hex.EncodeToString(mac.Sum(nil)), signer(t, key('a')).Sign(tok))
}

func TestKeysRotate(t *testing.T) {
	tok := token.New(7, 42)
	old, both, renewed := signer(t, key('a')), signer(t, key('b'), key('a')), signer(t, key('b'))
	signedByOld, signedByBoth := old.Sign(tok), both.Sign(tok)
	assert.Equal(t, renewed.Sign(tok), signedByBoth, "the first key signs")

	for _, text := range []string{signedByOld, signedByBoth} {
		back, err := both.Verify(text)
		assert.NoError(t, err)
		assert.Equal(t, tok, back)
	}
	_, err := renewed.Verify(signedByOld)
	assert.ErrorIs(t, err, token.ErrSignature, "a key that was dropped")
	_, err = old.Verify(signedByBoth)
	assert.ErrorIs(t, err, token.ErrSignature, "a key that is not there yet")
}

func TestKeysMustBeLongEnough(t *testing.T) {
	for _, keys := range [][][]byte{nil, {nil}, {{}}, {key('a')[1:]}, {key('a'), []byte("short")}} {
		s, err := token.NewSigner(keys...)
		assert.Error(t, err)
		assert.Nil(t, s)
	}
	_, err := token.NewSigner(key('a'), bytes.Repeat([]byte("long"), 1000))
	assert.NoError(t, err)
}

func TestKeysAreCopied(t *testing.T) {
	mine := key('a')
	s := signer(t, mine)
	before := s.Sign(token.New(1, 2))
	clear(mine)
	assert.Equal(t, before, s.Sign(token.New(1, 2)))
}

func TestASignerShowsNoKey(t *testing.T) {
	s := signer(t, key('Q'))
	shown := fmt.Sprintf("%v %+v %#v", s, s, s) + fmt.Sprintf("%v %+v %#v", *s, *s, *s)
	for _, secret := range []string{"QQQQ", "51515151", "81 81 81", "0x51, 0x51"} {
		assert.NotContains(t, shown, secret)
	}
	_, err := s.Verify(signer(t, key('R')).Sign(token.New(1, 2)))
	assert.NotContains(t, err.Error(), "QQQQ")
	assert.NotContains(t, err.Error(), strings.TrimPrefix(s.Sign(token.New(1, 2)), token.New(1, 2).String()), "the right signature")
}

func TestTheZeroSignerRefusesEverything(t *testing.T) {
	var zero token.Signer
	_, err := zero.Verify(signer(t, key('a')).Sign(token.New(1, 2)))
	assert.ErrorIs(t, err, token.ErrSignature)
	assert.PanicsWithValue(t, "token: a Signer without keys; make it with NewSigner", func() { zero.Sign(token.New(1, 2)) })
}

func TestAnotherFormIsMalformed(t *testing.T) {
	s := signer(t, key('a'))
	tok := token.New(0xabcdef, 42)
	good := s.Sign(tok)
	for _, text := range []string{
		"", ".", tok.String(), tok.String() + ".", " " + good, good + " ", good + "\n", `"` + good + `"`, good + good,
		strings.ToUpper(good), strings.Replace(good, ".", "-", 1), strings.Replace(good, "-", ".", 1),
		good[:len(good)-1] + "g", good[:len(good)-1] + "G", good[:len(good)-1] + "\x00", strings.Repeat("0", len(good)),
		strings.Repeat(".", len(good)), strings.Repeat("a", 1<<24),
	} {
		refusedAs(t, s, token.ErrMalformed, text)
	}
	for i := range good { // truncated at either end, or in the middle
		refusedAs(t, s, token.ErrMalformed, good[:i])
		refusedAs(t, s, token.ErrMalformed, good[i+1:])
		refusedAs(t, s, token.ErrMalformed, good[:i]+good[i+1:])
	}
}

// TestNoByteCanBeChanged replaces each byte of a signed text by each of the 255 others.
func TestNoByteCanBeChanged(t *testing.T) {
	s := signer(t, key('a'), key('b'))
	good := s.Sign(token.New(0x0123456789abcdef, 0xdeadbeef))
	for i := range good {
		for b := range 256 {
			near := good[:i] + string([]byte{byte(b)}) + good[i+1:]
			if near == good {
				continue
			}
			back, err := s.Verify(near)
			require.Error(t, err, "%q", near)
			require.True(t, errors.Is(err, token.ErrMalformed) || errors.Is(err, token.ErrSignature), "%q: %v", near, err)
			require.True(t, back.IsZero())
		}
	}
}

func TestASignatureIsGoodForItsTokenAlone(t *testing.T) {
	s := signer(t, key('a'))
	_, signature, _ := strings.Cut(s.Sign(token.New(1, 2)), ".")
	for _, other := range []token.Token{{}, token.New(1, 3), token.New(2, 1), token.New(2, 2)} {
		refusedAs(t, s, token.ErrSignature, other.String()+"."+signature)
	}
}

func TestMadeUpSignaturesAreRefused(t *testing.T) {
	s := signer(t, key('a'))
	seed := rand.Uint64()
	random := rand.New(rand.NewPCG(seed, 0))
	for range 10_000 {
		var signature [sha256.Size]byte
		for i := range signature {
			signature[i] = byte(random.Uint32())
		}
		tok := token.New(random.Uint64(), random.Uint64())
		_, err := s.Verify(tok.String() + "." + hex.EncodeToString(signature[:]))
		require.ErrorIs(t, err, token.ErrSignature, "seed %d", seed)
	}
}

func refusedAs(t *testing.T, s *token.Signer, want error, text string) {
	t.Helper()
	back, err := s.Verify(text)
	shown := text[:min(len(text), 120)]
	require.ErrorIs(t, err, want, "%q", shown)
	require.True(t, back.IsZero(), "%q", shown)
	require.Less(t, len(err.Error()), 500, "an error must not repeat a long input")
}

// A token that was signed for one thing is no token for another, nor for none; and keys rotate for each thing alike.
func TestWhatIsSignedForOneThingIsRefusedForAnother(t *testing.T) {
	oldKey, newKey := bytes.Repeat([]byte("o"), token.MinKey), bytes.Repeat([]byte("n"), token.MinKey)
	before, err := token.NewSigner(oldKey)
	require.NoError(t, err)
	meanwhile, err := token.NewSigner(newKey, oldKey)
	require.NoError(t, err)
	after, err := token.NewSigner(newKey)
	require.NoError(t, err)

	seen := token.New(7, 42)
	signed := map[string]string{"none": before.Sign(seen)}
	things := []string{"", "a", "ab", "b", "a\x00b"}
	for _, thing := range things {
		signed[thing] = before.For(thing).Sign(seen)
	}
	signed["a, then b"] = before.For("a").For("b").Sign(seen)
	for of, text := range signed {
		for _, thing := range things {
			for _, signer := range []*token.Signer{before.For(thing), meanwhile.For(thing)} {
				got, err := signer.Verify(text)
				if of == thing {
					require.NoError(t, err)
					assert.Equal(t, seen, got)
				} else {
					assert.ErrorIs(t, err, token.ErrSignature, "%q is taken for %q", of, thing)
				}
			}
			_, err := after.For(thing).Verify(text)
			assert.ErrorIs(t, err, token.ErrSignature, "of a key that is out of use")
		}
		_, err := before.Verify(text)
		assert.Equal(t, of == "none", err == nil, of)
	}
	assert.Panics(t, func() { new(token.Signer).For("a").Sign(seen) })
	_, err = new(token.Signer).For("a").Verify(signed["a"])
	assert.ErrorIs(t, err, token.ErrSignature)
}

func TestASignerIsForManyGoroutines(t *testing.T) {
	s := signer(t, key('a'), key('b'))
	var all sync.WaitGroup
	for owner := range uint64(8) {
		all.Go(func() {
			for version := range uint64(100) {
				back, err := s.Verify(s.Sign(token.New(owner, version)))
				assert.NoError(t, err)
				assert.Equal(t, token.New(owner, version), back)
			}
		})
	}
	all.Wait()
}

// FuzzVerify feeds texts from nowhere: what is taken must be what the first or the second key signs.
func FuzzVerify(f *testing.F) {
	first, second, stranger := signer(f, key('a')), signer(f, key('b')), signer(f, key('c'))
	both := signer(f, key('a'), key('b'))
	tok := token.New(0x0123456789abcdef, 0xfedcba9876543210)
	for _, s := range []*token.Signer{first, second, stranger} {
		text := s.Sign(tok)
		f.Add(text)
		f.Add(text[:len(text)-1])
		f.Add(strings.ToUpper(text))
		f.Add(text + text)
	}
	f.Add("")
	f.Add(tok.String())
	f.Add(tok.String() + "." + strings.Repeat("0", 64))
	f.Add(strings.Repeat("\xff", 98))
	f.Fuzz(func(t *testing.T, text string) {
		back, err := both.Verify(text)
		if err != nil {
			require.True(t, errors.Is(err, token.ErrMalformed) != errors.Is(err, token.ErrSignature), "%v", err)
			require.True(t, back.IsZero())
			return
		}
		require.Contains(t, []string{first.Sign(back), second.Sign(back)}, text, "taken, but not signed")
	})
}

// FuzzTamper changes a signed text: one byte, its ends, or its middle.
func FuzzTamper(f *testing.F) {
	s := signer(f, key('a'))
	f.Add(uint64(1), uint64(2), 0, 98, "", byte(1))
	f.Add(uint64(7), uint64(42), 33, 1, ".", byte(0))
	f.Add(uint64(7), uint64(42), 97, 1, "0", byte(0x20))
	f.Fuzz(func(t *testing.T, owner, version uint64, at, cut int, insert string, flip byte) {
		good := s.Sign(token.New(owner, version))
		at = int(uint(at) % uint(len(good)))
		cut = min(int(uint(cut)%uint(len(good)+1)), len(good)-at)
		text := []byte(good[:at] + insert + good[at+cut:])
		if len(text) > 0 {
			text[at%len(text)] ^= flip
		}
		back, err := s.Verify(string(text))
		if string(text) == good {
			require.NoError(t, err)
			require.Equal(t, token.New(owner, version), back)
			return
		}
		require.Error(t, err, "%q", text)
	})
}

// BenchmarkVerify has wrong signatures that differ from the right one in their first and in their last digit: they
// have to take the same time.
func BenchmarkVerify(b *testing.B) {
	s := signer(b, key('a'))
	good := s.Sign(token.New(1, 2))
	other := func(i int) string {
		digit := byte('0')
		if good[i] == digit {
			digit = '1'
		}
		return good[:i] + string(digit) + good[i+1:]
	}
	for name, text := range map[string]string{"good": good, "wrong-first": other(34), "wrong-last": other(97)} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				tokenSink, _ = s.Verify(text)
			}
		})
	}
}
