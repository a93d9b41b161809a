package cli

import (
	"fmt"
	"slices"
	"strings"

	"github.com/agnivade/levenshtein"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/measure"
	"github.com/rinse-go/rinse/lab/workload"
)

func (l *lab) workloads() []workload.Workload {
	return append(workload.All(), l.Workloads...)
}

func (l *lab) disciplines() []discipline.Discipline {
	return append(discipline.All(), l.Disciplines...)
}

// every is the name of all workloads, or all disciplines.
const every = "all"

// studies finds workloads by name, and single cases of them by "name/case".
func (l *lab) studies(names []string) (studies []measure.Study, err error) {
	chosen := map[string]bool{}
	for _, name := range names {
		found := false
		for _, study := range l.allStudies() {
			if name == every || name == study.Workload.Name || name == studyName(study) {
				found = true
				chosen[studyName(study)] = true
			}
		}
		if !found {
			return nil, unknown("workload", name, l.studyNames())
		}
	}
	return slices.DeleteFunc(l.allStudies(), func(s measure.Study) bool { return !chosen[studyName(s)] }), nil
}

func (l *lab) allStudies() (studies []measure.Study) {
	all := l.workloads()
	for i := range all {
		if all[i].Cases == nil {
			studies = append(studies, measure.Study{Workload: &all[i]})
		}
		for _, name := range all[i].Cases {
			studies = append(studies, measure.Study{Workload: &all[i], Case: name})
		}
	}
	return studies
}

func studyName(s measure.Study) string {
	if s.Case == "" {
		return s.Workload.Name
	}
	return s.Workload.Name + "/" + s.Case
}

func (l *lab) studyNames() (names []string) {
	for _, study := range l.allStudies() {
		if !slices.Contains(names, study.Workload.Name) {
			names = append(names, study.Workload.Name)
		}
		if study.Case != "" {
			names = append(names, studyName(study))
		}
	}
	return names
}

func (l *lab) disciplineNames() (names []string) {
	for _, d := range l.disciplines() {
		names = append(names, d.Name)
	}
	return names
}

func (l *lab) findDisciplines(names []string) (found []discipline.Discipline, err error) {
	known := l.disciplineNames()
	for _, name := range names {
		if name != every && !slices.Contains(known, name) {
			return nil, unknown("discipline", name, known)
		}
	}
	chosen := func(d discipline.Discipline) bool {
		return slices.Contains(names, every) || slices.Contains(names, d.Name)
	}
	return slices.DeleteFunc(l.disciplines(), func(d discipline.Discipline) bool { return !chosen(d) }), nil
}

// unknown says what may have been meant.
func unknown(what, name string, known []string) error {
	message := fmt.Sprintf("there is no %s %q", what, name)
	if like := alike(name, known); like != "" {
		message += fmt.Sprintf("; did you mean %q?", like)
	} else {
		message += "; lab list shows what there is"
	}
	return usage("%s", message)
}

// alike is the nearest of the names, or one that begins so, unless all are quite different.
func alike(name string, known []string) string {
	name = strings.ToLower(name)
	best, least := "", min(len(name), 3+len(name)/4)
	for _, k := range known {
		distance := levenshtein.ComputeDistance(name, k)
		if name != "" && strings.HasPrefix(k, name) {
			distance = 1
		}
		if distance < least {
			best, least = k, distance
		}
	}
	return best
}
