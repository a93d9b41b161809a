package token_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/rinse-go/rinse/token"
)

// A form was shown with a token in it. When it comes back, the token says what its reader saw.
func Example() {
	shown := token.New(0x5eed, 41)
	field := shown.String()

	returned, err := token.Parse(field)
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(field)
	fmt.Println(returned == shown)
	// Output:
	// 0000000000005eed-0000000000000029
	// true
}

func ExampleNew() {
	t := token.New(7, 42)
	fmt.Println(t)
	// Output: 0000000000000007-000000000000002a
}

func ExampleParse() {
	t, err := token.Parse("0000000000000007-000000000000002a")
	fmt.Println(t.Owner(), t.Version(), err)

	_, err = token.Parse("7-2a")
	fmt.Println(err)
	// Output:
	// 7 42 <nil>
	// token: malformed: 4 bytes long; pass exactly what String gave, 33 bytes
}

func ExampleErrMalformed() {
	_, err := token.Parse("0000000000000007-000000000000002A")
	if errors.Is(err, token.ErrMalformed) {
		fmt.Println("please load the page again")
	}
	// Output: please load the page again
}

func ExampleToken_Owner() {
	here := uint64(7)
	t := token.New(9, 42)
	fmt.Println("from here:", t.Owner() == here)
	// Output: from here: false
}

func ExampleToken_Version() {
	before, after := token.New(7, 41), token.New(7, 42)
	fmt.Println("older:", before.Version() < after.Version())
	// Output: older: true
}

func ExampleToken_IsZero() {
	var never token.Token
	fmt.Println(never.IsZero(), token.New(7, 42).IsZero())
	// Output: true false
}

func ExampleToken_String() {
	t := token.New(7, 42)
	fmt.Println("/pages/home?seen=" + t.String())
	// Output: /pages/home?seen=0000000000000007-000000000000002a
}

func ExampleToken_MarshalText() {
	versions := map[token.Token]string{token.New(7, 42): "draft"}
	text, err := json.Marshal(versions)
	fmt.Println(string(text), err)
	// Output: {"0000000000000007-000000000000002a":"draft"} <nil>
}

func ExampleToken_UnmarshalText() {
	var request struct {
		Name string
		Seen token.Token
	}
	err := json.Unmarshal([]byte(`{"Name": "alice", "Seen": "0000000000000007-000000000000002a"}`), &request)
	fmt.Println(request.Name, request.Seen.Version(), err)
	// Output: alice 42 <nil>
}

// Tokens are plain values: compare them, keep them in maps, copy them.
func ExampleToken() {
	seen := map[string]token.Token{"home": token.New(7, 41)}
	current := token.New(7, 42)
	fmt.Println("home has changed:", seen["home"] != current)
	// Output: home has changed: true
}

// The key is in the program's configuration. Here it is made for the occasion.
func ExampleSigner() {
	key := bytes.Repeat([]byte("k"), token.MinKey)
	signer, err := token.NewSigner(key)
	if err != nil {
		fmt.Println(err)
		return
	}
	field := signer.Sign(token.New(7, 42))

	seen, err := signer.Verify(field)
	fmt.Println(seen, err)

	forged := strings.Replace(field, "2a.", "2b.", 1)
	_, err = signer.Verify(forged)
	fmt.Println(errors.Is(err, token.ErrSignature))
	// Output:
	// 0000000000000007-000000000000002a <nil>
	// true
}

// To change keys, put the new one first. What the old one has signed stays good until you drop it.
func ExampleNewSigner() {
	oldKey, newKey := bytes.Repeat([]byte("o"), 32), bytes.Repeat([]byte("n"), 32)
	before, _ := token.NewSigner(oldKey)
	meanwhile, _ := token.NewSigner(newKey, oldKey)
	after, _ := token.NewSigner(newKey)

	field := before.Sign(token.New(7, 42))
	_, err := meanwhile.Verify(field)
	fmt.Println(err)
	_, err = after.Verify(field)
	fmt.Println(err)

	_, err = token.NewSigner([]byte("secret"))
	fmt.Println(err)
	// Output:
	// <nil>
	// token: wrong signature on 0000000000000007-000000000000002a: it was not handed out here, or its key is out of use
	// token: key 1 has 6 bytes; pass 32 or more, from crypto/rand
}

func ExampleSigner_Sign() {
	signer, _ := token.NewSigner(bytes.Repeat([]byte("k"), token.MinKey))
	fmt.Println(signer.Sign(token.New(7, 42)))
	// Output: 0000000000000007-000000000000002a.00df69be1f3dd0345d9e977dd360731f0fdc4d2d0857c5cea8c172b5d3d06d65
}

func ExampleSigner_Verify() {
	signer, _ := token.NewSigner(bytes.Repeat([]byte("k"), token.MinKey))
	_, err := signer.Verify("0000000000000007-000000000000002a")
	fmt.Println(err)
	// Output: token: malformed: 33 bytes long; pass exactly what Sign gave, 98 bytes
}

// Each page has tokens of its own.
func ExampleSigner_For() {
	signer, _ := token.NewSigner(bytes.Repeat([]byte("k"), token.MinKey))
	field := signer.For("home").Sign(token.New(7, 42))

	_, err := signer.For("home").Verify(field)
	fmt.Println(err)
	_, err = signer.For("writing").Verify(field)
	fmt.Println(errors.Is(err, token.ErrSignature))
	// Output:
	// <nil>
	// true
}

func ExampleErrSignature() {
	signer, _ := token.NewSigner(bytes.Repeat([]byte("k"), token.MinKey))
	_, err := signer.Verify(token.New(7, 42).String() + "." + strings.Repeat("0", 64))
	if errors.Is(err, token.ErrSignature) {
		fmt.Println("we never gave you that; please load the page again")
	}
	// Output: we never gave you that; please load the page again
}
