package main

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/rinse-go/rinse/examples/wiki/text"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
)

// A wiki has pages. Each is a variable of its own, so that editors of different pages do not meet, and the list of
// them is another, which changes only when a page is made.
type wiki struct {
	owner *stm.Owner
	pages *tvar.TVar[map[string]*page] // values are immutable
}

// A page is there for good once it is made: one that is removed keeps its variable, and has no text.
type page struct {
	name string
	rev  *tvar.TVar[revision]
}

// A revision is what a page holds.
type revision struct {
	Text   string // empty if the page is removed
	Author string
	Saved  time.Time
}

const maxText = 64 << 10 // bytes of a page

var (
	errName    = errors.New("the name of a page has small letters, digits and hyphens, and is at most 64 long")
	errTooLong = fmt.Errorf("a page can have %d KiB of text, not more", maxText>>10)
	errText    = errors.New("a page is a text in UTF-8")
	errTaken   = errors.New("there is a page of that name already")
	errNoPage  = errors.New("there is no such page")

	errOvertaken = errors.New("others have saved again and again meanwhile")
)

func newWiki() *wiki {
	o := stm.NewOwner()
	w := &wiki{o, tvar.New(map[string]*page{}, tvar.In(o), tvar.Name("list of pages"), tvar.Merge(mergeLists))}
	for name, text := range welcome {
		w.add(name, text)
	}
	return w
}

// add puts in a page before anybody can see the wiki.
func (w *wiki) add(name, text string) {
	p := w.newPage(name)
	p.rev.Store(revision{text, "the wiki", time.Now()})
	w.pages.Update(func(list map[string]*page) map[string]*page { return with(list, p) })
}

func (w *wiki) newPage(name string) *page {
	return &page{name, tvar.New(revision{}, tvar.In(w.owner), tvar.Name(name), tvar.Merge(mergeRevisions))}
}

func with(list map[string]*page, p *page) map[string]*page {
	list = maps.Clone(list)
	list[p.name] = p
	return list
}

// validate returns an error for what no page can be.
func validate(name, text string) error {
	switch {
	case !validName.MatchString(name):
		return errName
	case len(text) > maxText:
		return errTooLong
	case !utf8.ValidString(text):
		return errText
	}
	return nil
}

var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// load returns a page as it is, with the token that tells later whether it has changed.
func (w *wiki) load(ctx context.Context, name string) (r revision, seen token.Token, err error) {
	err = w.owner.View(ctx, func(tx *stm.Tx) error {
		_, r = w.get(tx, name)
		seen = tx.Token()
		return nil
	})
	return r, seen, err
}

// get returns the page and what is in it; no page and nothing if there never was one.
func (w *wiki) get(tx *stm.Tx, name string) (*page, revision) {
	p := w.pages.Get(tx)[name]
	if p == nil {
		return nil, revision{}
	}
	return p, p.rev.Get(tx)
}

// vars are what a page's token is about.
func (p *page) vars() []stm.Var {
	if p == nil {
		return nil // it is made with a version of its own, above every token of before
	}
	return []stm.Var{p.rev}
}

// save puts a text on a page, if check says that this is still what its author wants. It returns the token of the
// page as saved.
func (w *wiki) save(ctx context.Context, name string, r revision, check checker) (saved token.Token, err error) {
	if err := validate(name, r.Text); err != nil {
		return token.Token{}, err
	}
	r.Saved = time.Now()
	err = w.owner.Atomically(ctx, func(tx *stm.Tx) error {
		p, old := w.get(tx, name)
		if err := check(tx, p, old); err != nil {
			return err
		}
		if p == nil {
			p = w.newPage(name)
			w.pages.Set(tx, with(w.pages.Get(tx), p))
		}
		tx.Label(r.Author)
		p.rev.Set(tx, r)
		tx.OnCommitToken(func(t token.Token) { saved = t })
		return nil
	})
	return saved, err
}

// A checker returns an error if a page, and what it holds, are not what a change was meant for.
type checker func(tx *stm.Tx, p *page, old revision) error

