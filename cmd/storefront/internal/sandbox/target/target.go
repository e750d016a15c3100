// Package target selects what an app is deployed to: an emulator that it starts on this machine, or an account.
package target

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/logging"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/awsclient"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/emulator"
)

// The environment variables that say where to deploy.
const (
	// EndpointVariable selects the target: if it is not set, an emulator; if it is set and empty, the account of the
	// credentials in the environment; otherwise the endpoint with that URL.
	EndpointVariable = "SANDBOX_ENDPOINT"
	// AccountVariable is the number of the account to deploy to, where no emulator is started.
	AccountVariable = "SANDBOX_ACCOUNT"
	// PortVariable is the emulator's port on 127.0.0.1. If not set, a free one.
	PortVariable = "SANDBOX_PORT"
)

// Target is where an app is deployed.
type Target struct {
	Config  aws.Config // of its default region
	Account string
	Environ []string // of programs that deploy to it
	// Emulator is the emulator that was started for it, or nil.
	Emulator *emulator.Emulator
}

// Options says how to find or start a target.
type Options struct {
	Python   string // the folder of the emulator's virtual environment
	Dir      string // the folder of this run
	StandIns bool   // whether the emulator answers for services without a target
	Ask      io.Reader
	Tell     io.Writer
}

// Open returns the target that the environment selects. It starts an emulator; it uses an account only if the person, or
// SANDBOX_ACCOUNT, names its number.
func Open(ctx context.Context, options Options) (*Target, error) {
	if _, given := os.LookupEnv(EndpointVariable); given {
		return account(ctx, options)
	}
	number, err := port()
	if err != nil {
		return nil, err
	}
	e, err := emulator.Start(ctx, emulator.Options{
		Dir:         options.Dir,
		Environment: options.Python,
		Port:        number,
		StandIns:    options.StandIns,
		Tell:        options.Tell,
	})
	if err != nil {
		return nil, err
	}
	target, err := Of(e)
	if err != nil {
		e.Stop()
	}
	return target, err
}

// port is the emulator's port from the environment, or zero.
func port() (int, error) {
	text := os.Getenv(PortVariable)
	if text == "" {
		return 0, nil
	}
	number, err := strconv.Atoi(text)
	if err != nil || number < 1 || number > 65535 {
		return 0, fmt.Errorf("%s must be a port, 1 to 65535, or empty for a free one, got %q", PortVariable, text)
	}
	return number, nil
}

// AsChosen returns an error if the environment names another port than that of the running emulator.
func (t *Target) AsChosen() error {
	number, err := port()
	if err == nil && t.Emulator != nil && number != 0 && number != t.Emulator.Port {
		err = fmt.Errorf("the sandbox already runs on port %d: leave %s out, or run storefront sandbox down first", t.Emulator.Port, PortVariable)
	}
	return err
}

// Of returns a running emulator as a target.
func Of(e *emulator.Emulator) (*Target, error) {
	settings, err := e.Config()
	if err != nil {
		return nil, err
	}
	return &Target{Config: settings, Account: emulator.Account, Environ: e.Environ(), Emulator: e}, nil
}

