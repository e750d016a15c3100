package problem

import (
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
)

// Problem is the value with which a construct panics if its props are invalid: its construct path, and everything that
// is wrong with it. A CDK app has no other way to fail a constructor.
type Problem struct {
	Path string
	Err  error
}

// Error returns one line for each problem, each prefixed with the construct's path. An app has no path.
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

// Unwrap returns the error without the path, for errors.Is and errors.As.
func (p *Problem) Unwrap() error { return p.Err }

// Must panics with a [Problem] if err, found before the construct id was defined in scope, is not nil.
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

// MustAt panics with a [Problem] if err, found in a call on the construct at, is not nil.
func MustAt(at constructs.IConstruct, err error) {
	if err != nil {
		panic(&Problem{Path: *at.Node().Path(), Err: err})
	}
}
