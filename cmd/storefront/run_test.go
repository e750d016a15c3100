package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// runnable is a repository whose app is examples/hello, with a program for its service.
func runnable(t *testing.T) string {
	t.Helper()
	return withPrograms(t, hello(t), `{"programs": {"hello": "services/ping"}}`, "ping")
}

// withPrograms is a repository of an app with programs of testdata/run in services.
func withPrograms(t *testing.T, app, settings string, programs ...string) string {
	t.Helper()
	root := repository(t, true)
	text := fmt.Sprintf(`{"app": %q, "context": {"storefront:run": %s}}`, app, settings)
	if err := os.WriteFile(filepath.Join(root, "cdk.json"), []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, name := range programs {
		if err := os.CopyFS(filepath.Join(root, "services", name), os.DirFS("testdata/run/"+name)); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(filepath.Join(root, "services", "go.mod"), []byte("module example.com/services\n\ngo 1.26\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _, _, _ = runHere(t, root, "run", "down") })
	return root
}

// ran is what run up reports.
type ran struct {
	URL      string
	Services []struct {
		Service, Version, Problem string
		Changed, Previous         bool
	}
}

// up runs the app, and returns what it reports and its exit status.
func up(t *testing.T, root string) (ran, int) {
	t.Helper()
	status, out, problems := runHere(t, root, "run", "up", "--json")
	var report ran
	if err := json.Unmarshal([]byte(out), &report); err != nil {
		t.Fatalf("exit status %d, %v\n%s%s", status, err, out, problems)
	}
	return report, status
}

// A port that the front cannot have is an error before anything is started.
func TestRunOnAPortThatCannotBe(t *testing.T) {
	used, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = used.Close() }()
	_, port, _ := net.SplitHostPort(used.Addr().String())
	for given, want := range map[string]string{
		port:   "run: listen tcp4 127.0.0.1:" + port + ": bind: address already in use: set SHOP_PORT to another port, or leave it out for a free one\n",
		"http": "run: SHOP_PORT must be a port, 1 to 65535, or empty for 8080 or a free one, got \"http\"\n",
	} {
		root := repository(t, false)
		t.Setenv("SHOP_PORT", given)
		status, _, problems := runHere(t, root, "run", "up")
		wantLine(t, status, problems, want)
		if _, err := os.Stat(filepath.Join(root, ".cache", "sandbox", "run")); err == nil {
			t.Errorf("SHOP_PORT=%s: the emulator was started", given)
		}
	}
}

func sources(root string) string { return filepath.Join(root, "services", "ping") }

// ping is what the program responds with through the front and the API.
type ping struct {
	Version   string
	Arguments []string
	Variables map[string]string
}

func get(url string) (int, ping, error) { return getWith(url, "") }

func getWith(url, query string) (int, ping, error) {
	response, err := http.Get(url + "/ping" + query) //nolint:gosec // it is the front
	if err != nil {
		return 0, ping{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return 0, ping{}, err
	}
	var got ping
	_ = json.Unmarshal(body, &got)
	return response.StatusCode, got, nil
}

// edit changes the source of a program.
func edit(t *testing.T, folder, was, becomes string) {
	t.Helper()
	file := filepath.Join(folder, "main.go")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if strings.Count(string(text), was) != 1 {
		t.Fatalf("want %q once in %s", was, file)
	}
	if err := os.WriteFile(file, []byte(strings.Replace(string(text), was, becomes, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

// TestRun runs an app of one service, replaces its program while requests arrive, breaks it, kills it, and stops it.
func TestRun(t *testing.T) {
	root := runnable(t)
	first, status := up(t, root)
	if status != 0 || len(first.Services) != 1 || first.Services[0].Service != "hello" || !first.Services[0].Changed {
		t.Fatalf("exit status %d, %+v", status, first)
	}
	code, got, err := get(first.URL)
	if err != nil || code != http.StatusOK || got.Version != "one" {
		t.Fatalf("got %d, %+v, %v", code, got, err)
	}
	if want := "--ping=true --entrypoints.web.address=:8080 --ping.entrypoint=web"; strings.Join(got.Arguments, " ") != want {
		t.Errorf("got the arguments %q, want %q", got.Arguments, want)
	}
	for name, want := range map[string]string{"SERVICE_NAME": "hello", "PORT": "8080", "AWS_REGION": "us-east-2", "HOST": "127.", "AWS_ENDPOINT_URL": "http://127.0.0.1:", "AWS_CONTAINER_CREDENTIALS_FULL_URI": "http://127.0.0.1:"} {
		if !strings.HasPrefix(got.Variables[name], want) {
			t.Errorf("%s: got %q, want %s…", name, got.Variables[name], want)
		}
	}
	if got.Variables["USER"] != "" {
		t.Error("the task has the variables of this process")
	}

	t.Run("credentials of the task role", func(t *testing.T) {
		request, err := http.NewRequest(http.MethodGet, got.Variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"], nil)
		if err != nil {
			t.Fatal(err)
		}
		for token, want := range map[string]int{"": http.StatusForbidden, got.Variables["AWS_CONTAINER_AUTHORIZATION_TOKEN"]: http.StatusOK} {
			request.Header.Set("Authorization", token)
			response, err := http.DefaultClient.Do(request)
			if err != nil {
				t.Fatal(err)
			}
			body, _ := io.ReadAll(response.Body)
			_ = response.Body.Close()
			if response.StatusCode != want || want == http.StatusOK && !strings.Contains(string(body), "HelloTaskRole") {
				t.Errorf("token %q: got %d %s, want %d", token, response.StatusCode, body, want)
			}
		}
	})

	t.Run("a new version replaces the old one without a failed request", func(t *testing.T) {
		edit(t, sources(root), `version = "one"`, `version = "two"`)
		stop, wrong := make(chan struct{}), atomic.Int64{}
		var shoppers sync.WaitGroup
		for range 4 {
			shoppers.Go(func() {
				for {
					select {
					case <-stop:
						return
					default:
					}
					if code, _, err := get(first.URL); err != nil || code != http.StatusOK {
						wrong.Add(1)
					}
				}
			})
		}
		start := time.Now()
		second, status := up(t, root)
		t.Logf("it took %s", time.Since(start).Round(time.Millisecond))
		if status != 0 || second.URL != first.URL || !second.Services[0].Changed || second.Services[0].Version == first.Services[0].Version {
			t.Errorf("exit status %d, %+v", status, second)
		}
		if _, got, err := get(first.URL); err != nil || got.Version != "two" {
			t.Errorf("got %+v, %v", got, err)
		}
		close(stop)
		shoppers.Wait()
		if wrong.Load() > 0 {
			t.Errorf("%d requests failed", wrong.Load())
		}
	})

	t.Run("nothing changes without a change", func(t *testing.T) {
		start := time.Now()
		again, status := up(t, root)
		t.Logf("it took %s", time.Since(start).Round(time.Millisecond))
		if status != 0 || again.Services[0].Changed {
			t.Errorf("exit status %d, %+v", status, again)
		}
	})

	t.Run("a task that is killed is started again", func(t *testing.T) {
		_, _ = http.Get(first.URL + "/ping?exit")
		for start := time.Now(); ; time.Sleep(10 * time.Millisecond) {
			code, got, err := get(first.URL)
			if err == nil && code == http.StatusOK && got.Version == "two" {
				return
			}
			if err != nil || code != http.StatusServiceUnavailable && code != http.StatusBadGateway {
				t.Fatalf("while no task runs: got %d, %+v, %v", code, got, err)
			}
			if time.Since(start) > 30*time.Second {
				t.Fatal("it does not respond")
			}
		}
	})

	t.Run("a version that is never healthy gets no request", func(t *testing.T) {
		const begins, unhealthy = "func(w http.ResponseWriter, r *http.Request) {\n", "func(w http.ResponseWriter, r *http.Request) {\n		w.WriteHeader(http.StatusServiceUnavailable)\n"
		edit(t, sources(root), begins, unhealthy)
		stop, wrong := make(chan struct{}), atomic.Int64{}
		var shopper sync.WaitGroup
		shopper.Go(func() {
			for {
				select {
				case <-stop:
					return
				case <-time.After(10 * time.Millisecond):
				}
				if code, got, err := get(first.URL); err != nil || code != http.StatusOK || got.Version != "two" {
					wrong.Add(1)
				}
			}
		})
		never, status := up(t, root)
		close(stop)
		shopper.Wait()
		if status != 1 || !never.Services[0].Previous || !strings.Contains(never.Services[0].Problem, "want status 200, got 503") {
			t.Errorf("exit status %d, %+v", status, never)
		}
		if wrong.Load() > 0 {
			t.Errorf("%d requests had another answer than that of the version before", wrong.Load())
		}
		edit(t, sources(root), unhealthy, begins)
	})

	t.Run("a version that does not start leaves the old one", func(t *testing.T) {
		edit(t, sources(root), "	mux := http", "	fmt.Println(\"no configuration\")\n	os.Exit(1)\n	mux := http")
		broken, status := up(t, root)
		if status != 1 || !broken.Services[0].Previous || !strings.Contains(broken.Services[0].Problem, "exit status 1") {
			t.Errorf("exit status %d, %+v", status, broken)
		}
		if _, got, err := get(first.URL); err != nil || got.Version != "two" {
			t.Errorf("got %+v, %v", got, err)
		}
		_, out, _ := runHere(t, root, "run", "logs", "--service", "hello", "--once")
		if !strings.Contains(out, "| no configuration\n") || !strings.Contains(out, "| draining\n") {
			t.Errorf("the logs have not what the tasks wrote:\n%s", out)
		}
	})

	t.Run("a program that does not compile changes nothing", func(t *testing.T) {
		edit(t, sources(root), "package main", "package main!")
		status, _, problems := runHere(t, root, "run", "up")
		if status != 1 || !strings.Contains(problems, "run: ping do not compile\n") {
			t.Errorf("exit status %d\n%s", status, problems)
		}
		if _, got, err := get(first.URL); err != nil || got.Version != "two" {
			t.Errorf("got %+v, %v", got, err)
		}
	})

	if status, _, problems := runHere(t, root, "run", "down"); status != 0 {
		t.Errorf("down: exit status %d\n%s", status, problems)
	}
	nothingRuns(t, root)
	if status, _, problems := runHere(t, root, "run", "down"); status != 0 || problems != "run: nothing is running\n" {
		t.Errorf("down again: exit status %d\n%s", status, problems)
	}
}

// A supervisor that is killed leaves tasks, which the next command ends.
func TestRunAfterTheSupervisorWasKilled(t *testing.T) {
	root := runnable(t)

	// A service that has a program is not answered for, also if none of its tasks has ever been healthy.
	const begins, ends = "	mux := http", "	os.Exit(4)\n	mux := http"
	edit(t, sources(root), begins, ends)
	broken, status := up(t, root)
	if status != 1 || broken.Services[0].Previous || !strings.Contains(broken.Services[0].Problem, "exit status 4") {
		t.Errorf("exit status %d, %+v", status, broken)
	}
	if code, got, err := get(broken.URL); err != nil || code != http.StatusServiceUnavailable {
		t.Errorf("got %d, %+v, %v, want 503", code, got, err)
	}
	edit(t, sources(root), ends, begins)

	if _, status := up(t, root); status != 0 {
		t.Fatalf("exit status %d", status)
	}
	kill(t, filepath.Join(root, ".cache", "run", "state.json"))
	again, status := up(t, root)
	for range 10 { // none goes to a task of the one that was killed
		if code, got, err := get(again.URL); status != 0 || err != nil || code != http.StatusOK || got.Version != "one" {
			t.Errorf("exit status %d: got %d, %+v, %v", status, code, got, err)
		}
	}
	if status, _, problems := runHere(t, root, "run", "down"); status != 0 {
		t.Errorf("down: exit status %d\n%s", status, problems)
	}
	nothingRuns(t, root)
}
