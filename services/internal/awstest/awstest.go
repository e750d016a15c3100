// Package awstest runs a service in a test, against an emulator of AWS that has its tables, queues and buckets as they are deployed.
//
//	func TestReviews(t *testing.T) {
//		reviews := awstest.Start(t, awstest.Deploy(t, "Reviews"), nil, spec, run)
//		reviews.As("user-1").Put("/reviews/p-1", body).Expect(http.StatusOK, &got)
//	}
//
// The emulator is that of the sandbox, installed by make sandbox. Tests are skipped if it is not there, and fail if
// STOREFRONT_REQUIRE_EMULATOR is 1, as CI sets it.
package awstest

import (
	"bytes"
	"context"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/storefront-cdk/storefront/services/internal/awsclient"
)

// root is the repository's folder.
var root = func() string {
	_, file, _, _ := runtime.Caller(0)
	return filepath.Join(filepath.Dir(file), "..", "..", "..")
}()

// Config returns the configuration of the AWS SDK for the emulator, which the first call in a test binary starts. It ends with the
// binary. Each binary has its own, so that tests of several packages run at once.
func Config(t testing.TB) aws.Config {
	t.Helper()
	e := emulator()
	if e.missing != "" {
		if os.Getenv("STOREFRONT_REQUIRE_EMULATOR") == "1" {
			t.Fatal(e.missing)
		}
		t.Skip(e.missing)
	}
	if e.err != nil {
		t.Fatal(e.err)
	}
	return aws.Config{
		Region:           "us-east-2",
		BaseEndpoint:     aws.String(e.endpoint),
		Credentials:      credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient:       awsclient.Whole(&http.Client{Timeout: 30 * time.Second, Transport: &http.Transport{MaxIdleConnsPerHost: 32}}),
		RetryMaxAttempts: 1, // so that no server error is hidden
	}
}

// Auth is whether the emulator checks permissions and the codes that users get. A bucket then refuses plain HTTP. It is set before the
// first test.
var Auth bool

type running struct {
	endpoint string
	missing  string
	err      error
	leash    *os.File // the emulator exits when it is closed
}

var emulator = sync.OnceValue(func() running {
	python := filepath.Join(root, ".cache", "sandbox", "python", "bin", "python")
	if _, err := os.Stat(python); err != nil {
		return running{missing: "the emulator is not installed: run make sandbox sandbox-down once (needs Python 3.10 or newer)"}
	}
	endpoint, leash, err := start(python)
	return running{endpoint: endpoint, leash: leash, err: err}
})

// start starts the emulator as cmd/storefront does, but over plain HTTP and without checking permissions.
func start(python string) (string, *os.File, error) {
	port, err := freePort()
	if err != nil {
		return "", nil, err
	}
	end, leash, err := os.Pipe()
	if err != nil {
		return "", nil, err
	}
	defer func() { _ = end.Close() }()
	dir, err := os.MkdirTemp("", "awstest-")
	if err != nil {
		return "", nil, err
	}
	var log bytes.Buffer
	// The shell removes the emulator's folder after it, since a test binary has no moment in which it could.
	command := exec.Command("sh", "-c", `"$1" -m plugin <&0; rm -rf "$2"`, "sh", python, dir)
	command.Dir = filepath.Join(root, "cmd", "storefront", "internal", "sandbox", "emulator")
	command.Stdin, command.Stdout, command.Stderr = end, &log, &log
	command.Env = []string{
		"PATH=" + os.Getenv("PATH"),
		"GATEWAY_PORT=" + strconv.Itoa(port),
		"BIND_HOST=127.0.0.1",
		"MINISTACK_HOST=127.0.0.1",
		"MINISTACK_REGION=us-east-2",
		"IOT_MTLS_ENABLED=0",
		"AUTH=" + strconv.FormatBool(Auth),
		"DOCKER_HOST=unix:///nonexistent",
		"TMPDIR=" + dir,
		"HOME=" + dir,
		"PYTHONDONTWRITEBYTECODE=1",
		"SANDBOX_ANSWERS=" + filepath.Join(dir, "answers.log"),
		"SANDBOX_STAND_INS=false",
	}
	if err := command.Start(); err != nil {
		return "", nil, fmt.Errorf("start the emulator: %w", err)
	}
	exited := make(chan error, 1)
	go func() { exited <- command.Wait() }()
	endpoint := "http://127.0.0.1:" + strconv.Itoa(port)
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	for {
		if request, err := http.NewRequestWithContext(ctx, http.MethodGet, endpoint+"/_ministack/health", nil); err == nil {
			if response, err := http.DefaultClient.Do(request); err == nil {
				_ = response.Body.Close()
				return endpoint, leash, nil
			}
		}
		select {
		case <-exited:
			return "", nil, fmt.Errorf("the emulator has exited: %s", &log)
		case <-ctx.Done():
			return "", nil, fmt.Errorf("the emulator does not respond")
		case <-time.After(30 * time.Millisecond):
		}
	}
}

func freePort() (int, error) {
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		return 0, err
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port, nil
}
