package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
)

func testSigner(t testing.TB, letter byte) *token.Signer {
	t.Helper()
	s, err := token.NewSigner(bytes.Repeat([]byte{letter}, token.MinKey))
	require.NoError(t, err)
	return s
}

// newTestSite is a site with a page of five lines, at an address.
func newTestSite(t testing.TB) (*site, string) {
	t.Helper()
	s := newSite(newWiki(), testSigner(t, 'k'))
	s.wiki.add("page", "one\ntwo\nthree\nfour\nfive\n")
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	t.Cleanup(s.close)
	return s, server.URL
}

func (w *wiki) text(t testing.TB, name string) string {
	t.Helper()
	r, _, err := w.load(context.Background(), name)
	require.NoError(t, err)
	return r.Text
}

// put saves a page whatever it holds.
func (w *wiki) put(t testing.TB, name, author, text string) {
	t.Helper()
	anyway := func(*stm.Tx, *page, revision) error { return nil }
	_, err := w.save(context.Background(), name, revision{Text: text, Author: author}, anyway)
	require.NoError(t, err)
}

func TestRenamingChangesAllLinksAtOnce(t *testing.T) {
	w := newWiki()
	w.put(t, "a", "ann", "see [[home]] and [[home]]\n")
	w.put(t, "b", "ann", "see [[homes]]\n")
	require.NoError(t, w.rename(t.Context(), "home", "start", "ben"))
	assert.Equal(t, "see [[start]] and [[start]]\n", w.text(t, "a"))
	assert.Equal(t, "see [[homes]]\n", w.text(t, "b"))
	assert.Equal(t, "This page is now [[start]].\n", w.text(t, "home"))
	assert.Equal(t, welcome["home"], w.text(t, "start"))
	assert.Contains(t, w.text(t, "writing"), "[[start]]")
}

// TestRenamingKeepsWhatIsSavedMeanwhile has others save, and make a page, after the renaming has read everything.
func TestRenamingKeepsWhatIsSavedMeanwhile(t *testing.T) {
	w := newWiki()
	w.put(t, "a", "ann", "one\ntwo\nsee [[home]]\n")
	tx := w.owner.Checkout()
	defer tx.Discard()
	require.NoError(t, w.move(tx, "home", "start", "ben"))
	w.put(t, "a", "ann", "ONE\ntwo\nsee [[home]]\n")
	w.put(t, "new", "ann", "new\n")
	require.NoError(t, push(tx))
	assert.Equal(t, "ONE\ntwo\nsee [[start]]\n", w.text(t, "a"))
	assert.Equal(t, "new\n", w.text(t, "new"))
	assert.Equal(t, welcome["home"], w.text(t, "start"))
}

func TestRenamingOverwritesNothing(t *testing.T) {
	for what, meanwhile := range map[string]func(*wiki){
		"a line with a link":     func(w *wiki) { w.put(t, "a", "ann", "now see [[home]]\n") },
		"the page itself":        func(w *wiki) { w.put(t, "home", "ann", "All new.\n") },
		"a page of the new name": func(w *wiki) { w.put(t, "start", "ann", "Start here.\n") },
	} {
		w := newWiki()
		w.put(t, "a", "ann", "see [[home]]\n")
		tx := w.owner.Checkout()
		require.NoError(t, w.move(tx, "home", "start", "ben"))
		meanwhile(w)
		before := contents(t, w)
		err := push(tx)
		assert.ErrorIs(t, err, stm.ErrClash, what)
		tx.Discard()
		assert.Equal(t, before, contents(t, w), what)
	}
	w := newWiki()
	assert.ErrorIs(t, w.rename(t.Context(), "home", "writing", "ben"), errTaken)
	assert.ErrorIs(t, w.rename(t.Context(), "nowhere", "start", "ben"), errNoPage)
	assert.ErrorIs(t, w.rename(t.Context(), "home", "Start!", "ben"), errName)
}

func contents(t *testing.T, w *wiki) map[string]string {
	t.Helper()
	entries, err := w.list(t.Context())
	require.NoError(t, err)
	all := map[string]string{}
	for _, e := range entries {
		all[e.Name] = w.text(t, e.Name)
	}
	return all
}

