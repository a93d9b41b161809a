package cli

import (
	"io"
	"os"
	"time"

	"github.com/schollz/progressbar/v3"
	"golang.org/x/term"

	"github.com/rinse-go/rinse/lab/measure"
)

// progress shows what is being measured, how much is done, and the time left: on a terminal. Elsewhere it
// is silent.
type progress struct {
	to    io.Writer
	width int // 0 if it is no terminal
	bar   *progressbar.ProgressBar
}

func newProgress(to io.Writer) *progress { return &progress{to: to, width: widthOf(to)} }

// widthOf returns how many columns a terminal has, and 0 if it is none.
func widthOf(to io.Writer) int {
	file, ok := to.(*os.File)
	if !ok || !term.IsTerminal(int(file.Fd())) {
		return 0
	}
	width, _, err := term.GetSize(int(file.Fd()))
	if err != nil || width == 0 {
		return 80
	}
	return width
}

// Beside bar and description the bar's line has "100% || (9999/9999) [59m59s]".
const beside = 29

func (p *progress) step(done, all int, next measure.Step) {
	if p.width == 0 {
		return
	}
	if p.bar == nil {
		p.bar = progressbar.NewOptions(all,
			progressbar.OptionSetWriter(p.to),
			progressbar.OptionSetWidth(min(30, max(1, p.width-2*beside))),
			progressbar.OptionShowCount(),
			progressbar.OptionSetElapsedTime(false),
			progressbar.OptionSetPredictTime(true),
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
	}
	p.bar.Describe(fixed(next.String(), min(26, max(0, p.width-beside-2))))
	_ = p.bar.Set(done) // a terminal that cannot be written to is no reason to stop
}

func (p *progress) end() {
	if p.bar != nil {
		_ = p.bar.Clear()
	}
}

// fixed makes a text exactly so long.
func fixed(text string, width int) string {
	runes := []rune(text)
	for len(runes) < width {
		runes = append(runes, ' ')
	}
	return string(runes[:width])
}
