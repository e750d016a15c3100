package load

import (
	"bytes"
	"encoding/json"
	"flag"
	"fmt"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"github.com/storefront-cdk/storefront/services/internal/awstest"
)

var (
	write   = flag.Bool("write", false, "measure, and write docs/sizing.json and the figures of docs/sizing.md")
	only    = flag.String("only", "", "measure one service, and write nothing")
	seconds = flag.Duration("for", 3*time.Second, "how long each of the rounds takes")
)

const (
	root = "../.."
	// rounds at full load, of which the median counts: another process on the machine slows one of them down.
	rounds = 3
	// workers at full load are enough to have the core busy.
	workers = 8
)

// TestLoad measures all services. It is the program of make load.
func TestLoad(t *testing.T) {
	if !*write && *only == "" {
		t.Skip("make load measures")
	}
	if runtime.GOOS != "linux" || runtime.NumCPU() < 2 {
		t.Fatal("make load needs Linux and two cores: one for the service, and one for the load")
	}
	found := figures{Machine: machine(), Shoppers: shoppers}
	for _, s := range services {
		if *only != "" && s.name != *only {
			continue
		}
		t.Run(s.name, func(t *testing.T) {
			found.Services = append(found.Services, s.measure(t))
		})
	}
	if t.Failed() || *only != "" {
		return
	}
	if err := found.save(); err != nil {
		t.Fatal(err)
	}
}

// machine is where the figures are from.
func machine() string {
	model := "unknown processor"
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, found := strings.Cut(line, ":"); found && strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	return fmt.Sprintf("%s, %d cores, %s/%s, %s, on %s", model, runtime.NumCPU(), runtime.GOOS, runtime.GOARCH, runtime.Version(), time.Now().UTC().Format(time.DateOnly))
}

// running is a service that is measured, with what it uses.
type running struct {
	t       *testing.T
	service service
	stack   awstest.Stack
	store   *store
	client  *awstest.Client
	catalog string
	pool    string
	// names are what the steps have in braces, besides {n} and {p}.
	names map[string]string

	program     []string
	environment []string
	log         string
	pid         int
}

func (s service) measure(t *testing.T) figure {
	r := &running{t: t, service: s, stack: awstest.Deploy(t, s.stack), names: map[string]string{}, log: filepath.Join(t.TempDir(), "log")}
	r.store = newStore(t, *r.stack.AWS.BaseEndpoint)
	prices := httptest.NewServer(http.HandlerFunc(pricesOf))
	t.Cleanup(prices.Close)
	r.catalog = prices.URL
	r.build(t)
	if s.before != nil {
		s.before(t, r)
	}
	stop := r.start(t, s.arguments...)
	defer stop()
	f := figure{Name: s.name, StartMiB: r.memory(t, "VmRSS")}
	for _, step := range s.steps {
		if step.event != nil {
			f.Events += step.count
		} else {
			f.Requests += step.count
		}
	}
	r.record(t)
	defer r.check(t)

	var costs []time.Duration
	for range rounds {
		before := r.cpu(t)
		count := r.load(t, vegeta.ConstantPacer{}, workers).count
		costs = append(costs, (r.cpu(t)-before)/time.Duration(count))
	}
	slices.Sort(costs)
	f.CPUMicros = costs[rounds/2].Microseconds()
	f.PerSecond = int(time.Second / costs[rounds/2])
	if f.Requests > 0 {
		half := r.load(t, vegeta.Rate{Freq: max(1, f.PerSecond/2), Per: time.Second}, 10*workers)
		f.P50, f.P95, f.P99 = milliseconds(half.P50), milliseconds(half.P95), milliseconds(half.P99)
	}
	f.LoadMiB = r.memory(t, "VmHWM")
	t.Logf("%+v", f)
	return f
}

// build compiles the program, as its image has it.
func (r *running) build(t *testing.T) {
	t.Helper()
	variables := map[string]string{}
	if r.service.variables != nil {
		variables = r.service.variables(r)
	}
	for name, value := range r.stack.Environment {
		if _, set := variables[name]; !set {
			variables[name] = value
		}
	}
	variables["SERVICE_NAME"] = r.service.name
	r.environment = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "TMPDIR=" + t.TempDir(), "GOMAXPROCS=1", "PYTHONDONTWRITEBYTECODE=1",
		"AWS_REGION=us-east-2", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_ENDPOINT_URL=" + r.store.URL,
	}
	for name, value := range variables {
		r.environment = append(r.environment, name+"="+value)
	}
	// The last core: the others are for the load.
	pinned := []string{"taskset", "-c", strconv.Itoa(runtime.NumCPU() - 1)}
	if r.service.folder == "recommendations" {
		python, err := filepath.Abs(filepath.Join(root, ".cache", "recommendations", "bin", "python"))
		if err != nil {
			t.Fatal(err)
		}
		r.program = slices.Concat(pinned, []string{python, "-m", "recommendations"})
		return
	}
	program := filepath.Join(t.TempDir(), r.service.folder)
	if output, err := exec.Command("go", "build", "-trimpath", "-tags=grpcnotrace", "-ldflags=-s -w", "-o", program, "../"+r.service.folder).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	r.program = slices.Concat(pinned, []string{program})
}

