//go:build unix

package discipline

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

const parentVariable = "RINSE_TEST_PARENT"

func TestMain(m *testing.M) {
	RunChild()
	if os.Getenv(parentVariable) != "" {
		beParent()
	}
	os.Setenv("GORACE", "atexit_sleep_ms=0") // of child processes
	os.Exit(m.Run())
}

// beParent starts a child, tells its number, and never ends. An interrupt ends it even where those are ignored, as they
// are by what a shell starts in the background.
func beParent() {
	interrupt := make(chan os.Signal, 1)
	signal.Notify(interrupt, os.Interrupt)
	go func() {
		<-interrupt
		os.Exit(1)
	}()
	b := newProcessBuffer()
	fmt.Println(pid(b))
	_, err := b.Take(context.Background())
	panic(err)
}

func newProcessBuffer() Buffer {
	d, _ := Find("process")
	return d.Buffer(1)
}

func pid(b Buffer) int { return childOf(b).command.Process.Pid }

func childOf(b Buffer) *child { return b.(remoteBuffer).remote.(*child) }

// TestChildrenEndWithTheirParent kills a parent, which cannot do anything about it. Parent and child have
// one end of a pipe, and no one else has: when it is closed, both are gone.
func TestChildrenEndWithTheirParent(t *testing.T) {
	for _, how := range []syscall.Signal{syscall.SIGKILL, syscall.SIGTERM, syscall.SIGINT} {
		t.Run(how.String(), func(t *testing.T) {
			parent := exec.Command(os.Args[0])
			parent.Env = append(os.Environ(), parentVariable+"=1")
			held, end, err := os.Pipe()
			require.NoError(t, err)
			defer held.Close()
			parent.Stderr = end // and that of its child
			out, err := parent.StdoutPipe()
			require.NoError(t, err)
			require.NoError(t, parent.Start())
			require.NoError(t, end.Close())
			line, err := bufio.NewReader(out).ReadString('\n')
			require.NoError(t, err)
			child, err := strconv.Atoi(strings.TrimSpace(line))
			require.NoError(t, err)
			require.NoError(t, syscall.Kill(child, 0), "the child lives")
			require.NoError(t, parent.Process.Signal(how))
			_, err = io.ReadAll(held)
			require.NoError(t, err)
			require.Error(t, parent.Wait())
		})
	}
}

// TestAChildThatDiesIsTold to those who wait, those who ask, and those who come later; and nothing is
// left behind.
func TestAChildThatDiesIsTold(t *testing.T) {
	b := newProcessBuffer()
	c := childOf(b)
	var waiting sync.WaitGroup
	errs := make([]error, 8)
	for i := range errs {
		waiting.Go(func() { _, errs[i] = b.Take(context.Background()) })
	}
	require.Zero(t, b.Len())
	require.NoError(t, c.command.Process.Kill())
	waiting.Wait()
	for _, err := range errs {
		require.ErrorIs(t, err, ErrChildDied)
		assert.ErrorContains(t, err, "signal: killed")
		assert.ErrorContains(t, err, "Buffer was in process "+strconv.Itoa(pid(b)))
	}
	require.ErrorIs(t, b.Put(context.Background(), 1), ErrChildDied)
	func() {
		defer func() {
			err, _ := recover().(error)
			require.ErrorIs(t, err, ErrChildDied)
		}()
		b.Len()
		t.Error("Len of a dead child returned")
	}()
	b.Close()
	assert.ErrorIs(t, syscall.Kill(pid(b), 0), syscall.ESRCH, "it has not been waited for")
}

// TestCloseEndsTheChild, and waits for it.
func TestCloseEndsTheChild(t *testing.T) {
	b := newProcessBuffer()
	require.NoError(t, b.Put(context.Background(), 1))
	b.Close()
	assert.True(t, childOf(b).command.ProcessState.Success())
	assert.ErrorIs(t, syscall.Kill(pid(b), 0), syscall.ESRCH, "it has not been waited for")
}

// TestAWaitInAChildCanBeGivenUp without effect: what is put later is there for others.
func TestAWaitInAChildCanBeGivenUp(t *testing.T) {
	b := newProcessBuffer()
	defer b.Close()
	gaveUp := errors.New("gave up")
	for range 100 {
		ctx, cancel := context.WithCancelCause(context.Background())
		taken := make(chan int64, 1)
		go func() {
			value, err := b.Take(ctx)
			if err != nil {
				value = -1
			}
			taken <- value
		}()
		go cancel(gaveUp)
		require.NoError(t, b.Put(context.Background(), 7))
		if value := <-taken; value == -1 {
			value, err := b.Take(context.Background())
			require.NoError(t, err)
			require.Equal(t, int64(7), value)
		}
		require.Zero(t, b.Len())
	}
}

// TestChildrenNeedTheHook, since a child would else run the whole program again.
func TestChildrenNeedTheHook(t *testing.T) {
	hooked.Store(false)
	defer hooked.Store(true)
	assert.PanicsWithValue(t,
		"discipline: who uses child processes must call discipline.RunChild first thing in main, and in TestMain",
		func() { newProcessBuffer() })
}
