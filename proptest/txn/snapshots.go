package txn

import (
	"cmp"
	"fmt"
	"slices"
)

// Snapshots checks what attempts claim: that each read of an attempt with a Snapshot gave what the commits up to that
// version had made, that its own Version is above it, and that the versions of each variable are distinct. An attempt without a Snapshot claims
// nothing. Every committed attempt that writes must have a Version; the error says so if one has not, or if the
// history is malformed or has an attempt that writes and whose outcome is unknown. It takes n log n time.
func Snapshots(h History) (Verdict, error) {
	c, err := compile(h)
	if err != nil {
		return Verdict{}, err
	}
	s := &snapshots{c: c, commits: make([][]commit, len(h.Vars)), elements: make([][]int, len(h.Vars))}
	if err := s.collect(); err != nil {
		return Verdict{}, err
	}
	for v := range s.commits {
		s.sort(int32(v))
	}
	for i, a := range h.Attempts {
		if a.Snapshot != 0 && (a.Version == 0 || a.Snapshot < a.Version) {
			s.check(int32(i))
		}
	}
	return Verdict{Anomalies: s.anomalies}, nil
}

// snapshots has what each variable was at each version.
type snapshots struct {
	c         *compiled
	commits   [][]commit // by variable, sorted by version
	elements  [][]int    // by variable: all the elements of a list, in the order of versions
	anomalies []Anomaly
}

// commit is one attempt's change of one variable.
type commit struct {
	version  uint64
	attempt  int32
	value    int   // the last written
	elements []int // appended
	length   int   // of the list afterwards
}

func (s *snapshots) collect() error {
	for i := range s.c.Attempts {
		a := &s.c.Attempts[i]
		switch {
		case !a.writes() || a.Outcome == Aborted:
		case a.Outcome == Unknown:
			return fmt.Errorf("txn: T%d writes and its outcome is unknown, so the versions are too: leave it out, or use Check", i+1)
		case a.Version == 0:
			return fmt.Errorf("txn: T%d writes and committed without a Version: record it, or use Check", i+1)
		case a.Snapshot >= a.Version:
			s.anomalies = append(s.anomalies, s.c.describe(WrongVersion, []int{i},
				"T%d read version %d and made version %d, which is not above it", i+1, a.Snapshot, a.Version))
		}
		if a.writes() && a.Outcome == Committed {
			s.add(int32(i), a.Version)
		}
	}
	return nil
}

// add notes what attempt i changed.
func (s *snapshots) add(i int32, version uint64) {
	for _, op := range s.c.steps[i] {
		if !op.Kind.changes() {
			continue
		}
		commits := &s.commits[op.v]
		if n := len(*commits); n == 0 || (*commits)[n-1].attempt != i {
			*commits = append(*commits, commit{version: version, attempt: i})
		}
		last := &(*commits)[len(*commits)-1]
		last.value = op.value
		last.elements = append(last.elements, op.value)
	}
}

// sort puts the commits of one variable in order.
func (s *snapshots) sort(v int32) {
	commits := s.commits[v]
	slices.SortStableFunc(commits, func(a, b commit) int { return cmp.Compare(a.version, b.version) })
	for k := range commits {
		s.elements[v] = append(s.elements[v], commits[k].elements...)
		commits[k].length = len(s.elements[v])
		if k > 0 && commits[k-1].version == commits[k].version {
			first, second := int(commits[k-1].attempt), int(commits[k].attempt)
			s.anomalies = append(s.anomalies, s.c.describe(SameVersion, []int{first, second},
				"T%d and T%d both made version %d of %s", first+1, second+1, commits[k].version, s.c.Vars[v].Name))
		}
	}
}

// at is what variable v was at a version, and who made it so.
func (s *snapshots) at(v int32, version uint64) commit {
	k, found := slices.BinarySearchFunc(s.commits[v], version, func(c commit, at uint64) int { return cmp.Compare(c.version, at) })
	for found && k+1 < len(s.commits[v]) && s.commits[v][k+1].version == version {
		k++
	}
	if !found {
		k--
	}
	if k < 0 {
		return commit{attempt: -1, value: s.c.Vars[v].Initial}
	}
	return s.commits[v][k]
}

// check compares the reads of an attempt with its snapshot, and with its own writes on top of it.
func (s *snapshots) check(i int32) {
	snapshot := s.c.Attempts[i].Snapshot
	ints, own := map[int32]int{}, map[int32][]int{}
	for _, op := range s.c.steps[i] {
		there := s.at(op.v, snapshot)
		switch op.Kind {
		case KindWrite:
			ints[op.v] = op.value
		case KindAppend:
			own[op.v] = append(own[op.v], op.value)
		case KindRead:
			value, written := ints[op.v]
			if !written {
				value = there.value
			}
			if op.value != value {
				s.wrong(i, op.v, fmt.Sprint(op.value), fmt.Sprint(value), there)
			}
		case KindReadList:
			n := len(op.list) - len(own[op.v])
			if n != there.length || !slices.Equal(op.list[:n], s.elements[op.v][:n]) || !slices.Equal(op.list[n:], own[op.v]) {
				s.wrong(i, op.v, abridged(op.list), abridged(append(slices.Clone(s.elements[op.v][:there.length]), own[op.v]...)), there)
			}
		}
	}
}

func (s *snapshots) wrong(i, v int32, read, value string, there commit) {
	attempts, maker := []int{int(i)}, "as it was at first"
	if there.attempt >= 0 {
		attempts = append(attempts, int(there.attempt))
		maker = fmt.Sprintf("made by T%d at version %d", there.attempt+1, there.version)
	}
	s.anomalies = append(s.anomalies, s.c.describe(WrongVersion, attempts, "T%d at version %d read %s = %s, but it is %s there, %s",
		i+1, s.c.Attempts[i].Snapshot, s.c.Vars[v].Name, read, value, maker))
}
