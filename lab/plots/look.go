package plots

import (
	"hash/fnv"
	"image/color"

	"gonum.org/v1/plot/vg"
	"gonum.org/v1/plot/vg/draw"
)

// A Family is what a few disciplines have in common; it has one colour.
type Family struct {
	Name        string
	Light, Dark color.NRGBA // on white, and on the page's dark background
	CSS         string      // the page's variable for it
}

// The colours are from the palette of Okabe and Ito (Color Universal Design, 2008), one of them darkened
// to have a contrast of 3 to 1 on white. Within a family, dashes and marks tell disciplines apart.
var (
	Locks        = Family{"locks", rgb(0x0072B2), rgb(0x56B4E9), "--locks"}
	Owners       = Family{"owners and messages", rgb(0xD55E00), rgb(0xE69F00), "--owners"}
	Values       = Family{"single values", rgb(0x009E73), rgb(0x009E73), "--values"}
	Transactions = Family{"transactions", rgb(0xC4669A), rgb(0xCC79A7), "--transactions"}
	Others       = Family{"others", rgb(0x333333), rgb(0xE8E8E8), "--others"}
)

// Families lists all families.
var Families = []Family{Locks, Owners, Values, Transactions, Others}

func rgb(v uint32) color.NRGBA {
	return color.NRGBA{R: uint8(v >> 16), G: uint8(v >> 8), B: uint8(v), A: 0xFF}
}

// A Look is how a discipline is drawn, the same everywhere.
type Look struct {
	Family Family
	style  int // of dashes and marks, within the family
}

var looks = map[string]Look{
	"mutex": {Locks, 0}, "rwmutex": {Locks, 1}, "striped": {Locks, 2},
	"queue": {Owners, 0}, "pool": {Owners, 1}, "loop": {Owners, 2}, "actors": {Owners, 3},
	"green": {Owners, 4}, "process": {Owners, 5},
	"queue-batched": {Owners, 6},
	"cow":           {Values, 0}, "atomic": {Values, 1},
	"stm": {Transactions, 0}, "checkout": {Transactions, 1}, "anacrolix": {Transactions, 2},
}

// LookOf returns the look of a discipline, also of one that the lab does not know.
func LookOf(discipline string) Look {
	if look, ok := looks[discipline]; ok {
		return look
	}
	hash := fnv.New32a()
	hash.Write([]byte(discipline))
	return Look{Others, int(hash.Sum32() % uint32(len(dashes)))}
}

var dashes = [][]vg.Length{nil, {7, 2.5}, {2, 2}, {8, 2, 2, 2}, {4, 2}, {10, 3, 2, 2, 2, 3}, {1.5, 1.5, 5, 1.5}}

var marks = []draw.GlyphDrawer{
	draw.CircleGlyph{}, draw.BoxGlyph{}, draw.PyramidGlyph{}, draw.RingGlyph{}, draw.SquareGlyph{}, draw.TriangleGlyph{},
	diamond{},
}

type diamond struct{}

func (diamond) DrawGlyph(c *draw.Canvas, style draw.GlyphStyle, at vg.Point) {
	r := style.Radius * 1.3
	c.FillPolygon(style.Color, []vg.Point{
		{X: at.X - r, Y: at.Y}, {X: at.X, Y: at.Y + r}, {X: at.X + r, Y: at.Y}, {X: at.X, Y: at.Y - r},
	})
}

func (l Look) line() draw.LineStyle {
	return draw.LineStyle{Color: l.Family.Light, Width: 1.5, Dashes: dashes[l.style]}
}

func (l Look) mark() draw.GlyphStyle {
	return draw.GlyphStyle{Color: l.Family.Light, Radius: 2.6, Shape: marks[l.style]}
}

// Colours that are the same for all series. None is pure black, which SVG leaves out.
var (
	ink   = rgb(0x222222)
	muted = rgb(0x5F5F5F)
	grid  = rgb(0xDDDDDD)
	paper = rgb(0xFFFFFF)
)
