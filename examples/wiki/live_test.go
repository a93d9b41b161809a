package main

import (
	"bufio"
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A reader waits for the change of a page, in a bubble.
type reader struct {
	mu    sync.Mutex
	text  strings.Builder // guarded by mu
	ended bool            // guarded by mu
	stop  context.CancelFunc
}

func (r *reader) Header() http.Header { return http.Header{} }
func (r *reader) WriteHeader(int)     {}
func (r *reader) Flush()              {}
func (r *reader) Write(b []byte) (int, error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.Write(b)
}

func (r *reader) state() (text string, ended bool) {
	synctest.Wait()
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.text.String(), r.ended
}

// follow starts a reader of the page who has seen it as it is.
func follow(t *testing.T, s *site, name string) *reader {
	t.Helper()
	_, seen, err := s.wiki.load(t.Context(), name)
	require.NoError(t, err)
	return followSince(t, s, name, s.signerOf(name).Sign(seen))
}

func followSince(t *testing.T, s *site, name, seen string) *reader {
	ctx, cancel := context.WithCancel(t.Context())
	request := httptest.NewRequest("GET", "/changes/"+name+"?seen="+seen, nil).WithContext(ctx)
	r := &reader{stop: cancel}
	go func() {
		s.ServeHTTP(r, request)
		r.mu.Lock()
		defer r.mu.Unlock()
		r.ended = true
	}()
	return r
}

// inBubble runs a test in which nobody may be left behind: a bubble does not end before all goroutines have.
func inBubble(t *testing.T, test func(t *testing.T, s *site)) {
	synctest.Test(t, func(t *testing.T) {
		s := newSite(newWiki(), testSigner(t, 'k'))
		defer s.close()
		test(t, s)
	})
}

func TestAReaderIsToldOfTheChangeAndOfNothingElse(t *testing.T) {
	inBubble(t, func(t *testing.T, s *site) {
		r := follow(t, s, "home")
		s.wiki.put(t, "writing", "Ann", "Another page.\n")
		s.wiki.put(t, "new", "Ann", "A new page.\n")
		text, ended := r.state()
		assert.Equal(t, ": waiting\n\n", text)
		assert.False(t, ended)

		s.wiki.put(t, "home", "Ann \"A\"", "Changed.\n")
		text, ended = r.state()
		assert.Equal(t, ": waiting\n\nevent: changed\ndata: {\"author\":\"Ann \\\"A\\\"\"}\n\n", text)
		assert.True(t, ended)
	})
}

func TestAReaderOfAPageThatIsNotThereIsToldWhenItIsMade(t *testing.T) {
	inBubble(t, func(t *testing.T, s *site) {
		r := follow(t, s, "new")
		for _, other := range []string{"a", "b", "c"} {
			s.wiki.put(t, other, "Ann", "Another page.\n")
			_, ended := r.state()
			assert.False(t, ended)
		}
		s.wiki.put(t, "new", "Ann", "Here.\n")
		text, ended := r.state()
		assert.Contains(t, text, "event: changed")
		assert.True(t, ended)
	})
}

func TestAReaderWhoCameTooLateIsToldAtOnce(t *testing.T) {
	inBubble(t, func(t *testing.T, s *site) {
		for _, name := range []string{"home", "new"} {
			_, seen, err := s.wiki.load(t.Context(), name)
			require.NoError(t, err)
			s.wiki.put(t, name, "Ann", "Changed.\n")
			r := followSince(t, s, name, s.signerOf(name).Sign(seen))
			text, ended := r.state()
			assert.Contains(t, text, "event: changed\ndata: {\"author\":\"Ann\"}", name)
			assert.True(t, ended)
		}
	})
}

func TestAReaderIsShownThatTheServerIsAlive(t *testing.T) {
	inBubble(t, func(t *testing.T, s *site) {
		r := follow(t, s, "home")
		time.Sleep(3*pulse + time.Second) // in the bubble
		text, ended := r.state()
		assert.Equal(t, 3, strings.Count(text, ": still waiting\n\n"))
		assert.False(t, ended)
		r.stop()
		_, ended = r.state()
		assert.True(t, ended)
	})
}

func TestNothingIsLeftOfAReaderWhoGoes(t *testing.T) {
	inBubble(t, func(t *testing.T, s *site) {
		for _, name := range []string{"home", "new"} {
			r := follow(t, s, name)
			r.state()
			r.stop()
			_, ended := r.state()
			assert.True(t, ended)
			assert.Empty(t, s.streams)
		}
	})
}

func TestTheEndOfTheServerEndsTheNotices(t *testing.T) {
	inBubble(t, func(t *testing.T, s *site) {
		r := follow(t, s, "home")
		r.state()
		s.close()
		text, ended := r.state()
		assert.True(t, ended)
		assert.NotContains(t, text, "event:")
	})
}

func TestAReaderFromBeforeTheRestartIsTold(t *testing.T) {
	inBubble(t, func(t *testing.T, s *site) {
		earlier := newWiki()
		_, seen, err := earlier.load(t.Context(), "home")
		require.NoError(t, err)
		for _, name := range []string{"home", "new"} {
			text, ended := followSince(t, s, name, s.signerOf(name).Sign(seen)).state()
			assert.Contains(t, text, "event: restarted")
			assert.True(t, ended)
		}
	})
}

func TestReadersAreNotAskedBackForABadToken(t *testing.T) {
	s, _ := newTestSite(t)
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/changes/home?seen="+testSigner(t, 'x').Sign(mustSee(t, s)), nil))
	assert.Contains(t, w.Body.String(), "event: restarted", "of a key of another run")
	for _, seen := range []string{"", "x"} {
		w := httptest.NewRecorder()
		s.ServeHTTP(w, httptest.NewRequest("GET", "/changes/home?seen="+seen, nil))
		assert.Equal(t, http.StatusNoContent, w.Code)
	}
	for range maxStreams {
		s.streams <- struct{}{}
	}
	w = httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest("GET", "/changes/home?seen="+s.signerOf("home").Sign(mustSee(t, s)), nil))
	assert.Equal(t, http.StatusServiceUnavailable, w.Code)
}

// TestTheNoticeComesOverTheWire is the whole way, over a connection.
func TestTheNoticeComesOverTheWire(t *testing.T) {
	s, address := newTestSite(t)
	response, err := http.Get(address + "/changes/page?seen=" + s.signerOf("page").Sign(mustSee(t, s)))
	require.NoError(t, err)
	defer response.Body.Close()
	assert.Equal(t, "text/event-stream", response.Header.Get("Content-Type"))
	lines := bufio.NewScanner(response.Body)
	require.True(t, lines.Scan())
	assert.Equal(t, ": waiting", lines.Text())
	s.wiki.put(t, "page", "Ann", "Changed.\n")
	var rest []string
	for lines.Scan() {
		rest = append(rest, lines.Text())
	}
	assert.Equal(t, []string{"", "event: changed", `data: {"author":"Ann"}`, ""}, rest)
}
