package proptest

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"sync"
	"time"

	"github.com/anishathalye/porcupine"
)

// A linearizer decides whether some order of a history's operations explains it: an order that respects
// real time and in which the model returns what came back. Operations that still wait come last, in a
// state in which the model says that they block.
//
// Most histories are explained by the order in which their operations returned, which is tried first;
// porcupine searches for the others.
type linearizer[S, C, R any] struct {
	spec    *Spec[S, C, R]
	timeout time.Duration // real time for one history
	mu      sync.Mutex
	wrong   error // guarded by mu: what a function of the spec panicked with, on porcupine's goroutine
}

// event is what porcupine takes for the input of an operation.
type event[C any] struct {
	command C
	outcome Outcome
}

type verdict = porcupine.CheckResult

func (l *linearizer[S, C, R]) check(history []Op[C, R]) verdict {
	if l.obvious(history) {
		return porcupine.Ok
	}
	result := porcupine.CheckOperationsTimeout(l.model(), l.operations(history), l.timeout)
	l.rethrow()
	return result
}

// rethrow panics with what the spec panicked with on another goroutine.
func (l *linearizer[S, C, R]) rethrow() {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.wrong != nil {
		panic(l.wrong)
	}
}

// obvious tries the order in which operations returned, those that wait last.
func (l *linearizer[S, C, R]) obvious(history []Op[C, R]) bool {
	order := make([]*Op[C, R], len(history))
	for i := range history {
		order[i] = &history[i]
	}
	slices.SortStableFunc(order, func(a, b *Op[C, R]) int { return cmp.Compare(endOf(a), endOf(b)) })
	states := map[string]S{}
	for _, op := range order {
		key := ""
		if l.spec.Partition != nil {
			key = l.spec.Partition(op.Command)
		}
		state, ok := states[key]
		if !ok {
			state = l.spec.Init
		}
		ok, state = l.step(state, event[C]{op.Command, op.Outcome}, op.Result)
		if !ok {
			return false
		}
		states[key] = state
	}
	return true
}

func endOf[C, R any](op *Op[C, R]) int64 {
	if op.Outcome == Returned {
		return op.Return
	}
	return math.MaxInt64
}

// step is one operation of an order. One that is pending may or may not take effect; since it can always
// come last, where nobody sees its effect, taking effect where it can is enough.
func (l *linearizer[S, C, R]) step(state S, in event[C], result R) (bool, S) {
	blocks := l.spec.Blocks(state, in.command)
	switch in.outcome {
	case Waiting:
		return blocks, state
	case Pending:
		if blocks {
			return true, state
		}
		after, _ := l.spec.Step(state, in.command)
		return true, after
	}
	if blocks {
		return false, state
	}
	after, want := l.spec.Step(state, in.command)
	return l.spec.Same(want, result), after
}

// model is the spec as porcupine wants it.
func (l *linearizer[S, C, R]) model() porcupine.Model {
	m := porcupine.Model{
		Init: func() any { return l.spec.Init },
		Step: func(state, in, out any) (ok bool, after any) {
			ok, after = false, state // should it panic
			defer l.catch()
			result, _ := out.(R)
			return l.step(state.(S), in.(event[C]), result)
		},
		Equal: func(a, b any) bool {
			defer l.catch()
			return l.spec.Equal(a.(S), b.(S))
		},
		DescribeOperation: func(in, out any) string {
			return l.describe(in.(event[C]), out)
		},
		DescribeState: func(state any) string { return fmt.Sprint(state) },
	}
	if l.spec.Hash != nil {
		m.Hash = func(state any) uint64 {
			defer l.catch()
			return l.spec.Hash(state.(S))
		}
	}
	if l.spec.Partition != nil {
		m.Partition = l.partition
	}
	return m
}

// catch keeps what a function of the spec panicked with on porcupine's goroutine, where a panic would end the
// process.
func (l *linearizer[S, C, R]) catch() {
	if p := recover(); p != nil {
		err, isError := p.(error)
		if !isError {
			err = fmt.Errorf("%v", p)
		}
		l.mu.Lock()
		l.wrong = err
		l.mu.Unlock()
	}
}

func (l *linearizer[S, C, R]) partition(history []porcupine.Operation) [][]porcupine.Operation {
	parts := map[string][]porcupine.Operation{}
	var keys []string
	for _, op := range history {
		key := l.spec.Partition(op.Input.(event[C]).command)
		if _, known := parts[key]; !known {
			keys = append(keys, key)
		}
		parts[key] = append(parts[key], op)
	}
	result := make([][]porcupine.Operation, len(keys))
	for i, key := range keys {
		result[i] = parts[key]
	}
	return result
}

// operations translates a history. The sequential parts become porcupine's client 0.
func (l *linearizer[S, C, R]) operations(history []Op[C, R]) []porcupine.Operation {
	end := int64(0)
	for _, op := range history {
		end = max(end, op.Call, op.Return)
	}
	ops := make([]porcupine.Operation, len(history))
	for i, op := range history {
		p := porcupine.Operation{ClientId: op.Client + 1, Input: event[C]{op.Command, op.Outcome}, Call: op.Call}
		switch op.Outcome {
		case Returned:
			p.Output, p.Return = op.Result, op.Return
		case Pending:
			p.Return = end + 3
		case Waiting:
			p.Call, p.Return = end+1, end+2
		}
		ops[i] = p
	}
	return ops
}
