package app

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/storefront-cdk/storefront/constructs/synth"
	"github.com/storefront-cdk/storefront/internal/assembly"
	"github.com/storefront-cdk/storefront/internal/fleet"
	"github.com/storefront-cdk/storefront/internal/place"
)

// keyJobs is the context key of the number of processes. It has a namespace, as it does not change what is synthesized.
const keyJobs = "storefront:jobs"

// The environment variables by which the CDK CLI configures an app.
//
// Source: https://github.com/aws/aws-cdk/blob/main/packages/aws-cdk-lib/cx-api/lib/cxapi.ts
const (
	contextVariable  = "CDK_CONTEXT_JSON"
	overflowVariable = "CONTEXT_OVERFLOW_LOCATION_ENV" // the file of a context that is too long for a variable
	outdirVariable   = "CDK_OUTDIR"
	countersVariable = "CDK_PERF_COUNTERS_FILE"
)

// servicesOfJob is the least number of services of a process: to start another one takes as much CPU time as 20 services, and to
// load the rules of the validation as much as 60. maxJobs limits their memory, of up to 1 GB each with the validation.
const (
	servicesOfJob = 60
	maxJobs       = 8
)

// jobs returns the number of processes that the context sets, or 0.
func jobs(settings map[string]any) (int, error) {
	value, given := settings[keyJobs]
	if !given {
		return 0, nil
	}
	n, err := strconv.Atoi(fmt.Sprint(value)) // a string of the command line, or a number in cdk.json
	if err != nil || n < 1 {
		return 0, fmt.Errorf("%s must be a whole number of at least 1, got %v", keyJobs, value)
	}
	return n, nil
}

// alone are settings of the CDK whose effect on an assembly is not known to be the same in several processes.
var alone = []string{"@aws-cdk/core.TreeMetadata:maxNodes", "aws:cdk:disable-asset-staging", "@aws-cdk/core:validationReportJson"}

// several returns the configuration and the number of the processes that synthesize it: 1 if there are too few services, or if this
// process is to report what is wrong.
func (a App) several() (config Configuration, settings map[string]any, number int) {
	settings, err := contextOfCLI()
	if err != nil {
		return config, settings, 1
	}
	config, err = a.Configure(settings)
	if err != nil || os.Getenv(outdirVariable) == "" || !separable ||
		slices.ContainsFunc(alone, func(key string) bool { _, set := settings[key]; return set }) {
		return config, settings, 1
	}
	if number, _ = jobs(settings); number == 0 {
		number = min(maxJobs, runtime.GOMAXPROCS(0), len(config.Services)/servicesOfJob)
	}
	return config, settings, max(1, min(number, len(config.Services)))
}

