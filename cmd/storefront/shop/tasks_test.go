package shop

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/awsclient"
)

// task is a task of a service that runs.
type task struct {
	PID     int
	Address string
	Port    int
}

// tasksOf returns the tasks of a service.
func tasksOf(t *testing.T, service string) []task {
	t.Helper()
	out, err := tool("run", "status")
	if err != nil {
		t.Fatal(err)
	}
	var all []struct {
		Name  string
		Tasks []task
	}
	if err := json.Unmarshal(out, &all); err != nil {
		t.Fatal(err)
	}
	for _, s := range all {
		if s.Name == service && len(s.Tasks) > 0 {
			return s.Tasks
		}
	}
	t.Fatalf("%s has no task", service)
	return nil
}

// ask sends a request of a user to the task itself, and not through the API, as the load balancer does.
func (k task) ask(user, method, path string, send any, headers ...string) (answer, error) {
	headers = append(headers, "X-User-Id", user)
	return askAt(fmt.Sprintf("http://%s:%d", k.Address, k.Port), method, path, send, headers...)
}

// environ is the environment in which the task was started. Only Linux tells it.
func (k task) environ(t *testing.T) map[string]string {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/environ", k.PID))
	if err != nil {
		t.Fatal(err)
	}
	variables := map[string]string{}
	for each := range strings.SplitSeq(string(text), "\x00") {
		if name, value, ok := strings.Cut(each, "="); ok {
			variables[name] = value
		}
	}
	return variables
}

// freeze stops all tasks of a service, which then accept connections and do not respond, until the returned function is called.
func freeze(t *testing.T, service string) (thaw func()) {
	t.Helper()
	var frozen []int
	for _, k := range tasksOf(t, service) {
		frozen = append(frozen, k.PID)
	}
	return stop(t, frozen...)
}

// stop stops processes until the returned function is called, or the test ends.
func stop(t *testing.T, pids ...int) (resume func()) {
	t.Helper()
	for _, pid := range pids {
		if err := syscall.Kill(pid, syscall.SIGSTOP); err != nil {
			t.Fatal(err)
		}
	}
	resume = func() {
		for _, pid := range pids {
			_ = syscall.Kill(pid, syscall.SIGCONT)
		}
	}
	t.Cleanup(resume)
	return resume
}

// doze stops the tasks of a service, but for a moment every few seconds, in which they tell that they are healthy, until the returned
// function is called.
func doze(t *testing.T, service string) (wake func()) {
	t.Helper()
	end := make(chan struct{})
	var all sync.WaitGroup
	for _, k := range tasksOf(t, service) {
		all.Go(func() {
			defer func() { _ = syscall.Kill(k.PID, syscall.SIGCONT) }()
			for {
				_ = syscall.Kill(k.PID, syscall.SIGSTOP)
				select {
				case <-end:
					return
				case <-time.After(3 * time.Second): // a health check waits for five
				}
				_ = syscall.Kill(k.PID, syscall.SIGCONT)
				time.Sleep(50 * time.Millisecond)
			}
		})
	}
	wake = sync.OnceFunc(func() { close(end); all.Wait() })
	t.Cleanup(wake)
	return wake
}

// root is the configuration of the AWS SDK for the emulator, with all rights.
func root() aws.Config {
	return aws.Config{
		Region: "us-east-2", BaseEndpoint: &shop.Endpoint, Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
		HTTPClient: awsclient.Whole(nil),
	}
}
