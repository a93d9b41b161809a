package main

// welcome has the pages of a new wiki.
var welcome = map[string]string{
	"home": `# Welcome

This is a small wiki. Its pages are variables in the memory of one program, and they are gone when it ends.

Open this page in two windows and edit it in both:

- Save in one window: the other is told at once.
- Save in the other window too: you see what both have changed, merged by lines where that works.
- Nothing is ever overwritten silently, and no lock keeps anybody waiting.

See [[writing]] for how to write, and [[how-it-works]] for what happens when two people save.
`,
	"writing": `# Writing

A line that begins with # is a heading, and one with ## a smaller one.

- A line that begins with a hyphen is an item of a list.
- Lines without a blank line between them are one paragraph.
- The name of a page in double square brackets is a link: [[home]].

A link to a page that is not there yet leads to where you can make it.
`,
	"how-it-works": `# How it works

The form in which you edit a page carries a token: which version of the page you have seen. It holds as long as you
take, for the server keeps nothing for you meanwhile.

When you save, the server looks whether the page has changed since that token. If it has not, your text is the new
one. If it has, nothing is changed, and you get to see three texts: what you began with, what is there now, and yours.

There is no lock, so nobody has to wait for somebody who went to lunch. Back to [[home]].
`,
}
