package run

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"
)

// PortVariable is the environment variable with the port of the front on 127.0.0.1.
const PortVariable = "SHOP_PORT"

// State is how other processes find a supervisor.
type State struct {
	PID      int
	Control  string // the URL through which it is told what to do
	Token    string // that requests to it must have
	Front    string // the URL of the front
	Endpoint string // of AWS, without TLS
	Tool     string // the version of the tool that it runs
	Emulator string // which emulator it runs on
}

func (s *State) write(dir string) error {
	text, err := json.Marshal(s)
	if err != nil {
		return err
	}
	file := stateOf(dir)
	if err := os.WriteFile(file+".new", text, 0o600); err != nil {
		return err
	}
	return os.Rename(file+".new", file)
}

// ErrNotRunning is returned by Attach when there is no supervisor.
var ErrNotRunning = errors.New("nothing is running")

// Attach finds the supervisor of a folder.
func Attach(ctx context.Context, dir string) (*State, error) {
	text, err := os.ReadFile(stateOf(dir))
	if errors.Is(err, os.ErrNotExist) {
		return nil, ErrNotRunning
	}
	if err != nil {
		return nil, err
	}
	s := &State{}
	if err := json.Unmarshal(text, s); err != nil {
		return nil, fmt.Errorf("%s: %w", stateOf(dir), err)
	}
	if _, err := s.Status(ctx); err != nil {
		return nil, ErrNotRunning // it was killed
	}
	return s, nil
}

// Current reports whether the supervisor runs this version of the tool, on an emulator.
func (s *State) Current(emulator string) bool {
	return s.Tool == toolVersion() && s.Emulator == emulator
}

// toolVersion differs between builds of the tool.
func toolVersion() string {
	file, err := os.Executable()
	if err != nil {
		return ""
	}
	info, err := os.Stat(file)
	if err != nil {
		return ""
	}
	return fmt.Sprintf("%s %d %d", file, info.Size(), info.ModTime().UnixNano())
}

// Apply makes what runs what a plan says.
func (s *State) Apply(ctx context.Context, plan Plan) ([]Outcome, error) {
	var outcomes []Outcome
	return outcomes, s.ask(ctx, http.MethodPut, "/plan", plan, &outcomes)
}

// Status is how the services are.
func (s *State) Status(ctx context.Context) ([]ServiceStatus, error) {
	var all []ServiceStatus
	return all, s.ask(ctx, http.MethodGet, "/status", nil, &all)
}

// Job runs a task that a schedule has, and returns its exit status when it has ended.
func (s *State) Job(ctx context.Context, name string) (JobOutcome, error) {
	var outcome JobOutcome
	return outcome, s.ask(ctx, http.MethodPost, "/jobs", name, &outcome)
}

func (s *State) ask(ctx context.Context, method, path string, send, into any) error {
	text, err := json.Marshal(send)
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, method, s.Control+path, bytes.NewReader(text))
	if err != nil {
		return err
	}
	request.Header.Set("Authorization", "Bearer "+s.Token)
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode != http.StatusOK {
		return errors.New(strings.TrimSpace(string(body)))
	}
	return json.Unmarshal(body, into)
}

// control is what a supervisor does when it is asked to.
func (s *Supervisor) control(token string) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("PUT /plan", func(w http.ResponseWriter, r *http.Request) {
		var plan Plan
		if err := json.NewDecoder(r.Body).Decode(&plan); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		// A person who presses Ctrl-C does not stop a deployment half-way.
		writeJSON(w, http.StatusOK, s.Apply(context.WithoutCancel(r.Context()), plan))
	})
	mux.HandleFunc("GET /status", s.serveStatus)
	mux.HandleFunc("POST /jobs", func(w http.ResponseWriter, r *http.Request) {
		var name string
		if err := json.NewDecoder(r.Body).Decode(&name); err != nil {
			http.Error(w, err.Error(), http.StatusBadRequest)
			return
		}
		outcome, err := s.job(r.Context(), name)
		if err != nil {
			http.Error(w, err.Error(), http.StatusInternalServerError)
			return
		}
		writeJSON(w, http.StatusOK, outcome)
	})
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") != "Bearer "+token {
			http.Error(w, "the token is missing", http.StatusForbidden)
			return
		}
		mux.ServeHTTP(w, r)
	})
}

func (s *Supervisor) serveStatus(w http.ResponseWriter, _ *http.Request) {
	writeJSON(w, http.StatusOK, s.Status())
}

// Stop stops a supervisor and returns when it has exited.
func (s *State) Stop(dir string) {
	_ = syscall.Kill(s.PID, syscall.SIGTERM)
	for start := time.Now(); syscall.Kill(s.PID, 0) == nil && time.Since(start) < time.Minute; time.Sleep(20 * time.Millisecond) {
		if _, err := os.Stat(stateOf(dir)); errors.Is(err, os.ErrNotExist) && time.Since(start) > 3*time.Second {
			break // in a container without an init it stays a zombie
		}
	}
	_ = os.Remove(stateOf(dir))
}

func writeProcesses(dir string, pids []int) error {
	text, err := json.Marshal(pids)
	if err != nil {
		return err
	}
	return os.WriteFile(processesOf(dir), text, 0o600)
}

// EndLeft kills the tasks that a supervisor left which was killed itself. Each has a path in dir in its command line.
func EndLeft(dir string) {
	text, err := os.ReadFile(processesOf(dir))
	if err != nil {
		return
	}
	var pids []int
	if json.Unmarshal(text, &pids) != nil {
		return
	}
	for _, pid := range pids {
		args, err := exec.Command("ps", "-o", "args=", "-p", strconv.Itoa(pid)).Output()
		if err == nil && strings.Contains(string(args), dir+string(filepath.Separator)) {
			_ = syscall.Kill(-pid, syscall.SIGKILL)
		}
	}
	_ = os.Remove(processesOf(dir))
}
