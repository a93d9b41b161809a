package tvar

import "github.com/rinse-go/rinse/internal/engine"

// Merge implements [engine.Merger].
func (o *options[T]) Merge(base, mine, theirs engine.Kept) (merged engine.Kept, same, ok bool, err error) {
	b, m, t := value[T](base), value[T](mine), value[T](theirs)
	switch {
	case o.same(m, t), o.same(b, m):
		return theirs, true, true, nil
	case o.same(b, t):
		return mine, false, true, nil
	case o.merge == nil:
		return merged, false, false, nil
	}
	result, err := o.merge(o.copied(b), o.copied(m), o.copied(t))
	if err != nil {
		return merged, false, false, err
	}
	result = o.copied(result)
	merged.Form, merged.Value = pack(theirs.Form, result)
	return merged, o.same(t, result), true, nil
}

func value[T any](k engine.Kept) T { return unpack[T](k.Form, k.Value) }
