package run

import (
	"errors"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

func TestAdmits(t *testing.T) {
	for matcher, want := range map[string]bool{"200": true, "200,302": true, "200-299": true, "300-399,204": false, "404": false, "": false, "x-y": false} {
		if got := admits(matcher, 200); got != want {
			t.Errorf("%q: got %t", matcher, got)
		}
	}
}

func TestImageName(t *testing.T) {
	for image, want := range map[string]string{
		"public.ecr.aws/storefront-cdk/cart:0.1.0": "cart", "cart": "cart", "localhost:5000/cart": "cart",
		"registry/shop/cart@sha256:aaaa": "cart", "registry/shop/cart:1@sha256:aaaa": "cart",
	} {
		if got := imageName(image); got != want {
			t.Errorf("%s: got %s, want %s", image, got, want)
		}
	}
}

const machine = `{"States": {"Begin": {"Type": "Pass"}, "Overlap": {"Type": "Succeed"}, "Run": {"Resource": "arn:aws:states:::ecs:runTask.sync", "TimeoutSeconds": 60, "Arguments": {
	"TaskDefinition": "arn:definition", "Overrides": {"ContainerOverrides": [
		{"Name": "app", "Command": ["rebuild"], "Environment": [{"Name": "SCHEDULED_RUN", "Value": "{% $states.context.Execution.Id %}"}]}]}}}}}`

func TestJobOf(t *testing.T) {
	scores := Service{Name: "scores", Task: Task{Definition: "arn:definition", Container: "app"}}
	got, err := jobOf(machine, []Service{{Name: "other"}, scores})
	want := &Job{Service: "scores", Command: []string{"rebuild"}, Timeout: time.Minute, Alone: true, Environment: map[string]string{"SCHEDULED_RUN": "{% $states.context.Execution.Id %}"}}
	if err != nil || !cmp.Equal(got, want) {
		t.Errorf("got %+v, %v", got, err)
	}
	if got, err := jobOf(machine, nil); got != nil || err != nil {
		t.Errorf("of another app: got %+v, %v", got, err)
	}
	for logicalID, want := range map[string]string{
		"RecommendationsRebuildStateMachine6B5711C7": "rebuild", "NightlyStateMachine00000000": "nightly", "RecommendationsStateMachine6B5711C7": "recommendations",
	} {
		if got := jobName(logicalID, "recommendations"); got != want {
			t.Errorf("%s: got %s, want %s", logicalID, got, want)
		}
	}
}

// Only what a new task would see replaces the tasks of a service.
func TestFingerprint(t *testing.T) {
	one := Service{Name: "cart", Desired: 1, Task: Task{Definition: "arn:1"}, Program: Program{Version: "1"}}
	more, called, program, definition := one, one, one, one
	more.Desired = 2
	called.Aliases = []Alias{{Callers: []string{"search"}}}
	program.Program.Version = "2"
	definition.Task.Definition = "arn:2"
	if one.fingerprint() != more.fingerprint() || one.fingerprint() != called.fingerprint() {
		t.Error("the number of tasks, or who calls them, replaces them")
	}
	if one.fingerprint() == program.fingerprint() || one.fingerprint() == definition.fingerprint() {
		t.Error("another program or task definition does not replace the tasks")
	}
}

func TestFollow(t *testing.T) {
	file := filepath.Join(t.TempDir(), "tasks.log")
	log, err := newLog(file)
	if err != nil {
		t.Fatal(err)
	}
	log.copy("cart.1", strings.NewReader("one\ntwo\nthree\n"))
	log.copy("search.1", strings.NewReader("four"))
	var got []string
	follow := func(last int, of func(Line) bool) {
		got = nil
		err := Follow(file, last, of, func(l Line) error { got = append(got, l.Service+" "+l.Task+" "+l.Text); return nil }, nil)
		if err != nil {
			t.Error(err)
		}
	}
	follow(2, func(l Line) bool { return l.Service == "cart" })
	if want := []string{"cart cart.1 two", "cart cart.1 three"}; !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
	follow(100, func(Line) bool { return true })
	if len(got) != 4 || got[3] != "search search.1 four" {
		t.Errorf("got %q", got)
	}
	done, lines := make(chan struct{}), make(chan string)
	go func() {
		_ = Follow(file, 0, func(Line) bool { return true }, func(l Line) error { lines <- l.Text; return nil }, done)
	}()
	for n, text := range []string{"five", "six"} {
		if n == 0 { // so that it has read what was there
			select {
			case line := <-lines:
				t.Errorf("got %s of the past", line)
			case <-waited():
			}
		}
		log.line("cart.1", text)
		if got := <-lines; got != text {
			t.Errorf("got %s, want %s", got, text)
		}
	}
	close(done)
	if err := Follow(filepath.Join(t.TempDir(), "none"), 1, nil, nil, nil); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("got %v", err)
	}
}

func TestReadConfig(t *testing.T) {
	for text, want := range map[string]string{
		`{"app": "go run ."}`: "",
		`{"context": {"storefront:run": {"programs": {"cart": "apps/cart"}, "page": "apps/shop/dist"}}}`: "",
		`{"context": {"storefront:run": {"program": {}}}}`:                                               `unknown field "program" (it has programs, page and seed)`,
	} {
		root := t.TempDir()
		if err := os.WriteFile(filepath.Join(root, "cdk.json"), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := ReadConfig(root)
		if want == "" && err != nil || want != "" && (err == nil || !strings.HasSuffix(err.Error(), want)) {
			t.Errorf("%s: got %v", text, err)
		}
	}
	c := Config{Programs: map[string]string{"cart": "apps/cart"}, Page: "pages/dist"}
	if got, want := c.Folders(), []string{"services", "pages", "apps"}; !cmp.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

// Each task has an address of its own, or a port.
func TestAddresses(t *testing.T) {
	for _, one := range []bool{false, true} {
		a := newAddresses("/a/repository")
		a.one = a.one || one
		seen := map[string]bool{}
		for range 300 {
			address, port, err := a.take(48080)
			if err != nil {
				t.Fatal(err)
			}
			if !a.one && (port != 48080 || seen[address]) || a.one && (port == 0 || address != loopback) {
				t.Fatalf("got %s:%d", address, port)
			}
			seen[address] = true
		}
	}
}

func waited() <-chan time.Time { return time.After(300 * time.Millisecond) }

// What the containers of a task find each other by is the task's address. The emulator stays where it is.
func TestHere(t *testing.T) {
	emulator, err := url.Parse("https://127.0.0.1:4566")
	if err != nil {
		t.Fatal(err)
	}
	got := (&Supervisor{emulator: emulator}).here(map[string]string{
		"COLLECTOR": "http://127.0.0.1:4317", "DAEMON": "localhost:2000", "PROXY": "http://localhost/path", "QUEUE": "https://127.0.0.1:4566/000000000000/q",
		"OTHER": "http://localhost.example.com:80", "ADDRESS": "127.0.0.10",
	}, "127.64.0.1")
	want := map[string]string{
		"COLLECTOR": "http://127.64.0.1:4317", "DAEMON": "127.64.0.1:2000", "PROXY": "http://127.64.0.1/path", "QUEUE": "https://127.0.0.1:4566/000000000000/q",
		"OTHER": "http://localhost.example.com:80", "ADDRESS": "127.0.0.10",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}
