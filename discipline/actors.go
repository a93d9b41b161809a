package discipline

import (
	"context"

	"github.com/rinse-go/rinse/discipline/internal/seq"
)

var _ = offer(Discipline{
	Name: "actors",
	From: "components with inboxes and outboxes, wired into pipelines (Kamaelia; Unix pipes; Hewitt's actors, 1973; Erlang)",
	Explain: "A component is a goroutine that takes what is in its inbox and puts what comes of it into its outbox; it knows neither who " +
		"fills the one nor who empties the other. Components are wired into pipelines, here three: the reception, which writes " +
		"down who asked, the keeper, which alone has the object, and the post, which brings each answer to who asked for it. " +
		"Each can be tested, replaced or moved by itself, and all of them work at the same time on different messages. The " +
		"price is a hand-over from goroutine to goroutine at every stage, and that a question and its answer are two messages " +
		"that somebody has to bring together. Use it where data flows in one direction through stages that each do much: " +
		"decoding, filtering, storing. Not for questions and answers about small shared data, which these objects are.",
}.remotely(newActors))

// A Component takes messages of one type from its inbox until that is closed, and puts messages of
// another type into its outbox. It does not close the outbox.
type Component[In, Out any] func(inbox <-chan In, outbox chan<- Out)

// Pipeline wires three components, each one's outbox being the next one's inbox, into one that has the
// first one's inbox and the last one's outbox. Each runs on a goroutine of its own. When the inbox is closed and
// what was in it has come through, the pipeline returns. Wire longer ones from pipelines.
//
// The idea is Kamaelia's Pipeline, and Unix's.
func Pipeline[A, B, C, D any](a Component[A, B], b Component[B, C], c Component[C, D]) Component[A, D] {
	return func(inbox <-chan A, outbox chan<- D) {
		first, second := make(chan B, boxSize), make(chan C, boxSize)
		go func() {
			defer close(first)
			a(inbox, first)
		}()
		go func() {
			defer close(second)
			b(first, second)
		}()
		c(second, outbox)
	}
}

// boxSize is how many messages are in a box before who fills it has to wait.
const boxSize = 16

// actors are a pipeline that keeps an object.
type actors struct {
	inbox chan actorCall
	ended chan struct{}
}

// An actorCall is what comes in: a request, or the withdrawal of an earlier one.
type actorCall struct {
	*seq.Call[address]
	cancel bool
}

// An address is where an answer is to be brought; nil is nowhere.
type address chan seq.Reply

// A letter is an answer on its way.
type letter struct {
	to    address
	reply seq.Reply
}

func newActors(kind seq.Kind) remote {
	a := &actors{inbox: make(chan actorCall, boxSize), ended: make(chan struct{})}
	go func() {
		defer close(a.ended)
		Pipeline(reception, keeper(kind), post)(a.inbox, nil)
	}()
	return a
}

// reception passes on what can be done, and drops the withdrawal of what wants no answer.
func reception(inbox <-chan actorCall, outbox chan<- actorCall) {
	for c := range inbox {
		if !c.cancel || c.From != nil {
			outbox <- c
		}
	}
}

// keeper has the object.
func keeper(kind seq.Kind) Component[actorCall, letter] {
	return func(inbox <-chan actorCall, outbox chan<- letter) {
		desk := seq.Desk[address]{Object: seq.Make(kind), Answer: func(to address, reply seq.Reply) { outbox <- letter{to, reply} }}
		for c := range inbox {
			if c.cancel {
				desk.Cancel(c.Call)
			} else {
				desk.Serve(c.Call)
			}
		}
	}
}

// post brings answers to who asked.
func post(inbox <-chan letter, _ chan<- struct{}) {
	for l := range inbox {
		if l.to != nil {
			l.to <- l.reply
		}
	}
}

func (a *actors) send(r seq.Request) *seq.Call[address] {
	c := &seq.Call[address]{Request: r, From: make(address, 1)}
	a.inbox <- actorCall{Call: c}
	return c
}

func (a *actors) ask(r seq.Request) seq.Reply { return <-a.send(r).From }

func (a *actors) await(ctx context.Context, r seq.Request) (seq.Reply, error) {
	c := a.send(r)
	select {
	case reply := <-c.From:
		return reply, nil
	case <-ctx.Done():
	}
	a.inbox <- actorCall{c, true}
	reply := <-c.From // it may have been served already
	if reply.Cancelled {
		return reply, ctx.Err()
	}
	return reply, nil
}

func (a *actors) tell(r seq.Request) { a.inbox <- actorCall{Call: &seq.Call[address]{Request: r}} }

func (a *actors) Close() {
	close(a.inbox)
	<-a.ended
}
