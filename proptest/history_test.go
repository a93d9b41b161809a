package proptest_test

import (
	"fmt"
	"math/rand"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/proptest"
)

type counterOp = proptest.Op[string, int]

func TestCheckHistory(t *testing.T) {
	for name, test := range map[string]struct {
		history []counterOp
		wrong   string
	}{
		"nothing": {},
		"concurrent increments in either order": {history: []counterOp{
			{Client: 0, Command: "inc", Result: 2, Call: 1, Return: 4},
			{Client: 1, Command: "inc", Result: 1, Call: 2, Return: 3},
		}},
		"real time is respected": {wrong: "b get → 0, where the model allows 1 (state 1)", history: []counterOp{
			{Client: 0, Command: "inc", Result: 1, Call: 1, Return: 2},
			{Client: 1, Command: "get", Result: 0, Call: 3, Return: 4},
		}},
		"a pending operation may have taken effect": {history: []counterOp{
			{Client: 0, Command: "inc", Call: 1, Outcome: proptest.Pending},
			{Client: 1, Command: "get", Result: 1, Call: 3, Return: 4},
		}},
		"a pending operation may not have taken effect": {history: []counterOp{
			{Client: 0, Command: "inc", Call: 1, Outcome: proptest.Pending},
			{Client: 1, Command: "get", Result: 0, Call: 3, Return: 4},
			{Client: 1, Command: "get", Result: 0, Call: 5, Return: 6},
		}},
		"a pending operation may take effect late": {history: []counterOp{
			{Client: 0, Command: "inc", Call: 1, Outcome: proptest.Pending},
			{Client: 1, Command: "get", Result: 0, Call: 3, Return: 4},
			{Client: 1, Command: "get", Result: 1, Call: 5, Return: 6},
		}},
		"a pending operation cannot take effect before its call": {wrong: "b get → 1", history: []counterOp{
			{Client: 1, Command: "get", Result: 1, Call: 3, Return: 4},
			{Client: 0, Command: "inc", Call: 5, Outcome: proptest.Pending},
		}},
		"a pending operation takes effect once": {wrong: "b get → 2", history: []counterOp{
			{Client: 0, Command: "inc", Call: 1, Outcome: proptest.Pending},
			{Client: 1, Command: "get", Result: 2, Call: 3, Return: 4},
		}},
		"an increment does not wait": {wrong: "a inc waits, where the model allows 1 (state 0)", history: []counterOp{
			{Client: 0, Command: "inc", Call: 1, Outcome: proptest.Waiting},
		}},
		"times are of another clock": {wrong: "operation 0 of the history returned at 1, before it was called at 2", history: []counterOp{
			{Command: "inc", Result: 1, Call: 2, Return: 1},
		}},
		"no such outcome": {wrong: "operation 0 of the history has outcome 7", history: []counterOp{
			{Command: "inc", Result: 1, Call: 1, Return: 2, Outcome: 7},
		}},
	} {
		t.Run(name, func(t *testing.T) {
			spec := counter
			spec.Gen = nil // not needed
			err := proptest.CheckHistory(spec, test.history)
			if test.wrong == "" {
				assert.NoError(t, err)
			} else {
				assert.ErrorContains(t, err, test.wrong)
			}
		})
	}
	spec := counter
	spec.Step = nil
	assert.ErrorContains(t, proptest.CheckHistory(spec, nil), "set Step")
}

func TestWaitingIsRightOnlyWhereTheModelBlocks(t *testing.T) {
	type op = proptest.Op[bufferCommand, int]
	history := []op{
		{Client: 0, Command: 1, Call: 1, Return: 2},
		{Client: 1, Command: 2, Call: 1, Outcome: proptest.Waiting},
	}
	assert.NoError(t, proptest.CheckHistory(buffer, history), "put waits while the buffer is full")
	history = append(history, op{Client: 2, Command: -1, Result: 1, Call: 3, Return: 4})
	assert.ErrorContains(t, proptest.CheckHistory(buffer, history), "b put(2) waits, where the model allows 0 (state [])")
	history = append(history, op{Client: 3, Command: -1, Call: 3, Outcome: proptest.Waiting})
	assert.Error(t, proptest.CheckHistory(buffer, history), "one of put and take must go on")
	history[3].Command, history[3].Outcome = 3, proptest.Pending
	assert.NoError(t, proptest.CheckHistory(buffer, history), "the other put may have filled the buffer again")
}

// registers is many registers by name; a command with an empty value reads.
type registerCommand struct{ name, value string }

var registers = proptest.Spec[string, registerCommand, string]{
	Name: "registers",
	Gen: proptest.Commands(func(r *rand.Rand) registerCommand {
		return registerCommand{string(rune('x' + r.Intn(3))), []string{"", "1", "2"}[r.Intn(3)]}
	}),
	Step: func(v string, c registerCommand) (string, string) {
		if c.value != "" {
			return c.value, ""
		}
		return v, v
	},
	Partition: func(c registerCommand) string { return c.name },
	Hash:      func(v string) uint64 { return uint64(len(v)) },
}

func TestPartitionsAreCheckedApart(t *testing.T) {
	type op = proptest.Op[registerCommand, string]
	var history []op
	for i := range 40 { // all concurrent: hopeless in one piece
		history = append(history, op{Client: i, Command: registerCommand{fmt.Sprint(i), "1"}, Call: 1, Return: 100},
			op{Client: 100 + i, Command: registerCommand{fmt.Sprint(i), ""}, Result: "1", Call: 1, Return: 99})
	}
	require.NoError(t, proptest.CheckHistory(registers, history))
	history[7].Result = "2"
	err := proptest.CheckHistory(registers, history)
	assert.ErrorContains(t, err, `{3 } → 2, where the model allows`)
	assert.NotContains(t, err.Error(), "{4 }", "only the part that is wrong is told")
}

func TestPartitionedSpecsFindBugsInOnePart(t *testing.T) {
	f := failure(registers, "shared", func(env *proptest.Env) func(registerCommand) string {
		values := map[string]string{}
		return func(c registerCommand) string {
			env.Yield()
			if c.value == "" {
				return values[c.name]
			}
			values["x"] = c.value // whatever the name
			return ""
		}
	})(t, proptest.WithSeed(1), controlled)
	assert.Equal(t, 2, f.Commands, "%s", f)
}
