package token

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"slices"
)

// ErrSignature is what [errors.Is] finds in the error for a text of the right form that none of a [Signer]'s keys
// has signed: it was changed or made up, or its key is not in use any more.
var ErrSignature = errors.New("token: wrong signature")

// MinKey is the least length of a signing key, in bytes. It is the size of a SHA-256 hash, as RFC 2104 advises.
const MinKey = sha256.Size

// A signed text is the token's own text, a separator, and the 64 hexadecimal digits of its HMAC.
const (
	signedLength    = length + 1 + 2*sha256.Size
	signedSeparator = '.'
)

// purpose is signed together with the token, so that a key that also signs other things does not sign tokens by it.
const purpose = "rinse token\x00"

// A Signer makes texts of tokens that can be told from those that anybody could make up.
//
// A plain token is easy to write down, so whoever presents one has shown nothing. One that carries a signature was
// handed out by this program, or by one that has the same key. That is all it shows: not who got it, not for which
// variables (but see [Signer.For]), not whether its bearer may do anything. It is a seal, not a permission. It hides
// nothing either: the token can be read in it.
//
// Make one with [NewSigner], once, and share it between goroutines. The zero Signer has no keys: it refuses
// everything, and signs nothing.
//
// The signature is an HMAC (RFC 2104) with SHA-256, checked in constant time.
type Signer struct {
	macs []func() hash.Hash // immutable; keys are in here and nowhere else, so that printing a Signer shows none
}

// NewSigner returns a signer with these keys. The first one signs; all of them are good for [Signer.Verify].
//
// So keys can be changed without refusing what is still about: put the new key first, and drop the old one when
// the tokens that it has signed do not matter any more. Keys are copied. Take them from crypto/rand, [MinKey] bytes
// or more, and keep them as you keep passwords; a shorter key, or none at all, is an error.
func NewSigner(keys ...[]byte) (*Signer, error) {
	if len(keys) == 0 {
		return nil, errors.New("token: no key to sign with; pass one at least")
	}
	s := new(Signer)
	for i, key := range keys {
		if len(key) < MinKey {
			return nil, fmt.Errorf("token: key %d has %d bytes; pass %d or more, from crypto/rand", i+1, len(key), MinKey)
		}
		s.add(slices.Clone(key))
	}
	return s, nil
}

func (s *Signer) add(key []byte) {
	s.macs = append(s.macs, func() hash.Hash { return hmac.New(sha256.New, key) })
}

// derivation is signed together with what a derived key is for.
const derivation = "rinse key for\x00"

// For returns a signer whose tokens are good for one thing only, such as a page or a form: what it signs is
// refused by s, and by the signers that s gives for other things, with [ErrSignature]. Two calls with the same text
// give signers that take each other's tokens, also after the program was started again with the same keys.
//
// Use it where tokens could be mixed up. One that was handed out with a page says at which moment that was, and
// whoever sends it with a change to another page has perhaps never seen what that page was at that moment.
//
// Keys are derived by HMAC-SHA-256, as many as s has, so For is good for rotation too. About 1 µs a key; nothing is
// kept. The zero Signer gives one without keys.
func (s *Signer) For(what string) *Signer {
	derived := new(Signer)
	for _, mac := range s.macs {
		m := mac()
		m.Write([]byte(derivation))
		m.Write([]byte(what))
		derived.add(m.Sum(nil))
	}
	return derived
}

// Sign returns a text for t that [Signer.Verify] takes back: 98 bytes, the text of [Token.String], a full stop, and
// the signature as 64 lower-case hexadecimal digits. It needs no escaping in a URL, a header, a form, a file name or
// JSON. It panics on a Signer without keys. About 1 µs.
func (s *Signer) Sign(t Token) string {
	if len(s.macs) == 0 {
		panic("token: a Signer without keys; make it with NewSigner")
	}
	text := t.text()
	signed := s.append(make([]byte, 0, signedLength), text, 0)
	return string(signed)
}

// Verify returns the token that one of the keys has signed.
//
// It takes exactly what [Signer.Sign] gives. A text of another form, a plain token included, is refused with an
// error for which [errors.Is] finds [ErrMalformed], and one of the right form with a wrong signature with
// [ErrSignature]. A token that was signed may still be of another owner, or of an earlier life of the program: the
// owner tells. About 1 µs a key; long texts cost no more.
func (s *Signer) Verify(text string) (Token, error) {
	if len(text) != signedLength {
		return Token{}, fmt.Errorf("%w: %d bytes long; pass exactly what Sign gave, %d bytes",
			ErrMalformed, len(text), signedLength)
	}
	t, err := Parse(text[:length])
	if err != nil {
		return Token{}, err
	}
	if !isSignature(text[length:]) {
		return Token{}, fmt.Errorf("%w: %q after the token is no signature; pass exactly what Sign gave", ErrMalformed, text[length:])
	}
	if !s.signed(text, t) {
		return Token{}, fmt.Errorf("%w on %v: it was not handed out here, or its key is out of use", ErrSignature, t)
	}
	return t, nil
}

// signed reports whether text is what one of the keys makes of t. It tries them all and compares in constant time,
// so that its time tells nothing about how a right signature begins.
func (s *Signer) signed(text string, t Token) bool {
	var buffer [signedLength]byte
	found := false
	for i := range s.macs {
		if hmac.Equal(s.append(buffer[:0], t.text(), i), []byte(text)) {
			found = true
		}
	}
	return found
}

// append appends the text of a token, signed with a key, to b.
func (s *Signer) append(b []byte, text [length]byte, key int) []byte {
	mac := s.macs[key]()
	mac.Write([]byte(purpose))
	mac.Write(text[:])
	b = append(b, text[:]...)
	b = append(b, signedSeparator)
	return hex.AppendEncode(b, mac.Sum(nil))
}

// isSignature reports whether s has the form of what follows the token, to tell a garbled text from a forged one.
func isSignature(s string) bool {
	for i := 1; i < len(s); i++ {
		if b := s[i]; (b < '0' || b > '9') && (b < 'a' || b > 'f') {
			return false
		}
	}
	return s[0] == signedSeparator
}
