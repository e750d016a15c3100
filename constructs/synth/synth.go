package synth

import (
	"errors"
	"regexp"
	"runtime"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Run makes an app, lets build define its stacks, and synthesizes it into the folder that the CDK CLI asks for. It
// returns what build returns, or what a construct of this module or of the CDK panicked with, one line for each
// problem. Any other panic is a defect in the program, and goes on.
func Run(build func(awscdk.App) error) error {
	return Try(func() error {
		app := awscdk.NewApp(nil)
		if err := build(app); err != nil {
			return err
		}
		app.Synth(nil)
		return nil
	})
}

// Try calls define and returns its error, or what a construct panicked with, as [Run] does. It is for programs and
// tests that make their own app.
func Try(define func() error) (err error) {
	defer func() {
		switch failure := recover().(type) {
		case nil:
		case runtime.Error:
			panic(failure)
		case *cdkx.Problem:
			err = failure
		case error:
			err = errors.New(message(failure))
		default:
			panic(failure)
		}
	}()
	return define()
}

var (
	// errorName is what JavaScript puts before an error's message.
	errorName = regexp.MustCompile(`^(?:(?:@jsii/kernel\.)?\w*Error: )+`)
	// stackFrame is a line of a JavaScript stack trace.
	stackFrame = regexp.MustCompile(`^\s+at .*$|^\s*-+\^*$`)
)

// message is what the CDK says is wrong, without the trace of its JavaScript.
func message(err error) string {
	var lines []string
	for line := range strings.Lines(err.Error()) {
		line = strings.TrimRight(line, "\n")
		if strings.TrimSpace(line) != "" && !stackFrame.MatchString(line) {
			lines = append(lines, line)
		}
	}
	return errorName.ReplaceAllString(strings.Join(lines, "\n"), "")
}
