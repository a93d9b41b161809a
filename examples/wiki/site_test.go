package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/token"
)

// twoEditors opens the form of a page for two.
func twoEditors(t *testing.T, address string) (ann, ben *visitor) {
	t.Helper()
	ann, ben = newVisitor(address), newVisitor(address)
	for _, v := range []*visitor{ann, ben} {
		require.NoError(t, v.open(t.Context(), "/edit/page"))
		require.Equal(t, 200, v.status)
		require.NotEmpty(t, v.form.Get("text"))
	}
	return ann, ben
}

// write replaces a part of the text in the form.
func (v *visitor) write(old, new string) {
	v.form.Set("text", strings.Replace(v.form.Get("text"), old, new, 1))
}

func TestTheSecondEditorSeesBothAndSavesThemMerged(t *testing.T) {
	s, address := newTestSite(t)
	ann, ben := twoEditors(t, address)
	ann.write("one", "ONE")
	require.NoError(t, ann.save(t.Context(), "Ann"))
	assert.Equal(t, 200, ann.status)
	assert.Equal(t, "/wiki/page", ann.at)

	ben.write("five", "FIVE")
	require.NoError(t, ben.save(t.Context(), "Ben"))
	assert.Equal(t, http.StatusConflict, ben.status)
	assert.Equal(t, "ONE\ntwo\nthree\nfour\nfive\n", s.wiki.text(t, "page"), "nothing is overwritten")
	assert.Contains(t, ben.body, "<strong>Ann</strong> has changed this page")
	for column, changed := range map[string]string{
		"base":   `<li class="changed"><span class="mark">−</span><ins>one</ins></li><li><span>two</span></li>`,
		"theirs": `<li class="changed"><span class="mark">&#43;</span><ins>ONE</ins></li><li><span>two</span></li>`,
		"mine":   `<li class="changed"><span class="mark">&#43;</span><ins>FIVE</ins></li></ol>`,
	} {
		_, section, _ := strings.Cut(ben.body, `aria-labelledby="`+column+`"`)
		section, _, _ = strings.Cut(section, "</section>")
		assert.Contains(t, section, changed, column)
	}
	assert.Equal(t, "ONE\ntwo\nthree\nfour\nFIVE\n", ben.form.Get("text"))
	assert.Equal(t, "Ben", ben.form.Get("author"))

	require.NoError(t, ben.save(t.Context(), "Ben"))
	assert.Equal(t, "/wiki/page", ben.at)
	assert.Equal(t, "ONE\ntwo\nthree\nfour\nFIVE\n", s.wiki.text(t, "page"))
	assert.Contains(t, ben.body, "Last saved by Ben")
}

func TestAClashOfAClashIsShownAgain(t *testing.T) {
	s, address := newTestSite(t)
	ann, ben := twoEditors(t, address)
	ann.write("one", "ONE")
	require.NoError(t, ann.save(t.Context(), "Ann"))
	ben.write("five", "FIVE")
	require.NoError(t, ben.save(t.Context(), "Ben"))
	s.wiki.put(t, "page", "Cleo", "ONE\ntwo\nTHREE\nfour\nfive\n")
	require.NoError(t, ben.save(t.Context(), "Ben"))
	assert.Equal(t, http.StatusConflict, ben.status)
	assert.Contains(t, ben.body, "<strong>Cleo</strong>")
	assert.Equal(t, "ONE\ntwo\nTHREE\nfour\nFIVE\n", ben.form.Get("text"))
}

func TestTheSameLinesAreForTheEditorToDecide(t *testing.T) {
	s, address := newTestSite(t)
	ann, ben := twoEditors(t, address)
	ann.write("three", "drei")
	require.NoError(t, ann.save(t.Context(), "Ann"))
	ben.write("three", "trois")
	require.NoError(t, ben.save(t.Context(), "Ben"))
	assert.Equal(t, http.StatusConflict, ben.status)
	assert.Equal(t, "one\ntwo\n<<<<<<< yours\ntrois\n=======\ndrei\n>>>>>>> theirs\nfour\nfive\n", ben.form.Get("text"))
	assert.Contains(t, ben.body, "in one place")

	marked := ben.form.Get("text")
	require.NoError(t, ben.save(t.Context(), "Ben"))
	assert.Equal(t, http.StatusUnprocessableEntity, ben.status, "marks are not saved")
	assert.Equal(t, marked, ben.form.Get("text"))
	assert.Equal(t, "one\ntwo\ndrei\nfour\nfive\n", s.wiki.text(t, "page"))

	ben.form.Set("text", "one\r\ntwo\r\ndrei, trois\r\nfour\r\nfive\r\n\r\n")
	require.NoError(t, ben.save(t.Context(), "Ben"))
	assert.Equal(t, "one\ntwo\ndrei, trois\nfour\nfive\n", s.wiki.text(t, "page"))
}

