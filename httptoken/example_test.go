package httptoken_test

import (
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/rinse-go/rinse/httptoken"
	"github.com/rinse-go/rinse/stm"
	"github.com/rinse-go/rinse/token"
	"github.com/rinse-go/rinse/tvar"
)

// Two editors read the same page, and both change it. The second one is told.
func Example() {
	page := tvar.New("Hello.", tvar.Name("page"))
	var tags httptoken.Tags

	mux := http.NewServeMux()
	mux.HandleFunc("GET /page", func(w http.ResponseWriter, r *http.Request) {
		var text string
		var seen token.Token
		err := stm.View(r.Context(), func(tx *stm.Tx) error {
			text, seen = page.Get(tx), tx.Token()
			return tags.Check(tx, r, page)
		})
		if httptoken.Answer(w, r, err) {
			return
		}
		tags.Set(w, seen)
		io.WriteString(w, text)
	})
	mux.HandleFunc("PUT /page", func(w http.ResponseWriter, r *http.Request) {
		text, _ := io.ReadAll(r.Body)
		var now token.Token
		err := stm.Atomically(r.Context(), func(tx *stm.Tx) error {
			if err := tags.Check(tx, r, page); err != nil {
				return err
			}
			page.Set(tx, string(text))
			tx.OnCommitToken(func(t token.Token) { now = t })
			return nil
		})
		if httptoken.Answer(w, r, err) {
			return
		}
		tags.Set(w, now)
		w.WriteHeader(http.StatusNoContent)
	})

	send := func(method, text, tag string) *httptest.ResponseRecorder {
		r := httptest.NewRequest(method, "/page", strings.NewReader(text))
		r.Header.Set("If-Match", tag)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w
	}
	both := send("GET", "", "*").Header().Get("ETag")
	fmt.Println(send("PUT", "Hello, Ann.", both).Code)

	refused := send("PUT", "Hello, Ben.", both)
	var p httptoken.Problem
	json.Unmarshal(refused.Body.Bytes(), &p)
	fmt.Println(refused.Code, p.Title)
	fmt.Println("clash on", p.Clashes[0].Name)
	fmt.Println(send("PUT", "Hello, Ann and Ben.", p.ETag).Code)
	// Output:
	// 204
	// 412 Somebody else has changed it meanwhile
	// clash on page
	// 204
}

func ExampleTags() {
	key := make([]byte, token.MinKey)
	rand.Read(key) // or from the configuration, to have tags outlive the process
	signer, err := token.NewSigner(key)
	if err != nil {
		fmt.Println(err)
		return
	}
	tags := httptoken.Tags{Signer: signer}
	fmt.Println(len(tags.Format(token.New(7, 42))), "bytes")
	// Output: 100 bytes
}

func ExampleTags_Format() {
	var tags httptoken.Tags
	fmt.Println(tags.Format(token.New(7, 42)))
	// Output: "0000000000000007-000000000000002a"
}

func ExampleTags_Set() {
	var tags httptoken.Tags
	w := httptest.NewRecorder()
	tags.Set(w, token.New(7, 42))
	fmt.Println(w.Header().Get("ETag"))
	// Output: "0000000000000007-000000000000002a"
}

func ExampleTags_Check() {
	page := tvar.New("Hello.", tvar.Name("page"))
	_, seen := page.LoadToken()
	var tags httptoken.Tags

	r := httptest.NewRequest("GET", "/page", nil)
	r.Header.Set("If-None-Match", tags.Format(seen))
	check := func(tx *stm.Tx) error { return tags.Check(tx, r, page) }
	fmt.Println(stm.View(r.Context(), check))

	page.Store("Hello again.")
	fmt.Println(stm.View(r.Context(), check))
	// Output:
	// httptoken: not modified
	// <nil>
}

// A page is made with If-None-Match: *, and nobody else makes it as well.
func ExampleTags_CheckAbsent() {
	page := tvar.New("")
	var tags httptoken.Tags
	r := httptest.NewRequest("PUT", "/page", strings.NewReader("Hello."))
	r.Header.Set("If-None-Match", "*")

	put := func(tx *stm.Tx) error {
		check := tags.Check
		if page.Get(tx) == "" {
			check = tags.CheckAbsent
		}
		if err := check(tx, r, page); err != nil {
			return err
		}
		page.Set(tx, "Hello.")
		return nil
	}
	fmt.Println(stm.Atomically(r.Context(), put))
	fmt.Println(stm.Atomically(r.Context(), put))
	// Output:
	// <nil>
	// httptoken: There is something already: If-None-Match: * asks for nothing to be here. Get what is here, and send If-Match with its ETag to change it.
}

func ExampleAnswer() {
	_, malformed := token.Parse("no token")
	w := httptest.NewRecorder()
	r := httptest.NewRequest("POST", "/", nil)
	fmt.Println(httptoken.Answer(w, r, malformed), w.Code, w.Header().Get("Content-Type"))
	fmt.Println(httptoken.Answer(w, r, errors.New("disk full"))) // yours to answer
	// Output:
	// true 400 application/problem+json
	// false
}

// A client tells its user what the server says.
func ExampleProblem() {
	body := `{"type":"https://github.com/rinse-go/rinse/blob/main/docs/http.md#stale",
		"title":"Somebody else has changed it meanwhile","status":412,"etag":"\"0007-002a\"",
		"clashes":[{"name":"page","base":41,"current":42,"by":"ann"}]}`
	var p httptoken.Problem
	if err := json.Unmarshal([]byte(body), &p); err != nil {
		fmt.Println(err)
		return
	}
	if p.Type == httptoken.Stale {
		fmt.Printf("%s has changed %s; now it is %s\n", p.Clashes[0].By, p.Clashes[0].Name, p.ETag)
	}
	// Output: ann has changed page; now it is "0007-002a"
}

func ExampleProblem_Error() {
	fmt.Println(&httptoken.Problem{Title: "There is nothing to change", Detail: "Nothing is here."})
	// Output: httptoken: There is nothing to change: Nothing is here.
}

// A problem keeps its cause, for programs that do not go over HTTP.
func ExampleProblem_Unwrap() {
	page := tvar.New("Hello.", tvar.Name("page"))
	var tags httptoken.Tags
	_, seen := page.LoadToken()
	page.Store("Hello again.")

	r := httptest.NewRequest("PUT", "/page", nil)
	r.Header.Set("If-Match", tags.Format(seen))
	err := stm.View(r.Context(), func(tx *stm.Tx) error { return tags.Check(tx, r, page) })
	var clash *stm.ClashError
	fmt.Println(errors.As(err, &clash), clash.Vars[0].Name)
	// Output: true page
}

func ExampleProblem_ServeHTTP() {
	moved := &httptoken.Problem{
		Type: "about:blank", Title: "Gone", Status: http.StatusGone, Detail: "The page was renamed.",
	}
	w := httptest.NewRecorder()
	moved.ServeHTTP(w, httptest.NewRequest("GET", "/", nil))
	fmt.Println(w.Code, w.Body)
	// Output: 410 {"type":"about:blank","title":"Gone","status":410,"detail":"The page was renamed."}
}

func ExampleErrNotModified() {
	page := tvar.New("Hello.")
	var tags httptoken.Tags
	r := httptest.NewRequest("GET", "/", nil)
	r.Header.Set("If-None-Match", "*")
	err := stm.View(r.Context(), func(tx *stm.Tx) error { return tags.Check(tx, r, page) })
	fmt.Println(errors.Is(err, httptoken.ErrNotModified))
	// Output: true
}
