package proptest

import (
	"encoding/base64"
	"encoding/binary"
	"fmt"
	"hash/crc32"
	"strings"

	"github.com/rinse-go/rinse/proptest/sched"
)

// A token is all that is needed to repeat a failure: how its program is drawn and shrunk, and the
// schedule. It is printed as "pt1-" and the base64 of its numbers with a checksum at the end.
type token struct {
	about    uint32 // checksum of the names of spec and implementation
	seed     uint64 // of the program
	shape    Shape
	path     []int          // candidates taken in shrinking
	schedule sched.Schedule // nil: found on real threads
}

const tokenPrefix = "pt1-"

func (s *search[S, C, R]) token(seed uint64, path []int, schedule sched.Schedule) token {
	return token{about: s.about(), seed: seed, shape: s.shape, path: path, schedule: schedule}
}

func (s *search[S, C, R]) about() uint32 {
	return crc32.ChecksumIEEE([]byte(s.spec.Name + "\x00" + s.impl.Name))
}

func (t token) String() string {
	b := binary.AppendUvarint(nil, uint64(t.about))
	b = binary.AppendUvarint(b, t.seed)
	for _, n := range []int{t.shape.Clients, t.shape.PerClient, t.shape.Prefix, t.shape.Suffix, len(t.path)} {
		b = binary.AppendUvarint(b, uint64(n))
	}
	for _, n := range t.path {
		b = binary.AppendUvarint(b, uint64(n))
	}
	b = append(b, t.schedule.String()...)
	b = binary.BigEndian.AppendUint32(b, crc32.ChecksumIEEE(b))
	return tokenPrefix + base64.RawURLEncoding.EncodeToString(b)
}

func parseToken(text string) (t token, err error) {
	coded, isToken := strings.CutPrefix(text, tokenPrefix)
	b, err := base64.RawURLEncoding.Strict().DecodeString(coded)
	if !isToken || err != nil || len(b) < 4 {
		return t, fmt.Errorf("%w (%q)", ErrToken, text)
	}
	b, sum := b[:len(b)-4], binary.BigEndian.Uint32(b[len(b)-4:])
	if crc32.ChecksumIEEE(b) != sum {
		return t, fmt.Errorf("%w (%q)", ErrToken, text)
	}
	bad := false
	next := func() int {
		n, size := binary.Uvarint(b)
		if size <= 0 || n > 1<<32 {
			bad = true
			return 0
		}
		b = b[size:]
		return int(n)
	}
	t.about = uint32(next())
	seed, size := binary.Uvarint(b)
	if size <= 0 {
		return t, fmt.Errorf("%w (%q)", ErrToken, text)
	}
	t.seed, b = seed, b[size:]
	t.shape = Shape{Clients: next(), PerClient: next(), Prefix: next(), Suffix: next()}
	for n := next(); n > 0 && !bad; n-- {
		t.path = append(t.path, next())
	}
	t.schedule, err = sched.ParseSchedule(string(b))
	if bad || err != nil || t.shape.validate() != nil {
		return t, fmt.Errorf("%w (%q)", ErrToken, text)
	}
	return t, nil
}
