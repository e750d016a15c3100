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

	"github.com/storefront-cdk/storefront/internal/jsiikernel"
	"github.com/storefront-cdk/storefront/internal/problem"
)

func init() { jsiikernel.Restore() }

// withoutStacks is the CDK's switch for the stack traces that it takes of each construct. Those of a program in Go name nothing
// but the CDK itself. Where cdk.json sets it, that counts.
const withoutStacks = "aws:cdk:disable-creation-stack-traces"

// Run creates an app, calls define to add its stacks, and synthesizes it into the folder that the CDK CLI expects. Call
// it from the main function of an app. Errors are printed to standard error, one line for each problem: the error that
// define returns, or the one with which a construct of this module or of the CDK panics. Run returns the exit status, 0
// or 1, and closes the jsii runtime. Any other panic is a defect in the program, and is not recovered.
func Run(define func(awscdk.App) error) int {
	err := Try(func() error {
		app := awscdk.NewApp(&awscdk.AppProps{Context: &map[string]any{withoutStacks: true}})
		if err := define(app); err != nil {
			return err
		}
		app.Synth(nil)
		return nil
	})
	if err != nil {
		// Print before the runtime is closed, which may print a line of its own.
		fmt.Fprintln(os.Stderr, err)
	}
	jsii.Close()
	if err != nil {
		return 1
	}
	return 0
}

// Try calls define and returns its error, or the one with which a construct panics. It is for tests and for programs
// that create their own app. They must call jsii.Close when they are done.
//
// An error of the CDK names the path of the construct if its message has it, as one of this module always does. Otherwise it
// names the file and the line of the call, in the first function outside of the CDK and of this module.
func Try(define func() error) (err error) {
	defer func() {
		switch failure := recover().(type) {
		case nil:
		case runtime.Error:
			panic(failure)
		case *problem.Problem:
			err = failure
		case error:
			err = errors.New(located(failure.Error()))
		case string:
			// The Go bindings of the CDK panic with this string if a required field of its props is nil.
			if !strings.HasPrefix(failure, "Field ") {
				panic(failure)
			}
			err = errors.New(located(failure))
		default:
			panic(failure)
		}
	}()
	return define()
}

var (
	// errorName matches the error names that JavaScript puts before a message.
	errorName = regexp.MustCompile(`^(?:(?:@jsii/kernel\.)?\w*Error: )+`)
	// stackFrame matches a line of a JavaScript stack trace.
	stackFrame = regexp.MustCompile(`^\s+at .*$|^\s*-+\^*$`)
	// validation matches the construct path before a validation error. It is replaced by the form that constructors
	// use.
	validation = regexp.MustCompile(`(?m)^  \[([^\]]+)\] `)
	// findings match what the CDK's validation of templates reports, with the construct's path and the rule.
	findings = regexp.MustCompile(`(?m)^ERROR (.+) \(CloudFormation Validate\)\n +(\S+) \(\w+\) \S+\n +Acknowledge with '([^']+)'$`)
)

// validations is the line that the CDK prints before the validation errors of all constructs.
const validations = "ValidationFailedWithErrors: Validation failed with the following errors:\n"

// located returns the CDK's error message: with the path of the construct in front if the message has one, or else with the
// place in the program, if there is one. The deferred function of Try calls it.
func located(failure string) string {
	text, placed := message(failure)
	if place := caller(); !placed && place != "" {
		return place + ": " + text
	}
	return text
}

// message returns the CDK's error message without the JavaScript stack trace, and whether the path of a construct is in front
// of it.
func message(failure string) (text string, placed bool) {
	var lines []string
	for line := range strings.Lines(failure) {
		line = strings.TrimRight(line, "\n")
		if strings.TrimSpace(line) != "" && !stackFrame.MatchString(line) {
			lines = append(lines, line)
		}
	}
	text = errorName.ReplaceAllString(strings.Join(lines, "\n"), "")
	if found, ok := strings.CutPrefix(text, validations); ok {
		return validation.ReplaceAllString(found, "$1: "), true
	}
	text = strings.ReplaceAll(text, "Resolution error: ", "")
	for _, known := range remedies {
		if known.says.MatchString(text) {
			return known.says.ReplaceAllString(text, known.means), strings.HasPrefix(known.means, "$")
		}
	}
	if found := circular.FindStringSubmatch(text); found != nil {
		return circularity(found[1])
	}
	return findings.ReplaceAllString(text, "$2: $1 (rule $3)"), findings.MatchString(text)
}
