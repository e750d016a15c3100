// Command preflight checks whether an account is ready for the stacks of a cloud assembly, the directory that `cdk synth`
// writes: quotas, roles, zones, images and addresses. It compares the stacks with what is deployed, too. It only reads. Its
// exit status is 1 if something is missing, would be refused or could not be read, and 2 if no check could run.
package main

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"

	"github.com/storefront-cdk/storefront/cmd/preflight/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/preflight/internal/preflight"
)

// timeout ends a run whose network does not answer.
const timeout = 2 * time.Minute

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: preflight <cloud assembly>")
		os.Exit(2)
	}
	os.Exit(interruptible(os.Args[1]))
}

func interruptible(dir string) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	return run(ctx, dir, os.Stdout, os.Stderr)
}

func run(ctx context.Context, dir string, out, problems io.Writer) int {
	settings, err := config.LoadDefaultConfig(ctx, config.WithLogger(logging.Nop{}))
	settings.HTTPClient = sender{settings.HTTPClient}
	var findings []finding.Finding
	if err == nil {
		findings, err = preflight.Run(ctx, preflight.Options{Assembly: dir, Config: settings})
	}
	if err == nil {
		err = finding.Write(out, findings, colored(out))
	}
	switch {
	case err != nil:
		_, _ = fmt.Fprintln(problems, "preflight:", err)
		return 2
	case !finding.Passes(findings):
		return 1
	}
	return 0
}

// colored reports whether the output is a terminal whose user has not refused colors.
func colored(out io.Writer) bool {
	file, isFile := out.(*os.File)
	if !isFile || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// sender sends the SDK's requests. The SDK closes a request's body when the response starts, which may be before net/http has
// read its end. Read then returns io.EOF, but WriteTo returns an error, upon which net/http closes the connection in the
// middle of the response; so hide WriteTo.
type sender struct{ aws.HTTPClient }

func (s sender) Do(request *http.Request) (*http.Response, error) {
	if request.Body != nil && request.Body != http.NoBody {
		request.Body = struct{ io.ReadCloser }{request.Body}
	}
	return s.HTTPClient.Do(request)
}
