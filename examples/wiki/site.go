package main

import (
	"bytes"
	"context"
	"embed"
	"errors"
	"html/template"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rinse-go/rinse/examples/wiki/text"
	"github.com/rinse-go/rinse/httptoken"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
)

// A site shows a wiki to people, and serves it to programs.
type site struct {
	wiki    *wiki
	signer  *token.Signer
	handler http.Handler
	streams chan struct{}   // as many as there are live notices
	open    context.Context // ends when notices shall
	close   context.CancelFunc
}

const (
	maxForm    = 1 << 20 // bytes of a form, which carries two texts
	maxStreams = 1000
)

//go:embed templates assets
var files embed.FS

var templates = template.Must(template.New("").Funcs(template.FuncMap{
	"parse": parse,
	"lines": func(lines []text.Line, mark string) marked { return marked{lines, mark} },
	"when":  func(t time.Time) string { return t.UTC().Format("2 January 2006, 15:04 UTC") },
	"stamp": func(t time.Time) string { return t.UTC().Format(time.RFC3339) },
}).ParseFS(files, "templates/*.html"))

// marked are lines, and how those that differ are marked.
type marked struct {
	Lines []text.Line
	Mark  string
}

func newSite(w *wiki, signer *token.Signer) *site {
	s := &site{wiki: w, signer: signer, streams: make(chan struct{}, maxStreams)}
	s.open, s.close = context.WithCancel(context.Background())
	mux := http.NewServeMux()
	mux.HandleFunc("GET /{$}", s.index)
	mux.HandleFunc("GET /new", s.choose)
	mux.HandleFunc("GET /wiki/{name}", s.show)
	mux.HandleFunc("GET /edit/{name}", s.edit)
	mux.HandleFunc("POST /edit/{name}", s.save)
	mux.HandleFunc("POST /rename/{name}", s.rename)
	mux.HandleFunc("GET /changes/{name}", s.changes)
	mux.HandleFunc("GET /api/pages", s.apiList)
	mux.HandleFunc("GET /api/pages/{name}", s.apiGet)
	mux.HandleFunc("PUT /api/pages/{name}", s.apiPut)
	mux.HandleFunc("DELETE /api/pages/{name}", s.apiDelete)
	for _, name := range []string{"style.css", "live.js", "icon.svg"} {
		mux.Handle("GET /assets/"+name, http.FileServerFS(files))
	}
	mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		s.fail(w, r, http.StatusNotFound, "There is nothing here", "The address leads nowhere.")
	})
	s.handler = http.NewCrossOriginProtection().Handler(secured(mux))
	return s
}

// signerOf returns the signer of a page's tokens. That of another page is none here: who has it has perhaps never
// seen this one.
func (s *site) signerOf(name string) *token.Signer { return s.signer.For(name) }

func (s *site) tagsOf(name string) httptoken.Tags { return httptoken.Tags{Signer: s.signerOf(name)} }

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.handler.ServeHTTP(w, r) }

// secured lets pages load nothing but their own style and script, and be shown in nobody's frame. What is served to
// this machine alone is not served under a name that somebody else has given it (DNS rebinding).
func secured(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if isLocal(r) && !isLocalName(r.Host) {
			http.Error(w, "ask for localhost", http.StatusMisdirectedRequest)
			return
		}
		h := w.Header()
		h.Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; script-src 'self'; connect-src 'self'; "+
			"img-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'")
		h.Set("X-Content-Type-Options", "nosniff")
		h.Set("Referrer-Policy", "same-origin")
		h.Set("Cache-Control", "no-cache")
		next.ServeHTTP(w, r)
	})
}

// isLocal reports whether a request came over the loopback interface.
func isLocal(r *http.Request) bool {
	addr, ok := r.Context().Value(http.LocalAddrContextKey).(*net.TCPAddr)
	return ok && addr.IP.IsLoopback()
}

