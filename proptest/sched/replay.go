package sched

// Replay is the strategy that repeats one schedule, once. A run that meets other choices than the schedule
// was made with ends with [ErrDiverged].
func Replay(schedule Schedule) Strategy { return &replay{schedule: schedule} }

type replay struct {
	schedule Schedule
	done     bool
}

func (s *replay) Next() bool {
	again := !s.done
	s.done = true
	return again
}

func (s *replay) Pick(p *Point) int {
	if p.Step >= len(s.schedule) {
		return -1
	}
	return int(s.schedule[p.Step])
}
