package cli

import (
	"fmt"
	"reflect"
	"regexp"
	"strings"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/workload"
)

var validName = regexp.MustCompile(`^[a-z0-9][a-z0-9.-]*$`)

// wrong says what is wrong with what a program adds to the lab, which is the same whatever is measured.
func (l *lab) wrong() error {
	taken := map[string]bool{every: true}
	for _, d := range l.disciplines() {
		if err := named("discipline", d.Name, taken); err != nil {
			return err
		}
	}
	clear(taken)
	taken[every] = true
	for _, w := range l.workloads() {
		if err := named("workload", w.Name, taken); err != nil {
			return err
		}
		if w.New == nil {
			return fmt.Errorf("workload %q has no New", w.Name)
		}
		if err := needed(&w); err != nil {
			return err
		}
	}
	return nil
}

func named(what, name string, taken map[string]bool) error {
	switch {
	case !validName.MatchString(name):
		return fmt.Errorf("the name of a %s has small letters, digits, hyphens and dots, and at least one: got %q", what, name)
	case taken[name]:
		return fmt.Errorf("there is a %s %q already: give yours another name", what, name)
	}
	taken[name] = true
	return nil
}

// needed returns an error if a workload needs what no discipline can have.
func needed(w *workload.Workload) error {
	for _, need := range w.Needs {
		object, operation, _ := strings.Cut(need, ".")
		maker, ok := reflect.TypeFor[discipline.Discipline]().FieldByName(object)
		if !ok || maker.Type.Kind() != reflect.Func {
			return fmt.Errorf("workload %q needs %q: there is no such object; see discipline.Discipline", w.Name, need)
		}
		if _, ok := maker.Type.Out(0).MethodByName(operation); !ok && operation != "" {
			return fmt.Errorf("workload %q needs %q: there is no such operation; see discipline.%s", w.Name, need, object)
		}
	}
	return nil
}