// TestABadTokenLosesNoText sends tokens that do not do: whatever is wrong, the page stays as it was, and the editor gets
// their text back with a token that does.
func TestABadTokenLosesNoText(t *testing.T) {
	for _, tt := range []struct {
		what   string
		status int
		token  func(t *testing.T, s *site, good string) string
	}{
		{"none", 400, func(*testing.T, *site, string) string { return "" }},
		{"truncated", 400, func(_ *testing.T, _ *site, good string) string { return good[:len(good)-1] }},
		{"oversized", 400, func(_ *testing.T, _ *site, good string) string { return strings.Repeat(good, 1000) }},
		{"not signed", 400, func(_ *testing.T, _ *site, good string) string { return good[:33] }},
		{"random", 400, func(*testing.T, *site, string) string { return "'; DROP TABLE pages" }},
		{"tampered", 412, func(_ *testing.T, _ *site, good string) string {
			return strings.Replace(good, good[31:33], "ff", 1)
		}},
		{"of another key", 412, func(t *testing.T, s *site, good string) string {
			seen, err := s.signerOf("page").Verify(good)
			require.NoError(t, err)
			return testSigner(t, 'x').For("page").Sign(seen)
		}},
		{"of another page", 412, func(t *testing.T, s *site, good string) string {
			return s.signerOf("home").Sign(mustSee(t, s))
		}},
		{"of the server before it was restarted", 412, func(t *testing.T, s *site, good string) string {
			earlier := newSite(newWiki(), s.signer)
			_, seen, err := earlier.wiki.load(t.Context(), "page")
			require.NoError(t, err)
			return s.signerOf("page").Sign(seen)
		}},
		{"from the future", 412, func(t *testing.T, s *site, good string) string {
			seen, err := s.signerOf("page").Verify(good)
			require.NoError(t, err)
			return s.signerOf("page").Sign(token.New(seen.Owner(), seen.Version()+1<<50))
		}},
		{"replayed after success", 409, func(t *testing.T, s *site, good string) string {
			s.wiki.put(t, "page", "Ann", "one\ntwo\nthree\nfour\nfive!\n")
			return good
		}},
	} {
		t.Run(strings.ReplaceAll(tt.what, " ", "_"), func(t *testing.T) {
			s, address := newTestSite(t)
			ann, _ := twoEditors(t, address)
			ann.write("one", "my precious line")
			ann.form.Set("seen", tt.token(t, s, ann.form.Get("seen")))
			before := s.wiki.text(t, "page")
			require.NoError(t, ann.save(t.Context(), "Ann"))
			assert.Equal(t, tt.status, ann.status)
			assert.Equal(t, before, s.wiki.text(t, "page"))
			assert.Contains(t, ann.form.Get("text"), "my precious line")

			require.NoError(t, ann.save(t.Context(), "Ann"))
			assert.Equal(t, 200, ann.status)
			assert.Contains(t, s.wiki.text(t, "page"), "my precious line")
		})
	}
}

func TestAFormSentTwiceIsSavedOnce(t *testing.T) {
	s, address := newTestSite(t)
	ann, _ := twoEditors(t, address)
	ann.write("one", "ONE")
	sent := url.Values{}
	for name, value := range ann.form {
		sent[name] = value
	}
	for range 2 {
		require.NoError(t, ann.post(t.Context(), "/edit/page", sent))
		assert.Equal(t, "/wiki/page", ann.at)
	}
	sent.Set("text", "something else")
	require.NoError(t, ann.post(t.Context(), "/edit/page", sent))
	assert.Equal(t, http.StatusConflict, ann.status, "the token is used up")
	assert.Equal(t, "ONE\ntwo\nthree\nfour\nfive\n", s.wiki.text(t, "page"))
}

func TestTwoCannotMakeTheSamePage(t *testing.T) {
	s, address := newTestSite(t)
	ann, ben := newVisitor(address), newVisitor(address)
	require.NoError(t, ann.open(t.Context(), "/new?name=Brand+new"))
	require.NoError(t, ben.open(t.Context(), "/edit/brand-new"))
	require.Equal(t, "/edit/brand-new", ann.at)
	s.wiki.put(t, "other", "Cleo", "Another page is no clash.\n")
	ann.form.Set("text", "by Ann")
	ben.form.Set("text", "by Ben")
	require.NoError(t, ann.save(t.Context(), "Ann"))
	assert.Equal(t, 200, ann.status)
	require.NoError(t, ben.save(t.Context(), "Ben"))
	assert.Equal(t, http.StatusConflict, ben.status)
	assert.Equal(t, "by Ann\n", s.wiki.text(t, "brand-new"))
}

