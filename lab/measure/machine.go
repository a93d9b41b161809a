package measure

import (
	"bufio"
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"strings"
	"time"

	"github.com/rinse-go/rinse/lab/result"
)

// Describe returns a run that knows its machine, its program and when it began, and has no points yet.
func Describe() *result.Run {
	return &result.Run{
		Version: result.Version,
		Start:   time.Now().UTC().Truncate(time.Second),
		CPU:     cpu(),
		Cores:   runtime.NumCPU(),
		OS:      runtime.GOOS,
		Arch:    runtime.GOARCH,
		Kernel:  kernel(),
		Go:      runtime.Version(),
		Commit:  commit(),
	}
}

// cpu is the model as the kernel tells it, on systems where it does that in a file; else unknown.
func cpu() string {
	info, _ := os.ReadFile("/proc/cpuinfo")
	lines := bufio.NewScanner(bytes.NewReader(info))
	for lines.Scan() {
		name, value, _ := strings.Cut(lines.Text(), ":")
		switch strings.TrimSpace(name) {
		case "model name", "cpu model", "Processor":
			return strings.TrimSpace(value)
		}
	}
	if model := output("sysctl", "-n", "machdep.cpu.brand_string"); model != "" {
		return model
	}
	return "unknown"
}

func kernel() string {
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		return strings.TrimSpace(string(release))
	}
	return output("uname", "-r")
}

// commit is what the program was built from: as the go command has recorded it, which go run does not do,
// or else what is checked out where its source is.
func commit() string {
	revision, changed := recorded()
	if _, source, _, ok := runtime.Caller(0); revision == "" && ok {
		dir := filepath.Dir(source)
		revision = output("git", "-C", dir, "rev-parse", "HEAD")
		changed = output("git", "-C", dir, "status", "--porcelain", "--untracked-files=no") != ""
	}
	if revision == "" {
		return ""
	}
	if changed {
		revision += "+changes"
	}
	return revision
}

func recorded() (revision string, changed bool) {
	info, _ := debug.ReadBuildInfo()
	if info == nil {
		return "", false
	}
	for _, setting := range info.Settings {
		switch setting.Key {
		case "vcs.revision":
			revision = setting.Value
		case "vcs.modified":
			changed = setting.Value == "true"
		}
	}
	return revision, changed
}

// output is what a program prints, or nothing.
func output(program string, args ...string) string {
	out, _ := exec.Command(program, args...).Output()
	return strings.TrimSpace(string(out))
}
