//go:build rinsesched

package engine

// Hook, if set, is called before every access to shared memory (blocked false) and whenever the
// caller cannot go on before somebody else has made a step (blocked true).
var Hook func(blocked bool)

func yield() {
	if Hook != nil {
		Hook(false)
	}
}

func pause(int) {
	if Hook != nil {
		Hook(true)
	}
}

func idle(int) { pause(0) }
