package proptest

import (
	"cmp"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"
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
			defer l.catch(&ok, &after, state)
			result, _ := out.(R)
			return l.step(state.(S), in.(event[C]), result)
		},
		Equal: func(a, b any) bool { return l.spec.Equal(a.(S), b.(S)) },
		DescribeOperation: func(in, out any) string {
			return l.describe(in.(event[C]), out)
		},
		DescribeState: func(state any) string { return fmt.Sprint(state) },
	}
	if l.spec.Hash != nil {
		m.Hash = func(state any) uint64 { return l.spec.Hash(state.(S)) }
	}
	if l.spec.Partition != nil {
		m.Partition = l.partition
	}
	return m
}

func (l *linearizer[S, C, R]) catch(ok *bool, after *any, state any) {
	if p := recover(); p != nil {
		err, isError := p.(error)
		if !isError {
			err = fmt.Errorf("%v", p)
		}
		l.mu.Lock()
		l.wrong = err
		l.mu.Unlock()
		*ok, *after = false, state
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

func (l *linearizer[S, C, R]) describe(in event[C], out any) string {
	text := l.spec.Print(in.command)
	switch in.outcome {
	case Pending:
		return text + " did not return"
	case Waiting:
		return text + " waits"
	}
	result, _ := out.(R)
	return text + " → " + printResult(result)
}

func printResult[R any](result R) string {
	if text := fmt.Sprintf("%v", result); text != "{}" {
		return text
	}
	return "done"
}

// explain tells how far the model can follow a history that it cannot explain, and where it stops.
func (l *linearizer[S, C, R]) explain(history []Op[C, R]) string {
	_, info := porcupine.CheckOperationsVerbose(l.model(), l.operations(history), l.timeout)
	parts := [][]Op[C, R]{history}
	if l.spec.Partition != nil {
		parts = l.split(history)
	}
	var b strings.Builder
	for i, orders := range info.PartialLinearizations() {
		if i < len(parts) {
			l.explainPart(&b, parts[i], orders)
		}
	}
	return b.String()
}

func (l *linearizer[S, C, R]) split(history []Op[C, R]) (parts [][]Op[C, R]) {
	index := map[string]int{}
	for _, op := range history {
		key := l.spec.Partition(op.Command)
		if _, known := index[key]; !known {
			index[key] = len(parts)
			parts = append(parts, nil)
		}
		parts[index[key]] = append(parts[index[key]], op)
	}
	return parts
}

func (l *linearizer[S, C, R]) explainPart(b *strings.Builder, part []Op[C, R], orders [][]int) {
	var longest []int
	for _, order := range orders { // which come in no particular order
		if len(order) > len(longest) || len(order) == len(longest) && slices.Compare(order, longest) < 0 {
			longest = order
		}
	}
	if len(longest) == len(part) {
		return
	}
	state, taken := l.spec.Init, map[int]bool{}
	for n, i := range longest {
		taken[i] = true
		word := "then"
		if n == 0 {
			word = "first"
		}
		fmt.Fprintf(b, "  %-5s %s\n", word, l.tell(part[i]))
		_, state = l.step(state, event[C]{part[i].Command, part[i].Outcome}, part[i].Result)
	}
	for i, op := range part {
		if !taken[i] && l.mayBeNext(part, taken, op) {
			fmt.Fprintf(b, "  but   %s, %s\n", l.tell(op), l.allowed(state, op))
		}
	}
}

// mayBeNext reports whether everything that happened before the operation is taken.
func (l *linearizer[S, C, R]) mayBeNext(part []Op[C, R], taken map[int]bool, op Op[C, R]) bool {
	for i, other := range part {
		before := other.Outcome == Returned && (op.Outcome == Waiting || other.Return < op.Call)
		if !taken[i] && before {
			return false
		}
	}
	return true
}

func (l *linearizer[S, C, R]) tell(op Op[C, R]) string {
	text := l.describe(event[C]{op.Command, op.Outcome}, op.Result)
	if op.Client < 0 {
		return text
	}
	return clientName(op.Client) + " " + text
}

// allowed says what the model would do with the operation in this state.
func (l *linearizer[S, C, R]) allowed(state S, op Op[C, R]) string {
	if l.spec.Blocks(state, op.Command) {
		return fmt.Sprintf("where the model waits (state %v)", state)
	}
	_, want := l.spec.Step(state, op.Command)
	return fmt.Sprintf("where the model allows %s (state %v)", printResult(want), state)
}

// html writes porcupine's page about a history.
func (l *linearizer[S, C, R]) html(history []Op[C, R], w io.Writer) error {
	m := l.model()
	_, info := porcupine.CheckOperationsVerbose(m, l.operations(history), l.timeout)
	return porcupine.Visualize(m, info, w)
}

// CheckHistory checks a history that was recorded elsewhere: nil if the spec explains it, a *[HistoryError]
// if not, [ErrUnknown] if that could not be decided within ten seconds. The spec needs no generator.
func CheckHistory[S, C, R any](spec Spec[S, C, R], history []Op[C, R]) (err error) {
	if spec.Step == nil {
		return fmt.Errorf("proptest: spec %q has no step function: set Step", spec.Name)
	}
	for i, op := range history {
		if op.Outcome == Returned && op.Return < op.Call {
			return fmt.Errorf("proptest: operation %d of the history returned at %d, before it was called at %d", i, op.Return, op.Call)
		}
	}
	spec = spec.withDefaults()
	defer recoverSpec(&err)
	l := &linearizer[S, C, R]{spec: &spec, timeout: 10 * time.Second}
	switch l.check(history) {
	case porcupine.Ok:
		return nil
	case porcupine.Unknown:
		return ErrUnknown
	}
	return &HistoryError{Spec: spec.Name, Explanation: l.explain(history)}
}
