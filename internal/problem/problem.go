package problem

import (
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
)

// Problem is what a construct panics with when its props are invalid: where it stands in the construct tree, and
// everything that is wrong with it. A CDK app has no other way to fail a constructor.
type Problem struct {
	Path string
	Err  error
}

// Error has one line for each thing that is wrong, each with the construct's path in front. An app has no path.
func (p *Problem) Error() string {
	if p.Path == "" {
		return p.Err.Error()
	}
	lines := strings.Split(p.Err.Error(), "\n")
	for i, line := range lines {
		lines[i] = p.Path + ": " + line
	}
	return strings.Join(lines, "\n")
}

// Unwrap gives errors.Is and errors.As what is wrong, without the path.
func (p *Problem) Unwrap() error { return p.Err }

// Must panics with a [Problem] when err, found before the construct id was defined in scope, is not nil.
func Must(scope constructs.Construct, id string, err error) {
	if err == nil {
		return
	}
	path := *scope.Node().Path()
	if path != "" {
		path += "/"
	}
	panic(&Problem{Path: path + id, Err: err})
}

// MustAt panics with a [Problem] when err, found in a call on the construct at, is not nil.
func MustAt(at constructs.IConstruct, err error) {
	if err != nil {
		panic(&Problem{Path: *at.Node().Path(), Err: err})
	}
}
