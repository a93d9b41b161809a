package cli

import (
	"fmt"
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
	start time.Time
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

// beside is how much of the line the library takes, with a bar of no width: "100% || (99999/99999) ".
const beside = 23

func (p *progress) step(done, all int, next measure.Step) {
	if p.width == 0 {
		return
	}
	if p.bar == nil {
		p.start = time.Now()
		p.bar = progressbar.NewOptions(all,
			progressbar.OptionSetWriter(p.to),
			progressbar.OptionSetWidth(p.barWidth()),
			progressbar.OptionShowCount(),
			progressbar.OptionSetElapsedTime(false),
			progressbar.OptionSetPredictTime(false), // it would be at the end, and not fit
			progressbar.OptionThrottle(100*time.Millisecond),
			progressbar.OptionClearOnFinish(),
		)
	}
	text := fmt.Sprintf("%s left: %s", p.left(done, all), next)
	p.bar.Describe(fixed(text, min(45, max(0, p.width-beside-p.barWidth()))))
	_ = p.bar.Set(done) // a terminal that cannot be written to is no reason to stop
}

func (p *progress) barWidth() int { return min(30, max(1, p.width-beside-45)) }

func (p *progress) left(done, all int) string {
	if done == 0 {
		return "?"
	}
	left := time.Since(p.start) / time.Duration(done) * time.Duration(all-done)
	return left.Round(time.Second).String()
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
