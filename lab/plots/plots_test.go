package plots_test

import (
	"bytes"
	"encoding/xml"
	"errors"
	"image/png"
	"io"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/lab/internal/synthetic"
	"github.com/rinse-go/rinse/lab/model"
	"github.com/rinse-go/rinse/lab/plots"
	"github.com/rinse-go/rinse/lab/result"
	"github.com/rinse-go/rinse/lab/summary"
)

// chartsOf returns the charts of the first studies of a run.
func chartsOf(run *result.Run, studies int) (charts []*plots.Chart) {
	of := summary.Of(run)
	for _, s := range of[:min(studies, len(of))] {
		charts = append(charts, plots.Of(s)...)
	}
	return charts
}

// wellFormed wants XML, and returns its text.
func wellFormed(t *testing.T, svg string) string {
	t.Helper()
	var text strings.Builder
	for d := xml.NewDecoder(strings.NewReader(svg)); ; {
		token, err := d.Token()
		if errors.Is(err, io.EOF) {
			return text.String()
		}
		require.NoError(t, err, svg)
		if data, ok := token.(xml.CharData); ok {
			text.Write(data)
		}
	}
}

func TestInlineUsesThePagesColours(t *testing.T) {
	for _, c := range chartsOf(synthetic.Run(7, 6), 1) {
		svg, spots := c.Inline()
		wellFormed(t, svg)
		assert.Empty(t, regexp.MustCompile(`#[0-9A-F]{6}`).FindString(svg), "%s: a colour that is not the page's", c.ID)
		assert.False(t, strings.Contains(svg, "font-family"), "%s: a font that is not the page's", c.ID)
		assert.True(t, strings.Contains(svg, `<title id="`+c.ID+`-title">`+c.Title+`</title>`), c.ID)
		for _, spot := range spots {
			assert.True(t, 0 <= spot.X && spot.X <= 380 && 0 <= spot.Y && spot.Y <= 310, "%s: %v is outside", c.ID, spot)
		}
	}
}

func TestEachLineIsNamed(t *testing.T) {
	charts := chartsOf(synthetic.Run(7, 6), 1)
	require.Equal(t, []string{"counter-throughput", "counter-latency", "counter-clashes", "counter-cores"}, ids(charts))
	svg, _ := charts[0].Inline()
	text := wellFormed(t, svg)
	for _, name := range []string{"mutex", "stm", "anacrolix", "process", "goroutines", "op/s", "10M"} {
		assert.Contains(t, text, name)
	}
	assert.Contains(t, charts[2].About, "No clash was seen with mutex, rwmutex")
}

func ids(charts []*plots.Chart) (all []string) {
	for _, c := range charts {
		all = append(all, c.ID)
	}
	return all
}

// Labels have to lie one below the other, whatever the lines do, and inside of the plot.
func TestNamesDoNotOverlap(t *testing.T) {
	place := regexp.MustCompile(`<text x="([\d.]+)" y="([-\d.e]+)"[^>]*>([^<]*)</text>`)
	for _, seed := range []uint64{1, 2, 3} {
		for _, c := range chartsOf(synthetic.Run(seed, 6), 2) {
			svg, _ := c.Inline()
			var heights []float64
			for _, m := range place.FindAllStringSubmatch(svg, -1) {
				if plots.LookOf(m[3]).Family.Name != plots.Others.Name {
					heights = append(heights, number(t, m[2]))
				}
			}
			require.NotEmpty(t, heights)
			for i, one := range heights {
				for _, other := range heights[:i] {
					assert.Greater(t, max(one-other, other-one), 11.5, c.ID)
				}
			}
		}
	}
}

func TestExtrapolatedSaysSo(t *testing.T) {
	run := synthetic.Run(7, 6)
	run.Points = run.Points[:48*14]
	s := summary.Of(run)[0]
	c := plots.Extrapolated(s, model.Extrapolate(run))
	require.NotNil(t, c)
	assert.Equal(t, 2.0, c.Guessed)
	svg, spots := c.Inline()
	assert.Contains(t, wellFormed(t, svg), "extrapolated, not measured")
	measured, guessed := 0, 0
	for _, spot := range spots {
		if strings.Contains(spot.Text, "measured on") {
			measured++
		}
		if strings.Contains(spot.Text, "extrapolated to") {
			guessed++
		}
	}
	assert.Equal(t, guessed, measured/2*len(model.Cores), "one and two cores, and what is guessed")
	assert.Nil(t, plots.Extrapolated(s, &model.Model{}))
}

func TestFiles(t *testing.T) {
	for _, c := range chartsOf(synthetic.Run(7, 6), 1) {
		var svg, raster bytes.Buffer
		require.NoError(t, c.Write(&svg, "svg"))
		assert.Contains(t, wellFormed(t, svg.String()), c.Title)
		assert.Contains(t, svg.String(), "@font-face", "the file brings its letters along")
		require.NoError(t, c.Write(&raster, "png"))
		picture, err := png.Decode(&raster)
		require.NoError(t, err)
		assert.Greater(t, picture.Bounds().Dx(), 1000)
		assert.ErrorContains(t, c.Write(io.Discard, "bmp"), `format "bmp" is not known; use svg or png`)
	}
}

func TestOddRuns(t *testing.T) {
	for name, run := range synthetic.Odd() {
		seen := map[string]bool{}
		for _, c := range chartsOf(run, 2) {
			svg, _ := c.Inline()
			text := wellFormed(t, svg)
			assert.NotContains(t, text, "NaN", name)
			assert.Empty(t, regexp.MustCompile(`NaN|Inf`).FindString(svg), name)
			assert.Regexp(t, `^[a-z][-a-z0-9]*$`, c.ID)
			assert.False(t, seen[c.ID], "%s: two are called %s", name, c.ID)
			seen[c.ID] = true
		}
	}
}

func TestIDs(t *testing.T) {
	assert.Equal(t, "cache-99-1-throughput", plots.ID("cache 99/1", "throughput"))
	for _, odd := range []string{"", "../../etc/passwd", "Ä b", synthetic.Markup, strings.Repeat("x", 100), "9"} {
		assert.Regexp(t, `^[a-z][-a-z0-9]*$`, plots.ID(odd), odd)
	}
	assert.NotEqual(t, plots.ID("a_b"), plots.ID("a.b"))
}

func number(t *testing.T, text string) float64 {
	t.Helper()
	v, err := strconv.ParseFloat(text, 64)
	require.NoError(t, err)
	return v
}
