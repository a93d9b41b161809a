//go:build !linux

package discipline

import "os/exec"

// endWithParent relies on the end of the pipe, which a child looks at all the time.
func endWithParent(*exec.Cmd) {}
