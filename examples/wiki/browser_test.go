package main

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
	"github.com/chromedp/chromedp/kb"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A browser is a headless Chromium, with what went wrong in its pages.
type browser struct {
	ctx context.Context

	mu     sync.Mutex
	errors []string // guarded by mu
}

// patience is for what a browser does, on a machine that has other things to do.
const patience = 5 * time.Minute

// newBrowser starts a browser, or skips the test where there is none.
func newBrowser(t *testing.T) *browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		t.Skip("skipped: chromium is not installed; get it with: apt-get install -y chromium")
	}
	ctx, cancel := context.WithTimeout(context.Background(), patience)
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewExecAllocator(ctx, chromedp.ExecPath(path),
		chromedp.Headless, chromedp.NoSandbox, chromedp.DisableGPU, chromedp.NoFirstRun,
		chromedp.Flag("disable-quic", true), chromedp.Flag("disable-background-networking", true),
		chromedp.Flag("disable-component-update", true), chromedp.Flag("disable-sync", true),
		chromedp.Flag("disable-dev-shm-usage", true))
	t.Cleanup(cancel)
	ctx, cancel = chromedp.NewContext(ctx)
	t.Cleanup(cancel)
	do(t, ctx)
	return &browser{ctx: ctx}
}

// do takes steps in a tab, and get gets something from it.
func do(t *testing.T, tab context.Context, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	require.NoError(t, chromedp.Do(tab, steps...))
}

func get[T any](t *testing.T, tab context.Context, action chromedp.Action[T]) T {
	t.Helper()
	value, err := chromedp.Run(tab, action)
	require.NoError(t, err)
	return value
}

// js runs a script for what it does.
func js(t *testing.T, tab context.Context, script string) {
	t.Helper()
	get(t, tab, chromedp.Evaluate[bool](script+"; true"))
}

// tab opens another tab, and collects what goes wrong in it.
func (b *browser) tab(t *testing.T) context.Context {
	t.Helper()
	ctx, cancel := chromedp.NewContext(b.ctx)
	t.Cleanup(cancel)
	err := chromedp.Listen(ctx, func(event any) {
		b.mu.Lock()
		defer b.mu.Unlock()
		switch e := event.(type) {
		case *runtime.EventExceptionThrown:
			b.errors = append(b.errors, e.ExceptionDetails.Text)
		case *log.EventEntryAdded:
			if !strings.Contains(e.Entry.Text, "Failed to load resource") { // that is our own 404 and 409
				b.errors = append(b.errors, e.Entry.Text+" "+e.Entry.URL)
			}
		}
	})
	require.NoError(t, err)
	_, err = chromedp.Call(ctx, log.Enable, cdp.Empty{})
	require.NoError(t, err)
	return ctx
}

func (b *browser) noErrors(t *testing.T) {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	assert.Empty(t, b.errors)
}

// TestTwoEditorsInABrowser is the story of the wiki: one is told live that the other has saved, goes on all the same,
// and gets both texts merged. The second one uses the keyboard only.
func TestTwoEditorsInABrowser(t *testing.T) {
	b := newBrowser(t)
	s, address := newTestSite(t)
	ann, ben := b.tab(t), b.tab(t)
	do(t, ben, chromedp.Navigate(address+"/edit/page"), visible("#text"))
	do(t, ann,
		chromedp.Navigate(address+"/edit/page"),
		chromedp.SetValue(chromedp.CSS("#text"), "ONE\ntwo\nthree\nfour\nfive\n"),
		chromedp.SetValue(chromedp.CSS("#author"), "Ann"),
		chromedp.Click(chromedp.CSS("button.primary")),
		visible("article"),
	)
	do(t, ben, visible(".live a"))
	assert.Equal(t, "Ann has just changed this page. Go on: when you save, you will see both texts. Look at theirs (new tab)",
		get(t, ben, chromedp.Text(chromedp.CSS(".live"))))
	screenshot(t, ben, "notice")
	do(t, ben, chromedp.Focus(chromedp.CSS("#text")))
	do(t, ben,
		chromedp.KeyEvent(kb.End, chromedp.KeyModifiers(chromedp.ModifierCtrl)),
		chromedp.KeyEvent("six"),
		chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent("Ben"),
		chromedp.KeyEvent(kb.Tab), chromedp.KeyEvent(kb.Enter),
		visible(".three"),
	)
	assert.Equal(t, "Not saved yet", get(t, ben, chromedp.Text(chromedp.CSS("h1"))))
	assert.Equal(t, "ONE\ntwo\nthree\nfour\nfive\nsix\n", get(t, ben, chromedp.Value(chromedp.CSS("#text"))))
	do(t, ben, chromedp.Focus(chromedp.CSS("#author")), chromedp.KeyEvent(kb.Enter), visible("article"))
	assert.Equal(t, "ONE\ntwo\nthree\nfour\nfive\nsix\n", s.wiki.text(t, "page"))
	b.noErrors(t)
}

