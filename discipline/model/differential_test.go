package model

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/discipline"
)

// TestOneOrderOneResult has every discipline go through the same operations in the same order, each on a
// goroutine of its own, and wants the same results of all. Some wait until a later one ends their wait.
func TestOneOrderOneResult(t *testing.T) {
	for _, d := range discipline.All() {
		for _, o := range Objects(d) {
			t.Run(d.Name+"/"+o.Name, func(t *testing.T) {
				for seed := range int64(10) {
					perform(t, o, o.script(seed, 60))
				}
			})
		}
	}
}

// TestLargerObjectsAgreeAsWell, whose trees are split and whose rings go round.
func TestLargerObjectsAgreeAsWell(t *testing.T) {
	large := sizes{accounts: 100, balance: 10, cached: 50, buffered: 40, resources: 40, seats: 30, words: 100, keys: 300}
	for _, d := range discipline.All() {
		for _, o := range objects(d, large) {
			t.Run(d.Name+"/"+o.Name, func(t *testing.T) { perform(t, o, o.script(1, 1000)) })
		}
	}
}

// perform plays a script.
func perform(t *testing.T, o Object, script []step) {
	ctx, cancel := context.WithCancel(context.Background())
	object := o.open()
	results := make([]chan Result, len(script))
	var last chan Result // of one who waits
	for i, s := range script {
		results[i] = make(chan Result, 1)
		go func() { results[i] <- object.do(ctx, s.Command) }()
		if s.waits {
			last = results[i]
			continue
		}
		require.Equal(t, s.result, <-results[i], "step %d, %v", i, s)
		if s.ends >= 0 {
			assert.Equal(t, script[s.ends].result, <-results[s.ends], "step %d, %v", s.ends, script[s.ends])
			last = nil
		}
	}
	cancel()
	if last != nil {
		assert.Equal(t, Result{}, <-last, "a wait that was given up")
	}
	object.close()
}

// TestScriptsSayDifferentThings: a differential test of empty scripts would show nothing.
func TestScriptsSayDifferentThings(t *testing.T) {
	d, _ := discipline.Find("mutex")
	for _, o := range Objects(d) {
		ops, ended := map[string]int{}, 0
		for seed := range int64(10) {
			for _, s := range o.script(seed, 60) {
				ops[s.Op]++
				if s.ends >= 0 {
					ended++
				}
			}
		}
		assert.Greater(t, len(ops), 1, o.Name)
		for op, n := range ops {
			assert.Greater(t, n, 9, "%s of %s", op, o.Name)
		}
		t.Log(o.Name, ops, ended, "waits ended")
	}
}