// account returns the account of the credentials in the environment as a target. Nothing is changed in it before its number
// is compared with the one that the person expects.
func account(ctx context.Context, options Options) (*Target, error) {
	if os.Getenv(PortVariable) != "" {
		return nil, fmt.Errorf("%s is the port of the emulator, and with %s none is started: leave one of the two out", PortVariable, EndpointVariable)
	}
	endpoint := os.Getenv(EndpointVariable)
	if at, err := url.Parse(endpoint); endpoint != "" && (err != nil || at.Host == "" || at.Scheme != "http" && at.Scheme != "https") {
		return nil, fmt.Errorf("%s must be a URL such as https://127.0.0.1:4566, or empty for the account of the credentials, got %q",
			EndpointVariable, endpoint)
	}
	// Without the log of the search for credentials: the error says it.
	settings, err := config.LoadDefaultConfig(ctx, config.WithLogger(logging.Nop{}))
	if err != nil {
		return nil, fmt.Errorf("read the AWS configuration: %w", err)
	}
	settings.HTTPClient = awsclient.Whole(settings.HTTPClient)
	environ := os.Environ()
	if endpoint != "" {
		settings.BaseEndpoint = &endpoint
		environ = append(environ, "AWS_ENDPOINT_URL="+endpoint)
	}
	if settings.Region == "" {
		settings.Region = "us-east-2"
	}
	if _, err := settings.Credentials.Retrieve(ctx); err != nil {
		return nil, refused("no valid AWS credentials are in the environment", err)
	}
	identity, err := sts.NewFromConfig(settings).GetCallerIdentity(ctx, nil)
	if err != nil {
		return nil, refused("cannot get the account of the AWS credentials", err)
	}
	got := aws.ToString(identity.Account)
	wanted := os.Getenv(AccountVariable)
	if wanted == "" {
		_, _ = fmt.Fprintf(options.Tell, "The app will be deployed to a real account, which costs money (how much: "+finding.Docs+"sandbox-account.md).\n"+
			"Type the number of the account to go on: ")
		line, err := bufio.NewReader(options.Ask).ReadString('\n')
		if wanted = strings.TrimSpace(line); wanted == "" {
			if err != nil {
				_, _ = fmt.Fprintln(options.Tell)
			}
			return nil, fmt.Errorf("no account number was given: type it, or set %s=111122223333; nothing was changed", AccountVariable)
		}
	}
	if got != wanted {
		return nil, fmt.Errorf("the credentials are for account %s, not for %s: nothing was changed", got, wanted)
	}
	return &Target{Config: settings, Account: got, Environ: environ}, nil
}

// refused returns the reason why AWS rejects the credentials in one line; any other error keeps its text.
func refused(what string, err error) error {
	var api smithy.APIError
	if !errors.As(err, &api) {
		return fmt.Errorf("%s: %w; nothing was changed", what, err)
	}
	switch api.ErrorCode() {
	case "ExpiredToken", "ExpiredTokenException", "RequestExpired":
		return errors.New("the AWS credentials in the environment have expired: sign in again; nothing was changed")
	case "InvalidClientTokenId", "UnrecognizedClientException", "SignatureDoesNotMatch":
		return fmt.Errorf("the AWS credentials in the environment are invalid (%s): sign in again; nothing was changed", api.ErrorCode())
	}
	return fmt.Errorf("%s: %w; nothing was changed", what, err)
}

// In returns the configuration for a region of the target, or for its default one if that is empty.
func (t *Target) In(region string) aws.Config {
	settings := t.Config.Copy()
	settings.Region = cmp.Or(region, settings.Region)
	return settings
}

// Close stops the emulator, if one was started.
func (t *Target) Close() {
	if t.Emulator != nil {
		t.Emulator.Stop()
	}
}

// While returns a context that is canceled when the target's emulator exits, so that nothing waits for its responses.
func (t *Target) While(ctx context.Context) (context.Context, context.CancelFunc) {
	if t.Emulator == nil {
		return context.WithCancel(ctx)
	}
	return t.Emulator.While(ctx)
}

// Why returns the cause of an error of an operation on the target: an interrupt, if ctx was canceled, or the emulator's
// exit. Otherwise it returns the error.
func (t *Target) Why(ctx context.Context, err error) error {
	switch {
	case err == nil:
		return nil
	case ctx.Err() != nil && t.Emulator == nil:
		return fmt.Errorf("interrupted: stacks may be left incomplete in account %s; storefront sandbox down destroys them (see %ssandbox-account.md#clean-up)", t.Account, finding.Docs)
	case ctx.Err() != nil:
		return errors.New("interrupted")
	case t.Emulator == nil:
		return err
	}
	if died := t.Emulator.Died(); died != nil {
		return died
	}
	return err
}

// StandInAddress is the address on which the load balancer of an emulator reaches processes of this machine.
const StandInAddress = emulator.Address