// TestATextNeverMeetsATokenThatIsNotItsOwn goes away from a form that was written in, comes back, and reloads, while
// the page is changed. Browsers like to fill in forms again: old text under a new token would overwrite the change.
func TestATextNeverMeetsATokenThatIsNotItsOwn(t *testing.T) {
	b := newBrowser(t)
	s, address := newTestSite(t)
	tab := b.tab(t)
	do(t, tab, chromedp.Navigate(address+"/edit/page"), visible("#text"))
	value := func(selector string) string {
		return get(t, tab, chromedp.Evaluate[string](fmt.Sprintf("document.querySelector(%q).value", selector)))
	}
	before := value("[name=seen]")
	for i, leave := range []func(){
		func() { do(t, tab, chromedp.Navigate(address+"/")); back(t, tab) },
		func() { do(t, tab, chromedp.Reload()) },
		func() {
			do(t, tab, chromedp.Navigate(address+"/wiki/page"))
			back(t, tab)
			do(t, tab, chromedp.Reload())
		},
	} {
		js(t, tab, `document.querySelector("#text").focus()`)
		do(t, tab, chromedp.KeyEvent("mine "))
		require.Contains(t, value("#text"), "mine")
		s.wiki.put(t, "page", "Ann", fmt.Sprintf("by Ann, %d\n", i))
		leave()
		text, seen := value("#text"), value("[name=seen]")
		if strings.Contains(text, "mine") {
			assert.Equal(t, before, seen, "old text")
		} else if seen != before {
			assert.Equal(t, fmt.Sprintf("by Ann, %d\n", i), text, "new token")
		}
		before = seen
	}
}

// back goes back. The browser may show the page as it was left, without loading it.
func back(t *testing.T, tab context.Context) {
	t.Helper()
	js(t, tab, `setTimeout(() => history.back())`)
	require.Eventually(t, func() bool {
		there, err := chromedp.Run(tab, chromedp.Evaluate[bool](`location.pathname === "/edit/page" && document.readyState === "complete"`))
		return err == nil && there // in between there is no page to ask
	}, patience, 20*time.Millisecond)
}

func visible(selector string) chromedp.Action[chromedp.Void] {
	return chromedp.WaitVisible(chromedp.CSS(selector))
}

// A shot is a page to look at.
type shot struct{ name, path string }

// everyPage lists them all; the clash is made by sending a form that is too late.
var everyPage = []shot{
	{"index", "/"}, {"page", "/wiki/home"}, {"edit", "/edit/home"}, {"missing", "/wiki/nowhere"},
	{"fail", "/wiki/No"}, {"clash", "/edit/clash"}, {"conflict", "/edit/conflict"},
}

// show opens a page in a tab, as somebody sees it who is late.
func (b *browser) show(t *testing.T, tab context.Context, s *site, address string, p shot) {
	t.Helper()
	do(t, tab, chromedp.Navigate(address+p.path), visible("main"))
	if p.name != "clash" && p.name != "conflict" {
		return
	}
	const base = "# Plans for the garden\n\nTomatoes go by the south wall.\n\n- Dig the beds\n- Order seeds\n- Mend the fence\n\nMeet on Saturday at nine.\n"
	s.wiki.put(t, p.name, "Cleo", base)
	mine := strings.Replace(base, "- Mend the fence", "- Mend the fence, and paint it in that green which we have still got two buckets of", 1)
	theirs := strings.Replace(base, "Tomatoes", "Tomatoes and peppers", 1)
	if p.name == "conflict" {
		mine = strings.Replace(mine, "at nine", "at ten", 1)
		theirs = strings.Replace(theirs, "Saturday at nine", "Sunday at nine", 1)
	}
	do(t, tab, chromedp.Navigate(address+p.path), visible("#text"))
	s.wiki.put(t, p.name, "Ann", theirs)
	do(t, tab, chromedp.SetValue(chromedp.CSS("#text"), mine), chromedp.SetValue(chromedp.CSS("#author"), "Ben"),
		chromedp.Click(chromedp.CSS("button.primary")), visible(".three"))
}

// TestEveryPageIsLegible looks at all pages, light and dark, on a screen and on a phone: nothing is wider than the
// window, each text has a contrast of 4.5 to 1 to what is behind it, everything to be typed in has a label, and there is
// one main heading. With WIKI_SCREENSHOTS=DIR it leaves pictures there.
func TestEveryPageIsLegible(t *testing.T) {
	b := newBrowser(t)
	s, address := newTestSite(t)
	tab := b.tab(t)
	for _, scheme := range []string{"light", "dark"} {
		for _, width := range []int64{1280, 360} {
			colors := emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{{Name: "prefers-color-scheme", Value: scheme}}}
			_, err := chromedp.Call(tab, emulation.SetEmulatedMedia, colors)
			require.NoError(t, err)
			do(t, tab, chromedp.EmulateViewport(width, 800))
			for _, p := range everyPage {
				b.show(t, tab, s, address, p)
				get(t, tab, chromedp.Poll[bool](`document.readyState === "complete"`, chromedp.WithPollingTimeout(patience)))
				what := fmt.Sprintf("%s-%s-%d", p.name, scheme, width)
				assert.Empty(t, get(t, tab, chromedp.Evaluate[[]string](inspect)), what)
				screenshot(t, tab, what)
			}
		}
	}
	b.noErrors(t)
}

