package load

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"os"
	"strings"
	"testing"
)

const (
	// ofACore is how much of the core of the measurement a vCPU of Fargate is taken for. On ARM64 it is a core, and on X86_64 one of
	// the two threads of a core, of processors that AWS chooses.
	ofACore = 0.5
	// utilization is how busy a task is when the next one starts. What is left is for what comes until it is ready.
	utilization = 0.6

	// The day with the most shoppers: a hundred thousand, an eighth of whom come in the busiest hour, and twice as many at once as
	// in its average minute.
	shoppersADay = 100_000
	busiestHour  = 1.0 / 8
	atOnce       = 2.0
)

// figures are docs/sizing.json.
type figures struct {
	// Machine is where they are from.
	Machine string `json:"machine"`
	// Shoppers is the number of shoppers whose requests and events are counted.
	Shoppers int `json:"shoppers"`
	// Services are the services that were measured.
	Services []figure `json:"services"`
}

type figure struct {
	Name string `json:"name"`
	// Requests and Events are those of the shoppers.
	Requests int `json:"requests"`
	Events   int `json:"events"`
	// CPUMicros is what a request takes of a core, and PerSecond how many requests a core handles in a second, each with its share of
	// the events. Of a service without requests they are those of events.
	CPUMicros int64 `json:"cpuMicros"`
	PerSecond int   `json:"perSecond"`
	// P50, P95 and P99 are latencies at half of that, in milliseconds.
	P50 float64 `json:"p50"`
	P95 float64 `json:"p95"`
	P99 float64 `json:"p99"`
	// StartMiB and LoadMiB are the memory of the process when it is ready, and the most that it had.
	StartMiB int `json:"startMiB"`
	LoadMiB  int `json:"loadMiB"`
	// RequestsPerTask is the number of requests a minute for a task with 256 CPU units, and MemoryMiB the least memory of a task.
	RequestsPerTask int `json:"requestsPerTask"`
	MemoryMiB       int `json:"memoryMiB"`
	// PeakCPU is the number of CPU units of all tasks together at the peak of the day.
	PeakCPU int `json:"peakCPU"`
}

// size derives how large tasks must be.
func (f *figure) size() {
	f.RequestsPerTask = down(float64(f.PerSecond) * 60 * ofACore * utilization / 4)
	const step = 512
	f.MemoryMiB = (2*f.LoadMiB + step - 1) / step * step
	count := f.Requests
	if count == 0 {
		count = f.Events
	}
	perMinute := shoppersADay * busiestHour / 60 * atOnce * float64(count) / shoppers
	f.PeakCPU = int(math.Ceil(perMinute/float64(f.RequestsPerTask))) * 256
}

// down rounds down to two digits.
func down(value float64) int {
	unit := math.Pow(10, math.Floor(math.Log10(value))-1)
	return int(math.Floor(value/unit) * unit)
}

const (
	jsonFile = root + "/docs/sizing.json"
	pageFile = root + "/docs/sizing.md"
	begin    = "<!-- make load writes what follows -->\n"
	end      = "<!-- until here -->\n"
)

func (f figures) save() error {
	for n := range f.Services {
		f.Services[n].size()
	}
	text, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return err
	}
	page, err := os.ReadFile(pageFile)
	if err != nil {
		return err
	}
	written, err := f.into(string(page))
	if err != nil {
		return err
	}
	return errors.Join(os.WriteFile(jsonFile, append(text, '\n'), 0o644), os.WriteFile(pageFile, []byte(written), 0o644)) //nolint:gosec // of the repository
}

// into returns the page with these figures.
func (f figures) into(page string) (string, error) {
	before, rest, found := strings.Cut(page, begin)
	_, after, ended := strings.Cut(rest, end)
	if !found || !ended {
		return "", fmt.Errorf("docs/sizing.md must have the lines %q and %q", begin, end)
	}
	return before + begin + f.String() + end + after, nil
}

// String is the part of the page with the figures.
func (f figures) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "\nMeasured on %s.\n\n", f.Machine)
	b.WriteString("| service | requests, events of a shopper | CPU of a request, ms | requests a second on a core | p50, p95, p99 at half of that, ms | MiB after start, at most |\n|---|---|---|---|---|---|\n")
	for _, s := range f.Services {
		latency := fmt.Sprintf("%.1f, %.1f, %.1f", s.P50, s.P95, s.P99)
		if s.Requests == 0 {
			latency = "handles events alone"
		}
		fmt.Fprintf(&b, "| %s | %s, %s | %.2f | %d | %s | %d, %d |\n", s.Name, each(s.Requests), each(s.Events), float64(s.CPUMicros)/1000, s.PerSecond, latency, s.StartMiB, s.LoadMiB)
	}
	b.WriteString("\n| service | `RequestsPerTask` for each 256 CPU units, at most | `MemoryMiB`, at least | tasks of 256 CPU units at the peak |\n|---|---|---|---|\n")
	for _, s := range f.Services {
		fmt.Fprintf(&b, "| %s | %d | %d | %d |\n", s.Name, s.RequestsPerTask, s.MemoryMiB, s.PeakCPU/256)
	}
	b.WriteString("\n")
	return b.String()
}

// each is a count of one shopper.
func each(count int) string {
	return strings.TrimSuffix(fmt.Sprintf("%.1f", float64(count)/shoppers), ".0")
}

func TestThePageHasTheFigures(t *testing.T) {
	text, err := os.ReadFile(jsonFile)
	if err != nil {
		t.Fatal(err)
	}
	var f figures
	if err := json.Unmarshal(text, &f); err != nil {
		t.Fatal(err)
	}
	page, err := os.ReadFile(pageFile)
	if err != nil {
		t.Fatal(err)
	}
	written, err := f.into(string(page))
	if err != nil {
		t.Fatal(err)
	}
	if written != string(page) {
		t.Errorf("docs/sizing.md has other figures than docs/sizing.json: make load writes both")
	}
	if len(f.Services) != len(services) {
		t.Errorf("the page has %d services of %d", len(f.Services), len(services))
	}
	for n, s := range f.Services {
		f.Services[n].size()
		if s != f.Services[n] {
			t.Errorf("what is derived of %s is %+v, want %+v", s.Name, s, f.Services[n])
		}
	}
}
