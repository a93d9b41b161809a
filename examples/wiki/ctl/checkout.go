package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
)

// A checkout is a page in a directory, on its way: the text that is edited, the one it began with, and the tag that
// says which version that was. It outlives the program, until it is committed.
type checkout struct {
	dir string

	Page string `json:"page"`
	Tag  string `json:"tag"` // empty if there was no such page
}

const (
	stateFile = "checkout.json"
	baseFile  = "base.txt"
)

var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,63}$`)

// errGone is what is left of a text whose file somebody has removed.
var errGone = errors.New("the file with the text is gone; nothing was changed")

func validate(name string) error {
	if !validName.MatchString(name) {
		return fmt.Errorf("%q cannot be the name of a page: use small letters, digits and hyphens", name)
	}
	return nil
}

// newCheckout checks a page out into a directory of its own.
func newCheckout(name string, p page) (*checkout, error) {
	dir, err := os.MkdirTemp("", "wiki-"+name+"-")
	if err != nil {
		return nil, err
	}
	c := &checkout{dir: dir, Page: name}
	return c, c.write(p.text, p)
}

// openCheckout opens what an earlier run has left.
func openCheckout(dir string) (*checkout, error) {
	state, err := os.ReadFile(filepath.Join(dir, stateFile))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s is no checkout; pass the directory that was named when the edit did not get through", dir)
	}
	if err != nil {
		return nil, err
	}
	c := &checkout{dir: dir}
	if err := json.Unmarshal(state, c); err != nil || !validName.MatchString(c.Page) {
		return nil, fmt.Errorf("%s is damaged; your text is beside it", filepath.Join(dir, stateFile))
	}
	return c, nil
}

// write puts a text into the checkout that is based on a page. The state comes last, and each file replaces the old
// one as a whole: whoever is interrupted here has the text, and at worst a tag that is refused.
func (c *checkout) write(text string, base page) error {
	c.Tag = base.tag
	state, err := json.Marshal(c)
	return errors.Join(err, replace(c.file(), text), replace(filepath.Join(c.dir, baseFile), base.text),
		replace(filepath.Join(c.dir, stateFile), string(state)))
}

func replace(file, text string) error {
	if err := os.WriteFile(file+".new", []byte(text), 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// file is the one to edit.
func (c *checkout) file() string { return filepath.Join(c.dir, c.Page+".txt") }

// read returns the text as it is now, and the one that it began with.
func (c *checkout) read() (mine, base string, err error) {
	m, err := os.ReadFile(c.file())
	if errors.Is(err, fs.ErrNotExist) {
		err = errGone
	}
	if err != nil {
		return "", "", err
	}
	b, err := os.ReadFile(filepath.Join(c.dir, baseFile))
	return string(m), string(b), err
}

func (c *checkout) remove() error { return os.RemoveAll(c.dir) }
