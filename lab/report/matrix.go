package report

import (
	"slices"

	"github.com/rinse-go/rinse/lab/figure"
	"github.com/rinse-go/rinse/lab/stats"
	"github.com/rinse-go/rinse/lab/verdict"
)

// A matrix shows of every discipline in every study how many times worse than the best it was.
type matrix struct {
	Studies []string // the heads of its columns
	Rows    []matrixRow
}

type matrixRow struct {
	Name  string
	Cells []matrixCell
}

// A matrixCell has a factor or a word, and a shade from 0 (the best) to 4.
type matrixCell struct {
	Text, Title string
	Shade       int
}

func newMatrix(verdicts []*verdict.Verdict) (m matrix) {
	var names []string
	for _, v := range verdicts {
		m.Studies = append(m.Studies, v.Study.Name())
		for _, d := range v.Study.Disciplines {
			if !slices.Contains(names, d) {
				names = append(names, d)
			}
		}
	}
	for _, name := range names {
		row := matrixRow{Name: name}
		for _, v := range verdicts {
			row.Cells = append(row.Cells, matrixOf(v, name))
		}
		m.Rows = append(m.Rows, row)
	}
	return m
}

// noShade is of cells without a factor.
const noShade = -1

// matrixOf compares a discipline with the best of a study, with the most goroutines.
func matrixOf(v *verdict.Verdict, discipline string) matrixCell {
	if n := len(v.Standings); n > 0 {
		last := v.Standings[n-1]
		if cell := lastOf(v, last, discipline); cell.Text != "" {
			return cell
		}
	}
	switch {
	case v.Study.Cannot[discipline] != "":
		return matrixCell{"cannot", v.Study.Cannot[discipline], noShade}
	case v.Study.Errors[discipline] != "":
		return matrixCell{"failed", v.Study.Errors[discipline], noShade}
	}
	return matrixCell{"not measured", "", noShade}
}

func lastOf(v *verdict.Verdict, last verdict.Standing, discipline string) matrixCell {
	at := figure.Of(last.Goroutines, "goroutine")
	if discipline == last.Best {
		return matrixCell{"best", "the best median with " + at, 0}
	}
	if slices.Contains(last.Tied, discipline) {
		return matrixCell{"as good", "cannot be told apart from the best with " + at, 0}
	}
	for _, b := range last.Behind {
		if b.Discipline == discipline {
			return matrixCell{figure.Times(b.By.Value), figure.Ratio(b.By) + " worse than the best with " + at, shade(b.By)}
		}
	}
	return matrixCell{}
}

func shade(r stats.Ratio) int {
	switch {
	case r.Value < 1.5:
		return 1
	case r.Value < 5:
		return 2
	case r.Value < 50:
		return 3
	}
	return 4
}
