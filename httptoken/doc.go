// Package httptoken puts tokens into HTTP: a client reads some variables, takes its time, and sends its changes with
// what it had seen; if somebody else was faster it is told so, and nothing is overwritten.
//
// It speaks the conditional requests of RFC 9110: the token of what was read is the response's ETag, and a change
// must carry it back as If-Match. These are helpers for handlers of net/http, not a framework: routing, bodies and
// permissions stay yours.
//
//	func (s *server) get(w http.ResponseWriter, r *http.Request) {
//		var text string
//		var seen token.Token
//		err := stm.View(r.Context(), func(tx *stm.Tx) error {
//			text, seen = s.page.Get(tx), tx.Token()
//			return s.tags.Check(tx, r, s.page)
//		})
//		if httptoken.Answer(w, r, err) {
//			return // 304, or 400
//		}
//		s.tags.Set(w, seen)
//		io.WriteString(w, text)
//	}
//
//	func (s *server) put(w http.ResponseWriter, r *http.Request) {
//		text := ... // read the body first: the transaction may run several times
//		var now token.Token
//		err := stm.Atomically(r.Context(), func(tx *stm.Tx) error {
//			if err := s.tags.Check(tx, r, s.page); err != nil {
//				return err
//			}
//			s.page.Set(tx, text)
//			tx.OnCommitToken(func(t token.Token) { now = t })
//			return nil
//		})
//		if httptoken.Answer(w, r, err) {
//			return // 428, 412, or 400
//		}
//		s.tags.Set(w, now)
//		w.WriteHeader(http.StatusNoContent)
//	}
//
// # What is answered
//
//   - 428 Precondition Required: a change without If-Match or If-None-Match.
//   - 412 Precondition Failed: a variable has changed since. So is a weak tag answered (a proxy that compresses makes
//     tags weak), and one of another owner or an earlier life of the program, of which nobody can say what has changed.
//   - 400 Bad Request: a field that is malformed, or lists no tag that was made here, or a bad signature.
//   - 304 Not Modified: a GET or HEAD of what its sender still has, as If-None-Match says.
//
// All but 304 have a problem document (RFC 9457) as their body, see [Problem]; that of 412 names what has clashed and
// carries the fresh tag.
//
// # A tag is not authorization
//
// It tells what its sender claims to have seen. Anybody can copy it, and without a [token.Signer] make it up; with
// one it shows that this program handed it out, to whomever. Check who may do what by other means, and before the
// conditions of a request, since 412 and 304 tell that something is there and has changed.
//
// # A tag is of one resource
//
// To this package a tag is a moment: it is met as long as the variables that are checked have not changed since. A client
// that sends the tag of one resource with a change to another has perhaps never seen what that one was at that moment.
// Give each resource a signer of its own, with [token.Signer.For], and such a tag is refused like one that was made up:
//
//	tags := httptoken.Tags{Signer: s.signer.For(r.URL.Path)}
//
// # Tags, caches and proxies
//
// The tags are strong. Different ones can stand for the same state (whatever moves the owner's clock gives a new one
// to the next reader), but never one for different states of the variables that [Tags.Check] is given. So pass it all
// that the response shows, and give each form of a resource (HTML, JSON, compressed by yourself) a URL of its own, or
// only one of them a tag. Do not compare tags as text, as http.ServeContent does with the conditions of its requests.
//
// Say Cache-Control: no-cache if responses may be kept but must be checked before they are used again, and private or
// no-store if they are not for everybody. A proxy that compresses on its way must make the tag weak or change it; for
// changes have it leave these responses alone (Cache-Control: no-transform).
//
// # When not to use it
//
// Where the last writer may win, and where changes are commutative: let those be POSTs that need no condition. For one
// variable within a program use Expect and Resume of package stm.
//
// # Where the idea is from
//
// Entity tags: RFC 9110, sections 8.8.3 and 13. Requiring them: RFC 6585, section 3, "the lost update problem". The
// answer that says what clashed: Kubernetes' resourceVersion lacks it.
package httptoken
