package verdict

import "slices"

// A span is a stretch of goroutine counts with the same disciplines in front, in one case of a workload
// or in several that have the same spans.
type span struct {
	places      []place
	from, to    int  // goroutines
	first, last bool // whether it starts, or ends, with what was measured
}

// A place is a standing and whose it is.
type place struct {
	of *Verdict
	Standing
}

// spans puts standings together while the same disciplines are in front.
func (v *Verdict) spans() (spans []span) {
	for i, s := range v.Standings {
		if i == 0 || !slices.Equal(front(v.Standings[i-1]), front(s)) {
			spans = append(spans, span{first: i == 0, from: s.Goroutines})
		}
		last := &spans[len(spans)-1]
		last.places = append(last.places, place{v, s})
		last.to, last.last = s.Goroutines, i == len(v.Standings)-1
	}
	return spans
}

// front lists who is in front, by name; nobody, if there were too few rounds to tell.
func front(s Standing) []string {
	if s.tooFew() {
		return nil
	}
	return slices.Sorted(slices.Values(append([]string{s.Best}, s.Tied...)))
}

// A group has the verdicts on cases of one workload that follow each other and have the same spans.
type group struct {
	verdicts []*Verdict
	spans    []span
	whole    []*Verdict // on all cases of the workload
}

// groups puts together what can be said in one sentence.
func groups(verdicts []*Verdict) (all []*group) {
	whole := map[string][]*Verdict{}
	for _, v := range verdicts {
		whole[v.Study.Workload] = append(whole[v.Study.Workload], v)
	}
	for _, v := range verdicts {
		spans := v.spans()
		if len(all) > 0 && all[len(all)-1].takes(v, spans) {
			continue
		}
		all = append(all, &group{[]*Verdict{v}, spans, whole[v.Study.Workload]})
	}
	return all
}

// takes adds a verdict to the group if it is like the ones in it.
func (g *group) takes(v *Verdict, spans []span) bool {
	first := g.verdicts[0]
	same := v.Study.Workload == first.Study.Workload && v.Procs == first.Procs && v.Metric.Name == first.Metric.Name &&
		len(spans) > 0 && slices.EqualFunc(spans, g.spans, func(a, b span) bool {
		return a.from == b.from && a.to == b.to && slices.Equal(front(a.places[0].Standing), front(b.places[0].Standing))
	})
	if !same {
		return false
	}
	g.verdicts = append(g.verdicts, v)
	for i := range spans {
		g.spans[i].places = append(g.spans[i].places, spans[i].places...)
	}
	return true
}

// leads returns the places of a span where somebody is behind, and among them those where the lead over
// the next is least and greatest.
func (s span) leads() (least, most place, all bool) {
	var behind []place
	for _, p := range s.places {
		if len(p.Behind) > 0 {
			behind = append(behind, p)
		}
	}
	if len(behind) == 0 {
		return place{}, place{}, false
	}
	byLead := func(a, b place) int {
		if a.Behind[0].By.Value < b.Behind[0].By.Value {
			return -1
		}
		return 1
	}
	return slices.MinFunc(behind, byLead), slices.MaxFunc(behind, byLead), len(behind) == len(s.places)
}
