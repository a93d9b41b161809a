package discipline

import (
	"os/exec"
	"syscall"
)

// endWithParent has the system kill a child when its parent is gone, even one that does not look at its
// pipe.
func endWithParent(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL}
}
