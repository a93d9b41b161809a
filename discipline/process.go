package discipline

import (
	"bufio"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"sync"
	"sync/atomic"
	"time"

	"github.com/rinse-go/rinse/discipline/internal/seq"
)

var _ = offer(processes())

func processes() Discipline {
	d := Discipline{
		Name: "process",
		From: "separate address spaces and pickled messages (Python's multiprocessing; Erlang's nodes; CSP between machines)",
		Explain: "Each object lives in a process of its own, a child of this one that runs the same program, and nothing is shared: " +
			"requests and replies are serialized (encoding/gob) and go through pipes. What crashes or leaks there hurts nobody " +
			"here, and the same messages could as well go to another machine. The price is two system calls and two switches of " +
			"process for every operation, tens of microseconds, and a copy of everything that travels; functions and pointers " +
			"do not travel. Use it for isolation: foreign or faulty code, memory that must be given back for certain, another " +
			"user's rights; and for work that is large compared with what it takes to say what is wanted. Not to share state " +
			"for speed. The children end with their parent, however that ends, because its end of the pipes is closed then.",
		Kernel: true,
		Cannot: map[string]string{"Memory": "functions do not travel between processes, and this one has to run where the words are"},
	}.remotely(newChild)
	d.Memory = nil
	return d
}

// ErrChildDied is what operations on an object of the process discipline fail with when the process that
// has the object is gone: those with a context return an error for which errors.Is finds it, others panic
// with one.
var ErrChildDied = errors.New("discipline: the child process that keeps this object has died")

// childVariable is set in the environment of children.
const childVariable = "RINSE_DISCIPLINE_CHILD"

// hooked tells that RunChild has been called, so that a child would know that it is one.
var hooked atomic.Bool