// process returns the program with arguments.
func (r *running) process(arguments ...string) *exec.Cmd {
	all := slices.Concat(r.program, arguments)
	process := exec.Command(all[0], all[1:]...)
	process.Dir = filepath.Join("..", r.service.folder)
	process.Env = r.environment
	return process
}

// command runs a command of the image to its end.
func (r *running) command(t *testing.T, arguments ...string) {
	t.Helper()
	if output, err := r.process(arguments...).CombinedOutput(); err != nil {
		t.Fatalf("%s: %v\n%s", arguments, err, output)
	}
}

// start starts the program, and returns when it is ready. What is returned stops it.
func (r *running) start(t *testing.T, arguments ...string) (stop func()) {
	t.Helper()
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address := free.Addr().String()
	_ = free.Close()
	host, port, _ := net.SplitHostPort(address)
	log, err := os.OpenFile(r.log, os.O_CREATE|os.O_APPEND|os.O_WRONLY, 0o600)
	if err != nil {
		t.Fatal(err)
	}
	process := r.process(arguments...)
	process.Stdout, process.Stderr = log, log
	process.Env = append(process.Env, "HOST="+host, "PORT="+port)
	if err := process.Start(); err != nil {
		t.Fatalf("%v (taskset is in the package util-linux)", err)
	}
	_ = log.Close()
	stopped := false
	stop = func() {
		if !stopped {
			stopped = true
			_ = process.Process.Signal(syscall.SIGTERM)
			_ = process.Wait()
		}
	}
	t.Cleanup(stop)
	for deadline := time.Now().Add(30 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		response, err := http.Get("http://" + address + "/health")
		if err != nil {
			continue
		}
		_ = response.Body.Close()
		if response.StatusCode == http.StatusOK {
			r.pid, r.client = process.Process.Pid, awstest.At(t, "http://"+address)
			return stop
		}
	}
	text, _ := os.ReadFile(r.log)
	t.Fatalf("%s is not ready after 30 s:\n%s", r.service.name, text)
	return nil
}

// record has the store record what the steps need.
func (r *running) record(t *testing.T) {
	t.Helper()
	if r.service.prepare != nil {
		r.service.prepare(t, r)
	}
	r.store.forget()
	for _, step := range r.service.steps {
		if step.event != nil {
			r.store.publish(step.event(0))
			r.store.handled(t)
			continue
		}
		method, path, _ := strings.Cut(r.fill(0, step.request), " ")
		client := r.client.As(r.fill(0, step.user))
		if step.key != "" {
			client = client.With("Idempotency-Key", r.fill(0, step.key))
		}
		var body any
		if step.body != "" {
			body = r.fill(0, step.body)
		}
		if response := client.Send(method, path, body); response.Status >= http.StatusMultipleChoices {
			t.Fatalf("%s: status %d\n%s", step.request, response.Status, response.Body)
		}
	}
	time.Sleep(2 * time.Second) // for what the service looks at each second
	r.store.recording.Store(false)
}

func (r *running) fill(n int, text string) string {
	pairs := []string{"{n}", strconv.Itoa(n), "{p}", strconv.Itoa(n % products)}
	for name, value := range r.names {
		pairs = append(pairs, name, value)
	}
	return strings.NewReplacer(pairs...).Replace(text)
}

type loaded struct {
	count         int
	P50, P95, P99 time.Duration
}

