package serve

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strings"
	"sync"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"

	"github.com/storefront-cdk/storefront/services/internal/awsclient"
)

const (
	// lateRequests is how long a stopping service still accepts requests. ECS has deregistered the task from its target group
	// before SIGTERM, but the proxies of Service Connect learn of it at about the same time.
	lateRequests = time.Second
	// stopWithin is less than the 30 seconds after which ECS kills the task.
	stopWithin = 25 * time.Second
	// awsTimeout is for one attempt of a request to AWS, of which there are at most three.
	awsTimeout = 3 * time.Second
)

// Service is a running service.
type Service struct {
	// Name is the service's name in the API, SERVICE_NAME.
	Name string
	// AWS is the configuration of clients of AWS, with a timeout and retries. Each operation is a span of the request's trace.
	AWS aws.Config
	// HTTP calls other services. It passes on the trace of the request that the context belongs to, and each call is a span of it.
	HTTP *http.Client
	// Log writes JSON. With a context of a request, each line has its trace_id.
	Log *slog.Logger

	options Options
	tracing tracing
	missing []string
	jobs    sync.WaitGroup
	failed  chan error
	stop    context.CancelFunc
}

// Options is where a service runs. Tests set it; [Main] uses the environment of the process.
type Options struct {
	// Getenv returns an environment variable. If nil, os.Getenv.
	Getenv func(string) string
	// AWS replaces the configuration that the AWS SDK finds in the environment.
	AWS *aws.Config
	// Output receives the log. If nil, standard output.
	Output io.Writer
	// Now is whether a canceled service stops at once: it accepts no requests that are still on their way, and waits for no events.
	Now bool
	// Listening is called with the address once the service takes requests.
	Listening func(address string)
}

// Main runs a program until SIGTERM or SIGINT and exits: with 0 after that, and with 1 and one line that says why if run returns
// an error.
func Main(run func(context.Context, *Service) error) {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	err := Run(ctx, Options{}, run)
	stop()
	if err != nil {
		slog.New(slog.NewJSONHandler(os.Stdout, nil)).Error("the service stops: " + err.Error())
		os.Exit(1)
	}
}

// Run runs a program until ctx is canceled.
func Run(ctx context.Context, options Options, run func(context.Context, *Service) error) error {
	if options.Getenv == nil {
		options.Getenv = os.Getenv
	}
	if options.Output == nil {
		options.Output = os.Stdout
	}
	s := &Service{options: options, failed: make(chan error, 1)}
	s.Name = s.Env("SERVICE_NAME")
	s.Log = slog.New(traced{slog.NewJSONHandler(options.Output, nil)}).With("service", s.Name)
	s.HTTP = &http.Client{Transport: forwarding{http.DefaultTransport}}
	if options.AWS != nil {
		s.AWS = *options.AWS
	} else {
		var err error
		s.AWS, err = config.LoadDefaultConfig(ctx,
			config.WithHTTPClient(awshttp.NewBuildableClient().WithTimeout(awsTimeout)), config.WithRetryMaxAttempts(3))
		if err != nil {
			return fmt.Errorf("read the configuration of the AWS SDK: %w", err)
		}
		s.AWS.HTTPClient = awsclient.Whole(s.AWS.HTTPClient)
	}
	if err := s.startTracing(ctx); err != nil {
		return err
	}
	ctx, s.stop = context.WithCancel(ctx)
	defer s.stop()
	err := run(ctx, s)
	s.stop()
	s.jobs.Wait()
	if err := s.tracing.stop(ctx); err != nil {
		s.Log.Warn("the last traces are not exported", "error", err.Error())
	}
	select {
	case failed := <-s.failed:
		return errors.Join(failed, err)
	default:
		return err
	}
}

// Env returns an environment variable. If it is not set, [Service.Check] returns an error that names all such variables.
func (s *Service) Env(name string) string {
	value := s.options.Getenv(name)
	if value == "" {
		s.missing = append(s.missing, name)
	}
	return value
}

// Optional returns an environment variable that a service works without, or nothing.
func (s *Service) Optional(name string) string { return s.options.Getenv(name) }

// Check returns an error that names all variables that [Service.Env] did not find. [Service.Serve] calls it first.
func (s *Service) Check() error {
	if len(s.missing) == 0 {
		return nil
	}
	return fmt.Errorf("set the environment variables %s, as the service's task definition does", strings.Join(s.missing, ", "))
}

// Go runs a job, such as a consumer of a queue, until it returns, which it must when its context is canceled: SIGTERM does that.
// If it returns an error before, the service stops.
func (s *Service) Go(ctx context.Context, name string, job func(context.Context) error) {
	s.jobs.Go(func() {
		if err := job(ctx); err != nil && ctx.Err() == nil {
			select {
			case s.failed <- fmt.Errorf("%s: %w", name, err):
			default: // one reason is enough
			}
			s.stop()
		}
	})
}

// Finishing returns the context of what a stopping service still waits for. It is canceled only with [Options.Now].
func (s *Service) Finishing(ctx context.Context) context.Context {
	if s.options.Now {
		return ctx
	}
	return context.WithoutCancel(ctx)
}

// Serve serves the operations of an OpenAPI document until ctx is canceled, and returns when all requests have been answered.
func (s *Service) Serve(ctx context.Context, spec []byte, operations http.Handler) error {
	port := s.Env("PORT")
	if err := s.Check(); err != nil {
		return err
	}
	handler, err := s.handler(spec, operations)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", net.JoinHostPort(s.options.Getenv("HOST"), port))
	if err != nil {
		return fmt.Errorf("listen at HOST and PORT: %w", err)
	}
	var stopping stopping
	server := &http.Server{
		Handler:           stopping.health(handler),
		ReadHeaderTimeout: 5 * time.Second,
		ReadTimeout:       20 * time.Second,
		WriteTimeout:      30 * time.Second,
		// Longer than the 60 seconds for which a load balancer keeps an idle connection: otherwise it may send a request into
		// one that is just being closed.
		IdleTimeout: 2 * time.Minute,
		ErrorLog:    slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(listener) }()
	s.Log.Info("ready", "address", listener.Addr().String())
	if s.options.Listening != nil {
		s.options.Listening(listener.Addr().String())
	}
	select {
	case err := <-ended:
		return fmt.Errorf("serve: %w", err)
	case <-ctx.Done():
	}
	stopping.Store(true)
	s.Log.Info("stopping")
	if !s.options.Now {
		time.Sleep(lateRequests)
	}
	deadline, cancel := context.WithTimeout(context.WithoutCancel(ctx), stopWithin)
	defer cancel()
	if err := server.Shutdown(deadline); err != nil {
		return fmt.Errorf("finish the requests within %s: %w", stopWithin, err)
	}
	return nil
}
