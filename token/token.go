// Package token holds the mark that tells which owner of transactional variables was seen, and at which version.
//
// An owner hands out tokens: when a transaction commits, when a variable is loaded with its token, and inside a
// transaction on request. Whoever keeps a token can ask the owner later whether a variable has changed since.
// A token is two numbers and nothing more, so it can leave the process: in a header, a form, a URL or a file name.
//
//	w.Header().Set("ETag", strconv.Quote(t.String()))
//	...
//	seen, err := token.Parse(r.FormValue("seen"))
//
// A token is a mark, not a secret and not a permission: anyone can write one down. The owner that is asked about it
// refuses those of other owners, those of an earlier life of the process, and those from its own future.
// A [Signer] makes texts of tokens that nobody else can make up; they are no permission either.
//
// The idea is the entity tag of HTTP (RFC 9110, section 8.8.3), for variables.
package token

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
)

// ErrMalformed is what [errors.Is] finds in the error for a text that is not exactly what [Token.String] gives.
var ErrMalformed = errors.New("token: malformed")

// A token's text is the owner, a separator and the version: 16 hexadecimal digits, a hyphen, 16 digits.
const (
	digits    = 16
	length    = digits + 1 + digits
	separator = '-'
)

// Token says which owner, at which version.
//
// Tokens are plain values: copy them, compare them with ==, use them as map keys, share them between goroutines.
// The zero Token belongs to no owner and says "never seen"; a struct field of this type can be tagged omitzero.
//
// Two tokens of one owner can be ordered by their versions, and their texts sort in that same order.
// Versions of different owners have nothing to do with each other.
type Token struct {
	owner, version uint64
}

// New returns the token of the owner with this id at this version.
//
// Programs get their tokens from an owner or from [Parse]; New is for those who store the two numbers by themselves.
func New(owner, version uint64) Token {
	return Token{owner: owner, version: version}
}

// Owner returns the id of the owner that handed out the token.
func (t Token) Owner() uint64 { return t.owner }

// Version returns the version of the owner's clock that the token stands for.
func (t Token) Version() uint64 { return t.version }

// IsZero reports whether t is the zero Token, which no owner hands out.
func (t Token) IsZero() bool { return t == Token{} }

// String returns the one text that stands for t: 33 bytes, the owner and the version as 16 lower-case hexadecimal
// digits each, joined by a hyphen. It needs no escaping in a URL, a header, a form, a file name or JSON.
func (t Token) String() string {
	text := t.text()
	return string(text[:])
}

// Parse returns the token that s stands for.
//
// It takes exactly what [Token.String] gives, the zero token included. Everything else is refused with an error for
// which [errors.Is] finds [ErrMalformed]: the empty string, upper case, blanks around it, a digit missing or added.
// So a token has one text only, and equal tokens have equal texts.
func Parse(s string) (Token, error) {
	if len(s) != length {
		return Token{}, fmt.Errorf("%w: %d bytes long; pass exactly what String gave, %d bytes", ErrMalformed, len(s), length)
	}
	// Values that are not numbers read as some number here and differ from s below.
	owner, _ := strconv.ParseUint(s[:digits], 16, 64)
	version, _ := strconv.ParseUint(s[digits+1:], 16, 64)
	t := New(owner, version)
	if text := t.text(); string(text[:]) != s {
		return Token{}, fmt.Errorf("%w: %q; pass exactly what String gave, such as %q", ErrMalformed, s, t)
	}
	return t, nil
}

// MarshalText implements [encoding.TextMarshaler] with the text of [Token.String]. It never fails.
//
// With it a Token is a string in JSON, as a value and as the key of a map.
func (t Token) MarshalText() ([]byte, error) {
	text := t.text()
	return text[:], nil
}

// UnmarshalText implements [encoding.TextUnmarshaler]. It takes what [Parse] takes; on an error t stays as it was.
func (t *Token) UnmarshalText(text []byte) error {
	parsed, err := Parse(string(text))
	if err != nil {
		return err
	}
	*t = parsed
	return nil
}

// text spells t out without allocating.
func (t Token) text() (text [length]byte) {
	var number [8]byte
	binary.BigEndian.PutUint64(number[:], t.owner)
	hex.Encode(text[:digits], number[:])
	text[digits] = separator
	binary.BigEndian.PutUint64(number[:], t.version)
	hex.Encode(text[digits+1:], number[:])
	return text
}
