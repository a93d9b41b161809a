package httptoken

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
)

// A Problem is why a request was not carried out, as the problem document of RFC 9457 that the client gets. It is an
// error, and an [http.Handler] that answers with itself. In clients, decode it from a body of the media type
// application/problem+json.
type Problem struct {
	Type   string `json:"type"`             // a URI that tells what kind it is, and where to read about it
	Title  string `json:"title"`            // the same for all of a kind
	Status int    `json:"status"`           // of the response
	Detail string `json:"detail,omitempty"` // what happened this time

	ETag    string  `json:"etag,omitempty"`    // of what is there now, as in the header ETag
	Clashes []Clash `json:"clashes,omitempty"` // what has changed since the tag of the request

	cause error // for errors.Is and errors.As; nil in clients
}

// A Clash is a variable in a [Problem].
type Clash struct {
	Name    string `json:"name"`         // as given by tvar.Name, or else its type and number
	Base    uint64 `json:"base"`         // the version of the request's tag
	Current uint64 `json:"current"`      // the version now
	By      string `json:"by,omitempty"` // who changed it, if they said so
}

// The kinds of problems, and the values of [Problem.Type].
const (
	about = "https://github.com/rinse-go/rinse/blob/main/docs/http.md#"

	Required  = about + "required"  // 428: a change without a condition
	Stale     = about + "stale"     // 412: changed since
	Weak      = about + "weak"      // 412: only weak tags
	Foreign   = about + "foreign"   // 412: tags of another owner, or of an earlier life of the program
	Absent    = about + "absent"    // 412: If-Match, and nothing is there
	Present   = about + "present"   // 412: If-None-Match, and something is there
	Malformed = about + "malformed" // 400: a field that cannot be read, or no tag of this program
)

// Error returns the title and the detail.
func (p *Problem) Error() string {
	if p.Detail == "" {
		return "httptoken: " + p.Title
	}
	return "httptoken: " + p.Title + ": " + p.Detail
}

// Unwrap returns the cause, if there is one: a [*stm.ClashError], say.
func (p *Problem) Unwrap() error { return p.cause }

// ServeHTTP answers with the problem, and with its tag if it has one. Caches shall not keep it.
func (p *Problem) ServeHTTP(w http.ResponseWriter, _ *http.Request) {
	body, err := json.Marshal(p)
	if err != nil {
		panic(err) // it has strings and numbers
	}
	h := w.Header()
	h.Set("Content-Type", "application/problem+json")
	h.Set("Content-Length", strconv.Itoa(len(body)+1))
	h.Set("Cache-Control", "no-store")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Del("ETag")
	if p.ETag != "" {
		h.Set("ETag", p.ETag)
	}
	w.WriteHeader(p.Status)
	w.Write(append(body, '\n')) // a client that has gone misses it
}

// Answer answers a request that a transaction with [Tags.Check] in it has not carried out, and reports whether it
// did: it knows the errors of Check, and of Resume, Expect, Commit, Parse and Verify: clashes, and tokens that are
// foreign, malformed or badly signed. For nil and for all other errors it does nothing and reports false.
func Answer(w http.ResponseWriter, r *http.Request, err error) bool {
	var unchanged *notModified
	if errors.As(err, &unchanged) {
		w.Header().Set("ETag", unchanged.tag)
		w.WriteHeader(http.StatusNotModified)
		return true
	}
	p := problemOf(err)
	if p != nil {
		p.ServeHTTP(w, r)
	}
	return p != nil
}

// problemOf returns the problem that an error is, or nil.
func problemOf(err error) *Problem {
	var p *Problem
	var clash *stm.ClashError
	switch {
	case errors.As(err, &p):
		return p
	case errors.As(err, &clash):
		return newStale(clash)
	case errors.Is(err, stm.ErrForeign):
		return newForeign(err)
	case errors.Is(err, token.ErrMalformed), errors.Is(err, token.ErrSignature):
		return malformed(err)
	}
	return nil
}

// ErrNotModified is what errors.Is finds in the error of [Tags.Check] if the client has what it asks for already.
var ErrNotModified = errors.New("httptoken: not modified")

// notModified is the answer 304, with the tag that is still good.
type notModified struct{ tag string }

func (*notModified) Error() string        { return ErrNotModified.Error() }
func (*notModified) Is(target error) bool { return target == ErrNotModified }

func required(method string) *Problem {
	return &Problem{
		Type: Required, Status: http.StatusPreconditionRequired,
		Title:  "A change must say what it is based on",
		Detail: fmt.Sprintf("%s needs the header If-Match with the ETag that you got, or If-None-Match: * to make something new.", method),
	}
}

func malformed(err error) *Problem {
	return &Problem{
		Type: Malformed, Status: http.StatusBadRequest,
		Title:  "The tag is not one that was handed out here",
		Detail: fmt.Sprintf("Send the ETag as you got it, with its quotes. %v.", err),
		cause:  err,
	}
}

func newForeign(err error) *Problem {
	return &Problem{
		Type: Foreign, Status: http.StatusPreconditionFailed,
		Title:  "The tag was made before this server started, or by another one",
		Detail: "Nobody can tell what has changed since. Get it again, and compare.",
		cause:  err,
	}
}

func newStale(clash *stm.ClashError) *Problem {
	p := &Problem{
		Type: Stale, Status: http.StatusPreconditionFailed,
		Title:  "Somebody else has changed it meanwhile",
		Detail: strings.TrimPrefix(clash.Error(), "stm: clash: ") + ".",
		cause:  clash,
	}
	for _, v := range clash.Vars {
		name := v.Name
		if name == "" {
			name = fmt.Sprintf("unnamed %s number %d", v.Type, v.Number)
		}
		p.Clashes = append(p.Clashes, Clash{Name: name, Base: v.Base, Current: v.Current, By: v.By})
	}
	return p
}

// unusable tells why a field has no tag to compare with.
func (c conditions) unusable(err error) *Problem {
	switch {
	case errors.Is(err, stm.ErrForeign):
		return c.withTag(newForeign(err))
	case err == errWeak:
		return c.withTag(&Problem{
			Type: Weak, Status: http.StatusPreconditionFailed,
			Title:  "A weak tag cannot say that nothing has changed",
			Detail: "If-Match lists weak tags only. If you did not get them so, something on the way has compressed the response.",
			cause:  err,
		})
	case err == errNoTag:
		return c.withTag(&Problem{
			Type: Stale, Status: http.StatusPreconditionFailed,
			Title:  "No tag matches",
			Detail: "If-Match lists no tag at all.",
			cause:  err,
		})
	}
	return malformed(err)
}

func (c conditions) absent() *Problem {
	return &Problem{
		Type: Absent, Status: http.StatusPreconditionFailed,
		Title:  "There is nothing to change",
		Detail: "If-Match cannot be met, since nothing is here. Send If-None-Match: * to make it.",
	}
}

func (c conditions) present(any bool) *Problem {
	p := &Problem{
		Type: Present, Status: http.StatusPreconditionFailed,
		Title:  "There is something already",
		Detail: "If-None-Match lists a tag of what is here.",
	}
	if any {
		p.Detail = "If-None-Match: * asks for nothing to be here. Get what is here, and send If-Match with its ETag to change it."
	}
	return c.withTag(p)
}

// withTag gives p the tag of what is there.
func (c conditions) withTag(p *Problem) *Problem {
	if c.exists {
		p.ETag = c.Format(c.tx.Token())
	}
	return p
}
