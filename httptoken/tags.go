package httptoken

import (
	"net/http"

	"github.com/rinse-go/rinse/token"
)

// Tags makes entity tags of tokens, and takes them back. The zero value does so without signatures. It is immutable
// once in use; copy it as you like.
type Tags struct {
	// Signer seals the tags, so that those which were not handed out are refused. It may be nil.
	//
	// A tag says at which moment something was read, not what. So that one of another resource is refused as well, have
	// a signer for each: [token.Signer.For] of its path, say.
	Signer *token.Signer
}

// Format returns the strong entity tag for t, with its quotes: the text of the token, signed if there is a Signer.
func (g Tags) Format(t token.Token) string {
	return `"` + g.text(t) + `"`
}

// Set sets the header ETag of a response to the tag for t.
//
// Let t be the token of what the response shows: that of [stm.Tx.Token] after all has been read, or of LoadToken, or
// of the commit ([stm.Tx.OnCommitToken]) if the response is to a change. If a PUT has stored something else than what
// was sent, such as a text with its lines trimmed, set none (RFC 9110, section 9.3.4).
func (g Tags) Set(w http.ResponseWriter, t token.Token) {
	w.Header().Set("ETag", g.Format(t))
}

func (g Tags) text(t token.Token) string {
	if g.Signer != nil {
		return g.Signer.Sign(t)
	}
	return t.String()
}

// token returns what is inside the quotes of a tag.
func (g Tags) token(opaque string) (token.Token, error) {
	if g.Signer != nil {
		return g.Signer.Verify(opaque)
	}
	return token.Parse(opaque)
}