func TestAPageThatWasRemovedMeanwhileIsAClash(t *testing.T) {
	s, address := newTestSite(t)
	ann, ben := twoEditors(t, address)
	ann.form.Set("text", " \r\n")
	require.NoError(t, ann.save(t.Context(), "Ann"))
	assert.Equal(t, http.StatusNotFound, ann.status, "it shows that there is no such page")
	assert.NotContains(t, contents(t, s.wiki), "page")

	ben.write("one", "ONE")
	require.NoError(t, ben.save(t.Context(), "Ben"))
	assert.Equal(t, http.StatusConflict, ben.status)
	assert.Contains(t, ben.body, "<strong>Ann</strong> has removed this page")
	ben.form.Set("text", "back again")
	require.NoError(t, ben.save(t.Context(), "Ben"))
	assert.Equal(t, "back again\n", s.wiki.text(t, "page"))
}

func TestWhatCannotBeSavedComesBack(t *testing.T) {
	s, address := newTestSite(t)
	ann, _ := twoEditors(t, address)
	long := strings.Repeat("long ", maxText/5+1)
	for text, status := range map[string]int{long: 413, "bad \xff": 400} {
		ann.form.Set("text", text)
		require.NoError(t, ann.post(t.Context(), "/edit/page", ann.form))
		assert.Equal(t, status, ann.status)
		assert.Contains(t, ann.form.Get("text"), text[:4])
		assert.Contains(t, ann.body, `role="alert"`)
	}
	ann.form.Set("text", strings.Repeat("x", maxForm))
	require.NoError(t, ann.post(t.Context(), "/edit/page", ann.form))
	assert.Equal(t, 413, ann.status)
	assert.Equal(t, "one\ntwo\nthree\nfour\nfive\n", s.wiki.text(t, "page"))
}

func TestBadNamesAreNoPages(t *testing.T) {
	_, address := newTestSite(t)
	v := newVisitor(address)
	for path, status := range map[string]int{
		"/wiki/nowhere": 404, "/wiki/No%20Name": 404, "/edit/..%2f..": 404, "/nothing": 404, "/new?name=%21": 400, "/wiki/": 404,
		"/assets/": 404, "/wiki/" + strings.Repeat("a", 65): 404,
	} {
		require.NoError(t, v.open(t.Context(), path))
		assert.Equal(t, status, v.status, path)
		assert.Contains(t, v.body, "<h1>", path)
	}
	require.NoError(t, v.post(t.Context(), "/edit/No%20Name", url.Values{"text": {"x"}, "seen": {v.form.Get("seen")}}))
	assert.Equal(t, 404, v.status)
}

func TestNothingThatPeopleWriteIsMarkupOfThePage(t *testing.T) {
	s, address := newTestSite(t)
	const evil = `<script>alert(1)</script>"'><img src=x onerror=alert(1)>[[home]]</textarea>`
	ann, ben := twoEditors(t, address)
	ann.form.Set("text", evil)
	require.NoError(t, ann.save(t.Context(), evil))
	ben.form.Set("text", evil+"!")
	require.NoError(t, ben.save(t.Context(), evil))
	assert.Equal(t, http.StatusConflict, ben.status)
	require.Contains(t, s.wiki.text(t, "page"), evil)
	for _, path := range []string{"/", "/wiki/page", "/edit/page"} {
		require.NoError(t, ann.open(t.Context(), path))
		for _, body := range []string{ann.body, ben.body} {
			assert.NotContains(t, body, "<script>alert")
			assert.NotContains(t, body, "<img")
		}
	}
}

func TestPagesMayLoadNothingFromElsewhere(t *testing.T) {
	_, address := newTestSite(t)
	for _, path := range []string{"/", "/wiki/page", "/edit/page", "/wiki/nowhere", "/nothing", "/api/pages", "/assets/style.css"} {
		response, err := http.Get(address + path)
		require.NoError(t, err)
		body, err := io.ReadAll(response.Body)
		response.Body.Close()
		require.NoError(t, err)
		policy := response.Header.Get("Content-Security-Policy")
		for _, want := range []string{"default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"} {
			assert.Contains(t, policy, want, path)
		}
		assert.NotContains(t, policy, "unsafe")
		assert.Equal(t, "nosniff", response.Header.Get("X-Content-Type-Options"))
		assert.NotContains(t, string(body), "://", path)
		assert.NotContains(t, string(body), "style=", path)
	}
}

