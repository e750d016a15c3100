package problem

import (
	"errors"
	"fmt"
	"math"
	"testing"
	"time"
)

// tokenNumber is the token of the CDK with the number 7.
var tokenNumber = math.Float64frombits(0xFBFF_0000_0000_0007)

func TestATokenIsNoPlainValue(t *testing.T) {
	const want = "Name must be known before the deployment, got a token of the CDK: a token has no value before the deployment, so write the value itself"
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"a name":            {Plain("Name", "cart"), ""},
		"an empty name":     {Plain("Name", ""), ""},
		"a shell variable":  {Plain("Name", "${TOKEN}"), ""},
		"a number":          {Plain("Name", 7), ""},
		"a negative number": {Plain("Name", -1e289), ""},
		"no number":         {Plain("Name", math.NaN()), ""},
		"a duration":        {Plain("Name", time.Second), ""},
		"a token":           {Plain("Name", "${Token[AWS.Region.4]}"), want},
		"a token in a name": {Plain("Name", "cart-${Token[TOKEN.123]}-eu"), want},
		"a list":            {Plain("Name", "#{Token[TOKEN.9]}"), want},
		"a token's number":  {Plain("Name", tokenNumber), want},
		"a token's int":     {Plain("Name", math.MinInt), want},
		"a named type":      {Plain("Name", time.Duration(math.MinInt64)), want},
	} {
		got := ""
		if c.err != nil {
			got = c.err.Error()
		}
		if got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestAMessageSaysTokenInsteadOfQuotingOne(t *testing.T) {
	const token = "a token of the CDK: a token has no value before the deployment, so write the value itself"
	for got, want := range map[string]string{
		`Name is odd, got "Cart"`:                                    `Name is odd, got "Cart"`,
		`Name is odd, got "${Token[TOKEN.12]}"`:                      `Name is odd, got ` + token,
		`Name is odd, got "a \" ${Token[TOKEN.12]}-b"`:               `Name is odd, got ` + token,
		`Names are odd, got [#{Token[TOKEN.12]}]`:                    `Names are odd, got [a token of the CDK]` + token[len("a token of the CDK"):],
		fmt.Sprintf("Port is odd, got %d", math.MinInt):              `Port is odd, got ` + token,
		fmt.Sprintf("Limit is odd, got %g", tokenNumber):             `Limit is odd, got ` + token,
		fmt.Sprintf("Wait is odd, got %s", time.Duration(-1<<63)):    `Wait is odd, got ` + token,
		`"Cart" is already used by "${Token[A.1]}" and by "Reviews"`: `"Cart" is already used by a token of the CDK and by "Reviews"` + token[len("a token of the CDK"):],
	} {
		problem := &Problem{Path: "Shop", Err: errors.New(got)}
		if problem.Error() != "Shop: "+want {
			t.Errorf("got  %q\nwant %q", problem.Error(), "Shop: "+want)
		}
		problem.Path = ""
		if problem.Error() != want {
			t.Errorf("got  %q\nwant %q", problem.Error(), want)
		}
	}
}

func TestAScopeIsRequired(t *testing.T) {
	const missing = "Cart: scope is nil: pass the app, stage, stack or construct in which to define it"
	for name, c := range map[string]struct {
		f    func()
		want string
	}{
		"a scope":       {func() { MustScope(at{path: "Shop"}, "Cart") }, ""},
		"none":          {func() { MustScope(nil, "Cart") }, missing},
		"a nil pointer": {func() { MustScope((*at)(nil), "Cart") }, missing},
		"an ID that JavaScript's objects have": {
			func() { MustScope(at{path: "Shop"}, "constructor") },
			`Shop: the ID "constructor" is the name of what every JavaScript object has, so that the CDK finds it in any scope: choose another ID`,
		},
		"no ID": {func() { MustScope(at{path: "Shop"}, "") }, `Shop: id is missing: give each construct its own in its scope, such as "Cart"`},
		"an ID that is used": {
			func() { MustScope(at{path: "Shop"}, "Reviews") },
			`Shop: the ID "Reviews" is already used in this scope: choose another ID`,
		},
		"a token as the ID": {
			func() { MustScope(at{path: "Shop"}, "${Token[AWS.Region.4]}") },
			"Shop: id must be known before the deployment, got a token of the CDK: a token has no value before the deployment, so write the value itself",
		},
	} {
		if got := caught(c.f); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
