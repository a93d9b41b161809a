package plots

import (
	"bytes"
	"fmt"
	"html"
	"io"
	"strings"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
	"gonum.org/v1/plot/vg/vgimg"
	"gonum.org/v1/plot/vg/vgsvg"
)

// A Spot is where on a plot something is to be said.
type Spot struct {
	X, Y float64 // of the view box
	Text string
}

// Inline returns a chart as SVG for a page, in the page's own colours and as wide as there is room, and
// the spots of its dots.
func (c *Chart) Inline() (svg string, spots []Spot) {
	d := newDrawing(c, paper)
	canvas := vgsvg.New(width, height)
	area := draw.New(canvas)
	d.plot.Draw(area)
	var drawn bytes.Buffer
	if _, err := canvas.WriteTo(&drawn); err != nil {
		panic(err) // a buffer has no errors
	}
	_, body, _ := strings.Cut(drawn.String(), "<svg")
	_, body, _ = strings.Cut(body, ">")
	head := fmt.Sprintf(`<svg viewBox="0 0 %g %g" role="img" aria-labelledby="%[3]s-title %[3]s-about">`+
		`<title id="%[3]s-title">%[4]s</title><desc id="%[3]s-about">%[5]s</desc>`,
		float64(width), float64(height), c.ID, html.EscapeString(c.Title), html.EscapeString(c.About))
	return head + themed.Replace(body), d.spots(area)
}

// spots places the words of all dots.
func (d *drawing) spots(area draw.Canvas) (spots []Spot) {
	data := d.plot.DataCanvas(area)
	for i, s := range d.Series {
		for _, dot := range s.Dots {
			if dot.Hover == "" {
				continue
			}
			at := d.dot(data, dot, i)
			spots = append(spots, Spot{float64(at.X), float64(height - at.Y), dot.Hover})
		}
	}
	return spots
}

// themed puts the page's variables for colours, and its font for the drawn one.
var themed = func() *strings.Replacer {
	var pairs []string
	add := func(c any, css string) {
		v := c.(interface {
			RGBA() (r, g, b, a uint32)
		})
		r, g, b, _ := v.RGBA()
		pairs = append(pairs, fmt.Sprintf("#%02X%02X%02X", r>>8, g>>8, b>>8), "var("+css+")")
	}
	for _, f := range Families {
		add(f.Light, f.CSS)
	}
	add(ink, "--ink")
	add(muted, "--muted")
	add(grid, "--grid")
	add(paper, "--paper")
	pairs = append(pairs, "font-family:Liberation Sans;font-variant:normal;font-weight:normal;font-style:normal;", "",
		"font-size:11.5px;", "", "\n\tstyle", " style")
	return strings.NewReplacer(pairs...)
}()

// Write draws a chart as a file, in the format "svg" or "png".
func (c *Chart) Write(w io.Writer, format string) error {
	titled := newDrawing(c, paper)
	titled.plot.Title.Text = c.Title
	titled.plot.Title.TextStyle = lettering(ink)
	titled.plot.Title.TextStyle.XAlign, titled.plot.Title.TextStyle.YAlign = draw.XCenter, draw.YTop
	titled.plot.Title.Padding = 6
	var canvas vg.CanvasWriterTo
	const edge = vg.Length(8)
	switch format {
	case "svg":
		canvas = vgsvg.NewWith(vgsvg.UseWH(width+2*edge, height+2*edge), vgsvg.EmbedFonts(true))
	case "png":
		canvas = vgimg.PngCanvas{Canvas: vgimg.NewWith(vgimg.UseWH(width+2*edge, height+2*edge), vgimg.UseDPI(192))}
	default:
		return fmt.Errorf("plots: format %q is not known; use svg or png", format)
	}
	area := draw.NewCanvas(canvas, width+2*edge, height+2*edge)
	area.FillPolygon(paper, []vg.Point{{}, {X: area.Max.X}, area.Max, {Y: area.Max.Y}})
	titled.plot.Draw(draw.Crop(area, edge, -edge, edge, -edge))
	_, err := canvas.WriteTo(w)
	return err
}
