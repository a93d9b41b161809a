package report

import (
	"html/template"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/rinse-go/rinse/lab/figure"
	"github.com/rinse-go/rinse/lab/model"
	"github.com/rinse-go/rinse/lab/plots"
	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/stats"
	"github.com/rinse-go/rinse/lab/summary"
	"github.com/rinse-go/rinse/lab/verdict"
)

// A page is what the template is filled with.
type page struct {
	Run         *result.Run
	Machine     string
	Date        string
	Commit      string
	Method      string
	Sentences   []string
	Latencies   []string
	Losses      []string
	Choices     []choice
	Studies     []*study
	Matrix      matrix
	Model       extrapolated
	Refusals    []*verdict.Refusal
	Disciplines []explained
	CSS         template.CSS
	JS          template.JS

	styles map[string]string // the class for each style of a plot
}

type explained struct{ Name, From, Explain string }

// A choice is a row of the table of which discipline is for what.
type choice struct {
	ID, Study, Where, Use, Lead string
	Why                         []string
	Rinse                       string
	Cannot                      []string
}

// A study is a section of the page.
type study struct {
	ID, Name, Explain string
	Sentences         []string
	Figures           []drawn
	Table             table
}

// Drawn is a plot on the page.
type drawn struct {
	*plots.Chart
	SVG   template.HTML
	Spots []plots.Spot
}

func newPage(run *result.Run, options Options) *page {
	verdicts := verdict.Verdicts(run)
	p := &page{
		Run: run, Machine: machine(run), Date: verdict.Date(run), Commit: verdict.Commit(run), Method: verdict.Method,
		Sentences: verdict.Sentences(run), Latencies: verdict.LatencySentences(run), Losses: verdict.Losses(run),
		Matrix: newMatrix(verdicts), Refusals: verdict.Refusals(verdicts), styles: map[string]string{},
		JS: template.JS(read("page.js")),
	}
	m := model.Extrapolate(run)
	p.Model = newExtrapolated(run, m, options.Validate)
	for _, v := range verdicts {
		p.Choices = append(p.Choices, choicesOf(v)...)
		p.Studies = append(p.Studies, p.newStudy(v, m, options))
	}
	for _, d := range options.Disciplines {
		p.Disciplines = append(p.Disciplines, explained{d.Name, d.From, d.Explain})
	}
	p.CSS = template.CSS(read("page.css")) + p.styleSheet()
	return p
}

func read(name string) string {
	content, err := files.ReadFile(name)
	if err != nil {
		panic(err) // it is part of the program
	}
	return string(content)
}

// machine says what a run was made on.
func machine(run *result.Run) string {
	return strings.Join([]string{
		known(run.CPU), figure.Of(run.Cores, "core"), run.OS + "/" + run.Arch, "kernel " + known(run.Kernel), run.Go,
	}, ", ")
}

