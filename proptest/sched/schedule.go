package sched

import (
	"fmt"
	"strconv"
	"strings"
)

// MaxTasks is the largest number of tasks in one run.
const MaxTasks = 52

const letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

// A Schedule says which task took each step of a run. Its printed form names tasks by letter and counts
// their steps: "a3b2a" is three steps of task 0, two of task 1 and one of task 0.
type Schedule []uint8

// String returns the printed form, which [ParseSchedule] reads back.
func (s Schedule) String() string {
	var b strings.Builder
	for i := 0; i < len(s); {
		n := 1
		for i+n < len(s) && s[i+n] == s[i] {
			n++
		}
		b.WriteByte(letters[s[i]])
		if n > 1 {
			b.WriteString(strconv.Itoa(n))
		}
		i += n
	}
	return b.String()
}

// maxScheduleLength bounds what a corrupted count can make ParseSchedule allocate.
const maxScheduleLength = 1 << 22

// ParseSchedule reads what [Schedule.String] wrote, and nothing else.
func ParseSchedule(text string) (Schedule, error) {
	var s Schedule
	for i := 0; i < len(text); {
		task := strings.IndexByte(letters, text[i])
		if task < 0 {
			return nil, fmt.Errorf("sched: schedule %q: want a task's letter at byte %d", text, i)
		}
		i++
		digits := i
		for i < len(text) && '0' <= text[i] && text[i] <= '9' {
			i++
		}
		count := 1
		if i > digits {
			n, err := strconv.Atoi(text[digits:i])
			if err != nil || len(s)+n > maxScheduleLength {
				return nil, fmt.Errorf("sched: schedule %q: the count at byte %d is too large", text, digits)
			}
			count = n
		}
		for range count {
			s = append(s, uint8(task))
		}
	}
	if s.String() != text {
		return nil, fmt.Errorf("sched: schedule %q: not in the form that String writes", text)
	}
	return s, nil
}