// TestNobodysLineIsLost has many editors add lines to one page by merging, while others rename pages that it links to.
func TestNobodysLineIsLost(t *testing.T) {
	const editors, rounds = 4, 10
	w := newWiki()
	var base strings.Builder
	for i := range editors {
		fmt.Fprintf(&base, "editor %d\n--\n--\n", i)
	}
	w.put(t, "page", "nobody", base.String()+"[[p0]]\n")
	w.put(t, "p0", "nobody", "text\n")
	var all sync.WaitGroup
	for i := range editors {
		all.Go(func() {
			for range rounds {
				w.appendTo(t, fmt.Sprintf("editor %d", i))
			}
		})
	}
	all.Go(func() {
		for i := range rounds {
			assert.NoError(t, w.rename(t.Context(), fmt.Sprint("p", i), fmt.Sprint("p", i+1), "mover"))
		}
	})
	all.Wait()
	text := w.text(t, "page")
	for i := range editors {
		assert.Contains(t, text, fmt.Sprintf("editor %d%s\n", i, strings.Repeat("!", rounds)))
	}
	assert.Contains(t, text, fmt.Sprintf("[[p%d]]", rounds))
}

// appendTo puts an exclamation mark after a line, in a checkout of its own.
func (w *wiki) appendTo(t *testing.T, line string) {
	tx := w.owner.Checkout()
	defer tx.Discard()
	p, r := w.get(tx, "page")
	r.Text = strings.Replace(r.Text, line, line+"!", 1)
	p.rev.Set(tx, r)
	err := push(tx)
	for errors.Is(err, errOvertaken) { // at worst once for each of the others' commits
		err = push(tx)
	}
	assert.NoError(t, err)
}

// TestRenamingEndsWhileOthersSaveWithoutEnd has somebody save a page that is to be changed, whenever it was read for
// that, and whenever it is merged. Only when nobody can save any more is nothing in the way.
func TestRenamingEndsWhileOthersSaveWithoutEnd(t *testing.T) {
	w := newWiki()
	p := &page{name: "busy"}
	saves, read := 0, false
	save := func() {
		saves++
		saved := make(chan struct{})
		go func() {
			defer close(saved)
			p.rev.Store(revision{Text: fmt.Sprintf("%d\n\nsee [[home]]\n", saves)})
		}()
		<-saved
	}
	p.rev = tvar.New(revision{}, tvar.In(w.owner),
		tvar.Clone(func(r revision) revision {
			if read {
				read = false
				save()
			}
			return r
		}),
		tvar.Merge(func(base, mine, theirs revision) (revision, error) {
			save()
			return mergeRevisions(base, mine, theirs)
		}))
	p.rev.Store(revision{Text: "0\n\nsee [[home]]\n"})
	w.pages.Update(func(list map[string]*page) map[string]*page { return with(list, p) })

	read = true
	require.NoError(t, w.rename(t.Context(), "home", "start", "ben"))
	assert.Equal(t, 1+rebases, saves)
	assert.Equal(t, fmt.Sprintf("%d\n\nsee [[start]]\n", saves), w.text(t, "busy"))
	assert.Equal(t, welcome["home"], w.text(t, "start"))
}

func TestMarkupIsParsed(t *testing.T) {
	assert.Equal(t, []block{
		{"h2", [][]span{{{Text: "Title"}}}},
		{"p", [][]span{{{Text: "one "}, {"home", true}, {Text: " two"}}, {{Text: "same"}}}},
		{"ul", [][]span{{{Text: "a"}}, {{Text: "b"}}}},
		{"p", [][]span{{{Text: "next"}}}},
		{"h3", [][]span{{{Text: "Sub"}}}},
		{"h3", [][]span{{{Text: "Sub"}}}},
		{"p", [][]span{{{Text: "[[No Name]] #not"}}}},
	}, parse("# Title\none [[home]] two\nsame\n- a\n- b\nnext\n\n\n## Sub\n## Sub\n[[No Name]] #not\n"))
	assert.Empty(t, parse(""))
}

func TestNamesAreMadeOfTitles(t *testing.T) {
	for title, want := range map[string]string{
		"Home": "home", "My  first page!": "my-first-page", "../../etc": "etc", "Ünï": "n", "": "", "--": "",
	} {
		assert.Equal(t, want, slug(title))
	}
	assert.Equal(t, "somebody", author(" \n\xff "))
	assert.Equal(t, "Ann B", author(" Ann\n B"))
	assert.Len(t, author(strings.Repeat("n", 100)), 40)
}
