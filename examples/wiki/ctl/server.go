package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"mime"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/rinse-go/rinse/httptoken"
)

// A server is a wiki at the other end of a socket.
type server struct {
	client *http.Client
	author string
}

const (
	patience = 30 * time.Second // for one request
	maxReply = 1 << 20          // bytes of an answer
)

// errNoServer is why a request was not even sent.
var errNoServer = errors.New("no wiki is there; start one with -socket")

func dial(socket, author string) *server {
	connect := func(ctx context.Context, _, _ string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, "unix", socket)
		if err != nil && ctx.Err() == nil {
			err = fmt.Errorf("%w (%w)", errNoServer, err)
		}
		return c, err
	}
	return &server{&http.Client{Transport: &http.Transport{DialContext: connect}, Timeout: patience}, author}
}

func (s *server) close() { s.client.CloseIdleConnections() }

// A page as it was got: with its tag, and with neither text nor tag if there is none.
type page struct{ text, tag string }

// An entry is a page in the list.
type entry struct {
	Name, Author string
	Saved        time.Time
	Bytes        int
}

func (s *server) list(ctx context.Context) (pages []entry, err error) {
	_, body, err := s.ask(ctx, http.MethodGet, "", "", nil)
	if err == nil {
		err = json.Unmarshal([]byte(body), &pages)
	}
	return pages, err
}

// get gets a page.
func (s *server) get(ctx context.Context, name string) (page, error) {
	response, body, err := s.ask(ctx, http.MethodGet, name, "", nil)
	if p, ok := err.(*httptoken.Problem); ok && p.Status == http.StatusNotFound {
		return page{}, nil
	}
	if err != nil {
		return page{}, err
	}
	return page{body, response.Header.Get("ETag")}, nil
}

// commit sends a text for a page, on the condition that it is still as its tag says. An error that is a
// *httptoken.Problem is the server's answer, and nothing was changed; after any other it may have been.
func (s *server) commit(ctx context.Context, name, text, tag string) error {
	condition := http.Header{"If-Match": {tag}}
	if tag == "" {
		condition = http.Header{"If-None-Match": {"*"}}
	}
	method := http.MethodPut
	if text == "" {
		method = http.MethodDelete
	}
	_, _, err := s.ask(ctx, method, name, text, condition)
	return err
}

// ask sends a request and returns what came back, or the problem that did.
func (s *server) ask(ctx context.Context, method, name, text string, header http.Header) (*http.Response, string, error) {
	address, err := url.JoinPath("http://wiki/api/pages", url.PathEscape(name))
	if err != nil {
		return nil, "", err
	}
	r, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(text))
	if err != nil {
		return nil, "", err
	}
	for name, values := range header {
		r.Header[name] = values
	}
	r.Header.Set("Wiki-Author", s.author)
	response, err := s.client.Do(r)
	if failed := new(url.Error); errors.As(err, &failed) {
		err = failed.Err // the address in it is none that its user knows
	}
	if err != nil {
		return nil, "", err
	}
	defer response.Body.Close()
	body, err := io.ReadAll(io.LimitReader(response.Body, maxReply))
	switch {
	case err != nil:
		return nil, "", fmt.Errorf("the answer broke off: %w", err)
	case response.StatusCode >= 300:
		return nil, "", problem(response, body)
	}
	return response, string(body), nil
}

// problem returns the problem document of a response, or one that says what there is.
func problem(response *http.Response, body []byte) *httptoken.Problem {
	p := new(httptoken.Problem)
	kind, _, _ := mime.ParseMediaType(response.Header.Get("Content-Type"))
	if kind != "application/problem+json" || json.Unmarshal(body, p) != nil {
		p.Title = response.Status
	}
	p.Status = response.StatusCode
	return p
}
