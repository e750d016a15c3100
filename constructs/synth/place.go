package synth

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// bindings are the packages of the CDK, and library those of this module, which the caller of both does not look into.
var (
	bindings = []string{"github.com/aws/", "github.com/cdklabs/"}
	library  = []string{"github.com/storefront-cdk/storefront/constructs/", "github.com/storefront-cdk/storefront/internal/"}
)

// caller returns the file and line of the call that led to a panic in the CDK, or "" if there is none: if the panic is the
// program's own, or if the CDK failed in the synthesis, to which no line belongs. The deferred function of Try calls located, which
// calls it, while the panicking functions are still on the stack.
func caller() string {
	within := func(frame runtime.Frame, packages []string) bool {
		return slices.ContainsFunc(packages, func(prefix string) bool { return strings.HasPrefix(frame.Function, prefix) })
	}
	const skipped = 4 // runtime.Callers, caller, located, and the deferred function
	counters := make([]uintptr, 256)
	frames := runtime.CallersFrames(counters[:runtime.Callers(skipped, counters)])
	failed := false
	for {
		frame, more := frames.Next()
		switch {
		case strings.HasPrefix(frame.Function, "runtime."):
		case within(frame, bindings):
			failed = true
			if strings.HasSuffix(frame.Function, ").Synth") {
				return ""
			}
		case !failed:
			return ""
		case !within(frame, library):
			return fmt.Sprintf("%s:%d", relative(frame.File), frame.Line)
		}
		if !more {
			return ""
		}
	}
}

// relative returns a file as seen from the working directory if it is in it.
func relative(file string) string {
	directory, err := os.Getwd()
	if err != nil {
		return file
	}
	if short, err := filepath.Rel(directory, file); err == nil && filepath.IsLocal(short) {
		return short
	}
	return file
}