// inspect returns what is wrong with a page.
const inspect = `(() => {
	const found = [];
	const root = document.documentElement;
	if (root.scrollWidth > innerWidth) {
		found.push("it is " + root.scrollWidth + " wide, and the window " + innerWidth);
	}
	const luminance = ([r, g, b]) => {
		const linear = [r, g, b].map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
		return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
	};
	const parts = (color) => color.match(/[\d.]+/g).map(Number);
	const behind = (e) => {
		for (; e; e = e.parentElement) {
			const c = parts(getComputedStyle(e).backgroundColor);
			if (c.length < 4 || c[3] > 0) return c;
		}
		return [255, 255, 255];
	};
	const texts = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
	let seen = 0;
	while (texts.nextNode()) {
		const e = texts.currentNode.parentElement;
		if (!texts.currentNode.textContent.trim() || !e.checkVisibility()) continue;
		seen++;
		const [a, b] = [luminance(parts(getComputedStyle(e).color)), luminance(behind(e))].sort((x, y) => y - x);
		const ratio = (a + 0.05) / (b + 0.05);
		if (ratio < 4.5) found.push("contrast " + ratio.toFixed(1) + ": " + e.textContent.trim().slice(0, 40));
		if (parseFloat(getComputedStyle(e).fontSize) < 13) found.push("too small: " + e.textContent.trim().slice(0, 40));
	}
	if (seen < 5) found.push("there is hardly any text");
	for (const e of document.querySelectorAll("input:not([type=hidden]), textarea")) {
		if (e.labels.length !== 1) found.push("no label: " + e.name);
	}
	if (document.querySelectorAll("h1").length !== 1) found.push("it has " + document.querySelectorAll("h1").length + " h1");
	return found;
})()`

func screenshot(t *testing.T, tab context.Context, name string) {
	t.Helper()
	dir := os.Getenv("WIKI_SCREENSHOTS")
	if dir == "" {
		return
	}
	png := get(t, tab, chromedp.FullScreenshot(100))
	require.NoError(t, os.WriteFile(filepath.Join(dir, name+".png"), png, 0o644))
}

// TestEverythingIsReachedByKeyboard walks through each page with the Tab key: it comes to everything that can be used,
// in the order of the page, sees where it is, and gets out again.
func TestEverythingIsReachedByKeyboard(t *testing.T) {
	b := newBrowser(t)
	s, address := newTestSite(t)
	tab := b.tab(t)
	for _, p := range everyPage {
		b.show(t, tab, s, address, p)
		js(t, tab, "document.activeElement.blur(); scrollTo(0, 0); getSelection().setPosition(document.body, 0)")
		want := get(t, tab, chromedp.Evaluate[[]string](usable))
		require.Contains(t, want[0], "Skip to the content", p.name)
		var got []string
		for range want {
			do(t, tab, chromedp.KeyEvent(kb.Tab))
			got = append(got, get(t, tab, chromedp.Evaluate[string](focused)))
		}
		assert.Equal(t, want, got, p.name)
		do(t, tab, chromedp.KeyEvent(kb.Tab))
		assert.NotEqual(t, want[len(want)-1], get(t, tab, chromedp.Evaluate[string](focused)), "%s: no way out", p.name)
	}
	b.show(t, tab, s, address, everyPage[1])
	do(t, tab, chromedp.KeyEvent(kb.Tab))
	assert.True(t, get(t, tab, chromedp.Evaluate[bool](`document.querySelector(".skip").getBoundingClientRect().top >= 0`)), "it is shown")
	screenshot(t, tab, "focus")
	do(t, tab, chromedp.KeyEvent(kb.Enter))
	assert.Equal(t, "main", get(t, tab, chromedp.Evaluate[string]("document.activeElement.id")), "the skip link skips")
}

// usable lists what can be used on a page, in its order, and focused what has the focus, if that can be seen.
const (
	label  = `(e) => e.tagName + " " + (e.name || e.textContent.trim())`
	usable = `Array.from(document.querySelectorAll("a[href], button, input:not([type=hidden]), textarea, summary"))
		.filter((e) => e.checkVisibility()).map(` + label + `)`
	focused = `(() => {
		const e = document.activeElement;
		const style = getComputedStyle(e);
		const seen = style.outlineStyle === "solid" && parseFloat(style.outlineWidth) >= 2;
		return (` + label + `)(e) + (seen || e === document.body ? "" : ", which cannot be seen");
	})()`
)
