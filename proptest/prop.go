package proptest

import (
	"errors"

	"github.com/leanovate/gopter"
)

// Prop is the property that an implementation behaves like the spec, for gopter: each evaluation draws one
// program and runs it under all schedulers. A failure is shrunk here, not by gopter, and its story is the
// label of the result. Use one gopter.Properties for each property: its printed seed replays only all of
// them together. The token in the story replays the failure alone.
func Prop[S, C, R any](spec Spec[S, C, R], impl Impl[C, R], options ...Option) gopter.Prop {
	return func(p *gopter.GenParameters) *gopter.PropResult {
		own := []Option{WithSeed(p.NextUint64()), WithPrograms(1)}
		_, err := Find(spec, []Impl[C, R]{impl}, append(own, options...)...)
		if err == nil {
			return &gopter.PropResult{Status: gopter.PropTrue}
		}
		var f *Failure
		if !errors.As(err, &f) {
			return &gopter.PropResult{Status: gopter.PropError, Error: err}
		}
		return &gopter.PropResult{Status: gopter.PropFalse, Labels: []string{f.Error()}}
	}
}
