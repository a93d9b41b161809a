package proptest

// An Impl is one implementation of what a [Spec] describes.
type Impl[C, R any] struct {
	Name string

	// New makes a fresh object and returns the function that executes a command on it. The clients of a
	// program call that function, each on a goroutine of its own. New must make everything anew: objects
	// of different runs may not share anything.
	New func(env *Env) func(command C) R
}