// load sends the steps, in an order that is the same each time, and returns when the service has handled the last event. It ends with
// the last step of ten shoppers, so that what is rare has its share.
func (r *running) load(t *testing.T, pace vegeta.Pacer, most uint64) loaded {
	t.Helper()
	f := feed{r: r, until: time.Now().Add(*seconds)}
	requests := 0
	for _, s := range r.service.steps {
		f.order = append(f.order, slices.Repeat([]step{s}, s.count)...)
		if s.event == nil {
			requests += s.count
		}
	}
	rand.New(rand.NewPCG(1, 2)).Shuffle(len(f.order), func(a, b int) { f.order[a], f.order[b] = f.order[b], f.order[a] }) //nolint:gosec // the same each time
	handled := r.store.deleted.Load()
	if requests == 0 {
		f.request() // all are events
		r.store.handled(t)
		return loaded{count: int(r.store.deleted.Load() - handled)}
	}
	attacker := vegeta.NewAttacker(vegeta.Workers(workers), vegeta.MaxWorkers(most), vegeta.Connections(int(most)), vegeta.Timeout(10*time.Second), vegeta.Redirects(vegeta.NoFollow))
	var metrics vegeta.Metrics
	for result := range attacker.Attack(f.target, pace, 0, r.service.name) {
		if result.Error == vegeta.ErrNoTargets.Error() {
			continue // it is the end
		}
		if result.Code < 200 || result.Code >= 300 {
			t.Fatalf("%s %s: status %d %s\n%s", result.Method, result.URL, result.Code, result.Error, result.Body)
		}
		metrics.Add(result)
	}
	metrics.Close()
	r.store.handled(t)
	return loaded{int(metrics.Requests), metrics.Latencies.P50, metrics.Latencies.P95, metrics.Latencies.P99}
}

// feed is the steps that are sent, one after the other.
type feed struct {
	r     *running
	until time.Time
	lock  sync.Mutex
	order []step
	sent  int
}

// counter numbers the steps of all loads of all services.
var counter atomic.Int64

// request returns the next request, and publishes the events before it. It returns nil at the end.
func (f *feed) request() func(*vegeta.Target) {
	f.lock.Lock()
	defer f.lock.Unlock()
	for f.sent%len(f.order) != 0 || f.sent == 0 || time.Now().Before(f.until) {
		next, n := f.order[f.sent%len(f.order)], int(counter.Add(1))
		f.sent++
		if next.event == nil {
			return func(target *vegeta.Target) { f.r.target(next, n, target) }
		}
		f.r.store.publish(next.event(n))
	}
	return nil
}

func (f *feed) target(target *vegeta.Target) error {
	next := f.request()
	if next == nil {
		return vegeta.ErrNoTargets
	}
	next(target)
	return nil
}

func (r *running) target(s step, n int, target *vegeta.Target) {
	method, path, _ := strings.Cut(r.fill(n, s.request), " ")
	header := http.Header{"X-Client-Ip": {fmt.Sprintf("10.%d.%d.%d", n>>16&255, n>>8&255, n&255)}}
	if s.user != "" {
		header.Set("x-user-id", r.fill(n, s.user))
	}
	if s.key != "" {
		header.Set("Idempotency-Key", r.fill(n, s.key))
	}
	if s.body != "" {
		header.Set("Content-Type", "application/json")
	}
	*target = vegeta.Target{Method: method, URL: r.client.URL + path, Header: header, Body: []byte(r.fill(n, s.body))}
}

// cpu is the time for which the service was on a core.
func (r *running) cpu(t *testing.T) time.Duration {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", r.pid))
	if err != nil {
		t.Fatal(err)
	}
	// The second field is a name in parentheses. The 14th and 15th are ticks of a hundredth of a second, as user and in the kernel.
	fields := bytes.Fields(text[bytes.LastIndexByte(text, ')')+1:])
	user, _ := strconv.Atoi(string(fields[11]))
	kernel, _ := strconv.Atoi(string(fields[12]))
	return time.Duration(user+kernel) * 10 * time.Millisecond
}

// memory is a field of the service's status in MiB, rounded up.
func (r *running) memory(t *testing.T, field string) int {
	t.Helper()
	text, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", r.pid))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		if value, found := strings.CutPrefix(line, field+":"); found {
			kib, err := strconv.Atoi(strings.Fields(value)[0])
			if err == nil {
				return (kib + 1023) / 1024
			}
		}
	}
	t.Fatalf("there is no %s in\n%s", field, text)
	return 0
}

// check fails if the service has had an error. What it did then is another work than what is measured.
func (r *running) check(t *testing.T) {
	t.Helper()
	if missing := r.store.unrecorded(); len(missing) > 0 {
		t.Errorf("the store has no response to %s", missing)
	}
	text, err := os.ReadFile(r.log)
	if err != nil {
		t.Error(err)
	}
	for line := range strings.Lines(string(text)) {
		if strings.Contains(line, `"level":"ERROR"`) || strings.Contains(line, `"level": "ERROR"`) {
			t.Errorf("the service has an error:\n%s", line)
			return
		}
	}
}

// pricesOf stands for the catalog that the cart calls.
func pricesOf(w http.ResponseWriter, r *http.Request) {
	items := []any{}
	for _, id := range r.URL.Query()["productId"] {
		items = append(items, map[string]any{"productId": id, "name": "Reading chair", "price": euros(1999), "stock": 1000})
	}
	_ = json.NewEncoder(w).Encode(map[string]any{"items": items})
}

func milliseconds(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }
