package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"syscall"
	"testing"
	"time"
)

// withJobs is a repository with the app and the program of testdata/run.
func withJobs(t *testing.T) string {
	t.Helper()
	source, err := filepath.Abs("testdata/run/app/main.go")
	if err != nil {
		t.Fatal(err)
	}
	replaced, err := filepath.Abs("../../examples/hello/main.go")
	if err != nil {
		t.Fatal(err)
	}
	overlay, err := json.Marshal(map[string]any{"Replace": map[string]string{replaced: source}})
	if err != nil {
		t.Fatal(err)
	}
	file, binary := filepath.Join(t.TempDir(), "overlay.json"), filepath.Join(t.TempDir(), "app")
	if err := os.WriteFile(file, overlay, 0o600); err != nil {
		t.Fatal(err)
	}
	if output, err := exec.CommandContext(t.Context(), "go", "-C", "../..", "build", "-overlay", file, "-o", binary, "./examples/hello").CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	return withPrograms(t, binary, `{}`, "orders", "relay")
}

// job is a task of a schedule or a migration as run status has it.
type job struct {
	Name string
	Next *time.Time
	Last *struct{ ExitStatus int }
}

func jobs(t *testing.T, root string) map[string]job {
	t.Helper()
	status, out, problems := runHere(t, root, "run", "status")
	var all []struct{ Jobs []job }
	if err := json.Unmarshal([]byte(out), &all); err != nil {
		t.Fatalf("exit status %d, %v\n%s%s", status, err, out, problems)
	}
	found := map[string]job{}
	for _, service := range all {
		for _, each := range service.Jobs {
			found[each.Name] = each
		}
	}
	return found
}

// written are the lines of the log of tasks that match an expression.
func written(t *testing.T, root, expression string) []string {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(root, ".cache", "run", "tasks.log"))
	if err != nil {
		t.Fatal(err)
	}
	match := regexp.MustCompile(expression)
	return slices.DeleteFunc(strings.Split(string(text), "\n"), func(line string) bool { return !match.MatchString(line) })
}