// runJobs synthesizes the app in several processes if that takes less time. If they find an error, one process synthesizes it
// again, and reports it in its own words.
func (a App) runJobs() int {
	config, settings, number := a.several()
	if number < 2 {
		return synth.Run(a.Define)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := a.synthesize(ctx, config, number, fmt.Sprint(settings["@aws-cdk/core:failSynthOnValidationErrors"]) != "false")
	stop()
	switch {
	case err == nil:
		return 0
	case errors.Is(err, context.Canceled):
		return 1
	}
	status := synth.Run(a.Define)
	var unlike *unlikeError
	if status == 0 && errors.As(err, &unlike) {
		fmt.Fprintf(os.Stderr, "the app was synthesized again in one process, since several would not have made the same (%v): set the context key %s to 1\n", unlike.error, keyJobs)
	}
	return status
}

// unlikeError is a reason why several processes may have made something else than one.
type unlikeError struct{ error }

// contextOfCLI returns the context that the CDK CLI has passed to the app, as the CDK reads it.
func contextOfCLI() (map[string]any, error) {
	settings := map[string]any{}
	if text := os.Getenv(contextVariable); text != "" {
		if err := json.Unmarshal([]byte(text), &settings); err != nil {
			return nil, err
		}
	}
	if file := os.Getenv(overflowVariable); file != "" {
		text, err := os.ReadFile(file)
		if err != nil {
			return nil, err
		}
		overflow := map[string]any{}
		if err := json.Unmarshal(text, &overflow); err != nil {
			return nil, err
		}
		maps.Copy(settings, overflow)
	}
	return settings, nil
}

// record is what a share of the services tells the others when it is defined.
type record struct {
	Output     [2]int64 // how long standard output and standard error were before the app was defined
	References []reference
	Entries    []fleet.Entry
	Outside    string // what a service has changed outside of its stack
}

// synthesize has each of several processes synthesize a share of the services, and merges what they made.
func (a App) synthesize(ctx context.Context, config Configuration, number int, printsReport bool) error {
	outdir := os.Getenv(outdirVariable)
	if err := os.MkdirAll(outdir, 0o755); err != nil {
		return err
	}
	scratch, err := os.MkdirTemp(outdir, ".jobs-")
	if err != nil {
		return err
	}
	defer func() { _ = os.RemoveAll(scratch) }()
	interrupted := ctx
	ctx, end := context.WithCancel(ctx)
	var running []*process
	defer func() {
		end()
		for _, p := range running {
			_ = p.wait()
		}
	}()
	for n := range number {
		p, err := start(ctx, end, scratch, n, number)
		if err != nil {
			return err
		}
		running = append(running, p)
	}
	records, err := a.join(config, running)
	for _, p := range running {
		if err == nil {
			err = p.wait()
		}
	}
	if interrupted.Err() != nil {
		return interrupted.Err()
	}
	if err != nil {
		return err
	}
	app := a.assembly(config, records.References)
	app.PrintsReport = printsReport
	parts := make([]string, number)
	for n, p := range running {
		parts[n] = p.outdir
	}
	if err := app.Merge(outdir, scratch, parts); err != nil {
		return &unlikeError{err}
	}
	return replay(running)
}

// join waits until all processes have defined their share, and sends each what all have defined. So they decide what depends on
// other services as one process does, and find the same errors. The first that fails ends the others.
func (a App) join(config Configuration, running []*process) (record, error) {
	type answer struct {
		n   int
		err error
	}
	answers := make(chan answer, len(running))
	for n, p := range running {
		go func() { answers <- answer{n, json.NewDecoder(bufio.NewReader(p.from)).Decode(&p.record)} }()
	}
	for range running {
		if got := <-answers; got.err != nil {
			return record{}, fmt.Errorf("share %d: %w", got.n, got.err)
		}
	}
	order := map[string]int{}
	for n, service := range config.Services {
		order[service.ID] = n
	}
	var all record
	for _, p := range running {
		if p.record.Outside != "" {
			return record{}, &unlikeError{errors.New(p.record.Outside)}
		}
		all.References = append(all.References, p.record.References...)
		all.Entries = append(all.Entries, p.record.Entries...)
	}
	slices.SortStableFunc(all.References, func(x, y reference) int { return order[x.Caller] - order[y.Caller] })
	slices.SortStableFunc(all.Entries, func(x, y fleet.Entry) int { return order[stackOf(x.Path)] - order[stackOf(y.Path)] })
	text, err := json.Marshal(all)
	if err != nil {
		return record{}, err
	}
	for _, p := range running {
		if _, err := p.to.Write(append(text, '\n')); err != nil {
			return record{}, err
		}
	}
	return all, nil
}

// stackOf returns the ID of the stack in which a construct is.
func stackOf(path string) string {
	id, _, _ := strings.Cut(path, "/")
	return id
}

// assembly describes what one process makes of the configuration.
func (a App) assembly(config Configuration, references []reference) assembly.App {
	app := assembly.App{After: map[string][]string{}, Beside: []string{place.SharedID, fleet.RegistryID}}
	for _, shared := range a.shared(config) {
		app.Stacks, app.After[shared.id] = append(app.Stacks, shared.id), shared.after
	}
	all := slices.Clip(app.Stacks)
	for _, service := range config.Services {
		app.Stacks, app.After[service.ID] = append(app.Stacks, service.ID), all
	}
	before, _ := (&calls{references}).ordered()
	for _, made := range before {
		if _, selected := app.After[made.Callee]; selected {
			app.After[made.Caller] = append(slices.Clip(app.After[made.Caller]), made.Callee)
		}
	}
	return app
}
