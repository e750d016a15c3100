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

	"github.com/storefront-cdk/storefront/internal/problem"
)

// Run creates an app, calls define to add its stacks, and synthesizes it into the folder that the CDK CLI expects. Call
// it from the main function of an app. Errors are printed to standard error, one line for each problem: the error that
// define returns, or the one with which a construct of this module or of the CDK panics. Run returns the exit status, 0
// or 1, and closes the jsii runtime. Any other panic is a defect in the program, and is not recovered.
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
func Try(define func() error) (err error) {
	defer func() {
		switch failure := recover().(type) {
		case nil:
		case runtime.Error:
			panic(failure)
		case *problem.Problem:
			err = failure
		case error:
			err = errors.New(message(failure))
		case string:
			// The Go bindings of the CDK panic with this string if a required field of its props is nil.
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
	// errorName matches the error names that JavaScript puts before a message.
	errorName = regexp.MustCompile(`^(?:(?:@jsii/kernel\.)?\w*Error: )+`)
	// stackFrame matches a line of a JavaScript stack trace.
	stackFrame = regexp.MustCompile(`^\s+at .*$|^\s*-+\^*$`)
	// validation matches the construct path before a validation error. It is replaced by the form that constructors
	// use.
	validation = regexp.MustCompile(`(?m)^  \[([^\]]+)\] `)
)

// validations is the line that the CDK prints before the validation errors of all constructs.
const validations = "ValidationFailedWithErrors: Validation failed with the following errors:\n"

// message returns the CDK's error message without the JavaScript stack trace.
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
	for _, known := range misplaced {
		if known.says.MatchString(text) {
			return known.says.ReplaceAllString(text, known.means)
		}
	}
	return text
}

// misplaced are the CDK's messages about constructs of yours that it cannot place, and what they mean: where, and what to do.
// The constructs of this module are rejected with messages of their own.
var misplaced = []struct {
	says  *regexp.Regexp
	means string
}{
	{
		regexp.MustCompile(`^There is already a Construct with name '([^']*)' in \w+ \[([^\]]+)\]`),
		`$2: the ID "$1" is already used in this scope: choose another ID`,
	},
	{
		regexp.MustCompile(`^There is already a Construct with name '([^']*)' in \w+(?: \[\])?`),
		`the ID "$1" is already used in the app: choose another ID`,
	},
	{
		regexp.MustCompile(`^(?:ShouldBeCreatedInStackScope: )?\w+ at '([^']+)' should be created in the scope of a Stack, but no Stack found`),
		`$1: it is in no stack: define it in one, such as awscdk.NewStack(app, jsii.String("Shop"), nil)`,
	},
	{
		regexp.MustCompile(`^(?:ShouldBeCreatedInStackScope: )?\w+ at '' should be created in the scope of a Stack, but no Stack found`),
		`the app is in no stack: pass a stack, such as awscdk.NewStack(app, jsii.String("Shop"), nil)`,
	},
	{
		regexp.MustCompile(`^(?:SectionAlreadyContains: )?section '(\w+)' already contains '([^']+)'`),
		`$1: two constructs of one stack have the logical ID "$2": choose another ID for one of them, or do not override it`,
	},
}