// unchangedSince is met as long as nobody has changed the page since a token.
func unchangedSince(seen token.Token) checker {
	return func(tx *stm.Tx, p *page, _ revision) error { return tx.Expect(seen, p.vars()...) }
}

// rename gives a page another name, changes all links to it, and leaves a link behind.
//
// It reads and may change every page, while people go on editing. So it works on a checkout, and what they have saved
// by the time it commits is merged page by page; it need not begin again. If somebody has changed a line that has to
// be changed here, nothing is renamed, and the error says who it was. If others save without end, it is done once
// nobody can, which keeps them waiting for as long as it takes.
func (w *wiki) rename(ctx context.Context, from, to, author string) error {
	if !validName.MatchString(to) {
		return errName
	}
	moved := func(tx *stm.Tx) error {
		tx.Label(author)
		return w.move(tx, from, to, author)
	}
	tx := w.owner.Checkout()
	defer tx.Discard()
	if err := moved(tx); err != nil {
		return err
	}
	if err := push(tx); !errors.Is(err, errOvertaken) {
		return err
	}
	tx.Discard()
	return w.owner.Irrevocably(ctx, moved)
}

// rebases is how often a checkout is rebased before somebody who saves all the time is kept waiting.
const rebases = 8

// push commits a checkout, on top of what others have committed meanwhile. If they do so again and again it returns
// errOvertaken, and the checkout is open.
func push(tx *stm.Tx) error {
	for range rebases {
		if _, err := tx.Commit(); !errors.Is(err, stm.ErrClash) {
			return err
		}
		if err := tx.Rebase(); err != nil {
			return err
		}
	}
	return errOvertaken
}

// move makes the changes of a renaming in a transaction.
func (w *wiki) move(tx *stm.Tx, from, to, author string) error {
	_, moved := w.get(tx, from)
	p, taken := w.get(tx, to)
	switch {
	case moved.Text == "":
		return errNoPage
	case taken.Text != "":
		return errTaken
	case p == nil:
		p = w.newPage(to)
		w.pages.Set(tx, with(w.pages.Get(tx), p))
	}
	p.rev.Set(tx, revision{moved.Text, author, time.Now()})
	links := strings.NewReplacer("[["+from+"]]", "[["+to+"]]")
	for name, p := range w.pages.Get(tx) {
		old := p.rev.Get(tx)
		changed := links.Replace(old.Text)
		if name == from {
			changed = "This page is now [[" + to + "]].\n"
		}
		if changed != old.Text {
			p.rev.Set(tx, revision{changed, author, time.Now()})
		}
	}
	return nil
}

// mergeRevisions merges texts by lines, for rename.
func mergeRevisions(base, mine, theirs revision) (revision, error) {
	merged, conflicts := text.Merge(base.Text, mine.Text, theirs.Text)
	if conflicts > 0 {
		return revision{}, fmt.Errorf("%s has changed the same lines", theirs.Author)
	}
	return revision{merged, mine.Author, mine.Saved}, nil
}

// mergeLists merges lists to which both sides have added pages.
func mergeLists(base, mine, theirs map[string]*page) (map[string]*page, error) {
	merged := maps.Clone(theirs)
	for name, p := range mine {
		if theirs[name] != nil && theirs[name] != p {
			return nil, fmt.Errorf("somebody else has made the page %s", name)
		}
		merged[name] = p
	}
	return merged, nil
}

// An entry is a page in a list of them.
type entry struct {
	Name   string    `json:"name"`
	Author string    `json:"author"`
	Saved  time.Time `json:"saved"`
	Bytes  int       `json:"bytes"`
}

// list returns the pages at one moment, by name.
func (w *wiki) list(ctx context.Context) (entries []entry, err error) {
	err = w.owner.View(ctx, func(tx *stm.Tx) error {
		entries = []entry{}
		for name, p := range w.pages.Get(tx) {
			if r := p.rev.Get(tx); r.Text != "" {
				entries = append(entries, entry{name, r.Author, r.Saved, len(r.Text)})
			}
		}
		return nil
	})
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.Name, b.Name) })
	return entries, err
}
