package report_test

import (
	"context"
	"fmt"
	"iter"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/rinse-go/rinse/discipline"
	"github.com/rinse-go/rinse/lab/internal/synthetic"
	"github.com/rinse-go/rinse/lab/report"
	"github.com/rinse-go/rinse/lab/result"
)

// browserName returns the browser to check pages in, and skips the test where there is none.
func browserName(t *testing.T) string {
	for _, name := range []string{"chromium", "chromium-browser", "google-chrome"} {
		if path, err := exec.LookPath(name); err == nil {
			return path
		}
	}
	t.Skip("no Chromium is installed, so the page is not checked in a browser")
	return ""
}

// A visit is a page that is open in a browser, and what went wrong there.
type visit struct {
	context.Context
	mu       sync.Mutex
	trouble  []string // errors of the console
	requests []string // but for the page itself
}

// open opens a page.
func open(t *testing.T, html, browser string) *visit {
	file := filepath.Join(t.TempDir(), "page.html")
	require.NoError(t, os.WriteFile(file, []byte(html), 0o644))
	options := append(chromedp.DefaultExecAllocatorOptions[:],
		chromedp.ExecPath(browser), chromedp.NoSandbox, chromedp.DisableGPU,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true),
	)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(cancel)
	ctx, _ = chromedp.NewContext(ctx)
	t.Cleanup(func() { _ = chromedp.Cancel(ctx) })
	v := &visit{Context: ctx}
	go v.listen(chromedp.Console(ctx), chromedp.Events(ctx, network.RequestWillBeSent), "file://"+file)
	_, err := chromedp.Call(ctx, network.Enable, network.EnableParams{})
	require.NoError(t, err)
	v.do(t, chromedp.Navigate("file://"+file))
	return v
}

func (v *visit) listen(
	console iter.Seq2[chromedp.ConsoleMessage, error], requests iter.Seq2[network.EventRequestWillBeSent, error], self string,
) {
	go func() {
		for e, err := range requests {
			if err == nil && e.Request.URL != self && !strings.HasPrefix(e.Request.URL, "data:") {
				v.mu.Lock()
				v.requests = append(v.requests, e.Request.URL)
				v.mu.Unlock()
			}
		}
	}()
	for message, err := range console {
		if err == nil {
			v.mu.Lock()
			v.trouble = append(v.trouble, message.String())
			v.mu.Unlock()
		}
	}
}

// complaints returns what went wrong so far.
func (v *visit) complaints() []string {
	v.mu.Lock()
	defer v.mu.Unlock()
	return slices.Concat(v.trouble, v.requests)
}

func (v *visit) do(t *testing.T, actions ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	ctx, cancel := context.WithTimeout(v.Context, 5*time.Minute)
	defer cancel()
	require.NoError(t, chromedp.Do(ctx, actions...))
}

// ask returns what an expression is in the page.
func ask[T any](t *testing.T, v *visit, expression string) T {
	t.Helper()
	answer, err := chromedp.Run(v.Context, chromedp.Evaluate[T](expression))
	require.NoError(t, err)
	return answer
}

// scheme switches to light or dark.
func (v *visit) scheme(t *testing.T, name string) {
	_, err := chromedp.Call(v.Context, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{
		Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: name}},
	})
	require.NoError(t, err)
}

// size sets the window to so many pixels.
func (v *visit) size(t *testing.T, width int64) {
	var options []chromedp.EmulateViewportOption
	if width < 600 {
		options = append(options, chromedp.EmulateMobile)
	}
	v.do(t, chromedp.EmulateViewport(width, 800, options...))
	const scrollbar = 20
	is := fmt.Sprintf(`(w => w <= %d && w > %d)(document.documentElement.clientWidth)`, width, width-scrollbar)
	_, err := chromedp.Run(v.Context, chromedp.Poll[bool](is, chromedp.WithPollingTimeout(0)))
	require.NoError(t, err)
}

func TestPageInABrowser(t *testing.T) {
	name := browserName(t)
	var b strings.Builder
	require.NoError(t, report.Write(&b, seen(), explained))
	v := open(t, b.String(), name)

	for _, width := range []int64{360, 768, 1280} {
		v.size(t, width)
		assert.LessOrEqual(t, ask[float64](t, v, `document.documentElement.scrollWidth`), float64(width), "overflows at %d", width)
		assert.Empty(t, ask[[]string](t, v, tooSmall), "text of plots too small to read at %d", width)
	}
	v.size(t, 1280)
	v.scheme(t, "light")
	assert.Empty(t, ask[[]string](t, v, poorContrast), "light")
	v.scheme(t, "dark")
	assert.Empty(t, ask[[]string](t, v, poorContrast), "dark")
	shoot(t, v)

	v.size(t, 1280)
	v.do(t, chromedp.ScrollIntoView(chromedp.CSS("figure svg")))
	assert.Equal(t, "", hoverAt(t, v, 0, 0), "nothing is near the corner")
	assert.Regexp(t, `^\w+, 1 goroutine: [\d.]+[kMG]? op/s \(.* to .*\)$`, hoverAt(t, v, spotX, spotY))

	assert.Empty(t, v.complaints(), "the console is quiet, and nothing is fetched")
}

