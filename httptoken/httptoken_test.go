package httptoken_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/httptoken"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
)

// A note is a resource of one text, which may be absent, and of a title that the response shows as well.
type note struct {
	owner *stm.Owner
	tags  httptoken.Tags
	text  *tvar.TVar[string] // absent while empty
	title *tvar.TVar[string]
}

func newNote(tags httptoken.Tags) *note {
	o := stm.NewOwner()
	return &note{o, tags, tvar.New("one", tvar.In(o), tvar.Name("text")), tvar.New("title", tvar.In(o), tvar.Name("title"))}
}

func (n *note) check(tx *stm.Tx, r *http.Request) error {
	if n.text.Get(tx) == "" {
		return n.tags.CheckAbsent(tx, r, n.text, n.title)
	}
	return n.tags.Check(tx, r, n.text, n.title)
}

func (n *note) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.Method {
	case http.MethodGet, http.MethodHead:
		n.get(w, r)
	default:
		n.put(w, r)
	}
}

func (n *note) get(w http.ResponseWriter, r *http.Request) {
	var text string
	var seen token.Token
	err := n.owner.View(r.Context(), func(tx *stm.Tx) error {
		text, seen = n.text.Get(tx)+"/"+n.title.Get(tx), tx.Token()
		return n.check(tx, r)
	})
	if httptoken.Answer(w, r, err) {
		return
	}
	n.tags.Set(w, seen)
	io.WriteString(w, text)
}

func (n *note) put(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		http.Error(w, err.Error(), http.StatusBadRequest)
		return
	}
	var now token.Token
	err = n.owner.Atomically(r.Context(), func(tx *stm.Tx) error {
		if err := n.check(tx, r); err != nil {
			return err
		}
		n.text.Set(tx, string(body))
		tx.OnCommitToken(func(t token.Token) { now = t })
		return nil
	})
	if httptoken.Answer(w, r, err) {
		return
	}
	if err != nil {
		http.Error(w, err.Error(), http.StatusInternalServerError)
		return
	}
	n.tags.Set(w, now)
	w.WriteHeader(http.StatusNoContent)
}