func TestOtherSitesCannotSave(t *testing.T) {
	s, address := newTestSite(t)
	ann, _ := twoEditors(t, address)
	for _, header := range [][2]string{{"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Origin", "http://evil.example"}} {
		for _, path := range []string{"/edit/page", "/rename/page", "/api/pages/page"} {
			r := httptest.NewRequest("POST", path, strings.NewReader(ann.form.Encode()))
			if strings.HasPrefix(path, "/api") {
				r.Method = "PUT"
			}
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set(header[0], header[1])
			w := httptest.NewRecorder()
			s.ServeHTTP(w, r)
			assert.Equal(t, http.StatusForbidden, w.Code, "%s %v", path, header)
		}
	}
	assert.Equal(t, "one\ntwo\nthree\nfour\nfive\n", s.wiki.text(t, "page"))
}

// TestARequestThatBreaksOffChangesNothing sends the half of a form, and of a text, and hangs up.
func TestARequestThatBreaksOffChangesNothing(t *testing.T) {
	s, address := newTestSite(t)
	ann, _ := twoEditors(t, address)
	ann.write("one", "ONE")
	for _, request := range []string{
		fmt.Sprintf("POST /edit/page HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: %d\r\n\r\n%s",
			len(ann.form.Encode()), ann.form.Encode()[:100]),
		"PUT /api/pages/page HTTP/1.1\r\nHost: localhost\r\nIf-Match: *\r\nContent-Length: 100\r\n\r\nhalf a te",
		"PUT /api/pages/page HTTP/1.1\r\nHost: localhost\r\nIf-Match: *\r\nTransfer-Encoding: chunked\r\n\r\n9\r\nhalf a te\r\n",
	} {
		c, err := net.Dial("tcp", strings.TrimPrefix(address, "http://"))
		require.NoError(t, err)
		_, err = io.WriteString(c, request)
		require.NoError(t, err)
		require.NoError(t, c.(*net.TCPConn).CloseWrite())
		response, err := http.ReadResponse(bufio.NewReader(c), nil)
		require.NoError(t, err)
		assert.Equal(t, 400, response.StatusCode, "%.20s", request)
		c.Close()
		assert.Equal(t, "one\ntwo\nthree\nfour\nfive\n", s.wiki.text(t, "page"))
	}
}

func TestTheNameIsRemembered(t *testing.T) {
	_, address := newTestSite(t)
	ann, _ := twoEditors(t, address)
	assert.Empty(t, ann.form.Get("author"))
	require.NoError(t, ann.save(t.Context(), "Ännchen; \"von\" Tharau"))
	require.NoError(t, ann.open(t.Context(), "/edit/page"))
	assert.Equal(t, "Ännchen; \"von\" Tharau", ann.form.Get("author"))
}

func TestRenamingOverHTTP(t *testing.T) {
	s, address := newTestSite(t)
	v := newVisitor(address)
	require.NoError(t, v.post(t.Context(), "/rename/page", url.Values{"to": {"New Name"}, "author": {"Ann"}}))
	assert.Equal(t, "/wiki/new-name", v.at)
	assert.Equal(t, "one\ntwo\nthree\nfour\nfive\n", s.wiki.text(t, "new-name"))
	for _, to := range []string{"home", "!"} {
		require.NoError(t, v.post(t.Context(), "/rename/new-name", url.Values{"to": {to}}))
		assert.Equal(t, 400, v.status)
	}
}

func TestANameThatIsNotThisMachinesIsRefused(t *testing.T) {
	_, address := newTestSite(t)
	port := address[strings.LastIndex(address, ":"):]
	for host, status := range map[string]int{
		"evil.example": 421, "evil.example" + port: 421, "10.0.0.1" + port: 421, "localhost.evil.example": 421,
		"localhost": 200, "localhost" + port: 200, "127.0.0.1" + port: 200, "[::1]" + port: 200, "[::1]": 200,
	} {
		r, err := http.NewRequest("GET", address+"/", nil)
		require.NoError(t, err)
		r.Host = host
		response, err := http.DefaultClient.Do(r)
		require.NoError(t, err)
		response.Body.Close()
		assert.Equal(t, status, response.StatusCode, host)
	}
}

// TestFormsAreNotFilledInAgain: a browser that restores a text after a reload, but not the token beside it, would have
// its author overwrite what they have not seen. Chromium does not; others have done so.
func TestFormsAreNotFilledInAgain(t *testing.T) {
	_, address := newTestSite(t)
	v := newVisitor(address)
	require.NoError(t, v.open(t.Context(), "/edit/page"))
	assert.Regexp(t, `<form method="post" action="/edit/page" [^>]*autocomplete="off">`, v.body)
}
