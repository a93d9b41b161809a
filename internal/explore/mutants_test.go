//go:build rinsesched

package explore

import (
	"fmt"
	"strings"
)

// A mutant is a way in which the engine could be wrong: a few patches of its source. In the new text
// MUTANT stands for the question whether this mutant is alive; so one build has them all.
type mutant struct {
	name    string
	patches []patch
}

// A patch replaces a text that is in a file exactly once.
type patch struct{ file, old, new string }

// canary is the mutant that every check must notice: commits that lose what was written.
const canary = "canary"

func mutants() []mutant {
	one := func(name, file, old, new string) mutant { return mutant{name, []patch{{file, old, new}}} }
	const (
		cell   = "internal/engine/cell.go"
		tx     = "internal/engine/tx.go"
		commit = "internal/engine/commit.go"
		pins   = "internal/engine/pins.go"
		reads  = "internal/engine/reads.go"
		wait   = "internal/engine/wait.go"
		waiter = "internal/waiting/waiter.go"
		notice = "internal/waiting/notice.go"
		rebase = "internal/engine/rebase.go"
		single = "internal/engine/single.go"
		parts  = "internal/engine/parts.go"
		writes = "internal/engine/writes.go"
		run    = "stm/atomically.go"
		hooks  = "stm/hooks.go"
		typed  = "tvar/tvar.go"

		afterLocks = "	version := uint64(0)\n"
		validate   = "if verdict := t.validate(); verdict != Committed {"
		next       = "		version = t.owner.next(highest)\n	}\n"
		gate       = "if !t.owner.passes(t.gate) {"
		publish    = "	t.publish(version)\n"
		snapshot   = "p.Snapshot = o.tick(version)\n"
	)
	return []mutant{
		one(canary, commit, "if !e.same {\n			e.cell.put", "if !e.same && !MUTANT {\n			e.cell.put"),

		one("no read check", cell, "return (snapshot + 1) << shift", "if MUTANT { return hot }\n	return (snapshot + 1) << shift"),
		one("torn read", typed, "bits := engine.Bits(c)\n			if engine.Word(c) == w {", "bits := engine.Bits(c)\n			if engine.Word(c) == w || MUTANT {"),
		one("extension without validation", tx, "if r := &t.reads[i]; Word(r.cell)&^hot != r.word {", "if r := &t.reads[i]; Word(r.cell)&^hot != r.word && !MUTANT {"),
		one("a read lost among repeated ones", reads, "	clear(t.reads[len(kept):])\n", "	if MUTANT { kept = kept[:len(kept)-1] }\n	clear(t.reads[len(kept):])\n"),

		one("no validation", commit, "	reads, writes := t.reads, t.writes\n", "	if MUTANT { return Committed }\n	reads, writes := t.reads, t.writes\n"),
		one("foreign lock ignored", commit, "w == r.word|locked && t.find(r.cell) >= 0", "w == r.word|locked && (t.find(r.cell) >= 0 || MUTANT)"),
		{"validation before the clock", []patch{
			{commit, afterLocks, "	if MUTANT { if v := t.validate(); v != Committed { return t.unlock(len(t.writes), v) } }\n" + afterLocks},
			{commit, validate, strings.Replace(validate, "{", "&& !MUTANT {", 1)},
		}},
		one("clock before the locks", commit, next, next+"	if MUTANT { version = max(t.snapshot, highest) + 1 }\n"),
		{"gate before the locks", []patch{
			{commit, "	highest, writes := uint64(0), t.writes\n", "	if MUTANT && !t.owner.passes(t.gate) { return 0, Shut }\n	highest, writes := uint64(0), t.writes\n"},
			{commit, gate, strings.Replace(gate, " {", " && !MUTANT {", 1)},
		}},
		one("gate ignored by Update", single, "if !o.passes(mine) {", "if !o.passes(mine) && !MUTANT {"),
		one("blind writes by the clock alone", commit, "	if clock < old {", "	if clock < old && !MUTANT {"),
		one("version not bumped", commit, publish, "	if MUTANT { version = highest }\n"+publish),
		one("version before value", commit, "e.cell.put(e.Form == Raw, &e.Value)", "if MUTANT { e.cell.word.Store(version<<shift | uint64(e.Form)) }\n			e.cell.put(e.Form == Raw, &e.Value)"),
		one("a lock is left behind", commit, "for i := range t.writes[:count] {", "for i := range t.writes[:count] {\n		if MUTANT && i == count-1 { continue }"),
		one("Update does not look", single, "	if !c.word.CompareAndSwap(w, w|locked) &&", "	if now := Word(c); MUTANT && now&locked == 0 { w = now &^ hot }\n	if !c.word.CompareAndSwap(w, w|locked) &&"),
		one("Commute not applied again", commit, "if e.pending != nil && !e.pending.sum && w&^hot != e.pending.base {", "if e.pending != nil && !e.pending.sum && w&^hot != e.pending.base && !MUTANT {"),
		one("sum of a value that is no more", commit, "e.pending.apply(formOf(w), e.cell.peek())", "e.pending.apply(formOf(w), e.cell.peek())\n				if MUTANT { e.Value.Raw = e.pending.delta }"),
		one("Add does not look for the gate", parts, "	if o.gate.Load() != nil {", "	if o.gate.Load() != nil && !MUTANT {"),
		one("Add keeps nothing", parts, "newest != 0 && versionOf(w) <= newest {", "newest != 0 && versionOf(w) <= newest && !MUTANT {"),
		one("Add wakes nobody", parts, "	if c.rare.Load() != of {", "	if c.rare.Load() != of && !MUTANT {"),

		one("no history", commit, "newest != 0 {", "newest != 0 && !MUTANT {"),
		one("no history by Update", single, "newest != 0 && versionOf(w) <= newest {", "newest != 0 && versionOf(w) <= newest && !MUTANT {"),
		one("no history of first numbers", pins, "return v.Raw == 0\n", "return v.Raw == 0 || MUTANT\n"),
		one("no history of first pointers", pins, "v.Ptr == nil\n", "v.Ptr == nil || MUTANT\n"),
		one("what moves is taken for zero", pins, "limitOf(snapshot)); old == nil {", "limitOf(snapshot)); old == nil || MUTANT {"),
		one("history trimmed too early", pins, "heir != nil && heir.Snapshot", "heir != nil && !MUTANT && heir.Snapshot"),
		{"pin registered after its snapshot", []patch{
			{pins, "	p := &Pin{Snapshot: forever}\n", "	p, early := &Pin{Snapshot: forever}, uint64(0)\n	if MUTANT { early = o.tick(version) }\n"},
			{pins, snapshot, "if MUTANT { p.Snapshot = early } else { " + strings.TrimSpace(snapshot) + " }\n"},
		}},
		one("pin without advancing the clock", pins, "o.newest.Store(p.Snapshot)\n", "if MUTANT { p.Snapshot = o.Clock() - Stride }\n	o.newest.Store(p.Snapshot)\n"),

		one("lost wake-up", wait, "		if t.readsChanged() {\n			w.Leave()", "		if !MUTANT && t.readsChanged() {\n			w.Leave()"),
		one("wake the wrong variable", commit, "			e.cell.wake()", "			if MUTANT { e = &t.writes[0] }\n			e.cell.wake()"),
		one("wake before publishing", commit, "	awaited, writes := false, t.writes\n", "	awaited, writes := false, t.writes\n	if MUTANT { t.wake(); defer func(w []Entry) { t.writes = w }(t.writes); t.writes = nil }\n"),
		one("wake on half an OrElse", waiter, "	n.list.push(n)", "	if MUTANT && i > 0 { return }\n	n.list.push(n)"),
		one("woken by anything", wait, "if !woken || t.readsChanged() {", "if !woken || MUTANT || t.readsChanged() {"),
		one("a waiter is left behind", waiter, "		if n := &w.nodes[i]; n.on.Load() {", "		if n := &w.nodes[i]; n.on.Load() && !MUTANT {"),

		one("a change missed before the notice is posted", wait, "		if n.Tell(", "		if !MUTANT && n.Tell("),
		one("notice of what is known", waiter, "case w.notice.concerns(version):", "case MUTANT || w.notice.concerns(version):"),
		one("a notice is left behind", notice, "	n.Leave()\n	if n.stop", "	if !MUTANT { n.Leave() }\n	if n.stop"),

		one("rebase overwrites", rebase, "versionOf(now) == versionOf(word):", "versionOf(now) == versionOf(word) || MUTANT:"),
		one("rebase onto two states", rebase, "	now, theirs := e.cell.asOf(snapshot)\n", "	now, theirs := e.cell.asOf(snapshot)\n	if MUTANT { now, theirs = e.cell.settled() }\n"),
		one("rebase keeps its pin", rebase, "		t.owner.Unpin(spare)\n", "		if !MUTANT { t.owner.Unpin(spare) }\n"),
		one("checkpoint goes on from the present", rebase, "	t.pin, t.next = t.next, nil\n", "	if MUTANT { t.owner.Unpin(t.next); t.next = t.owner.Pin(0) }\n	t.pin, t.next = t.next, nil\n"),
		one("checkpoint that fails keeps its pin", commit, "		t.owner.Unpin(t.next)\n", "		if !MUTANT { t.owner.Unpin(t.next) }\n"),

		one("left writes leak", writes, "func (t *Tx) Rollback(s Savepoint) {\n", "func (t *Tx) Rollback(s Savepoint) {\n	if MUTANT { t.Keep(s); return }\n"),
		one("an error commits", run, "	case err != nil:\n", "	case err != nil && !MUTANT:\n"),
		one("a panic leaves what it held", run, "	tx.core.Close()\n	tx.runAborts()\n", "	if !MUTANT { tx.core.Close() }\n	tx.runAborts()\n"),
		one("Retry keeps the gate", run, "	tx.core.OpenGate()\n	tx.core.Unpin()", "	if !MUTANT { tx.core.OpenGate() }\n	tx.core.Unpin()"),
		one("unfair loser", run, "case tx.clashes < engine.GateAfter:", "case tx.clashes < engine.GateAfter || MUTANT:"),
		one("irrevocable without the gate", run, "if kind == engine.Irrevocable &&", "if kind == engine.Irrevocable && !MUTANT &&"),
		one("a View that starts over is not pinned", run, "	case tx.core.Is(engine.ReadOnly):\n		tx.core.Pin()", "	case tx.core.Is(engine.ReadOnly) && !MUTANT:\n		tx.core.Pin()"),

		one("hook twice", run, "	runHooks(hooks, t)\n}", "	runHooks(hooks, t)\n	if MUTANT { runHooks(hooks, t) }\n}"),
		{"hook on abort", []patch{
			{hooks, "import \"github.com/rinse-go/rinse/token\"", "import (\n	\"github.com/rinse-go/rinse/internal/engine\"\n	\"github.com/rinse-go/rinse/token\"\n)"},
			{hooks, "	aborts := tx.onAbort\n", "	aborts := tx.onAbort\n	if MUTANT { runHooks(tx.onCommit, tx.tokenAt(0)) }\n"},
		}},
		one("hooks of what was undone", "stm/tx.go", "	tx.onCommit = tx.onCommit[:s.onCommit]\n", "	if !MUTANT { tx.onCommit = tx.onCommit[:s.onCommit] }\n"),

		{"token that others can take", []patch{
			{commit, "	if numbered {\n		version =", "	if numbered && !MUTANT {\n		version ="},
			{commit, "	return version, Committed\n}", "	if MUTANT { t.owner.advance(version) }\n	return version, Committed\n}"},
		}},
		one("token ahead of the clock", single, "		OwnerOf(c).advance(versionOf(w))\n", "		if !MUTANT { OwnerOf(c).advance(versionOf(w)) }\n"),
		one("old token accepted", "stm/expect.go", "current > base\n", "current > base && !MUTANT\n"),
	}
}

// mutate applies a mutant to the texts of files.
func (m mutant) mutate(original, current map[string]string) error {
	for _, p := range m.patches {
		if n := strings.Count(original[p.file], p.old); n != 1 {
			return fmt.Errorf("mutant %q: the text to replace is in %s %d times, not once:\n%s", m.name, p.file, n, p.old)
		}
		if strings.Count(current[p.file], p.old) != 1 {
			return fmt.Errorf("mutant %q: another mutant has replaced its text in %s:\n%s", m.name, p.file, p.old)
		}
		question := fmt.Sprintf("engine.Mutant(%q)", m.name)
		switch {
		case strings.HasPrefix(p.file, "internal/engine/"):
			question = strings.TrimPrefix(question, "engine.")
		case strings.HasPrefix(p.file, "internal/waiting/"): // on which the engine stands
			question = strings.Replace(question, "engine.", "shared.", 1)
		}
		current[p.file] = strings.Replace(current[p.file], p.old, strings.ReplaceAll(p.new, "MUTANT", question), 1)
	}
	return nil
}
