package model

import "math"

// A law is Gunther's universal scalability law: X(n) = first·n / (1 + contention·(n-1) + coherency·n·(n-1)).
// (Guerrilla Capacity Planning, 2007.) It has three parameters, so it takes six measured core counts
// before it says more than what was put into it.
type law struct {
	first, contention, coherency float64
	off                          float64 // the deviation of the logarithms of what it was fitted to
}

// enoughCores is how many core counts it takes to fit a law.
const enoughCores = 6

func (l law) at(n float64) float64 {
	return l.first * n / (1 + l.contention*(n-1) + l.coherency*n*(n-1))
}

// fitLaw fits a law to the throughputs at so many cores, the first of which is 1. It is linear in
// n/C - 1 = contention·(n-1) + coherency·n·(n-1), where C is the speed-up; neither is below 0. Errors
// count by how great they are beside the speed-up.
func fitLaw(cores, throughput []float64) law {
	var aa, ab, bb, ay, by float64
	for i, n := range cores {
		speedup := throughput[i] / throughput[0]
		weight := (speedup / n) * (speedup / n)
		a, b, y := n-1, n*(n-1), n/speedup-1
		aa, ab, bb = aa+weight*a*a, ab+weight*a*b, bb+weight*b*b
		ay, by = ay+weight*a*y, by+weight*b*y
	}
	l := law{first: throughput[0]}
	if det := aa*bb - ab*ab; det > 0 {
		l.contention, l.coherency = (ay*bb-by*ab)/det, (by*aa-ay*ab)/det
	}
	switch {
	case l.contention < 0:
		l.contention, l.coherency = 0, math.Max(0, by/bb)
	case l.coherency < 0:
		l.contention, l.coherency = math.Max(0, ay/aa), 0
	}
	squares := 0.0
	for i, n := range cores {
		off := math.Log(throughput[i] / l.at(n))
		squares += off * off
	}
	l.off = math.Sqrt(squares / float64(len(cores)-2))
	return l
}
