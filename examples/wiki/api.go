package main

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"

	"github.com/rinse-go/rinse/httptoken"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
)

// The pages as programs see them: texts with an ETag, to be changed with If-Match. See docs/http.md.

// authorHeader says who makes a change; nobody checks it.
const authorHeader = "Wiki-Author"

func (s *site) apiList(w http.ResponseWriter, r *http.Request) {
	pages, err := s.wiki.list(r.Context())
	if err != nil {
		apiFail(w, r, http.StatusServiceUnavailable, err)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	json.NewEncoder(w).Encode(pages) // a client that has gone misses it
}

func (s *site) apiGet(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	var rev revision
	var seen token.Token
	err := s.wiki.owner.View(r.Context(), func(tx *stm.Tx) error {
		var p *page
		p, rev = s.wiki.get(tx, name)
		seen = tx.Token()
		if rev.Text == "" {
			return errNoPage
		}
		return s.tagsOf(name).Check(tx, r, p.vars()...)
	})
	if s.apiAnswered(w, r, err) {
		return
	}
	s.tagsOf(name).Set(w, seen)
	w.Header().Set("Content-Type", "text/plain; charset=utf-8")
	w.Header().Set(authorHeader, author(rev.Author))
	io.WriteString(w, rev.Text)
}

func (s *site) apiPut(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, maxText))
	if tooLarge := new(http.MaxBytesError); errors.As(err, &tooLarge) {
		err = errTooLong
	} else if err == nil && len(body) == 0 {
		err = errEmpty
	}
	if s.apiAnswered(w, r, err) {
		return
	}
	s.apiSave(w, r, string(body))
}

var errEmpty = errors.New("the text is empty; use DELETE to remove a page")

// apiDelete removes a page: it saves it without a text.
func (s *site) apiDelete(w http.ResponseWriter, r *http.Request) { s.apiSave(w, r, "") }

func (s *site) apiSave(w http.ResponseWriter, r *http.Request, text string) {
	name, made := r.PathValue("name"), false
	check := func(tx *stm.Tx, p *page, old revision) error {
		made = old.Text == ""
		switch {
		case made && text == "":
			return errNoPage
		case made:
			return s.tagsOf(name).CheckAbsent(tx, r, p.vars()...)
		}
		return s.tagsOf(name).Check(tx, r, p.vars()...)
	}
	rev := revision{Text: text, Author: author(r.Header.Get(authorHeader))}
	saved, err := s.wiki.save(r.Context(), name, rev, check)
	switch {
	case s.apiAnswered(w, r, err):
		return
	case text == "":
	default:
		s.tagsOf(name).Set(w, saved)
	}
	status := http.StatusNoContent
	if made {
		status = http.StatusCreated
	}
	w.WriteHeader(status)
}

// apiAnswered answers a request that cannot be carried out, and reports whether it did.
func (s *site) apiAnswered(w http.ResponseWriter, r *http.Request, err error) bool {
	status := http.StatusServiceUnavailable
	switch {
	case err == nil:
		return false
	case httptoken.Answer(w, r, err):
		return true
	case errors.Is(err, errNoPage), errors.Is(err, errName):
		status = http.StatusNotFound
	case errors.Is(err, errTooLong):
		status = http.StatusRequestEntityTooLarge
	case errors.Is(err, errText), errors.Is(err, errEmpty), errors.Is(err, io.ErrUnexpectedEOF):
		status = http.StatusBadRequest
	}
	apiFail(w, r, status, err)
	return true
}

func apiFail(w http.ResponseWriter, r *http.Request, status int, err error) {
	p := &httptoken.Problem{Type: "about:blank", Title: http.StatusText(status), Status: status, Detail: err.Error()}
	p.ServeHTTP(w, r)
}
