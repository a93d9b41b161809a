package measure

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// A clock wakes one goroutine on time. A timer of Go's runtime may be late by a millisecond when
// nothing else happens, since that is the unit in which it waits. A timer of the kernel wakes it as a
// message from the network would.
type clock struct {
	fd   int
	file *os.File // nil if there is no such timer
}

func newClock() *clock {
	fd, err := unix.TimerfdCreate(unix.CLOCK_MONOTONIC, unix.TFD_NONBLOCK|unix.TFD_CLOEXEC)
	if err != nil {
		return &clock{}
	}
	return &clock{fd, os.NewFile(uintptr(fd), "timer")}
}

// sleep returns after this time, soon if it is short.
func (c *clock) sleep(d time.Duration) {
	const short = 5 * time.Microsecond // which is less than it takes to sleep
	if d < short {
		for end := time.Now().Add(d); time.Now().Before(end); {
		}
		return
	}
	var expirations [8]byte
	in := unix.ItimerSpec{Value: unix.NsecToTimespec(int64(d))}
	if c.file == nil || unix.TimerfdSettime(c.fd, 0, &in, nil) != nil {
		time.Sleep(d)
		return
	}
	if _, err := c.file.Read(expirations[:]); err != nil {
		time.Sleep(d)
	}
}

func (c *clock) close() {
	if c.file != nil {
		_ = c.file.Close()
	}
}
