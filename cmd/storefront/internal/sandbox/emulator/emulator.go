// Package emulator starts and stops an emulator of AWS on this machine. It alone depends on which one that is: MiniStack,
// with the plug-in beside this file, which adds what MiniStack lacks and corrects its defects. The rest of this module calls
// an endpoint.
package emulator

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/awsclient"
)

// Name is the name of the emulator in messages.
const Name = "MiniStack 1.5.33"

// Account is the number of the emulator's only account.
const Account = "000000000000"

// accessKey is the access key of the account's root user.
const accessKey = "test"

// region is the default region.
const region = "us-east-2"

//go:embed plugin/*.py
var plugin embed.FS

// Options says where an emulator runs.
type Options struct {
	// Dir is the folder of this run: state, certificate and logs. It is emptied at the start.
	Dir string
	// Environment is the folder of the Python virtual environment, which all runs share.
	Environment string
	// Port is the port on 127.0.0.1. If zero, a free one.
	Port int
	// StandIns is whether a service without a registered target is answered by a stand-in, with status 200 and JSON that says so.
	// Otherwise it is 503, as on AWS.
	StandIns bool
	// Tell receives a message when a step takes long. If nil, messages are dropped.
	Tell io.Writer
}

// Emulator is a running emulator.
type Emulator struct {
	state
	leash  *os.File
	exited chan struct{} // closed when the process has exited; nil if another program started it
	ended  *error        // the result of the process, after that
}

// state is written to a file, so that another program finds a running emulator.
type state struct {
	Dir  string
	Port int
	PID  int
}

// Start starts an emulator and waits until it responds. The emulator exits with this process, however that ends, unless it
// is released. If ctx is canceled before it responds, it is stopped.
func Start(ctx context.Context, options Options) (*Emulator, error) {
	if options.Tell == nil {
		options.Tell = io.Discard
	}
	if err := os.RemoveAll(options.Dir); err != nil {
		return nil, err
	}
	for _, folder := range []string{"tmp", "home"} {
		if err := os.MkdirAll(filepath.Join(options.Dir, folder), 0o700); err != nil {
			return nil, err
		}
	}
	e := &Emulator{state: state{Dir: options.Dir}}
	log, err := os.Create(e.Log())
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	if e.Port, err = port(options.Port); err != nil {
		return nil, err
	}
	python, err := install(ctx, options, log)
	if err != nil {
		return nil, err
	}
	if err := e.prepare(); err != nil {
		return nil, err
	}
	if err := e.start(python, options.StandIns, log); err != nil {
		return nil, err
	}
	if err := e.wait(ctx); err != nil {
		e.Stop()
		return nil, err
	}
	return e, e.write()
}