const spotX, spotY = -1, -1 // where the first spot is

// hoverAt returns what is said where the pointer is in the first figure, in units of its view box.
func hoverAt(t *testing.T, v *visit, x, y float64) string {
	t.Helper()
	expression := fmt.Sprintf(`(() => {
		const figure = document.querySelector("figure[data-spots]"), svg = figure.querySelector("svg");
		let [x, y] = [%g, %g];
		if (x < 0) [x, y] = figure.dataset.spots.split(" ").map(Number);
		const box = svg.getBoundingClientRect(), scale = box.width / svg.viewBox.baseVal.width;
		return [box.left + x * scale, box.top + y * scale];
	})()`, x, y)
	at := ask[[]float64](t, v, expression)
	v.do(t, chromedp.MouseEvent(chromedp.MouseMoved, at[0], at[1]))
	return ask[string](t, v, `(h => h.hidden ? "" : h.textContent)(document.getElementById("hover"))`)
}

// tooSmall lists texts of plots that are less than 9 pixels high.
const tooSmall = `[...document.querySelectorAll("figure svg")].filter(svg =>
	11.5 * svg.getBoundingClientRect().width / svg.viewBox.baseVal.width < 9).map(svg => svg.parentElement.id)`

// poorContrast lists texts with less than 4.5 to 1, and lines of plots with less than 3 to 1, against
// what is behind them (Web Content Accessibility Guidelines 2.2, 1.4.3 and 1.4.11).
const poorContrast = `(() => {
	const parse = c => c.match(/[\d.]+/g).map(Number);
	const luminance = c => { const [r, g, b] = parse(c).map(v => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
		return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
	const contrast = (a, b) => { const [x, y] = [luminance(a), luminance(b)]; return (Math.max(x, y) + 0.05) / (Math.min(x, y) + 0.05); };
	const behind = e => { for (; e; e = e.parentElement) { const c = getComputedStyle(e).backgroundColor; if ((parse(c)[3] ?? 1) > 0) return c; } return "rgb(255,255,255)"; };
	const poor = new Set();
	for (const e of document.querySelectorAll("body *")) {
		const style = getComputedStyle(e);
		if (e.closest("[hidden]") || !e.getClientRects().length) continue;
		const isText = [...e.childNodes].some(n => n.nodeType === 3 && n.data.trim());
		const svg = e instanceof SVGElement;
		if (isText && e.tagName !== "title" && e.tagName !== "desc") {
			const c = contrast(svg ? style.fill : style.color, behind(e));
			if (c < 4.5) poor.add(e.tagName + "." + (svg ? "" : e.className) + " " + c.toFixed(2));
		}
		if (svg && e.tagName === "path" && style.stroke !== "none" && parseFloat(style.strokeWidth) >= 1.5) {
			const c = contrast(style.stroke, behind(e));
			if (c < 3) poor.add("line " + style.stroke + " " + c.toFixed(2));
		}
	}
	return [...poor];
})()`

// seen is the run that is looked at: a whole one for pictures, else a small one.
func seen() *result.Run {
	if os.Getenv("RINSE_SHOTS") != "" {
		return synthetic.Run(7, 8)
	}
	return small("counter", "bank", "cache")
}

// shoot takes pictures to look at, if RINSE_SHOTS names a folder for them.
func shoot(t *testing.T, v *visit) {
	dir := os.Getenv("RINSE_SHOTS")
	if dir == "" {
		return
	}
	save := func(name string, content []byte) {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), content, 0o644))
	}
	for _, look := range []struct {
		name, scheme string
		width        int64
	}{{"light", "light", 1280}, {"dark", "dark", 1280}, {"phone", "light", 360}, {"phone-dark", "dark", 360}} {
		v.size(t, look.width)
		v.scheme(t, look.scheme)
		picture, err := chromedp.Run(v.Context, chromedp.FullScreenshot(100))
		require.NoError(t, err)
		save(look.name+".png", picture)
	}
	pdf, err := chromedp.Run(v.Context, chromedp.PrintToPDF(chromedp.PDFPrintBackground(), chromedp.PDFPaper(chromedp.PaperA4)))
	require.NoError(t, err)
	save("print.pdf", pdf)
}

// explained has a discipline and a workload to explain.
var explained = report.Options{
	Disciplines: []discipline.Discipline{
		{Name: "mutex", From: "Dijkstra, 1965", Explain: "One lock around everything. Cheap while nobody else wants it."},
		{Name: "stm", From: "Harris, Marlow, Peyton Jones and Herlihy, 2005", Explain: "Transactions that run again when they clash."},
	},
	Workloads: []report.Workload{{Name: "counter", Explain: "Everybody adds one."}},
}
