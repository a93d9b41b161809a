package main

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/httptoken"
	"github.com/rinse-go/rinse/token"
)

func mustSee(t testing.TB, s *site) token.Token {
	t.Helper()
	_, seen, err := s.wiki.load(t.Context(), "home")
	require.NoError(t, err)
	return seen
}

// call sends a request to the site, with headers as name and value by turns.
func call(t testing.TB, s *site, method, path, body string, headers ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(method, path, strings.NewReader(body))
	for i := 0; i < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	s.ServeHTTP(w, r)
	return w
}

// A tag of one page is none of another, although the wiki has moved on since, and the other page has not changed.
func TestATagOfAnotherPageIsRefused(t *testing.T) {
	s, _ := newTestSite(t)
	tag := call(t, s, "GET", "/api/pages/home", "").Header().Get("ETag")
	got := call(t, s, "PUT", "/api/pages/page", "mine", "If-Match", tag)
	assert.Equal(t, 400, got.Code)
	assert.Contains(t, got.Body.String(), "#malformed")
	assert.Equal(t, 200, call(t, s, "GET", "/api/pages/page", "", "If-None-Match", tag).Code)
	assert.Equal(t, "one\ntwo\nthree\nfour\nfive\n", s.wiki.text(t, "page"))
}

func TestAProgramEditsByTags(t *testing.T) {
	s, _ := newTestSite(t)
	got := call(t, s, "GET", "/api/pages/page", "")
	require.Equal(t, 200, got.Code)
	assert.Equal(t, "one\ntwo\nthree\nfour\nfive\n", got.Body.String())
	assert.Equal(t, "text/plain; charset=utf-8", got.Header().Get("Content-Type"))
	tag := got.Header().Get("ETag")

	assert.Equal(t, 304, call(t, s, "GET", "/api/pages/page", "", "If-None-Match", tag).Code)
	assert.Equal(t, 428, call(t, s, "PUT", "/api/pages/page", "x").Code)
	assert.Equal(t, 428, call(t, s, "DELETE", "/api/pages/page", "").Code)

	put := call(t, s, "PUT", "/api/pages/page", "mine", "If-Match", tag, "Wiki-Author", "Ann")
	require.Equal(t, 204, put.Code, put.Body)
	assert.Equal(t, "mine", s.wiki.text(t, "page"))

	stale := call(t, s, "PUT", "/api/pages/page", "mine too", "If-Match", tag)
	require.Equal(t, 412, stale.Code)
	var p httptoken.Problem
	require.NoError(t, json.Unmarshal(stale.Body.Bytes(), &p))
	require.Len(t, p.Clashes, 1)
	assert.Equal(t, "page", p.Clashes[0].Name)
	assert.Equal(t, "Ann", p.Clashes[0].By)

	assert.Equal(t, 204, call(t, s, "DELETE", "/api/pages/page", "", "If-Match", put.Header().Get("ETag")).Code)
	assert.Equal(t, 404, call(t, s, "GET", "/api/pages/page", "").Code)
	assert.Equal(t, 404, call(t, s, "DELETE", "/api/pages/page", "", "If-Match", "*").Code)
	assert.Equal(t, 412, call(t, s, "PUT", "/api/pages/page", "mine", "If-Match", p.ETag).Code)
	assert.Equal(t, 201, call(t, s, "PUT", "/api/pages/page", "new", "If-None-Match", "*").Code)
	assert.Equal(t, 412, call(t, s, "PUT", "/api/pages/page", "new", "If-None-Match", "*").Code)
}

func TestWhatAProgramCannotSave(t *testing.T) {
	s, _ := newTestSite(t)
	for _, tt := range []struct {
		method, path, body string
		status             int
	}{
		{"PUT", "/api/pages/page", "", 400},
		{"PUT", "/api/pages/page", "\xff", 400},
		{"PUT", "/api/pages/page", strings.Repeat("x", maxText+1), 413},
		{"PUT", "/api/pages/No%20Name", "x", 404},
		{"GET", "/api/pages/nowhere", "", 404},
		{"DELETE", "/api/pages/nowhere", "", 404},
	} {
		w := call(t, s, tt.method, tt.path, tt.body, "If-Match", "*")
		assert.Equal(t, tt.status, w.Code, "%s %s %.10q", tt.method, tt.path, tt.body)
		assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	}
	assert.Equal(t, "one\ntwo\nthree\nfour\nfive\n", s.wiki.text(t, "page"))
}

func TestTheListIsOfOneMoment(t *testing.T) {
	s, _ := newTestSite(t)
	w := call(t, s, "GET", "/api/pages", "")
	var pages []entry
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &pages))
	var names []string
	for _, p := range pages {
		names = append(names, p.Name)
		assert.Equal(t, len(s.wiki.text(t, p.Name)), p.Bytes)
	}
	assert.Equal(t, []string{"home", "how-it-works", "page", "writing"}, names)
}

// TestAServerThatGoesAwayHasSavedAllOrNothing closes the server's connections in the middle of saving. What a client
// was told to be saved is there, and what is there is whole.
func TestAServerThatGoesAwayHasSavedAllOrNothing(t *testing.T) {
	long := strings.Repeat("a line of a long text\n", maxText/25)
	for round := range 20 {
		s := newSite(newWiki(), testSigner(t, 'k'))
		server := httptest.NewServer(s)
		tag := call(t, s, "GET", "/api/pages/home", "").Header().Get("ETag")
		body, writer := io.Pipe()
		var all sync.WaitGroup
		all.Go(func() { // cut off before, within, and after the last bytes
			at := len(long) * round / 19
			io.WriteString(writer, long[:at])
			if round%2 == 0 {
				server.CloseClientConnections()
			}
			io.WriteString(writer, long[at:])
			writer.Close()
			server.CloseClientConnections()
		})
		r, err := http.NewRequest("PUT", server.URL+"/api/pages/home", body)
		require.NoError(t, err)
		r.Header.Set("If-Match", tag)
		response, err := server.Client().Do(r)
		if err == nil {
			assert.Equal(t, 204, response.StatusCode)
			response.Body.Close()
		}
		body.Close()
		all.Wait()
		server.Close() // waits for what was begun
		is := s.wiki.text(t, "home")
		assert.True(t, is == long || is == welcome["home"] && err != nil, "told %v, and %d bytes are there", err, len(is))
	}
}