// TestRunMigrationsAndSchedules runs an app whose tasks wait for a migration, and which has schedules.
func TestRunMigrationsAndSchedules(t *testing.T) {
	root := withJobs(t)
	first, status := up(t, root)
	if status != 0 || len(first.Services) != 2 {
		t.Fatalf("exit status %d, %+v", status, first)
	}
	if got := written(t, root, " (migrate|serve|invoice) one "); len(got) != 3 || !strings.Contains(got[0], " orders.schema.1 migrate one") {
		t.Errorf("want the migration, and then the tasks, got\n%s", strings.Join(got, "\n"))
	}

	t.Run("containers beside the application", func(t *testing.T) {
		if warmed, serves := written(t, root, ` orders\.1\.warm warmed`), written(t, root, ` orders\.1 serve`); len(warmed) != 1 || len(serves) != 1 || serves[0] < warmed[0] {
			t.Errorf("want %q before %q", warmed, serves)
		}
		relays := func(query string) string {
			_, got, err := getWith(first.URL, query)
			if err != nil || len(got.Arguments) != 1 {
				return fmt.Sprint(got, err)
			}
			return got.Arguments[0]
		}
		if got := relays("?relay"); got != "relayed with pleasure" {
			t.Errorf("got %s", got)
		}
		// The task ends with an essential one, and starts again.
		relays("?relay&exit")
		for start := time.Now(); len(written(t, root, `orders\.1 \[storefront\] its essential container relay ended; starts again`)) == 0 || relays("?relay") != "relayed with pleasure"; time.Sleep(50 * time.Millisecond) {
			if time.Since(start) > 20*time.Second {
				t.Fatalf("got %s", relays("?relay"))
			}
		}
		edit(t, filepath.Join(root, "services", "orders"), `warms    = 0`, `warms    = 7`)
		const want = "container warm, for which the application waits: exit status 7"
		if broken, status := up(t, root); status != 1 || !broken.Services[1].Previous || !strings.Contains(broken.Services[1].Problem, want) {
			t.Errorf("exit status %d, %+v", status, broken)
		}
		edit(t, filepath.Join(root, "services", "orders"), `warms    = 7`, `warms    = 0`)
	})

	t.Run("a schedule", func(t *testing.T) {
		// A rate begins when the schedule is created.
		for start := time.Now(); len(written(t, root, ` orders\.expire\.\d+ expire one \d{4}-`)) == 0; time.Sleep(50 * time.Millisecond) {
			if time.Since(start) > 20*time.Second {
				t.Fatal("it has not run")
			}
		}
		for start := time.Now(); len(written(t, root, ` orders\.expire .*orders\.expire\.\d+ ended with status 0`)) == 0; time.Sleep(50 * time.Millisecond) {
			if time.Since(start) > 20*time.Second {
				t.Fatal("it has not ended")
			}
		}
		all := jobs(t, root)
		minute, night, schema := all["orders/expire"], all["orders/nightly"], all["orders/schema"]
		if minute.Next == nil || time.Until(*minute.Next) > time.Minute || minute.Last == nil || minute.Last.ExitStatus != 0 {
			t.Errorf("each minute: got %+v", minute)
		}
		if night.Next == nil || night.Last != nil || night.Next.UTC().Minute() != 30 || night.Next.UTC().Hour() > 2 {
			t.Errorf("at half past three in Berlin: got %+v", night)
		}
		if schema.Next != nil || schema.Last == nil || schema.Last.ExitStatus != 0 {
			t.Errorf("the migration: got %+v", schema)
		}
	})

	t.Run("a migration that fails keeps the tasks", func(t *testing.T) {
		edit(t, filepath.Join(root, "services", "orders"), `version  = "one"`, `version  = "two"`)
		edit(t, filepath.Join(root, "services", "orders"), `migrates = 0`, `migrates = 6`)
		broken, status := up(t, root)
		for _, each := range broken.Services {
			if status != 1 || !each.Previous || each.Problem != "migration orders/schema: it ended with status 6" {
				t.Errorf("exit status %d, %+v", status, each)
			}
		}
		if code, got, err := get(first.URL); err != nil || code != http.StatusOK || got.Version != "one" {
			t.Errorf("got %d, %+v, %v", code, got, err)
		}
		if got := written(t, root, " (serve|invoice) two"); len(got) != 0 {
			t.Errorf("new tasks were started:\n%s", strings.Join(got, "\n"))
		}
	})

	t.Run("it runs once for a version", func(t *testing.T) {
		edit(t, filepath.Join(root, "services", "orders"), `migrates = 6`, `migrates = 0`)
		for range 2 {
			if again, status := up(t, root); status != 0 {
				t.Errorf("exit status %d, %+v", status, again)
			}
		}
		if _, got, err := get(first.URL); err != nil || got.Version != "two" {
			t.Errorf("got %+v, %v", got, err)
		}
		if got := written(t, root, " migrate "); len(got) != 3 {
			t.Errorf("want a migration for each of three versions whose sidecars have completed, got\n%s", strings.Join(got, "\n"))
		}
	})

	// What the emulator had is gone with it, and so is what ran on it.
	t.Run("after the emulator has died", func(t *testing.T) {
		kill(t, filepath.Join(root, ".cache", "sandbox", "run", "state.json"))
		nothingRuns(t, root)
		for start := time.Now(); ; time.Sleep(50 * time.Millisecond) {
			status, _, problems := runHere(t, root, "run", "status")
			want := regexp.MustCompile(`^run: MiniStack \S+ has exited.* \(see .*emulator.log\), and what was in the shop with it: .* run up starts a new one\n$`)
			if status == 1 && want.MatchString(problems) {
				break
			}
			if time.Since(start) > 10*time.Second {
				t.Fatalf("exit status %d\n%s", status, problems)
			}
		}
		again, status := up(t, root)
		if code, got, err := get(again.URL); status != 0 || err != nil || code != http.StatusOK || got.Version != "two" {
			t.Errorf("exit status %d: got %d, %+v, %v", status, code, got, err)
		}
		if len(jobs(t, root)) != 3 {
			t.Error("the schedules do not run")
		}
	})

	t.Run("a supervisor of an emulator that is gone is replaced", func(t *testing.T) {
		file := filepath.Join(root, ".cache", "run", "state.json")
		before := pidIn(t, file)
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		text = regexp.MustCompile(`"Emulator":"[^"]+"`).ReplaceAll(text, []byte(`"Emulator":"https://127.0.0.1:1 1"`))
		if err := os.WriteFile(file, text, 0o600); err != nil {
			t.Fatal(err)
		}
		again, status := up(t, root)
		if code, got, err := get(again.URL); status != 0 || err != nil || code != http.StatusOK || got.Version != "two" || pidIn(t, file) == before {
			t.Errorf("exit status %d: got %d, %+v, %v", status, code, got, err)
		}
	})
	if status, _, problems := runHere(t, root, "run", "down"); status != 0 {
		t.Errorf("down: exit status %d\n%s", status, problems)
	}
	nothingRuns(t, root)
}

func pidIn(t *testing.T, file string) int {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var state struct{ PID int }
	if err := json.Unmarshal(text, &state); err != nil {
		t.Fatal(err)
	}
	return state.PID
}

// kill kills a process whose state is in a file.
func kill(t *testing.T, file string) {
	t.Helper()
	if err := syscall.Kill(pidIn(t, file), syscall.SIGKILL); err != nil {
		t.Fatal(err)
	}
}
