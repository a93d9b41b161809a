package httptoken

import (
	"errors"
	"fmt"
	"net/http"
	"strings"
)

// An entityTag is one of RFC 9110, section 8.8.3.
type entityTag struct {
	weak   bool
	opaque string // without the quotes
}

// A field is what If-Match or If-None-Match says: nothing, anything, or one of some tags.
type field struct {
	present bool
	any     bool // "*"
	tags    []entityTag
}

// maxTags is how many tags a field may list. A client needs one; a cache that keeps variants needs a few.
const maxTags = 64

var (
	errTooMany = fmt.Errorf("more than %d tags; send the one that you got with what you have changed", maxTags)
	errStar    = errors.New(`"*" stands alone, without tags beside it`)
)

// readField parses all lines of a field, which make one list (RFC 9110, section 5.3).
//
//	If-Match   = "*" / #entity-tag
//	entity-tag = [ %s"W/" ] DQUOTE *etagc DQUOTE
//	etagc      = %x21 / %x23-7E / %x80-FF
//
// Elements of a list are separated by commas, which a tag may contain as well. Empty elements are ignored.
func readField(h http.Header, name string) (field, error) {
	lines := h.Values(name)
	f := field{present: len(lines) > 0}
	for _, line := range lines {
		if err := f.add(line); err != nil {
			return f, fmt.Errorf("%s: %w", name, err)
		}
	}
	return f, nil
}

// add parses one line.
func (f *field) add(line string) error {
	separated := true
	for rest := line; ; {
		rest = strings.TrimLeft(rest, " \t")
		switch {
		case rest == "":
			return nil
		case rest[0] == ',':
			separated, rest = true, rest[1:]
			continue
		case !separated:
			return fmt.Errorf("no comma between tags, before %q", shown(rest))
		case f.any || rest[0] == '*' && len(f.tags) > 0:
			return errStar
		case rest[0] == '*':
			f.any, rest = true, rest[1:]
		case len(f.tags) == maxTags:
			return errTooMany
		default:
			tag, after, err := cutTag(rest)
			if err != nil {
				return err
			}
			f.tags, rest = append(f.tags, tag), after
		}
		separated = false
	}
}

// cutTag parses the entity tag that s begins with, and returns what follows.
func cutTag(s string) (tag entityTag, after string, err error) {
	text, weak := strings.CutPrefix(s, "W/")
	text, quoted := strings.CutPrefix(text, `"`)
	if !quoted {
		return tag, "", fmt.Errorf("an entity tag begins with a quote, and %q does not", shown(s))
	}
	for i := range len(text) {
		switch b := text[i]; {
		case b == '"':
			return entityTag{weak, text[:i]}, text[i+1:], nil
		case b <= ' ' || b == 0x7f:
			return tag, "", fmt.Errorf("byte %q cannot be in an entity tag, but is in %q", b, shown(s))
		}
	}
	return tag, "", fmt.Errorf("no quote at the end of %q", shown(s))
}

// shown returns the beginning of what is wrong, so that an error does not repeat a long field.
func shown(s string) string { return s[:min(len(s), 40)] }
