package plots

import (
	"cmp"
	"image/color"
	"math"
	"slices"

	"gonum.org/v1/plot"
	"gonum.org/v1/plot/font"
	"gonum.org/v1/plot/font/liberation"
	"gonum.org/v1/plot/text"
	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// The size of a plot, in points: as wide as a phone, so that text stays readable there.
const (
	width    = 380 * vg.Length(1)
	height   = 310 * vg.Length(1)
	fontSize = 11.5
)

var handler = text.Plain{Fonts: font.NewCache(liberation.Collection())}

func lettering(c color.Color) text.Style {
	return text.Style{Color: c, Font: font.From(font.Font{Typeface: "Liberation", Variant: "Sans"}, fontSize), Handler: handler}
}

// A drawing is a chart with its places on paper known.
type drawing struct {
	*Chart
	plot  *plot.Plot
	floor float64 // where 0 lies on a LogZero scale, in decades
}

// newDrawing lays out a chart, which must not be empty.
func newDrawing(c *Chart, background color.Color) *drawing {
	c.tidy()
	d := &drawing{Chart: c, plot: plot.New()}
	d.plot.BackgroundColor = background
	d.plot.TextHandler = handler
	xLow, xHigh := c.extent(func(d Dot) []float64 { return []float64{d.X} }, c.X.Scale)
	yLow, yHigh := c.extent(func(d Dot) []float64 { return []float64{d.Y, d.Low, d.High} }, c.Y.Scale)
	d.dress(&d.plot.X, c.X, xLow, xHigh, 0)
	if c.Guessed > 0 { // dots that stand side by side
		span := d.plot.X.Max - d.plot.X.Min
		d.plot.X.Min, d.plot.X.Max = d.plot.X.Min-0.03*span, d.plot.X.Max+0.14*span
	}
	if c.Y.Scale == LogZero {
		yLow = d.leastAboveZero(yHigh)
	}
	d.dress(&d.plot.Y, c.Y, yLow, yHigh, 0.08)
	if c.Y.Scale == LogZero {
		d.floor = d.plot.Y.Min - 0.4
		d.plot.Y.Min = d.floor - 0.1
		ticks := d.plot.Y.Tick.Marker.(plot.ConstantTicks)
		d.plot.Y.Tick.Marker = append(plot.ConstantTicks{{Value: d.floor, Label: "0"}}, ticks...)
	}
	d.plot.Add(lines{d}, labels{d})
	return d
}

func (d *drawing) leastAboveZero(high float64) float64 {
	low, _ := d.extent(func(d Dot) []float64 { return []float64{d.Y, d.Low, d.High} }, Log)
	if math.IsInf(low, 0) || high <= 0 {
		return 1
	}
	return max(low, high/1e6)
}

// dress sets what an axis looks like, and what it spans.
func (d *drawing) dress(a *plot.Axis, of Axis, low, high, margin float64) {
	a.Min, a.Max = of.Scale.at(low), of.Scale.at(max(low, high))
	if least := 0.3; a.Max-a.Min < least {
		middle := (a.Min + a.Max) / 2
		a.Min, a.Max = middle-least/2, middle+least/2
	}
	span := a.Max - a.Min
	a.Min, a.Max = a.Min-margin*span, a.Max+margin*span
	ticks := plot.ConstantTicks(of.Scale.ticks(a.Min, a.Max, of.Write))
	if of.Ticks != nil {
		ticks = nil
		for _, v := range of.Ticks {
			ticks = append(ticks, plot.Tick{Value: of.Scale.at(v), Label: of.Write(v)})
		}
	}
	a.Tick.Marker = ticks
	a.Label.Text, a.Label.Padding, a.Padding = of.Label, 3, 3
	a.Label.TextStyle.Font, a.Label.TextStyle.Handler = lettering(ink).Font, handler
	a.Tick.Label.Font, a.Tick.Label.Handler = lettering(ink).Font, handler
	a.Label.TextStyle.Color, a.Tick.Label.Color = ink, muted
	a.Color, a.Width, a.Tick.Color, a.Tick.Length, a.Tick.Width = muted, 0.75, muted, 3, 0.75
}

// place returns where a dot lies in the area for data.
func (d *drawing) place(c draw.Canvas, x, y float64) vg.Point {
	at := d.floor
	if d.Y.Scale != LogZero || y > 0 {
		at = d.Y.Scale.at(y)
	}
	return vg.Point{X: c.X(d.plot.X.Norm(d.X.Scale.at(x))), Y: c.Y(d.plot.Y.Norm(max(at, d.plot.Y.Min)))}
}

// lines draws the grid, what is extrapolated, and all series.
type lines struct{ *drawing }

func (l lines) Plot(c draw.Canvas, p *plot.Plot) {
	for _, t := range p.Y.Tick.Marker.Ticks(p.Y.Min, p.Y.Max) {
		y := c.Y(p.Y.Norm(t.Value))
		c.StrokeLine2(draw.LineStyle{Color: grid, Width: 0.5}, c.Min.X, y, c.Max.X, y)
	}
	if l.Guessed > 0 {
		l.hatch(c)
	}
	for i, s := range l.Series {
		l.series(c, s, i)
	}
	if l.Guessed > 0 {
		note := lettering(muted)
		note.XAlign, note.YAlign = text.XRight, text.YTop
		c.FillText(note, vg.Point{X: c.Max.X, Y: c.Max.Y + 2}, "extrapolated, not measured")
	}
}

// hatch marks the part of the plot that is extrapolated.
func (l lines) hatch(c draw.Canvas) {
	from := l.place(c, l.Guessed, 1).X
	style := draw.LineStyle{Color: grid, Width: 0.75}
	tall := c.Max.Y - c.Min.Y
	for x := from - tall; x < c.Max.X; x += 9 {
		c.StrokeLines(style, c.ClipLinesX([]vg.Point{{X: x, Y: c.Min.Y}, {X: x + tall, Y: c.Max.Y}})...)
	}
	c.FillPolygon(l.plot.BackgroundColor, []vg.Point{
		{X: c.Min.X, Y: c.Min.Y}, {X: from, Y: c.Min.Y}, {X: from, Y: c.Max.Y}, {X: c.Min.X, Y: c.Max.Y},
	})
}

func (l lines) series(c draw.Canvas, s Series, index int) {
	look := LookOf(s.Name)
	var measured, guessed []vg.Point
	for _, d := range s.Dots {
		at := l.dot(c, d, index)
		if !l.isGuess(d) {
			measured = append(measured, at)
		} else {
			guessed = append(guessed, at)
		}
		l.whisker(c, d, look, index)
	}
	if len(measured) > 0 && len(guessed) > 0 {
		guessed = append(measured[len(measured)-1:], guessed...)
	}
	c.StrokeLines(look.line(), measured)
	style := look.line()
	style.Width, style.Dashes = 0.75, []vg.Length{3, 3}
	c.StrokeLines(style, guessed)
	if l.X.Scale == Quantile {
		return // a curve, not measurements that one could mark
	}
	for _, d := range s.Dots {
		c.DrawGlyphNoClip(look.mark(), l.dot(c, d, index))
	}
}

func (d *drawing) isGuess(dot Dot) bool { return d.Guessed > 0 && dot.X > d.Guessed }

// dot places a dot. Those that are extrapolated stand side by side, so that their bars can be told apart.
func (d *drawing) dot(c draw.Canvas, dot Dot, index int) vg.Point {
	at := d.place(c, dot.X, dot.Y)
	if d.isGuess(dot) {
		apart := min(4, 40/vg.Length(len(d.Series)))
		at.X += apart * (vg.Length(index) - vg.Length(len(d.Series)-1)/2)
	}
	return at
}

// whisker draws how uncertain a dot is.
func (l lines) whisker(c draw.Canvas, d Dot, look Look, index int) {
	if !l.Y.Scale.takes(d.Low) || !l.Y.Scale.takes(d.High) || l.X.Scale == Quantile {
		return
	}
	low, high, x := l.place(c, d.X, d.Low).Y, l.place(c, d.X, d.High).Y, l.dot(c, d, index).X
	style := draw.LineStyle{Color: look.Family.Light, Width: 1}
	if l.isGuess(d) {
		style.Dashes = []vg.Length{2, 1.5}
	} else if high-low < 2*look.mark().Radius {
		return // its mark would hide it
	}
	c.StrokeLine2(style, x, low, x, high)
}

// labels names each series at its right end.
type labels struct{ *drawing }

func (l labels) style() text.Style {
	s := lettering(ink)
	s.YAlign = text.YCenter
	return s
}

const labelPad = fontSize * 1.06 // from a label to the next

// gap is how far labels are from the plot.
func (l labels) gap() vg.Length {
	if l.Guessed > 0 {
		return 30 // where the last dots stand side by side
	}
	return 9
}

// GlyphBoxes keeps room for the longest name.
func (l labels) GlyphBoxes(*plot.Plot) (boxes []plot.GlyphBox) {
	for _, s := range l.Series {
		wide := l.style().Width(short(s.Name)) + l.gap() + 1
		boxes = append(boxes, plot.GlyphBox{X: 1, Y: 0.5, Rectangle: vg.Rectangle{Max: vg.Point{X: wide, Y: 1}}})
	}
	return boxes
}

func (l labels) Plot(c draw.Canvas, p *plot.Plot) {
	ends := make([]vg.Point, len(l.Series))
	for i, s := range l.Series {
		ends[i] = l.dot(c, s.Dots[len(s.Dots)-1], i)
	}
	order := make([]int, len(ends))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int { return cmp.Compare(ends[a].Y, ends[b].Y) })
	wanted := make([]float64, len(order))
	for i, index := range order {
		wanted[i] = float64(ends[index].Y)
	}
	for i, y := range spread(wanted, labelPad, float64(c.Min.Y), float64(c.Max.Y)) {
		index := order[i]
		look := LookOf(l.Series[index].Name)
		end, at := ends[index], vg.Point{X: c.Max.X + l.gap(), Y: vg.Length(y)}
		c.StrokeLines(draw.LineStyle{Color: look.Family.Light, Width: 0.5}, []vg.Point{end, {X: at.X - 1, Y: at.Y}})
		at.Y += fontSize / 9 // the middle of small letters
		c.FillText(l.style(), at, short(l.Series[index].Name))
	}
}

// spread moves rising places apart until each is at least gap from the next. They stay between low and
// high where there is room.
func spread(wanted []float64, gap, low, high float64) []float64 {
	up := pushDown(pushUp(wanted, gap, low), gap, high)
	down := pushUp(pushDown(wanted, gap, high), gap, low)
	for i := range up {
		up[i] = (up[i] + down[i]) / 2 // as far apart as both are
	}
	return up
}

func pushUp(places []float64, gap, low float64) []float64 {
	pushed := slices.Clone(places)
	for i := range pushed {
		pushed[i] = max(pushed[i], low)
		low = pushed[i] + gap
	}
	return pushed
}

func pushDown(places []float64, gap, high float64) []float64 {
	pushed := slices.Clone(places)
	for i := range slices.Backward(pushed) {
		pushed[i] = min(pushed[i], high)
		high = pushed[i] - gap
	}
	return pushed
}

// short cuts a name that no label has room for.
func short(name string) string {
	if r := []rune(name); len(r) > 14 {
		return string(r[:13]) + "…"
	}
	return name
}
