package httptoken

import (
	"errors"
	"net/http"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
)

// Check compares the conditions of a request, If-Match and If-None-Match, with the variables that its resource is
// made of, as they are in a transaction. It returns nil if the request is to be carried out, and else an error for
// the transaction function to return and for [Answer] to tell the client. The variables count as read, so a change
// commits only if none of them has changed in the meantime, and otherwise runs again and is checked again.
//
// It follows RFC 9110, section 13: If-Match comes first; "*" is met by whatever there is; of a list one tag must do;
// a weak tag never meets If-Match, and meets If-None-Match like a strong one. A method that reads (GET, HEAD) and finds
// If-None-Match failed is answered 304. Every other method needs one of the two fields, and is answered 428 without. OPTIONS
// and TRACE have no conditions.
//
// Call it once it is clear that the request would be carried out without conditions: answer 401, 403, 404 and 413
// first. For what is not there, use [Tags.CheckAbsent].
//
// It does not block. It costs a read for each variable, and a verification for each tag in the request if they are
// signed: 64 at most, for it refuses to look at more.
func (g Tags) Check(tx *stm.Tx, r *http.Request, vars ...stm.Var) error {
	return g.check(tx, r, true, vars)
}

// CheckAbsent is [Tags.Check] for a resource that is not there: If-Match cannot be met, not by "*" either, and
// If-None-Match: * is the way to say that it shall be made, unless somebody else does first. Of the variables, those
// that have changed since the tag of If-Match are named in the answer: tell what became of something removed by them.
func (g Tags) CheckAbsent(tx *stm.Tx, r *http.Request, vars ...stm.Var) error {
	return g.check(tx, r, false, vars)
}

func (g Tags) check(tx *stm.Tx, r *http.Request, exists bool, vars []stm.Var) error {
	c := conditions{Tags: g, tx: tx, exists: exists, vars: vars}
	reads := false
	switch r.Method {
	case http.MethodOptions, http.MethodTrace, http.MethodConnect:
		return nil
	case http.MethodGet, http.MethodHead:
		reads = true
	}
	match, err := readField(r.Header, "If-Match")
	if err != nil {
		return malformed(err)
	}
	noneMatch, err := readField(r.Header, "If-None-Match")
	switch {
	case err == nil:
	case reads:
		noneMatch = field{} // it only saves sending what the client has
	default:
		return malformed(err)
	}
	if !match.present && !noneMatch.present && !reads {
		return required(r.Method)
	}
	if err := c.read(); err != nil {
		return err
	}
	if match.present {
		if err := c.ifMatch(match); err != nil {
			return err
		}
	}
	if noneMatch.present {
		return c.ifNoneMatch(noneMatch, reads)
	}
	return nil
}

// conditions are those of one request, compared in one transaction.
type conditions struct {
	Tags
	tx     *stm.Tx
	exists bool
	vars   []stm.Var
}

// read reads the variables, so that from here on the transaction's token covers them.
func (c conditions) read() error {
	if err := c.tx.Expect(c.tx.Token(), c.vars...); !errors.Is(err, stm.ErrClash) {
		return err
	}
	return nil
}

// ifMatch returns nil if the field is met (RFC 9110, section 13.1.1).
func (c conditions) ifMatch(f field) error {
	if f.any {
		if c.exists {
			return nil
		}
		return c.absent()
	}
	newest, err := c.newest(f, false)
	if err != nil {
		return err
	}
	var clash *stm.ClashError
	switch err := c.tx.Expect(newest.token, c.vars...); {
	case errors.As(err, &clash):
		return c.withTag(newStale(clash))
	case err != nil:
		return err
	case !c.exists:
		return c.absent()
	}
	return nil
}

// ifNoneMatch returns nil if the field is met (RFC 9110, section 13.1.2).
func (c conditions) ifNoneMatch(f field, reads bool) error {
	if !c.exists {
		return nil
	}
	tag := c.Format(c.tx.Token())
	if !f.any {
		newest, err := c.newest(f, true)
		if err != nil || c.tx.Expect(newest.token, c.vars...) != nil {
			return nil
		}
		tag = `"` + newest.opaque + `"` // as the cache knows it (RFC 9111, section 4.3.4)
	}
	if reads {
		return &notModified{tag}
	}
	return c.present(f.any)
}

// A seen is a tag of ours.
type seen struct {
	token  token.Token
	opaque string
}

// newest returns the newest tag of a field that this owner has made. If it does not match, no older one does: what
// has not changed since an older version has not changed since a newer one.
func (c conditions) newest(f field, weakToo bool) (newest seen, err error) {
	err = errNoTag
	found := false
	for _, tag := range f.tags {
		if tag.weak && !weakToo {
			err = worst(err, errWeak)
			continue
		}
		t, e := c.token(tag.opaque)
		if e == nil {
			e = c.tx.Expect(t) // of this owner, and not from the future?
		}
		if e != nil {
			err = worst(err, e)
		} else if !found || t.Version() > newest.token.Version() {
			newest, found = seen{t, tag.opaque}, true
		}
	}
	if found {
		return newest, nil
	}
	return seen{}, c.unusable(err)
}

var (
	errNoTag = errors.New("it lists no tag")
	errWeak  = errors.New("a weak tag cannot say that nothing has changed")
)

// worst returns the error that says most about why a field has no tag of ours: one of ours made elsewhere, then a
// weak one, then one that was not made by us, then none at all.
func worst(a, b error) error {
	rank := func(err error) int {
		switch {
		case errors.Is(err, stm.ErrForeign):
			return 3
		case err == errWeak:
			return 2
		case err == errNoTag:
			return 0
		}
		return 1
	}
	if rank(b) > rank(a) {
		return b
	}
	return a
}
