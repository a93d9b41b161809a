package proptest

import (
	"fmt"
	"runtime"
	"strings"
	"testing"
	"testing/synctest"
)

// within runs a function, in a synctest bubble if there is a test to make one with. It reports whether
// goroutines were left behind in the bubble. A panic of the function comes out here.
func within(t *testing.T, f func()) (left bool) {
	if t == nil {
		f()
		return false
	}
	var panicked any
	exited := false // f called runtime.Goexit
	defer func() {
		if p := recover(); p != nil {
			if !strings.HasPrefix(fmt.Sprint(p), "deadlock:") { // synctest's word for it
				panic(p)
			}
			left = true
		}
		if panicked != nil {
			panic(panicked)
		}
	}()
	synctest.Test(t, func(inner *testing.T) {
		ended := false
		defer func() {
			panicked = recover()
			exited = !ended && panicked == nil
			if exited && !t.Failed() {
				inner.SkipNow() // else package testing takes it for a crash
			}
		}()
		f()
		ended = true
	})
	if exited {
		runtime.Goexit()
	}
	return false
}
