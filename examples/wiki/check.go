package main

import (
	"context"
	"errors"
	"fmt"
	"html"
	"io"
	"net"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
)

// check tries a site out as people and programs use it, over real connections, and tells what it sees.
func check(ctx context.Context, w io.Writer, s *site) error {
	dir, err := os.MkdirTemp("", "wiki-check-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	listeners, err := listen(options{addr: "localhost:0", socket: filepath.Join(dir, "socket")})
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	served := make(chan error, 1)
	go func() { served <- serve(ctx, s, listeners) }()
	err = errors.Join(
		checkEditors(ctx, w, "http://"+listeners[0].Addr().String()),
		checkProgram(ctx, w, listeners[1].Addr().String()),
	)
	cancel()
	return errors.Join(err, <-served)
}

// checkEditors has two people edit a page at the same time.
func checkEditors(ctx context.Context, w io.Writer, address string) error {
	ann, ben := newVisitor(address), newVisitor(address)
	if err := errors.Join(ann.open(ctx, "/edit/home"), ben.open(ctx, "/edit/home")); err != nil {
		return err
	}
	ann.form.Set("text", strings.Replace(ann.form.Get("text"), "# Welcome", "# Welcome to our wiki", 1))
	if err := ann.save(ctx, "Ann"); err != nil {
		return err
	}
	fmt.Fprintf(w, "Ann and Ben edit the page home. Ann saves first: %d, she is at %s\n", ann.status, ann.at)
	ben.form.Set("text", ben.form.Get("text")+"\nSigned, Ben.\n")
	if err := ben.save(ctx, "Ben"); err != nil {
		return err
	}
	fmt.Fprintf(w, "Ben saves: %d, nothing is overwritten, and he is shown both texts, merged\n", ben.status)
	merged := ben.form.Get("text")
	if ben.status != http.StatusConflict || !strings.Contains(merged, "our wiki") || !strings.Contains(merged, "Signed, Ben.") {
		return fmt.Errorf("want both changes shown to Ben, got: %d %q", ben.status, merged)
	}
	if err := ben.save(ctx, "Ben"); err != nil {
		return err
	}
	fmt.Fprintf(w, "Ben saves the merged text: %d, he is at %s\n", ben.status, ben.at)
	if ben.at != "/wiki/home" || !strings.Contains(ben.body, "Welcome to our wiki") || !strings.Contains(ben.body, "Signed, Ben.") {
		return fmt.Errorf("want both changes on the page, got: %s", ben.body)
	}
	return nil
}

// checkProgram has a program send the same change twice over a socket.
func checkProgram(ctx context.Context, w io.Writer, socket string) error {
	dial := func(ctx context.Context, _, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, "unix", socket)
	}
	client := &http.Client{Transport: &http.Transport{DialContext: dial}}
	defer client.CloseIdleConnections()
	const page = "http://wiki/api/pages/writing"
	response, err := client.Get(page)
	if err != nil {
		return err
	}
	response.Body.Close()
	fmt.Fprintf(w, "A program gets the page writing over a socket: %s, with an ETag\n", response.Status)
	for _, want := range []int{http.StatusNoContent, http.StatusPreconditionFailed} {
		r, err := http.NewRequestWithContext(ctx, http.MethodPut, page, strings.NewReader("Short now.\n"))
		if err != nil {
			return err
		}
		r.Header.Set("If-Match", response.Header.Get("ETag"))
		r.Header.Set(authorHeader, "a program")
		answer, err := client.Do(r)
		if err != nil {
			return err
		}
		answer.Body.Close()
		fmt.Fprintf(w, "It puts another text there, If-Match that ETag: %s\n", answer.Status)
		if answer.StatusCode != want {
			return fmt.Errorf("want status %d", want)
		}
	}
	return nil
}

// A visitor is a person with a browser, as far as forms go.
type visitor struct {
	client  *http.Client
	address string

	at     string // path of the page that is shown
	status int
	body   string
	form   url.Values // fields of the form to edit with, if there is one
}

func newVisitor(address string) *visitor {
	jar, _ := cookiejar.New(nil) // cannot fail
	return &visitor{client: &http.Client{Jar: jar}, address: address}
}

func (v *visitor) open(ctx context.Context, path string) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, v.address+path, nil)
	if err != nil {
		return err
	}
	return v.send(r)
}

// save sends the form that is shown.
func (v *visitor) save(ctx context.Context, author string) error {
	v.form.Set("author", author)
	return v.post(ctx, strings.Replace(v.at, "/wiki/", "/edit/", 1), v.form)
}

func (v *visitor) post(ctx context.Context, path string, form url.Values) error {
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, v.address+path, strings.NewReader(form.Encode()))
	if err != nil {
		return err
	}
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	r.Header.Set("Origin", v.address)
	return v.send(r)
}

func (v *visitor) send(r *http.Request) error {
	response, err := v.client.Do(r)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(response.Body)
	v.status, v.body, v.at = response.StatusCode, string(body), response.Request.URL.Path
	v.form = url.Values{}
	for _, field := range []string{"seen", "base", "author"} {
		v.form.Set(field, inner(v.body, `name="`+field+`" value="([^"]*)"`))
	}
	v.form.Set("text", inner(v.body, `(?s)<textarea[^>]*>\n(.*?)</textarea>`))
	return err
}

// inner returns what a pattern's group matches in HTML, as a person sees it.
func inner(page, pattern string) string {
	if m := regexp.MustCompile(pattern).FindStringSubmatch(page); m != nil {
		return html.UnescapeString(m[1])
	}
	return ""
}
