// Package figure writes numbers as people read them.
package figure

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/rinse-go/rinse/lab/stats"
)

// None stands where there is no figure.
const None = "–"

// Three writes a number with three digits: 0.00123, 1.23, 123, 1,230.
func Three(v float64) string {
	switch a := math.Abs(v); {
	case math.IsNaN(v):
		return None
	case math.IsInf(v, 1):
		return "∞"
	case math.IsInf(v, -1):
		return "−∞"
	case a >= 1e15 || a != 0 && a < 1e-5:
		return strconv.FormatFloat(v, 'e', 1, 64)
	case a >= 100:
		return thousands(strconv.FormatFloat(v, 'f', 0, 64))
	}
	rounded, _ := strconv.ParseFloat(strconv.FormatFloat(v, 'g', 3, 64), 64)
	return strconv.FormatFloat(rounded, 'f', -1, 64)
}

func thousands(digits string) string {
	sign := ""
	if strings.HasPrefix(digits, "-") {
		sign, digits = "−", digits[1:]
	}
	whole, part, found := strings.Cut(digits, ".")
	for i := len(whole) - 3; i > 0; i -= 3 {
		whole = whole[:i] + "," + whole[i:]
	}
	if found {
		whole += "." + part
	}
	return sign + whole
}

// Count writes a number with a prefix: 1.23M.
func Count(v float64) string { return prefixed(v, []string{"", "k", "M", "G", "T", "P", "E"}) }

// Bytes writes a number of bytes with a prefix: 1.23 kB.
func Bytes(v float64) string {
	return prefixed(v, []string{" B", " kB", " MB", " GB", " TB", " PB", " EB"})
}

// Nanoseconds writes a time in the unit that suits it: 1.23 ms.
func Nanoseconds(v float64) string {
	if v >= 60e9 {
		return Three(v/1e9) + " s"
	}
	return prefixed(v, []string{" ns", " µs", " ms", " s"})
}

func prefixed(v float64, units []string) string {
	if math.IsNaN(v) {
		return None
	}
	i := 0
	for ; math.Abs(v) >= 999.5 && i < len(units)-1 && !math.IsInf(v, 0); i++ {
		v /= 1000
	}
	return Three(v) + units[i]
}

// Times writes a factor: 1.4×.
func Times(v float64) string {
	switch {
	case math.IsNaN(v) || math.IsInf(v, 0):
		return Three(v) + "×"
	case v != 0 && v < 0.1:
		return Three(v) + "×"
	}
	_, digits := stepOf(v)
	return thousands(strconv.FormatFloat(v, 'f', digits, 64)) + "×"
}

// Ratio writes a factor with its uncertainty: 1.4× (±0.1), 1.4× (1.3–2.9) where that is lopsided, and
// 4 % (3 to 5) where it is not much more than 1.
func Ratio(r stats.Ratio) string {
	if r.Low <= 0 || math.IsInf(r.High, 0) || math.IsNaN(r.Value) || r.Low == r.High {
		return Times(r.Value)
	}
	if r.Value >= 1 && r.Value < 1.1 {
		return fmt.Sprintf("%s %% (%s to %s)", percent(r.Value), percent(r.Low), percent(r.High))
	}
	above, below := r.High-r.Value, r.Value-r.Low
	wide := max(above, below)
	lopsided := wide > 0.05*r.Value && wide > 1.8*min(above, below)
	step, digits := stepOf(r.Value)
	wide = max(step, math.Ceil(wide/step-1e-9)*step)
	if lopsided || r.Low > 1 && r.Value-wide <= 1 {
		low, high := strings.TrimSuffix(Times(r.Low), "×"), strings.TrimSuffix(Times(r.High), "×")
		return fmt.Sprintf("%s (%s–%s)", Times(r.Value), low, high)
	}
	return fmt.Sprintf("%s (±%s)", Times(r.Value), strconv.FormatFloat(wide, 'f', digits, 64))
}

// percent writes how much more than 1 a factor is.
func percent(v float64) string {
	more := 100 * (v - 1)
	digits := 0
	if math.Abs(more) < 1 {
		digits = 2
	}
	return strings.Replace(strconv.FormatFloat(more, 'f', digits, 64), "-", "−", 1)
}

// stepOf returns the last digit that Times writes of a factor.
func stepOf(v float64) (step float64, digits int) {
	switch {
	case v >= 9.95:
		return 1, 0
	case v >= 1.1 || v < 0.9:
		return 0.1, 1
	case v >= 1.02 || v < 0.98:
		return 0.01, 2
	}
	return 0.001, 3
}

// Summary writes a median and its interval, both by the same function.
func Summary(s stats.Summary, write func(float64) string) string {
	if !s.Bounded() {
		return write(s.Median)
	}
	return fmt.Sprintf("%s (%s–%s)", write(s.Median), write(s.Low), write(s.High))
}

// P writes how probable something is.
func P(p float64) string {
	if p < 0.001 {
		return "p < 0.001"
	}
	return fmt.Sprintf("p = %.2g", p)
}

// List writes words as a list: a, b and c.
func List(words []string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	return strings.Join(words[:len(words)-1], ", ") + " and " + words[len(words)-1]
}

// Of writes how many of something there are: 1 round, 2 rounds.
func Of(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return thousands(strconv.Itoa(n)) + " " + noun + "s"
}

// Plain takes out of a name what would break a sentence: backticks, and what cannot be printed.
func Plain(name string) string {
	return strings.Map(func(r rune) rune {
		switch {
		case r == '`':
			return '\''
		case !strconv.IsPrint(r):
			return -1
		}
		return r
	}, name)
}