func isLocalName(host string) bool {
	if name, _, err := net.SplitHostPort(host); err == nil {
		host = name
	}
	ip := net.ParseIP(strings.Trim(host, "[]"))
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// A view is what the templates show.
type view struct {
	Title   string
	Name    string // of the page
	Rev     revision
	Pages   []entry
	Form    form
	Clash   *clash
	Heading string // of an error
	Message string
}

// A form is one to edit a page with.
type form struct {
	Text   string
	Base   string // what Text began with
	Seen   string // signed token of what its editor has seen
	Author string
	Notice string // what is wrong with Text
	New    bool
}

// A clash is shown to an editor whose text was not saved.
type clash struct {
	Why                string
	Unknown            bool // whether anybody has changed it
	By                 string
	When               time.Time
	Removed            bool // they have left no text
	Base, Theirs, Mine []text.Line
	Conflicts          int
}

func (s *site) render(w http.ResponseWriter, r *http.Request, status int, name string, v view) {
	var page bytes.Buffer
	if err := templates.ExecuteTemplate(&page, name, v); err != nil {
		http.Error(w, "the page cannot be shown", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	w.WriteHeader(status)
	w.Write(page.Bytes()) // a reader who has gone misses it
}

func (s *site) fail(w http.ResponseWriter, r *http.Request, status int, heading, message string) {
	s.render(w, r, status, "fail.html", view{Title: heading, Heading: heading, Message: message})
}

// broken answers what is nobody's mistake but the server's, or a reader who is gone.
func (s *site) broken(w http.ResponseWriter, r *http.Request, err error) {
	s.fail(w, r, http.StatusServiceUnavailable, "That did not work", "The server could not do it: "+err.Error()+". Nothing was changed.")
}

func (s *site) index(w http.ResponseWriter, r *http.Request) {
	pages, err := s.wiki.list(r.Context())
	if err != nil {
		s.broken(w, r, err)
		return
	}
	s.render(w, r, http.StatusOK, "index.html", view{Title: "All pages", Pages: pages})
}

// choose leads to the form for a page whose name was typed by a person.
func (s *site) choose(w http.ResponseWriter, r *http.Request) {
	name := slug(r.FormValue("name"))
	if !validName.MatchString(name) {
		s.fail(w, r, http.StatusBadRequest, "That cannot be a name", "A name needs a letter or a digit, and at most 64 of them.")
		return
	}
	http.Redirect(w, r, "/edit/"+name, http.StatusSeeOther)
}

// slug makes a name of a page from a title.
func slug(title string) string {
	words := strings.FieldsFunc(strings.ToLower(title), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return strings.Join(words, "-")
}

func (s *site) show(w http.ResponseWriter, r *http.Request) {
	name, rev, seen, ok := s.load(w, r)
	if !ok {
		return
	}
	if rev.Text == "" {
		s.render(w, r, http.StatusNotFound, "missing.html", view{Title: name, Name: name})
		return
	}
	s.render(w, r, http.StatusOK, "page.html", view{Title: name, Name: name, Rev: rev,
		Form: form{Seen: s.signerOf(name).Sign(seen), Author: authorOf(r)}})
}

// load gets the page that a request names, or answers it.
func (s *site) load(w http.ResponseWriter, r *http.Request) (name string, rev revision, seen token.Token, ok bool) {
	name, ok = s.named(w, r)
	if !ok {
		return name, rev, seen, false
	}
	rev, seen, err := s.wiki.load(r.Context(), name)
	if err != nil {
		s.broken(w, r, err)
		return name, rev, seen, false
	}
	return name, rev, seen, true
}

// named returns the name in a request, or answers it if it cannot be one.
func (s *site) named(w http.ResponseWriter, r *http.Request) (name string, ok bool) {
	name = r.PathValue("name")
	ok = validName.MatchString(name)
	if !ok {
		s.fail(w, r, http.StatusNotFound, "There is no such page", "It cannot be one: "+errName.Error()+".")
	}
	return name, ok
}

func (s *site) edit(w http.ResponseWriter, r *http.Request) {
	name, rev, seen, ok := s.load(w, r)
	if !ok {
		return
	}
	s.render(w, r, http.StatusOK, "edit.html", view{Title: "Edit " + name, Name: name, Rev: rev, Form: form{
		Text: rev.Text, Base: rev.Text, Seen: s.signerOf(name).Sign(seen), Author: authorOf(r), New: rev.Text == "",
	}})
}

// save saves a form that was sent, or answers with another one that has the editor's text in it.
func (s *site) save(w http.ResponseWriter, r *http.Request) {
	name, ok := s.named(w, r)
	if !ok {
		return
	}
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	if err := r.ParseForm(); err != nil {
		status := http.StatusBadRequest
		if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
			status = http.StatusRequestEntityTooLarge
		}
		s.fail(w, r, status, "The form did not arrive whole", "Nothing was changed. Go back, your text is still there, and try again.")
		return
	}
	f := form{
		Text: clean(r.PostFormValue("text")), Base: clean(r.PostFormValue("base")),
		Seen: r.PostFormValue("seen"), Author: author(r.PostFormValue("author")),
	}
	remember(w, f.Author)
	if text.Marked(f.Text) {
		f.Notice = "There are still marks of a conflict in the text. Choose what to keep, and remove the lines with the marks."
		s.again(w, r, http.StatusUnprocessableEntity, name, f)
		return
	}
	seen, err := s.signerOf(name).Verify(f.Seen)
	if err == nil {
		_, err = s.wiki.save(r.Context(), name, revision{Text: f.Text, Author: f.Author}, unchangedSince(seen))
	}
	switch {
	case err == nil:
		http.Redirect(w, r, "/wiki/"+name, http.StatusSeeOther)
	case errors.Is(err, errTooLong):
		f.Notice = "This is too long: " + err.Error() + ". Nothing was saved yet."
		s.again(w, r, http.StatusRequestEntityTooLarge, name, f)
	case errors.Is(err, errText):
		f.Notice = "This is no text: " + err.Error() + "."
		s.again(w, r, http.StatusBadRequest, name, f)
	default:
		s.clashed(w, r, name, f, err)
	}
}

// again shows the form once more, as it was sent.
func (s *site) again(w http.ResponseWriter, r *http.Request, status int, name string, f form) {
	s.render(w, r, status, "edit.html", view{Title: "Edit " + name, Name: name, Form: f})
}

// clashed shows an editor whose text was not saved what is there now, and both merged. What the editor began with has
// come back in the form: the server keeps nothing for those who edit. It is not signed, for whoever changes it spoils
// the merge that they are shown, and nothing else.
func (s *site) clashed(w http.ResponseWriter, r *http.Request, name string, f form, err error) {
	status, why := reason(err)
	if status == 0 {
		s.broken(w, r, err)
		return
	}
	now, seen, err := s.wiki.load(r.Context(), name)
	switch {
	case err != nil:
		s.broken(w, r, err)
		return
	case now.Text == f.Text:
		http.Redirect(w, r, "/wiki/"+name, http.StatusSeeOther) // sent twice, or both think alike
		return
	}
	merged, conflicts := text.Merge(f.Base, f.Text, now.Text)
	c := &clash{
		Why: why, Unknown: status != http.StatusConflict,
		By: now.Author, When: now.Saved, Removed: now.Text == "", Conflicts: conflicts,
		Base: text.Removed(f.Base, f.Text, now.Text), Theirs: text.Added(f.Base, now.Text), Mine: text.Added(f.Base, f.Text),
	}
	s.render(w, r, status, "clash.html", view{Title: "Not saved yet: " + name, Name: name, Rev: now, Clash: c, Form: form{
		Text: merged, Base: now.Text, Seen: s.signerOf(name).Sign(seen), Author: f.Author,
	}})
}

// reason tells an editor why a token does not do.
func reason(err error) (status int, why string) {
	switch {
	case errors.Is(err, stm.ErrClash):
		return http.StatusConflict, "has changed this page while you were editing it."
	case errors.Is(err, stm.ErrForeign), errors.Is(err, token.ErrSignature):
		return http.StatusPreconditionFailed, "This form was not made by the server as it runs now, so nobody can tell what has changed meanwhile."
	case errors.Is(err, token.ErrMalformed):
		return http.StatusBadRequest, "This form came back damaged, so nobody can tell what has changed meanwhile."
	}
	return 0, ""
}

func (s *site) rename(w http.ResponseWriter, r *http.Request) {
	r.Body = http.MaxBytesReader(w, r.Body, maxForm)
	from, to := r.PathValue("name"), slug(r.PostFormValue("to"))
	by := author(r.PostFormValue("author"))
	remember(w, by)
	switch err := s.wiki.rename(r.Context(), from, to, by); {
	case err == nil:
		http.Redirect(w, r, "/wiki/"+to, http.StatusSeeOther)
	case errors.Is(err, errName), errors.Is(err, errTaken), errors.Is(err, errNoPage):
		s.fail(w, r, http.StatusBadRequest, "It was not renamed", "Nothing was changed: "+err.Error()+".")
	case errors.Is(err, stm.ErrClash):
		s.fail(w, r, http.StatusConflict, "Somebody was faster", "Nothing was changed, for "+err.Error()+".")
	default:
		s.broken(w, r, err)
	}
}

// clean makes lines end as they do in the wiki, the last one too: browsers send them with CR LF.
func clean(text string) string {
	text = strings.ReplaceAll(text, "\r\n", "\n")
	if text = strings.TrimRight(text, " \t\r\n"); text != "" {
		text += "\n"
	}
	return text
}

// author returns a name that fits on a line. It is what somebody says, and nobody checks it.
func author(name string) string {
	runes := []rune(strings.Join(strings.Fields(strings.ToValidUTF8(name, "")), " "))
	if len(runes) == 0 {
		return "somebody"
	}
	return string(runes[:min(len(runes), 40)])
}

// remember has the browser fill in the name next time.
func remember(w http.ResponseWriter, author string) {
	http.SetCookie(w, &http.Cookie{
		Name: "author", Value: url.QueryEscape(author), Path: "/", MaxAge: 365 * 24 * 3600,
		HttpOnly: true, SameSite: http.SameSiteStrictMode,
	})
}

func authorOf(r *http.Request) string {
	cookie, err := r.Cookie("author")
	if err != nil {
		return ""
	}
	name, err := url.QueryUnescape(cookie.Value)
	if err != nil {
		return ""
	}
	return author(name)
}