// port returns the port if it is free, and a free one if it is zero.
func port(wanted int) (int, error) {
	listener, err := net.Listen("tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(wanted)))
	if errors.Is(err, syscall.EADDRINUSE) {
		return 0, fmt.Errorf("port %d of 127.0.0.1 is in use: set SANDBOX_PORT to another one, or leave it out for a free one", wanted)
	}
	if err != nil {
		return 0, fmt.Errorf("listen on port %d of 127.0.0.1: %w", wanted, err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}

// prepare writes the plug-in and the certificate into the folder of the run.
func (e *Emulator) prepare() error {
	if err := os.CopyFS(e.Dir, plugin); err != nil {
		return err
	}
	return writeCertificate(e.Certificate(), e.file("key.pem"))
}

func (e *Emulator) start(python string, standIns bool, log *os.File) error {
	end, leash, err := os.Pipe()
	if err != nil {
		return err
	}
	defer func() { _ = end.Close() }()
	command := exec.Command(python, "-m", "plugin")
	command.Dir = e.Dir
	command.Stdin, command.Stdout, command.Stderr = end, log, log
	// A session of its own, so that Ctrl-C does not reach it: its logs are read after that.
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	command.Env = append(withoutSettings(os.Environ()),
		"GATEWAY_PORT="+strconv.Itoa(e.Port),
		"BIND_HOST=127.0.0.1",
		"MINISTACK_HOST=127.0.0.1",
		"MINISTACK_REGION="+region,
		"AUTH=true",
		"USE_SSL=1",
		"MINISTACK_SSL_CERT="+e.Certificate(),
		"MINISTACK_SSL_KEY="+e.file("key.pem"),
		"SSL_CERT_FILE="+e.Certificate(),
		"IOT_MTLS_ENABLED=0",
		"DOCKER_HOST=unix:///nonexistent", // where Docker runs, it would start containers
		"LOG_LEVEL=INFO",
		"TMPDIR="+e.file("tmp"),
		"PYTHONDONTWRITEBYTECODE=1",
		"SANDBOX_ANSWERS="+e.file("answers.log"),
		"SANDBOX_STAND_INS="+strconv.FormatBool(standIns),
	)
	if err := command.Start(); err != nil {
		_ = leash.Close()
		return fmt.Errorf("start %s: %w", Name, err)
	}
	e.leash, e.PID, e.exited, e.ended = leash, command.Process.Pid, make(chan struct{}), new(error)
	go func() {
		*e.ended = command.Wait()
		close(e.exited)
	}()
	return nil
}

// withoutSettings removes the environment variables that change what the emulator does, or which endpoint a client calls.
func withoutSettings(environment []string) []string {
	return slices.DeleteFunc(slices.Clone(environment), func(entry string) bool {
		name, _, _ := strings.Cut(entry, "=")
		upper := strings.ToUpper(name)
		for _, prefix := range []string{"AWS_", "MINISTACK_", "LOCALSTACK_", "PYTHON"} {
			if strings.HasPrefix(upper, prefix) {
				return true
			}
		}
		return strings.HasSuffix(upper, "_PROXY") || slices.Contains([]string{"PERSIST_STATE", "S3_PERSIST", "USE_SSL", "AUTH"}, upper)
	})
}

// wait returns when the emulator responds, or an error if it does not.
func (e *Emulator) wait(ctx context.Context) error {
	const patience = 30 * time.Second
	client, err := e.HTTPClient()
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeoutCause(ctx, patience, fmt.Errorf("%s did not respond within %s (see %s)", Name, patience, e.Log()))
	defer cancel()
	for {
		if healthy(ctx, client, e.Endpoint()) {
			return nil
		}
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-e.exited:
			return e.Died()
		case <-time.After(50 * time.Millisecond):
		}
	}
}

func healthy(ctx context.Context, client *http.Client, endpoint string) bool {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/_ministack/health", nil)
	if err != nil {
		return false
	}
	response, err := client.Do(request)
	if err != nil {
		return false
	}
	_ = response.Body.Close()
	return response.StatusCode == http.StatusOK
}

// ErrNotRunning is returned by Attach when there is no emulator.
var ErrNotRunning = errors.New("no sandbox is running")

// Attach finds the emulator that another program started in dir and released.
func Attach(ctx context.Context, dir string) (*Emulator, error) {
	text, err := os.ReadFile(filepath.Join(dir, "state.json"))
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNotRunning
	}
	if err != nil {
		return nil, err
	}
	e := &Emulator{}
	if err := json.Unmarshal(text, &e.state); err != nil {
		return nil, fmt.Errorf("%s: %w", filepath.Join(dir, "state.json"), err)
	}
	e.Dir = dir // the repository may have been moved since
	client, err := e.HTTPClient()
	if err != nil {
		return nil, err
	}
	// Its certificate tells it from another program that has the port now.
	if !healthy(ctx, client, e.Endpoint()) {
		return nil, ErrNotRunning
	}
	return e, nil
}

func (e *Emulator) write() error {
	text, err := json.Marshal(e.state)
	if err != nil {
		return err
	}
	return os.WriteFile(e.file("state.json"), text, 0o600)
}

// Release keeps the emulator running when this process exits. A later one finds it with Attach.
func (e *Emulator) Release() error {
	if _, err := e.leash.WriteString("."); err != nil {
		return e.Died()
	}
	return nil
}

// Died returns an error with the reason and the log file if the emulator has exited, or nil if it runs.
func (e *Emulator) Died() error {
	if e.running() {
		return nil
	}
	reason := ""
	if e.ended != nil && *e.ended != nil {
		reason = ", " + (*e.ended).Error()
	}
	if text, err := os.ReadFile(e.Log()); err == nil {
		lines := strings.Split(strings.TrimSpace(string(text)), "\n")
		if last := lines[len(lines)-1]; raised.MatchString(last) {
			reason += ": " + last
		}
	}
	return fmt.Errorf("%s has exited%s (see %s)", Name, reason, e.Log())
}

// raised matches the last line of a Python program that exited with an exception.
var raised = regexp.MustCompile(`^\w+Error\b`)

// While returns a context that is canceled when the emulator exits, with the reason.
func (e *Emulator) While(ctx context.Context) (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancelCause(ctx)
	go func() {
		// It may be another program's child, so poll.
		for ctx.Err() == nil {
			if err := e.Died(); err != nil {
				cancel(err)
			}
			select {
			case <-ctx.Done():
			case <-time.After(100 * time.Millisecond):
			}
		}
	}()
	return ctx, func() { cancel(context.Canceled) }
}

func (e *Emulator) running() bool {
	if e.exited == nil { // not our child
		return syscall.Kill(e.PID, 0) == nil
	}
	select {
	case <-e.exited:
		return false
	default:
		return true
	}
}

// Stop stops the process and returns when it has exited.
func (e *Emulator) Stop() {
	_ = syscall.Kill(e.PID, syscall.SIGTERM)
	for start := time.Now(); e.running(); time.Sleep(20 * time.Millisecond) {
		if time.Since(start) > 3*time.Second {
			_ = syscall.Kill(e.PID, syscall.SIGKILL)
			if e.exited == nil {
				break // in a container without an init it stays a zombie
			}
		}
	}
	if e.leash != nil {
		_ = e.leash.Close()
	}
	_ = os.Remove(e.file("state.json"))
}

// Endpoint is the URL of all services.
func (e *Emulator) Endpoint() string { return fmt.Sprintf("https://127.0.0.1:%d", e.Port) }

// Identity differs between emulators, also if they have the same endpoint one after the other.
func (e *Emulator) Identity() string { return fmt.Sprintf("%s %d", e.Endpoint(), e.PID) }

// Certificate is the file with the certificate of the endpoint.
func (e *Emulator) Certificate() string { return e.file("certificate.pem") }

// Log is the file that the process writes to.
func (e *Emulator) Log() string { return e.file("emulator.log") }

func (e *Emulator) file(name string) string { return filepath.Join(e.Dir, name) }

// HTTPClient returns a client that trusts only the emulator's certificate.
func (e *Emulator) HTTPClient() (*http.Client, error) {
	text, err := os.ReadFile(e.Certificate())
	if err != nil {
		return nil, err
	}
	roots := x509.NewCertPool()
	roots.AppendCertsFromPEM(text)
	return &http.Client{
		Timeout: time.Minute,
		Transport: &http.Transport{
			TLSClientConfig:     &tls.Config{RootCAs: roots, MinVersion: tls.VersionTLS12},
			MaxIdleConnsPerHost: 32, // with the default of 2, concurrent requests would open a connection each
		},
	}, nil
}

// Config returns the SDK's configuration for the emulator, as the root user. It does not retry, since a retried request
// would hide a server error, and it ignores the environment, which may be set up for an account.
func (e *Emulator) Config() (aws.Config, error) {
	client, err := e.HTTPClient()
	if err != nil {
		return aws.Config{}, err
	}
	return aws.Config{
		Region:           region,
		BaseEndpoint:     aws.String(e.Endpoint()),
		Credentials:      credentials.NewStaticCredentialsProvider(accessKey, accessKey, ""),
		HTTPClient:       awsclient.Whole(client),
		RetryMaxAttempts: 1,
	}, nil
}

// Environ is the environment of this process with the emulator as the endpoint of AWS. It has its own HOME, since the CDK
// CLI caches there which account an access key belongs to.
func (e *Emulator) Environ() []string {
	// Go programs use HTTP/1.1: the emulator closes an HTTP/2 connection after some requests, and a response with it.
	return slices.Concat(withoutSettings(os.Environ()), e.Settings(region), []string{"HOME=" + e.file("home"), "GODEBUG=http2client=0"})
}

// Settings are the environment variables that point programs to a region of the emulator.
func (e *Emulator) Settings(region string) []string {
	return []string{
		"AWS_ENDPOINT_URL=" + e.Endpoint(),
		"AWS_CA_BUNDLE=" + e.Certificate(),
		"AWS_ACCESS_KEY_ID=" + accessKey,
		"AWS_SECRET_ACCESS_KEY=" + accessKey,
		"AWS_REGION=" + region,
		"AWS_DEFAULT_REGION=" + region,
		"AWS_EC2_METADATA_DISABLED=true",
		"AWS_MAX_ATTEMPTS=1",
	}
}

// Recorded returns the physical IDs, by type, of the resources that the emulator only recorded, since it has no service for
// their types.
func (e *Emulator) Recorded(ctx context.Context) (map[string][]string, error) {
	client, err := e.HTTPClient()
	if err != nil {
		return nil, err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, e.Endpoint()+"/_sandbox/recorded", nil)
	if err != nil {
		return nil, err
	}
	response, err := client.Do(request)
	if err != nil {
		return nil, err
	}
	defer func() { _ = response.Body.Close() }()
	var pairs [][2]string
	if err := json.NewDecoder(response.Body).Decode(&pairs); err != nil {
		return nil, fmt.Errorf("list the resources that %s only recorded: %w", Name, err)
	}
	recorded := map[string][]string{}
	for _, pair := range pairs {
		recorded[pair[0]] = append(recorded[pair[0]], pair[1])
	}
	return recorded, nil
}

// MemoryMiB is the resident set size of the process.
func (e *Emulator) MemoryMiB() (int, error) {
	text, err := exec.Command("ps", "-o", "rss=", "-p", strconv.Itoa(e.PID)).Output()
	if err != nil {
		return 0, fmt.Errorf("memory of process %d: %w", e.PID, err)
	}
	kib, err := strconv.Atoi(strings.TrimSpace(string(text)))
	return kib / 1024, err
}

// fault matches a line of the log that reports an error in the emulator itself.
var fault = regexp.MustCompile(`^Traceback |^Fatal Python error`)

// ServerErrors returns the requests to which the emulator responded with a server error, and the exceptions in its log.
func (e *Emulator) ServerErrors() ([]string, error) {
	answers, err := os.ReadFile(e.file("answers.log"))
	if err != nil {
		return nil, err
	}
	var found []string
	for line := range strings.Lines(string(answers)) {
		var answer struct {
			Status                     int
			Method, Path, Target, Host string
		}
		if err := json.Unmarshal([]byte(line), &answer); err != nil {
			return nil, fmt.Errorf("%s: %w", e.file("answers.log"), err)
		}
		if answer.Status >= http.StatusInternalServerError {
			found = append(found, fmt.Sprintf("%d %s %s %s", answer.Status, answer.Method, answer.Path, answer.Target))
		}
	}
	log, err := os.Open(e.Log())
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	text, err := io.ReadAll(log)
	if err != nil {
		return nil, err
	}
	for line := range strings.Lines(string(text)) {
		if fault.MatchString(line) {
			found = append(found, strings.TrimSpace(line))
		}
	}
	return found, nil
}
