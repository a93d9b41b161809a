package token_test

import (
	"encoding/json"
	"errors"
	"fmt"

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
