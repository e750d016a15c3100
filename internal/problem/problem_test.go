package problem

import (
	"errors"
	"testing"

	"github.com/aws/constructs-go/constructs/v10"
)

// at is a construct without the CDK: its path.
type at struct {
	constructs.Construct
	path string
}

func (a at) Node() constructs.Node { return node{path: a.path} }

type node struct {
	constructs.Node
	path string
}

func (n node) Path() *string { return &n.path }

// TryFindChild finds Reviews alone.
func (n node) TryFindChild(id *string) constructs.IConstruct {
	if *id == "Reviews" {
		return at{path: n.path + "/Reviews"}
	}
	return nil
}

// caught is what f panics with, or empty.
func caught(f func()) (text string) {
	defer func() {
		if problem, ok := recover().(*Problem); ok {
			text = problem.Error()
		}
	}()
	f()
	return ""
}

func TestWhatConstructsPanicWith(t *testing.T) {
	wrong := errors.Join(errors.New("Name is odd"), errors.New("Owner is missing"))
	for name, c := range map[string]struct {
		f    func()
		want string
	}{
		"nothing":                  {func() { Must(at{path: "Shop"}, "Cart", nil) }, ""},
		"nothing, at a construct":  {func() { MustAt(at{path: "Shop/Cart"}, nil) }, ""},
		"a construct to be":        {func() { Must(at{path: "Shop"}, "Cart", wrong) }, "Shop/Cart: Name is odd\nShop/Cart: Owner is missing"},
		"a construct of the app":   {func() { Must(at{}, "Shop", wrong) }, "Shop: Name is odd\nShop: Owner is missing"},
		"a construct":              {func() { MustAt(at{path: "Shop/Cart"}, wrong) }, "Shop/Cart: Name is odd\nShop/Cart: Owner is missing"},
		"no construct":             {func() { MustAt(nil, wrong) }, "Name is odd\nOwner is missing"},
		"the app, which has no ID": {func() { MustAt(at{}, wrong) }, "Name is odd\nOwner is missing"},
	} {
		if got := caught(c.f); got != c.want {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

func TestAProblemNamesItsPathOnEveryLine(t *testing.T) {
	inner := errors.New("Size.CPU is odd")
	problem := &Problem{Path: "Shop/Cart", Err: errors.Join(inner, errors.New("Owner is missing"))}
	want := "Shop/Cart: Size.CPU is odd\nShop/Cart: Owner is missing"
	if problem.Error() != want {
		t.Errorf("got %q, want %q", problem.Error(), want)
	}
	if got := (&Problem{Err: inner}).Error(); got != "Size.CPU is odd" {
		t.Errorf("an app has no path, got %q", got)
	}
	if !errors.Is(problem, inner) {
		t.Error("errors.Is does not see through a Problem")
	}
}
