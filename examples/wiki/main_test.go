package main

import (
	"bufio"
	"context"
	"encoding/hex"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/token"
)

func TestTheCheckPasses(t *testing.T) {
	var out strings.Builder
	require.NoError(t, run(t.Context(), &out, []string{"-check"}), out.String())
	assert.Contains(t, out.String(), "Ben saves: 409")
	assert.Contains(t, out.String(), "412 Precondition Failed")
}

// TestItServesUntilItIsInterrupted also has somebody wait for a change, whom the end does not wait for.
func TestItServesUntilItIsInterrupted(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	socket := filepath.Join(t.TempDir(), "socket")
	read, write := io.Pipe()
	ended := make(chan error, 1)
	go func() {
		ended <- run(ctx, write, []string{"-socket", socket})
		write.Close()
	}()
	lines := bufio.NewReader(read)
	first, err := lines.ReadString('\n')
	require.NoError(t, err)
	address := regexp.MustCompile(`http://127\.0\.0\.1:\d+/|http://\[::1\]:\d+/`).FindString(first)
	require.NotEmpty(t, address, first)
	go io.Copy(io.Discard, lines)

	v := newVisitor(strings.TrimSuffix(address, "/"))
	require.NoError(t, v.open(t.Context(), "/wiki/home"))
	assert.Equal(t, 200, v.status)
	info, err := os.Stat(socket)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm(), "the socket is for this user only")

	require.NoError(t, v.open(t.Context(), "/edit/home"))
	waiting, err := http.Get(address + "changes/home?seen=" + v.form.Get("seen"))
	require.NoError(t, err)
	defer waiting.Body.Close()
	interrupt()
	assert.NoError(t, <-ended)
	_, err = io.ReadAll(waiting.Body)
	assert.NoError(t, err)
	assert.NoFileExists(t, socket)
}

// TestAConnectionThatAskedForNothingIsNoRequest: browsers and Go's own client open some for later, and the end of the server
// is no error for that.
func TestAConnectionThatAskedForNothingIsNoRequest(t *testing.T) {
	ctx, interrupt := context.WithCancel(t.Context())
	listeners, err := listen(options{addr: "localhost:0"})
	require.NoError(t, err)
	ended := make(chan error, 1)
	go func() { ended <- serve(ctx, newSite(newWiki(), testSigner(t, 'k')), listeners) }()
	address := listeners[0].Addr().String()
	idle, err := net.Dial("tcp", address)
	require.NoError(t, err)
	defer idle.Close()
	require.NoError(t, newVisitor("http://"+address).open(t.Context(), "/")) // and idle was accepted before
	interrupt()
	assert.NoError(t, <-ended)
}

func TestBadFlagsAreRefused(t *testing.T) {
	dir := t.TempDir()
	plain := filepath.Join(dir, "plain")
	require.NoError(t, os.WriteFile(plain, []byte("no key\n"), 0o600))
	short := filepath.Join(dir, "short")
	require.NoError(t, os.WriteFile(short, []byte("c0ffee\n"), 0o600))
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(t, err)
	defer taken.Close()
	for _, args := range [][]string{
		{"now"}, {"-port", "1"}, {"-addr", ""}, {"-addr", "nowhere"}, {"-addr", taken.Addr().String()},
		{"-keys", filepath.Join(dir, "nothing")}, {"-keys", plain}, {"-keys", short}, {"-keys", os.DevNull},
		{"-socket", plain}, {"-socket", filepath.Join(dir, "no", "such")},
	} {
		err := run(t.Context(), io.Discard, args)
		assert.Error(t, err, "%q", args)
		assert.NotContains(t, err.Error(), "no key\n")
	}
	content, err := os.ReadFile(plain)
	require.NoError(t, err)
	assert.Equal(t, "no key\n", string(content), "a file that is no socket is left alone")
	assert.NoError(t, run(t.Context(), io.Discard, []string{"-h"}))
}

func TestKeysAreRead(t *testing.T) {
	old, renewed := strings.Repeat("0a", 32), strings.Repeat("0b", 32)
	file := filepath.Join(t.TempDir(), "keys")
	require.NoError(t, os.WriteFile(file, []byte(renewed+"\n"+old+"\n"), 0o600))
	s, err := newSigner(file)
	require.NoError(t, err)
	key, err := hex.DecodeString(old)
	require.NoError(t, err)
	before, err := token.NewSigner(key)
	require.NoError(t, err)
	_, err = s.Verify(before.Sign(token.New(1, 2)))
	assert.NoError(t, err)
	_, err = before.Verify(s.Sign(token.New(1, 2)))
	assert.Error(t, err)
}

// TestAnAbandonedSocketIsTakenOver is what a server leaves that was killed; one that is alive keeps its own.
func TestAnAbandonedSocketIsTakenOver(t *testing.T) {
	file := filepath.Join(t.TempDir(), "socket")
	l, err := net.Listen("unix", file)
	require.NoError(t, err)
	l.(*net.UnixListener).SetUnlinkOnClose(false)
	_, err = listenUnix(file)
	assert.Error(t, err, "somebody serves it")
	require.NoError(t, l.Close())
	l, err = listenUnix(file)
	require.NoError(t, err)
	assert.NoError(t, l.Close())
}
