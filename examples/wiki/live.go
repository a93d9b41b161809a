package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
)

// pulse is how often a live notice shows that it is alive, so that proxies do not cut it off.
const pulse = 20 * time.Second

// changes is a stream of one server-sent event, which comes when a page has changed since a token: while it is edited
// or read. The stream ends with it, or when the reader goes; nothing is left of it then.
func (s *site) changes(w http.ResponseWriter, r *http.Request) {
	name := r.PathValue("name")
	seen, err := s.signerOf(name).Verify(r.FormValue("seen"))
	switch {
	case errors.Is(err, token.ErrSignature):
		w.Header().Set("Content-Type", "text/event-stream")
		send(w, "restarted", revision{}) // its keys were those of another run
		return
	case err != nil || !validName.MatchString(name):
		w.WriteHeader(http.StatusNoContent) // so that the browser does not ask again
		return
	}
	select {
	case s.streams <- struct{}{}:
		defer func() { <-s.streams }()
	default:
		w.Header().Set("Retry-After", "60")
		http.Error(w, "too many readers wait for changes", http.StatusServiceUnavailable)
		return
	}
	ctx, cancel := context.WithCancel(r.Context())
	defer cancel()
	defer context.AfterFunc(s.open, cancel)()
	s.stream(ctx, w, name, seen)
}

func (s *site) stream(ctx context.Context, w http.ResponseWriter, name string, seen token.Token) {
	control := http.NewResponseController(w)
	control.SetReadDeadline(time.Time{}) // where that is not possible, the browser asks again
	control.SetWriteDeadline(time.Time{})
	w.Header().Set("Content-Type", "text/event-stream")
	w.Header().Set("Cache-Control", "no-store")
	fmt.Fprint(w, ": waiting\n\n")
	control.Flush()
	for {
		p, notice, err := s.wiki.changed(ctx, name, seen)
		if errors.Is(err, stm.ErrForeign) {
			send(w, "restarted", revision{})
		}
		if err != nil || !wait(ctx, w, notice) {
			return
		}
		if p != nil {
			send(w, "changed", p.rev.Load())
			return
		}
	}
}

// changed returns a channel that is closed when a page has changed since a token. Of a page that was never made it is
// closed when any page is, and the page is nil.
func (w *wiki) changed(ctx context.Context, name string, seen token.Token) (p *page, notice <-chan struct{}, err error) {
	var now token.Token
	err = w.owner.View(ctx, func(tx *stm.Tx) error {
		p, _ = w.get(tx, name)
		now = tx.Token()
		return tx.Expect(seen)
	})
	switch {
	case err != nil:
	case p == nil:
		notice, err = w.owner.Changed(ctx, now, w.pages)
	default:
		notice, err = w.owner.Changed(ctx, seen, p.rev)
	}
	return p, notice, err
}

// wait waits for the notice, and reports whether it has come: else the reader is gone.
func wait(ctx context.Context, w http.ResponseWriter, notice <-chan struct{}) bool {
	beat := time.NewTicker(pulse)
	defer beat.Stop()
	for {
		select {
		case <-notice:
			return true
		case <-ctx.Done():
			return false
		case <-beat.C:
			fmt.Fprint(w, ": still waiting\n\n")
			if http.NewResponseController(w).Flush() != nil {
				return false
			}
		}
	}
}

// send sends the event. If the reader is gone it is lost, and so it should be.
func send(w http.ResponseWriter, event string, r revision) {
	data, _ := json.Marshal(map[string]string{"author": r.Author}) // cannot fail
	fmt.Fprintf(w, "event: %s\ndata: %s\n\n", event, data)
}
