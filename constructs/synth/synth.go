package synth

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"runtime"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Run is what the main function of an app calls. It makes an app, lets define fill it with stacks, and synthesizes it
// into the folder that the CDK CLI asks for. What goes wrong it prints to standard error, one line for each problem:
// the error that define returns, or what a construct of this module or of the CDK panicked with. It returns the exit
// status, 0 or 1, and leaves the CDK's runtime closed. Any other panic is a defect in the program, and goes on.
func Run(define func(awscdk.App) error) int {
	err := Try(func() error {
		app := awscdk.NewApp(nil)
		if err := define(app); err != nil {
			return err
		}
		app.Synth(nil)
		return nil
	})
	if err != nil {
		// Before the runtime is closed, which may print a line of its own.
		fmt.Fprintln(os.Stderr, err)
	}
	jsii.Close()
	if err != nil {
		return 1
	}
	return 0
}

// Try calls define and returns its error, or what a construct panicked with. It is for tests and for programs that make
// their own app; they close the runtime with jsii.Close when they are done.
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
		case string:
			// The CDK's Go binding says so of a field of its own props that is required and nil.
			if !strings.HasPrefix(failure, "Field ") {
				panic(failure)
			}
			err = errors.New(failure)
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
	// validation is the path before what a construct's validation found, which reads like that of its constructor.
	validation = regexp.MustCompile(`(?m)^  \[([^\]]+)\] `)
)

// validations is what the CDK says before all that the validations of constructs found.
const validations = "ValidationFailedWithErrors: Validation failed with the following errors:\n"

// message is what the CDK says is wrong, without the trace of its JavaScript.
func message(err error) string {
	var lines []string
	for line := range strings.Lines(err.Error()) {
		line = strings.TrimRight(line, "\n")
		if strings.TrimSpace(line) != "" && !stackFrame.MatchString(line) {
			lines = append(lines, line)
		}
	}
	text := errorName.ReplaceAllString(strings.Join(lines, "\n"), "")
	if found, ok := strings.CutPrefix(text, validations); ok {
		return validation.ReplaceAllString(found, "$1: ")
	}
	return text
}