func known(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

func choicesOf(v *verdict.Verdict) (rows []choice) {
	for _, c := range v.Choices() {
		row := choice{Where: c.Goroutines(), Use: c.Use(), Lead: c.Lead, Why: c.Reasons}
		for _, o := range v.Outcomes() {
			if o.Goroutines == c.Standing.Goroutines {
				row.Rinse = "`" + figure.Plain(o.Ours) + "` " + o.Text()
			}
		}
		rows = append(rows, row)
	}
	if len(rows) == 0 {
		rows = []choice{{Use: "cannot be told: " + v.Why()}}
	}
	rows[0].Study = v.Study.Name()
	for _, r := range v.Refused() {
		last := &rows[len(rows)-1]
		last.Cannot = append(last.Cannot, "`"+figure.Plain(r[0])+"` "+r[1])
	}
	for i := range rows {
		rows[i].ID = plots.ID(v.Study.Name())
	}
	return rows
}

func (p *page) newStudy(v *verdict.Verdict, m *model.Model, options Options) *study {
	s := &study{ID: plots.ID(v.Study.Name()), Name: v.Study.Name(), Table: newTable(v.Study)}
	for _, w := range options.Workloads {
		if w.Name == v.Study.Workload {
			s.Explain = w.Explain
		}
	}
	s.Sentences = []string{v.Sentence()}
	if latency := verdict.JudgeBy(v.Study, summary.P99); len(latency.Standings) > 0 && v.Study.SameRate() {
		s.Sentences = append(s.Sentences, latency.Sentence())
	}
	for _, c := range plots.Of(v.Study) {
		s.Figures = append(s.Figures, p.draw(c))
	}
	if c := plots.Extrapolated(v.Study, m); c != nil {
		s.Figures = append(s.Figures, p.draw(c))
	}
	return s
}

func (p *page) draw(c *plots.Chart) drawn {
	svg, spots := c.Inline()
	return drawn{c, template.HTML(styled.ReplaceAllStringFunc(svg, p.class)), spots}
}

var styled = regexp.MustCompile(`style="[^"]*"`)

// class has a style kept once for the page, under a short name.
func (p *page) class(style string) string {
	style = strings.TrimSuffix(strings.TrimPrefix(style, `style="`), `"`)
	name, ok := p.styles[style]
	if !ok {
		name = "z" + strconv.FormatInt(int64(len(p.styles)), 36)
		p.styles[style] = name
	}
	return `class="` + name + `"`
}

func (p *page) styleSheet() template.CSS {
	var rules []string
	for style, name := range p.styles {
		rules = append(rules, "."+name+"{"+style+"}\n")
	}
	slices.Sort(rules)
	return template.CSS(strings.Join(rules, ""))
}

// prose makes text HTML, in which what is in backticks is code.
func prose(text string) template.HTML {
	parts := strings.Split(template.HTMLEscapeString(text), "`")
	for i := 1; i < len(parts); i += 2 {
		parts[i] = "<code>" + parts[i] + "</code>"
	}
	return template.HTML(strings.Join(parts, ""))
}

// command makes a command HTML that is not broken within an argument, unless that is long.
func command(text string) template.HTML {
	arguments := strings.Fields(text)
	for i, a := range arguments {
		arguments[i] = template.HTMLEscapeString(a)
		if len(a) < 30 {
			arguments[i] = `<span class="arg">` + arguments[i] + `</span>`
		}
	}
	return template.HTML("<code>" + strings.Join(arguments, " ") + "</code>")
}

// A table has all figures of a study, a discipline a row.
type table struct {
	Head []string
	Rows []tableRow
}

// A tableRow has cells, or why there are none.
type tableRow struct {
	Name    string
	Cells   []string
	Instead string
}

func newTable(s *summary.Study) table {
	columns := columnsOf(s)
	t := table{}
	for _, c := range columns {
		t.Head = append(t.Head, c.head)
	}
	for _, d := range s.Disciplines {
		t.Rows = append(t.Rows, rowOf(s, d, columns))
	}
	return t
}

// A column is a metric with so many goroutines.
type column struct {
	head       string
	metric     summary.Metric
	goroutines int
	procs      int
}

func columnsOf(s *summary.Study) (columns []column) {
	if len(s.Goroutines) == 0 {
		return nil
	}
	procs, most := s.MostProcs(), s.Goroutines[len(s.Goroutines)-1]
	for _, g := range s.Goroutines {
		columns = append(columns, column{"op/s, " + figure.Of(g, "goroutine"), summary.Throughput, g, procs})
	}
	for _, p := range s.Procs[:len(s.Procs)-1] {
		columns = append(columns, column{"op/s, GOMAXPROCS " + strconv.Itoa(p), summary.Throughput, most, p})
	}
	rest := []summary.Metric{
		summary.Clashes, summary.Allocs, summary.Bytes, summary.GC, summary.Memory,
		summary.P50, summary.P99, summary.P999, summary.Max,
	}
	for _, unit := range s.Extras() {
		rest = append(rest, summary.Extra(unit))
	}
	for _, m := range rest {
		if s.Has(m) {
			columns = append(columns, column{headOf(m), m, most, procs})
		}
	}
	return columns
}

// headOf says what a metric is, for the head of a column.
func headOf(m summary.Metric) string {
	if m.Unit == "ns" || m.Unit == summary.GC.Unit {
		return m.Name
	}
	return m.Unit
}

func rowOf(s *summary.Study, discipline string, columns []column) tableRow {
	row := tableRow{Name: discipline, Instead: instead(s, discipline)}
	measured := false
	for _, c := range columns {
		text := figure.None
		if of := s.Cell(discipline, c.goroutines, c.procs).Of(c.metric); of.N > 0 {
			text, measured = cellText(c.metric, of), true
		}
		row.Cells = append(row.Cells, text)
	}
	if !measured && row.Instead == "" {
		row.Instead = "not measured"
	}
	if !measured {
		row.Cells = nil
	}
	return row
}

func cellText(m summary.Metric, s stats.Summary) string {
	text := m.Write(s.Median)
	if s.Bounded() && m.Name == summary.Throughput.Name {
		text += " (" + m.Write(s.Low) + "–" + m.Write(s.High) + ")"
	}
	return text
}

func instead(s *summary.Study, discipline string) string {
	var why []string
	if text, ok := s.Cannot[discipline]; ok {
		why = append(why, "cannot: "+text)
	}
	if text, ok := s.Errors[discipline]; ok {
		why = append(why, "not counted: "+text)
	}
	return strings.Join(why, "; ")
}
