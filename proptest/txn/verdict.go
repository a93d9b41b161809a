package txn

import (
	"fmt"
	"strings"
)

// A Level is a consistency condition that a history is checked against.
type Level uint8

const (
	// Serializable: the committed attempts could have run one after the other, in some order.
	Serializable Level = iota + 1
	// StrictSerializable: in an order, moreover, in which whoever ended before another started comes first.
	StrictSerializable
	// Opaque: strict serializability of all attempts, where those that did not commit have no effect. So every
	// attempt, also a doomed one, read from one consistent state (Guerraoui and Kapałka, 2008).
	Opaque

	// coherent is Opaque without the real-time order.
	coherent
)

// String names the level.
func (l Level) String() string {
	names := [...]string{"no level", "serializable", "strictly serializable", "opaque", "coherent in every attempt"}
	if int(l) < len(names) {
		return names[l]
	}
	return fmt.Sprintf("level %d", uint8(l))
}

func (l Level) allAttempts() bool { return l == Opaque || l == coherent }
func (l Level) realTime() bool    { return l == StrictSerializable || l == Opaque }

func (l Level) validate() error {
	if l < Serializable || l > coherent {
		return fmt.Errorf("txn: %v: use Serializable, StrictSerializable or Opaque", l)
	}
	return nil
}

// A Phenomenon names what went wrong, in the terms of Adya and of Jepsen's Elle.
type Phenomenon string

// What the checkers can find. A cycle that needs real-time edges has "-realtime" added to its name.
const (
	G0      Phenomenon = "G0"       // write cycle: only write-write dependencies
	G1a     Phenomenon = "G1a"      // aborted read: somebody read what an aborted attempt wrote
	G1b     Phenomenon = "G1b"      // intermediate read: somebody read a value that its writer went on to change
	G1c     Phenomenon = "G1c"      // circular information flow: write-write and write-read dependencies
	GSingle Phenomenon = "G-single" // one anti-dependency in the cycle: read skew, torn or stale read
	G2      Phenomenon = "G2"       // two or more anti-dependencies in the cycle: write skew, lost update

	Internal     Phenomenon = "internal"           // an attempt contradicts its own earlier reads or writes
	Garbage      Phenomenon = "garbage read"       // an element was read that nobody appended
	Duplicate    Phenomenon = "duplicate element"  // an element was read twice in one list
	Incompatible Phenomenon = "incompatible order" // no single order of appends explains all the reads
	NoOrder      Phenomenon = "no serial order"    // every order of the attempts was tried
	WrongVersion Phenomenon = "snapshot read"      // a read is not of the version that its attempt claims
	SameVersion  Phenomenon = "version reused"     // two commits gave one variable the same version
)

const realTimeSuffix = "-realtime"

// RealTime reports whether the phenomenon is a cycle that needs the real-time order.
func (p Phenomenon) RealTime() bool { return strings.HasSuffix(string(p), realTimeSuffix) }

// Base is the phenomenon without its real-time mark.
func (p Phenomenon) Base() Phenomenon {
	return Phenomenon(strings.TrimSuffix(string(p), realTimeSuffix))
}

// An Anomaly is one proof that a history is not what it should be.
type Anomaly struct {
	Phenomenon Phenomenon
	Attempts   []int    // indexes into History.Attempts; of a cycle in its order
	Reasons    []string // of a cycle: why each attempt comes before the next, the last before the first
	text       string
}

// String explains the anomaly: what it is, the attempts, and the reasons.
func (a Anomaly) String() string { return a.text }

// A Verdict is what a checker found out about a history.
type Verdict struct {
	Level     Level
	Anomalies []Anomaly // some of them, if there are very many
	// Order is, if there are no anomalies, a serial order that explains the history: indexes into History.Attempts
	// of those that the level is about. Snapshots gives none.
	Order []int
}

// OK reports that no anomaly was found.
func (v Verdict) OK() bool { return len(v.Anomalies) == 0 }

// Has reports whether an anomaly of this kind was found, with or without real time.
func (v Verdict) Has(p Phenomenon) bool {
	for _, a := range v.Anomalies {
		if a.Phenomenon == p || a.Phenomenon.Base() == p {
			return true
		}
	}
	return false
}

// String explains the anomalies, the first few if there are many.
func (v Verdict) String() string {
	what := v.Level.String()
	if v.Level == 0 {
		what = "of the snapshots it claims"
	}
	if v.OK() {
		return "ok: " + what
	}
	const most = 5
	var b strings.Builder
	fmt.Fprintf(&b, "not %s:\n", what)
	for _, a := range v.Anomalies[:min(most, len(v.Anomalies))] {
		b.WriteString(a.text)
	}
	if rest := len(v.Anomalies) - most; rest > 0 {
		fmt.Fprintf(&b, "and %d more anomalies\n", rest)
	}
	return b.String()
}

// describe makes an anomaly that needs no cycle.
func (c *compiled) describe(p Phenomenon, attempts []int, format string, args ...any) Anomaly {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s\n", title(p), fmt.Sprintf(format, args...))
	for _, i := range attempts {
		fmt.Fprintf(&b, "    %s\n", c.line(i))
	}
	return Anomaly{Phenomenon: p, Attempts: attempts, text: b.String()}
}

// title adds the plain name to the technical one.
func title(p Phenomenon) string {
	plain := map[Phenomenon]string{
		G0: "write cycle", G1a: "aborted read", G1b: "intermediate read", G1c: "circular information flow",
		GSingle: "read skew or stale read", G2: "write skew or lost update",
	}[p.Base()]
	if plain == "" {
		return string(p)
	}
	return fmt.Sprintf("%s (%s)", p, plain)
}
