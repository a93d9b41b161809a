package main

import (
	"errors"
	"os"
	"regexp"
	"strings"
	"testing"

	"github.com/rinse-go/rinse/token"
)

func TestTheStoryIsToldAsWritten(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), &out, nil); err != nil {
		t.Fatal(err)
	}
	want, err := os.ReadFile("testdata/story.txt")
	if err != nil {
		t.Fatal(err)
	}
	if got := timeless(out.String()); got != string(want) {
		t.Errorf("the story changed; it is now:\n%s", got)
	}
}

func TestEveryTokenInTheStoryParses(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), &out, nil); err != nil {
		t.Fatal(err)
	}
	owners := map[uint64]int{}
	for word := range strings.FieldsSeq(out.String()) {
		if tok, err := token.Parse(word); err == nil {
			owners[tok.Owner()]++
		}
	}
	if len(owners) != 1 {
		t.Errorf("tokens by owner: %v, want those of one owner", owners)
	}
	for owner, n := range owners {
		if n != 3 {
			t.Errorf("owner %d: %d tokens, want 3", owner, n)
		}
	}
}

func TestArgumentsAreRefused(t *testing.T) {
	var out strings.Builder
	if err := run(t.Context(), &out, []string{"fast"}); err == nil || out.Len() > 0 {
		t.Errorf("error %v after printing %q, want an error and no output", err, out.String())
	}
}

func TestAnOutputErrorIsReported(t *testing.T) {
	if err := run(t.Context(), brokenPipe{}, nil); !errors.Is(err, errBroken) {
		t.Errorf("error %v, want %v", err, errBroken)
	}
}

var errBroken = errors.New("broken pipe")

type brokenPipe struct{}

func (brokenPipe) Write([]byte) (int, error) { return 0, errBroken }

var number = regexp.MustCompile(`version \d+`)

// timeless replaces what differs from run to run: tokens and version numbers.
func timeless(story string) string {
	for word := range strings.FieldsSeq(story) {
		if _, err := token.Parse(word); err == nil {
			story = strings.ReplaceAll(story, word, "TOKEN")
		}
	}
	return number.ReplaceAllString(story, "version N")
}