// RunChild makes a child process of the process discipline serve its object; it then does not return. In
// any other process it returns at once. A program that uses that discipline calls it first thing in main,
// and its tests in TestMain.
func RunChild() {
	hooked.Store(true)
	if os.Getenv(childVariable) == "" {
		return
	}
	signal.Ignore(os.Interrupt) // it goes to the whole terminal; a child ends with its parent
	if err := serve(os.Stdin, os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "discipline: child process:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

// A parcel is what travels to a child: at first what it is to keep, then requests.
type parcel struct {
	Kind    seq.Kind
	ID      uint64 // of the request; 0 wants no answer
	Request seq.Request
	Cancel  bool // the request of that number
}

// An answer is what travels back. The first one, to nobody, says that the child is ready.
type answer struct {
	ID    uint64
	Reply seq.Reply
}

// serve is what a child does until its parent closes the pipe or is gone. It writes when it has read all
// that has come.
func serve(from io.Reader, to io.Writer) error {
	in, out := bufio.NewReader(from), bufio.NewWriter(to)
	decoder, encoder := gob.NewDecoder(in), gob.NewEncoder(out)
	var first parcel
	if err := decoder.Decode(&first); err != nil {
		return unlessEOF(err)
	}
	calls := map[uint64]*seq.Call[uint64]{} // that have no answer yet
	desk := seq.Desk[uint64]{Object: seq.Make(first.Kind), Answer: func(id uint64, reply seq.Reply) {
		delete(calls, id)
		if id != 0 {
			_ = encoder.Encode(answer{id, reply}) // if out fails Flush will say so
		}
	}}
	err := encoder.Encode(answer{})
	for err == nil {
		if in.Buffered() == 0 {
			err = out.Flush()
		}
		if err == nil {
			var p parcel
			if err = decoder.Decode(&p); err == nil {
				handle(&desk, calls, &p)
			}
		}
	}
	return unlessEOF(err)
}

func handle(desk *seq.Desk[uint64], calls map[uint64]*seq.Call[uint64], p *parcel) {
	if !p.Cancel {
		c := &seq.Call[uint64]{Request: p.Request, From: p.ID}
		calls[p.ID] = c
		desk.Serve(c)
	} else if c := calls[p.ID]; c != nil {
		desk.Cancel(c)
	}
}

func unlessEOF(err error) error {
	if errors.Is(err, io.EOF) {
		return nil
	}
	return err
}

// A child is a process that keeps an object, seen from its parent.
type child struct {
	of      string
	command *exec.Cmd
	stdin   io.WriteCloser
	decoder *gob.Decoder  // the receiver's alone
	silent  chan struct{} // closed when nothing more is read from the process
	ended   chan struct{} // closed when it is gone

	senders atomic.Int64 // who want to send; the last one flushes
	sending sync.Mutex
	out     *bufio.Writer // guarded by sending
	encoder *gob.Encoder  // guarded by sending

	mu      sync.Mutex
	last    uint64                    // guarded by mu: the last number given to a request
	pending map[uint64]chan seq.Reply // guarded by mu: who waits for an answer; nil when there will be none
}

func newChild(kind seq.Kind) remote {
	if !hooked.Load() {
		panic("discipline: who uses child processes must call discipline.RunChild first thing in main, and in TestMain")
	}
	c := &child{of: kind.Of, silent: make(chan struct{}), ended: make(chan struct{}), pending: map[uint64]chan seq.Reply{}}
	err := c.start()
	if err == nil {
		c.send(parcel{Kind: kind})
		err = c.decoder.Decode(new(answer))
	}
	if err != nil {
		panic(fmt.Errorf("discipline: a child process could not be started: %w", err))
	}
	go c.receive()
	return c
}

func (c *child) start() error {
	program, err := os.Executable()
	if err != nil {
		return err
	}
	c.command = exec.Command(program)
	c.command.Env = append(os.Environ(), childVariable+"=1")
	c.command.Stderr = os.Stderr
	endWithParent(c.command)
	if c.stdin, err = c.command.StdinPipe(); err != nil {
		return err
	}
	stdout, err := c.command.StdoutPipe()
	if err != nil {
		return err
	}
	c.decoder = gob.NewDecoder(bufio.NewReader(stdout))
	c.out = bufio.NewWriter(c.stdin)
	c.encoder = gob.NewEncoder(c.out)
	started := make(chan error)
	go c.attend(started)
	return <-started
}

// attend starts the process and waits for its end, on a thread that lives as long as it does: where the
// system ends children with their parent, it takes the thread that started them for the parent.
func (c *child) attend(started chan<- error) {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	err := c.command.Start()
	started <- err
	if err != nil {
		return
	}
	<-c.silent
	_ = c.command.Wait() // how it ended is in ProcessState
	close(c.ended)
}

// receive hands answers out until there are no more.
func (c *child) receive() {
	for {
		var a answer
		if c.decoder.Decode(&a) != nil {
			break
		}
		c.mu.Lock()
		to := c.pending[a.ID]
		delete(c.pending, a.ID)
		c.mu.Unlock()
		to <- a.Reply
	}
	c.mu.Lock()
	left := c.pending
	c.pending = nil
	c.mu.Unlock()
	close(c.silent)
	<-c.ended
	for _, to := range left {
		close(to)
	}
}

// send writes a parcel. If the child is gone, the receiver knows.
func (c *child) send(p parcel) {
	c.senders.Add(1)
	c.sending.Lock()
	defer c.sending.Unlock()
	_ = c.encoder.Encode(p)
	if c.senders.Add(-1) == 0 {
		_ = c.out.Flush()
	}
}

// request sends a request and returns its number, and where the answer will be.
func (c *child) request(r seq.Request) (id uint64, reply chan seq.Reply) {
	reply = make(chan seq.Reply, 1)
	c.mu.Lock()
	if c.pending == nil {
		c.mu.Unlock()
		<-c.ended
		close(reply)
		return 0, reply
	}
	c.last++
	id = c.last
	c.pending[id] = reply
	c.mu.Unlock()
	c.send(parcel{ID: id, Request: r})
	return id, reply
}

func (c *child) died() error {
	return fmt.Errorf("%w: the %s was in process %d: %v", ErrChildDied, c.of, c.command.Process.Pid, c.command.ProcessState)
}

func (c *child) ask(r seq.Request) seq.Reply {
	_, reply := c.request(r)
	a, ok := <-reply
	if !ok {
		panic(c.died())
	}
	return a
}

func (c *child) await(ctx context.Context, r seq.Request) (a seq.Reply, err error) {
	id, reply := c.request(r)
	ok := false
	select {
	case a, ok = <-reply:
	case <-ctx.Done():
		c.send(parcel{ID: id, Cancel: true})
		a, ok = <-reply
	}
	switch {
	case !ok:
		return a, c.died()
	case a.Cancelled:
		return a, ctx.Err()
	}
	return a, nil
}

// tell does not wait. If the child is gone, whoever asks next will know.
func (c *child) tell(r seq.Request) { c.send(parcel{Request: r}) }

// Close closes the pipe, which ends the child, and waits for that.
func (c *child) Close() {
	_ = c.stdin.Close()
	select {
	case <-c.ended:
	case <-time.After(5 * time.Second):
		_ = c.command.Process.Kill()
		<-c.ended
	}
}