// ask sends a request with headers, given as name and value by turns, and returns the response and its body.
func ask(t testing.TB, h http.Handler, method, body string, headers ...string) (*http.Response, string) {
	t.Helper()
	r := httptest.NewRequest(method, "/", strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Add(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result(), w.Body.String()
}

// etag gets the present tag.
func etag(t testing.TB, h http.Handler) string {
	t.Helper()
	response, _ := ask(t, h, "GET", "")
	require.Equal(t, 200, response.StatusCode)
	return response.Header.Get("ETag")
}

// problem decodes and checks a problem document.
func problem(t testing.TB, response *http.Response, body string) httptoken.Problem {
	t.Helper()
	require.Equal(t, "application/problem+json", response.Header.Get("Content-Type"))
	require.Equal(t, "no-store", response.Header.Get("Cache-Control"))
	var p httptoken.Problem
	require.NoError(t, json.Unmarshal([]byte(body), &p))
	require.Equal(t, response.StatusCode, p.Status)
	require.Equal(t, response.Header.Get("ETag"), p.ETag)
	require.NotEmpty(t, p.Title)
	require.Contains(t, p.Type, "/docs/http.md#")
	return p
}

// eachWay runs a test with plain and with signed tags.
func eachWay(t *testing.T, test func(t *testing.T, n *note)) {
	t.Run("plain", func(t *testing.T) { test(t, newNote(httptoken.Tags{})) })
	t.Run("signed", func(t *testing.T) { test(t, newNote(httptoken.Tags{Signer: signer(t, 'k')})) })
}

func signer(t testing.TB, letters ...byte) *token.Signer {
	t.Helper()
	var keys [][]byte
	for _, letter := range letters {
		keys = append(keys, bytes.Repeat([]byte{letter}, token.MinKey))
	}
	s, err := token.NewSigner(keys...)
	require.NoError(t, err)
	return s
}

func TestAResponseHasAStrongTag(t *testing.T) {
	eachWay(t, func(t *testing.T, n *note) {
		tag := etag(t, n)
		assert.Regexp(t, `^"[0-9a-f-]{33}(\.[0-9a-f]{64})?"$`, tag)
		assert.Equal(t, n.tags.Signer != nil, len(tag) == 100)
	})
}

func TestAChangeWithTheTagOfWhatIsThereIsMade(t *testing.T) {
	eachWay(t, func(t *testing.T, n *note) {
		first := etag(t, n)
		response, body := ask(t, n, "PUT", "two", "If-Match", first)
		require.Equal(t, 204, response.StatusCode, body)
		assert.Equal(t, "two", n.text.Load())

		second := response.Header.Get("ETag")
		assert.NotEqual(t, first, second)
		response, _ = ask(t, n, "PUT", "three", "If-Match", second)
		assert.Equal(t, 204, response.StatusCode, "the tag of a change is good for the next")
	})
}

func TestAStaleTagIsRefusedAndToldWhy(t *testing.T) {
	eachWay(t, func(t *testing.T, n *note) {
		mine := etag(t, n)
		require.NoError(t, n.owner.Atomically(t.Context(), func(tx *stm.Tx) error {
			tx.Label("ann")
			n.title.Set(tx, "other")
			return nil
		}))
		response, body := ask(t, n, "PUT", "mine", "If-Match", mine)
		require.Equal(t, 412, response.StatusCode)
		p := problem(t, response, body)
		assert.Equal(t, httptoken.Stale, p.Type)
		require.Len(t, p.Clashes, 1)
		assert.Equal(t, "title", p.Clashes[0].Name)
		assert.Less(t, p.Clashes[0].Base, p.Clashes[0].Current)
		assert.Equal(t, "ann", p.Clashes[0].By)
		assert.Contains(t, p.Detail, `"title"`)
		assert.Equal(t, "one", n.text.Load())

		response, _ = ask(t, n, "PUT", "mine", "If-Match", p.ETag)
		assert.Equal(t, 204, response.StatusCode, "the fresh tag is good")
	})
}

func TestVariablesWithoutANameAreToldApart(t *testing.T) {
	o := stm.NewOwner()
	a, b := tvar.New(1, tvar.In(o)), tvar.New("one", tvar.In(o))
	_, seen := a.LoadToken()
	a.Store(2)
	b.Store("two")
	r := httptest.NewRequest("PUT", "/", nil)
	r.Header.Set("If-Match", httptoken.Tags{}.Format(seen))
	err := o.View(t.Context(), func(tx *stm.Tx) error { return httptoken.Tags{}.Check(tx, r, a, b) })
	var p *httptoken.Problem
	require.ErrorAs(t, err, &p)
	require.Len(t, p.Clashes, 2)
	assert.Regexp(t, `^unnamed int number \d+$`, p.Clashes[0].Name)
	assert.Regexp(t, `^unnamed string number \d+$`, p.Clashes[1].Name)
}

func TestATagIsGoodForOneChange(t *testing.T) {
	eachWay(t, func(t *testing.T, n *note) {
		tag := etag(t, n)
		response, _ := ask(t, n, "PUT", "two", "If-Match", tag)
		require.Equal(t, 204, response.StatusCode)
		response, body := ask(t, n, "PUT", "two", "If-Match", tag)
		require.Equal(t, 412, response.StatusCode, "the same request once more")
		assert.Equal(t, "text", problem(t, response, body).Clashes[0].Name)
	})
}

// TestConditions is what RFC 9110 says of If-Match (13.1.1), If-None-Match (13.1.2) and their order (13.2.2), and RFC
// 6585 of 428. The note has been changed once: OLD is its tag before, NOW the present one; ALIEN is of another owner,
// FUTURE from above the clock, and FORGED, in the signed run, has a signature of another key.
func TestConditions(t *testing.T) {
	const get, put = "GET", "PUT"
	tests := []struct {
		what           string
		method, absent string
		headers        []string
		status         int
		problem        string
	}{
		{"no condition, read", get, "", nil, 200, ""},
		{"no condition, change", put, "", nil, 428, httptoken.Required},
		{"no condition, any other change", "POST", "", nil, 428, httptoken.Required},
		{"no condition, removal", "DELETE", "", nil, 428, httptoken.Required},
		{"no condition, a method of yours", "MOVE", "", nil, 428, httptoken.Required},
		{"a condition of another kind", put, "", []string{"If-Unmodified-Since", "Sat, 29 Oct 1994 19:43:31 GMT"}, 428, httptoken.Required},

		{"match", put, "", []string{"If-Match", `NOW`}, 204, ""},
		{"match, read", get, "", []string{"If-Match", `NOW`}, 200, ""},
		{"stale", put, "", []string{"If-Match", `OLD`}, 412, httptoken.Stale},
		{"stale, read", get, "", []string{"If-Match", `OLD`}, 412, httptoken.Stale},
		{"any", put, "", []string{"If-Match", `*`}, 204, ""},
		{"any, absent", put, "absent", []string{"If-Match", `*`}, 412, httptoken.Absent},
		{"a tag, absent since", put, "absent", []string{"If-Match", `OLD`}, 412, httptoken.Stale},
		{"a tag, absent before", put, "absent", []string{"If-Match", `NOW`}, 412, httptoken.Absent},
		{"one of a list", put, "", []string{"If-Match", `OLD, NOW`}, 204, ""},
		{"one of a list, first", put, "", []string{"If-Match", `NOW, OLD`}, 204, ""},
		{"one of several lines", put, "", []string{"If-Match", `OLD`, "If-Match", `ALIEN, "x"`, "If-Match", `NOW`}, 204, ""},
		{"one of a list, beside one from the future", put, "", []string{"If-Match", `FUTURE, NOW, ALIEN`}, 204, ""},
		{"none of a list", put, "", []string{"If-Match", `OLD, ALIEN, "x", W/NOW`}, 412, httptoken.Stale},
		{"an empty list", put, "", []string{"If-Match", ``}, 412, httptoken.Stale},
		{"an empty list, commas", put, "", []string{"If-Match", ` , `}, 412, httptoken.Stale},
		{"strong comparison", put, "", []string{"If-Match", `W/NOW`}, 412, httptoken.Weak},
		{"strong comparison, read", get, "", []string{"If-Match", `W/NOW`}, 412, httptoken.Weak},
		{"weak beside a good one", put, "", []string{"If-Match", `W/NOW, NOW`}, 204, ""},
		{"weak, and none of ours", put, "", []string{"If-Match", `W/NOW, "x"`}, 412, httptoken.Weak},
		{"none of ours, and weak", put, "", []string{"If-Match", `"x", W/NOW`}, 412, httptoken.Weak},
		{"of another owner, and worse", put, "", []string{"If-Match", `W/NOW, ALIEN, "x"`}, 412, httptoken.Foreign},
		{"of another owner", put, "", []string{"If-Match", `ALIEN`}, 412, httptoken.Foreign},
		{"from the future", put, "", []string{"If-Match", `FUTURE`}, 412, httptoken.Foreign},
		{"no token", put, "", []string{"If-Match", `"xyzzy"`}, 400, httptoken.Malformed},
		{"no tag", put, "", []string{"If-Match", `xyzzy`}, 400, httptoken.Malformed},
		{"no tag, read", get, "", []string{"If-Match", `xyzzy`}, 400, httptoken.Malformed},
		{"any and more", put, "", []string{"If-Match", `*, NOW`}, 400, httptoken.Malformed},
		{"any, twice", put, "", []string{"If-Match", `*`, "If-Match", `*`}, 400, httptoken.Malformed},
		{"compressed by a proxy", put, "", []string{"If-Match", `NOW-gzip`}, 400, httptoken.Malformed},
		{"huge", put, "", []string{"If-Match", `"` + strings.Repeat("0", 1<<19) + `"`}, 400, httptoken.Malformed},
		{"badly signed", put, "", []string{"If-Match", `FORGED`}, 400, httptoken.Malformed},
		{"badly signed, read", get, "", []string{"If-Match", `FORGED`}, 400, httptoken.Malformed},

		{"same", get, "", []string{"If-None-Match", `NOW`}, 304, ""},
		{"same, head", "HEAD", "", []string{"If-None-Match", `NOW`}, 304, ""},
		{"weak comparison", get, "", []string{"If-None-Match", `W/NOW`}, 304, ""},
		{"changed", get, "", []string{"If-None-Match", `OLD`}, 200, ""},
		{"changed, weak", get, "", []string{"If-None-Match", `W/OLD`}, 200, ""},
		{"same as one of a list", get, "", []string{"If-None-Match", `"x", OLD, W/NOW`}, 304, ""},
		{"same as none of a list", get, "", []string{"If-None-Match", `"x", OLD`}, 200, ""},
		{"same, beside one from the future", get, "", []string{"If-None-Match", `FUTURE, NOW, ALIEN`}, 304, ""},
		{"any is there", get, "", []string{"If-None-Match", `*`}, 304, ""},
		{"not made here", get, "", []string{"If-None-Match", `ALIEN`}, 200, ""},
		{"not yet made", get, "", []string{"If-None-Match", `FUTURE`}, 200, ""},
		{"badly signed, of a cache", get, "", []string{"If-None-Match", `FORGED`}, 200, ""},
		{"malformed, of a cache", get, "", []string{"If-None-Match", `xyzzy`}, 200, ""},
		{"make it", put, "absent", []string{"If-None-Match", `*`}, 204, ""},
		{"make it, but it is there", put, "", []string{"If-None-Match", `*`}, 412, httptoken.Present},
		{"change unless it is this", put, "", []string{"If-None-Match", `NOW`}, 412, httptoken.Present},
		{"change unless it is this, absent", put, "absent", []string{"If-None-Match", `NOW`}, 204, ""},
		{"change unless it is that", put, "", []string{"If-None-Match", `OLD`}, 204, ""},
		{"change unless", put, "", []string{"If-None-Match", `xyzzy`}, 400, httptoken.Malformed},

		{"If-Match comes first", get, "", []string{"If-Match", `OLD`, "If-None-Match", `NOW`}, 412, httptoken.Stale},
		{"then If-None-Match", get, "", []string{"If-Match", `NOW`, "If-None-Match", `NOW`}, 304, ""},
		{"both hold", put, "", []string{"If-Match", `NOW`, "If-None-Match", `OLD`}, 204, ""},
		{"contradiction", put, "", []string{"If-Match", `NOW`, "If-None-Match", `NOW`}, 412, httptoken.Present},
		{"no conditions for this method", "OPTIONS", "", []string{"If-Match", `xyzzy`}, 204, ""},
	}
	for _, tt := range tests {
		t.Run(strings.ReplaceAll(tt.what, " ", "_"), func(t *testing.T) {
			eachWay(t, func(t *testing.T, n *note) {
				if strings.Contains(fmt.Sprint(tt.headers), "FORGED") && n.tags.Signer == nil {
					return // there is nothing to forge
				}
				old := etag(t, n)
				text := "changed"
				if tt.absent != "" {
					text = ""
				}
				n.text.Store(text)
				now := etag(t, n)
				headers := fill(t, n, tt.headers, old, now)
				response, body := ask(t, n, tt.method, "mine", headers...)
				require.Equal(t, tt.status, response.StatusCode, "%s", body)
				if tt.problem != "" {
					assert.Equal(t, tt.problem, problem(t, response, body).Type)
				}
				if tt.status == 412 {
					assert.Equal(t, tt.absent == "", response.Header.Get("ETag") != "", "the fresh tag of what is there")
				}
				want := text
				if tt.status == 204 {
					want = "mine"
				}
				assert.Equal(t, want, n.text.Load())
				if tt.status == 304 {
					assert.Empty(t, body)
					assert.NotEmpty(t, response.Header.Get("ETag"))
					assert.Empty(t, response.Header.Get("Content-Type"))
				}
			})
		})
	}
}

// fill puts the tags in the place of their names.
func fill(t *testing.T, n *note, headers []string, old, now string) []string {
	t.Helper()
	alien := newNote(n.tags)
	forger := httptoken.Tags{Signer: signer(t, 'f')}
	_, present := n.text.LoadToken()
	future := n.tags.Format(token.New(present.Owner(), present.Version()+1<<40))
	names := strings.NewReplacer("OLD", old, "NOW-gzip", strings.TrimSuffix(now, `"`)+`-gzip"`, "NOW", now,
		"ALIEN", etag(t, alien), "FUTURE", future, "FORGED", forger.Format(present))
	filled := make([]string, len(headers))
	for i, h := range headers {
		filled[i] = names.Replace(h)
	}
	return filled
}

func TestA304HasTheTagThatItsSenderHas(t *testing.T) {
	n := newNote(httptoken.Tags{})
	mine := etag(t, n)
	elsewhere := tvar.New(0, tvar.In(n.owner))
	for range 3 { // the clock moves on; the note does not change
		elsewhere.Update(func(i int) int { return i + 1 })
		elsewhere.LoadToken()
	}
	require.NotEqual(t, mine, etag(t, n), "another tag for the same state")
	response, _ := ask(t, n, "GET", "", "If-None-Match", `"x", W/`+mine)
	assert.Equal(t, 304, response.StatusCode)
	assert.Equal(t, mine, response.Header.Get("ETag"), "a cache finds by it what to freshen")
	response, _ = ask(t, n, "PUT", "two", "If-Match", mine)
	assert.Equal(t, 204, response.StatusCode)
}

func TestKeysOfTagsRotate(t *testing.T) {
	n := newNote(httptoken.Tags{Signer: signer(t, 'a')})
	tag := etag(t, n)
	n.tags.Signer = signer(t, 'b', 'a')
	response, _ := ask(t, n, "GET", "", "If-None-Match", tag)
	assert.Equal(t, 304, response.StatusCode)
	assert.Equal(t, tag, response.Header.Get("ETag"))
	response, _ = ask(t, n, "PUT", "two", "If-Match", tag)
	assert.Equal(t, 204, response.StatusCode)

	n.tags.Signer = signer(t, 'b')
	response, body := ask(t, n, "PUT", "three", "If-Match", tag)
	assert.Equal(t, 400, response.StatusCode)
	assert.Contains(t, problem(t, response, body).Detail, "wrong signature")
}

func TestAPlainTagIsRefusedWhereTagsAreSigned(t *testing.T) {
	n := newNote(httptoken.Tags{Signer: signer(t, 'a')})
	_, seen := n.text.LoadToken()
	response, body := ask(t, n, "PUT", "two", "If-Match", httptoken.Tags{}.Format(seen))
	assert.Equal(t, 400, response.StatusCode)
	assert.Equal(t, httptoken.Malformed, problem(t, response, body).Type)
}

// TestOneOfManyEditorsWins has all of them send a change with the same tag at once: one is made, and the others are
// told what has clashed.
func TestOneOfManyEditorsWins(t *testing.T) {
	n := newNote(httptoken.Tags{Signer: signer(t, 'a')})
	server := httptest.NewServer(n)
	defer server.Close()
	tag := etag(t, n)
	var all sync.WaitGroup
	var mu sync.Mutex
	counts := map[int]int{}
	for i := range 16 {
		all.Go(func() {
			r, err := http.NewRequest("PUT", server.URL, strings.NewReader(fmt.Sprint("by ", i)))
			assert.NoError(t, err)
			r.Header.Set("If-Match", tag)
			response, err := server.Client().Do(r)
			if !assert.NoError(t, err) {
				return
			}
			defer response.Body.Close()
			mu.Lock()
			defer mu.Unlock()
			counts[response.StatusCode]++
		})
	}
	all.Wait()
	assert.Equal(t, map[int]int{204: 1, 412: 15}, counts)
}

// TestABodyThatBreaksOffChangesNothing stands for a client that goes away in the middle of its request.
func TestABodyThatBreaksOffChangesNothing(t *testing.T) {
	n := newNote(httptoken.Tags{})
	r := httptest.NewRequest("PUT", "/", io.MultiReader(strings.NewReader("half"), &broken{}))
	r.Header.Set("If-Match", etag(t, n))
	w := httptest.NewRecorder()
	n.ServeHTTP(w, r)
	assert.Equal(t, 400, w.Code)
	assert.Equal(t, "one", n.text.Load())
}

type broken struct{}

func (*broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }

func TestHeadHasTheHeadersOfAProblem(t *testing.T) {
	n := newNote(httptoken.Tags{})
	server := httptest.NewServer(n)
	defer server.Close()
	r, err := http.NewRequest("HEAD", server.URL, nil)
	require.NoError(t, err)
	r.Header.Set("If-Match", "xyzzy")
	response, err := server.Client().Do(r)
	require.NoError(t, err)
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	require.NoError(t, err)
	assert.Empty(t, body)
	assert.Equal(t, 400, response.StatusCode)
	assert.Equal(t, "application/problem+json", response.Header.Get("Content-Type"))
	assert.Positive(t, response.ContentLength)
}

func TestAnswerKnowsTheErrorsOfTokens(t *testing.T) {
	o := stm.NewOwner()
	v := tvar.New(1, tvar.In(o), tvar.Name("v"))
	held := o.Checkout()
	defer held.Discard()
	v.Set(held, 2)
	v.Store(3)
	_, clash := held.Commit()
	_, malformed := token.Parse("")
	_, forged := signer(t, 'a').Verify(signer(t, 'b').Sign(token.New(1, 2)))
	foreign := o.View(t.Context(), func(tx *stm.Tx) error { return tx.Expect(token.New(1, 2), v) })
	for _, tt := range []struct {
		err    error
		status int
		kind   string
	}{
		{clash, 412, httptoken.Stale},
		{fmt.Errorf("saving: %w", clash), 412, httptoken.Stale},
		{malformed, 400, httptoken.Malformed},
		{forged, 400, httptoken.Malformed},
		{foreign, 412, httptoken.Foreign},
	} {
		w := httptest.NewRecorder()
		r := httptest.NewRequest("POST", "/", nil)
		assert.True(t, httptoken.Answer(w, r, tt.err))
		assert.Equal(t, tt.status, w.Code)
		assert.Equal(t, tt.kind, problem(t, w.Result(), w.Body.String()).Type)
	}
	for _, err := range []error{nil, errors.New("disk full"), io.EOF, t.Context().Err()} {
		w := httptest.NewRecorder()
		assert.False(t, httptoken.Answer(w, nil, err))
		assert.Empty(t, w.Body.String())
		assert.Empty(t, w.Header())
	}
}

func TestAProblemTellsItsCause(t *testing.T) {
	n := newNote(httptoken.Tags{})
	old := etag(t, n)
	n.text.Store("two")
	r := httptest.NewRequest("PUT", "/", nil)
	r.Header.Set("If-Match", old)
	err := n.owner.Atomically(t.Context(), func(tx *stm.Tx) error { return n.tags.Check(tx, r, n.text) })
	var p *httptoken.Problem
	require.ErrorAs(t, err, &p)
	var clash *stm.ClashError
	require.ErrorAs(t, err, &clash)
	assert.Equal(t, "text", clash.Vars[0].Name)
	assert.ErrorIs(t, err, stm.ErrClash)
	assert.Contains(t, err.Error(), `httptoken: Somebody else has changed it meanwhile: "text"`)
}

func TestAVariableOfAnotherOwnerIsAMistakeOfTheProgram(t *testing.T) {
	n := newNote(httptoken.Tags{})
	stranger := tvar.New(0)
	for _, headers := range [][]string{{}, {"If-Match", `*`}, {"If-None-Match", `*`}, {"If-Match", etag(t, n)}} {
		r := httptest.NewRequest("GET", "/", nil)
		for i := 0; i < len(headers); i += 2 {
			r.Header.Set(headers[i], headers[i+1])
		}
		err := n.owner.View(t.Context(), func(tx *stm.Tx) error { return n.tags.Check(tx, r, n.text, stranger) })
		assert.ErrorIs(t, err, stm.ErrForeign)
		var p *httptoken.Problem
		assert.False(t, errors.As(err, &p), "%v", err)
	}
}

// FuzzConditions sends what nobody would: no panic, no status that is not in the table, and no change unless it is
// said to be made.
func FuzzConditions(f *testing.F) {
	n := newNote(httptoken.Tags{Signer: signer(f, 'a')})
	for _, field := range []string{`*`, `"x"`, `W/"x"`, `OLD`, `NOW`, `W/NOW, OLD`, `NOW"`, `"`, "\x00", `,`} {
		f.Add("PUT", field, "")
		f.Add("GET", "", field)
		f.Add("DELETE", field, field)
	}
	old := etag(f, n)
	n.text.Store("changed")
	now := etag(f, n)
	tags := strings.NewReplacer("OLD", old, "NOW", now)
	f.Fuzz(func(t *testing.T, method, match, noneMatch string) {
		n := &note{n.owner, n.tags, n.text, n.title}
		r := httptest.NewRequest("GET", "/", nil)
		r.Method = method
		if match != "" {
			r.Header.Set("If-Match", tags.Replace(match))
		}
		if noneMatch != "" {
			r.Header.Set("If-None-Match", tags.Replace(noneMatch))
		}
		err := n.owner.Try(func(tx *stm.Tx) error { return n.tags.Check(tx, r, n.text, n.title) })
		if err == nil || errors.Is(err, httptoken.ErrNotModified) {
			return
		}
		var p *httptoken.Problem
		require.ErrorAs(t, err, &p)
		require.Contains(t, []int{400, 412, 428}, p.Status)
		require.Less(t, len(p.Detail), 600)
	})
}

// TestEveryKindOfProblemIsExplained where its type says.
func TestEveryKindOfProblemIsExplained(t *testing.T) {
	guide, err := os.ReadFile("../docs/http.md")
	require.NoError(t, err)
	for _, kind := range []string{
		httptoken.Required, httptoken.Stale, httptoken.Weak, httptoken.Foreign,
		httptoken.Absent, httptoken.Present, httptoken.Malformed,
	} {
		_, anchor, ok := strings.Cut(kind, "/docs/http.md#")
		require.True(t, ok, kind)
		assert.Regexp(t, `(?mi)^### `+anchor+`$`, string(guide))
	}
}
