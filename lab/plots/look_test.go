package plots_test

import (
	"image/color"
	"math"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/rinse-go/rinse/lab/plots"
)

// sights are the ways in which people see colours: as linear maps of linear RGB (Machado, Oliveira and
// Fernandes, A Physiologically-based Model for Simulation of Color Vision Deficiency, 2009, severity 1).
var sights = map[string][3][3]float64{
	"full":         {{1, 0, 0}, {0, 1, 0}, {0, 0, 1}},
	"protanopia":   {{0.152286, 1.052583, -0.204868}, {0.114503, 0.786281, 0.099216}, {-0.003882, -0.048116, 1.051998}},
	"deuteranopia": {{0.367322, 0.860646, -0.227968}, {0.280085, 0.672501, 0.047413}, {-0.011820, 0.042940, 0.968881}},
	"tritanopia":   {{1.255528, -0.076749, -0.178779}, {-0.078411, 0.930809, 0.147602}, {0.004733, 0.691367, 0.303900}},
}

// Whoever looks has to tell the families apart by colour: by a distance of 10 in CIELAB, of which 2.3 can
// just be seen (within a family, marks and dashes do it).
func TestColoursCanBeToldApart(t *testing.T) {
	for sight, how := range sights {
		for _, scheme := range []func(plots.Family) color.NRGBA{
			func(f plots.Family) color.NRGBA { return f.Light }, func(f plots.Family) color.NRGBA { return f.Dark },
		} {
			for i, one := range plots.Families {
				for _, other := range plots.Families[:i] {
					a, b := seen(scheme(one), how), seen(scheme(other), how)
					distance := math.Sqrt(square(a[0]-b[0]) + square(a[1]-b[1]) + square(a[2]-b[2]))
					assert.Greater(t, distance, 10.0, "%s: %s and %s", sight, one.Name, other.Name)
				}
			}
		}
	}
}

func square(x float64) float64 { return x * x }

// seen returns how a colour is seen, in CIELAB under D65.
func seen(c color.NRGBA, how [3][3]float64) [3]float64 {
	linear := func(v uint8) float64 {
		if x := float64(v) / 255; x > 0.04045 {
			return math.Pow((x+0.055)/1.055, 2.4)
		}
		return float64(v) / 255 / 12.92
	}
	in := [3]float64{linear(c.R), linear(c.G), linear(c.B)}
	var rgb [3]float64
	for i := range rgb {
		rgb[i] = min(1, max(0, how[i][0]*in[0]+how[i][1]*in[1]+how[i][2]*in[2]))
	}
	f := func(x, white float64) float64 {
		if x /= white; x > 0.008856 {
			return math.Cbrt(x)
		}
		return 7.787*x + 16.0/116
	}
	x := f(0.4124*rgb[0]+0.3576*rgb[1]+0.1805*rgb[2], 0.9505)
	y := f(0.2126*rgb[0]+0.7152*rgb[1]+0.0722*rgb[2], 1)
	z := f(0.0193*rgb[0]+0.1192*rgb[1]+0.9505*rgb[2], 1.089)
	return [3]float64{116*y - 16, 500 * (x - y), 200 * (y - z)}
}

func TestDisciplinesLookDifferent(t *testing.T) {
	seen := map[plots.Look]string{}
	for _, name := range []string{
		"mutex", "rwmutex", "striped", "queue", "queue-batched", "pool", "loop", "actors", "green", "process",
		"cow", "atomic", "checkout", "stm", "anacrolix",
	} {
		look := plots.LookOf(name)
		other, taken := seen[look]
		assert.False(t, taken, "%s and %s look the same", name, other)
		assert.NotEqual(t, plots.Others.Name, look.Family.Name)
		seen[look] = name
	}
	assert.Equal(t, plots.LookOf("yours"), plots.LookOf("yours"))
	assert.Equal(t, plots.Others.Name, plots.LookOf("yours").Family.Name)
}
