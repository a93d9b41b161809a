package result

import (
	"bufio"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/google/renameio/v2"
)

// ErrFormat is in the chain of errors about what a file holds, as opposed to the failure to read it.
var ErrFormat = errors.New("not a result that this lab can read")

// A line of a file has one of these. The run comes first, the end last, so that a file cut short is known.
type line struct {
	Run     *Run     `json:"run,omitempty"`
	Point   *Point   `json:"point,omitempty"`
	Refusal *Refusal `json:"refusal,omitempty"`
	End     *end     `json:"end,omitempty"`
}

type end struct {
	Points   int `json:"points"`
	Refusals int `json:"refusals"`
}

// Write writes r as JSON lines: the run, each point, each refusal, and an end that counts them.
func (r *Run) Write(w io.Writer) error {
	buffer := bufio.NewWriter(w)
	lines := json.NewEncoder(buffer)
	header := *r
	header.Version = Version
	failed := lines.Encode(line{Run: &header})
	for i := range r.Points {
		failed = errors.Join(failed, lines.Encode(line{Point: &r.Points[i]}))
	}
	for i := range r.Refusals {
		failed = errors.Join(failed, lines.Encode(line{Refusal: &r.Refusals[i]}))
	}
	failed = errors.Join(failed, lines.Encode(line{End: &end{len(r.Points), len(r.Refusals)}}))
	if failed != nil {
		return failed
	}
	return buffer.Flush()
}

// Read reads what Write wrote. Its errors about the content wrap [ErrFormat].
func Read(from io.Reader) (*Run, error) {
	lines := json.NewDecoder(bufio.NewReader(from))
	run, err := readHeader(lines)
	if err != nil {
		return nil, err
	}
	for n := 2; ; n++ {
		var l line
		if err := lines.Decode(&l); err != nil {
			return nil, lineError(n, err)
		}
		switch {
		case l.Point != nil:
			run.Points = append(run.Points, *l.Point)
		case l.Refusal != nil:
			run.Refusals = append(run.Refusals, *l.Refusal)
		case l.End != nil:
			if (*l.End != end{len(run.Points), len(run.Refusals)}) {
				return nil, fmt.Errorf("%w: lines are missing: its end counts %d points and %d refusals, there are %d and %d",
					ErrFormat, l.End.Points, l.End.Refusals, len(run.Points), len(run.Refusals))
			}
			return run, nil
		default:
			return nil, fmt.Errorf("%w: line %d is neither point nor refusal", ErrFormat, n)
		}
	}
}

func readHeader(lines *json.Decoder) (*Run, error) {
	var first struct {
		Run json.RawMessage `json:"run"`
	}
	if err := lines.Decode(&first); err != nil {
		return nil, lineError(1, err)
	}
	var of struct {
		Version int    `json:"version"`
		Commit  string `json:"commit"`
	}
	if first.Run == nil || json.Unmarshal(first.Run, &of) != nil || of.Version == 0 {
		return nil, fmt.Errorf("%w: line 1 does not describe a run", ErrFormat)
	}
	if of.Version != Version {
		err := fmt.Errorf("%w: it is in format %d, this lab has format %d: measure again", ErrFormat, of.Version, Version)
		if of.Commit != "" {
			err = fmt.Errorf("%w, or use the lab of commit %s", err, of.Commit)
		}
		return nil, err
	}
	run := new(Run)
	if err := json.Unmarshal(first.Run, run); err != nil {
		return nil, lineError(1, err)
	}
	return run, nil
}

// lineError tells what is wrong with the content from failures to read it.
func lineError(n int, err error) error {
	var syntax *json.SyntaxError
	var kind *json.UnmarshalTypeError
	switch {
	case errors.Is(err, io.EOF) && n == 1:
		return fmt.Errorf("%w: it is empty", ErrFormat)
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return fmt.Errorf("%w: it stops short at line %d", ErrFormat, n)
	case errors.As(err, &syntax) || errors.As(err, &kind):
		return fmt.Errorf("%w: line %d: %w", ErrFormat, n, err)
	}
	return err
}

// Load reads a file that Save wrote.
func Load(path string) (*Run, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	run, err := Read(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return run, nil
}

// Save replaces the file by r, as JSON lines. See [Replace].
func (r *Run) Save(path string) error { return Replace(path, r.Write) }

// SaveText replaces the file by r in Go's benchmark text format. See [Replace].
func (r *Run) SaveText(path string) error { return Replace(path, r.WriteText) }

// Replace replaces the content of a file by what write writes, all at once: whoever reads the file, also
// after a crash, finds the old content or the new one. What is not a file, such as a device or a pipe, is
// written to as it stands.
func Replace(path string, write func(io.Writer) error) error {
	target, err := filepath.EvalSymlinks(path)
	if err != nil {
		target = path
	}
	if info, err := os.Stat(target); err == nil && !info.Mode().IsRegular() {
		return writeTo(target, write)
	}
	pending, err := renameio.NewPendingFile(target, renameio.WithPermissions(0o644), renameio.WithExistingPermissions())
	if err != nil {
		return err
	}
	defer func() { _ = pending.Cleanup() }()
	if err := write(pending); err != nil {
		return fmt.Errorf("%s: %w", path, err)
	}
	return pending.CloseAtomicallyReplace()
}

func writeTo(path string, write func(io.Writer) error) error {
	device, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	return errors.Join(write(device), device.Close())
}
