package proptest

import (
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/anishathalye/porcupine"
)

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
