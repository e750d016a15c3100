package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"time"
)

var environments = []string{"sandbox", "production"}

// sizes are the numbers of services that are measured, with the number of pairs. Zero copies are the storefront itself.
var sizes = []struct{ fleet, pairs int }{{1, 5}, {0, 5}, {60, 3}, {200, 1}, {500, 1}}

// switched is the size of the fleet by which the switches are measured, and profiled are those of the profiles.
const switched = 60

var profiled = []int{60, 200, 500}

// inOneProcess are the scenarios in which one process of jsii has all services.
var inOneProcess = []struct {
	scenario
	pairs int
}{
	{scenario{Fleet: switched, Environment: "sandbox", OneProcess: true}, 3},
	{scenario{Fleet: switched, Environment: "production", OneProcess: true}, 3},
	{scenario{Fleet: 500, Environment: "sandbox", OneProcess: true}, 1},
}

// oneOf are the scenarios of one service alone.
var oneOf = []scenario{
	{Environment: "sandbox", Only: "cart"},
	{Fleet: 500, Environment: "sandbox", Only: "cart0250"},
}

// measureAll measures everything, from what is short to what is long, and writes the page after each.
func measureAll(ctx context.Context, b *bench) error {
	r, err := b.load(ctx)
	if err != nil {
		return err
	}
	if len(r.Templates) == 0 {
		if err := check(ctx, b); err != nil {
			return err
		}
	}
	var failed []error
	for _, step := range b.steps(r) {
		if step.done() {
			continue
		}
		began := time.Now()
		err := step.measure(ctx)
		if ctx.Err() != nil {
			return errors.New("interrupted: run it again to continue")
		}
		if err != nil { // such as a test that fails: what else is measured does not depend on it
			failed = append(failed, fmt.Errorf("%s: %w", step.name, err))
			fmt.Printf("%-60s failed\n", step.name)
			continue
		}
		if err := errors.Join(b.save(r), b.writePage(r)); err != nil {
			return err
		}
		fmt.Printf("%-60s %4.0f s\n", step.name, time.Since(began).Seconds())
	}
	fmt.Println("written: docs/benchmarks.md and docs/benchmarks.svg")
	return errors.Join(failed...)
}

// step is a measurement whose result is kept.
type step struct {
	name    string
	done    func() bool
	measure func(context.Context) error
}

func (b *bench) steps(r *results) []step {
	var steps []step
	pairs := func(s scenario, wanted int) {
		steps = append(steps, step{
			name:    s.String(),
			done:    func() bool { return len(r.Pairs[s.String()]) >= wanted },
			measure: func(ctx context.Context) error { return b.measurePairs(ctx, r, s, wanted) },
		})
	}
	runs := func(name string, wanted int, run func(context.Context) (sample, error)) {
		steps = append(steps, step{
			name:    name,
			done:    func() bool { return len(r.Runs[name]) >= wanted },
			measure: func(ctx context.Context) error { return b.measureRuns(ctx, r, name, wanted, run) },
		})
	}
	for _, environment := range environments {
		steps = append(steps, step{
			name:    "templates and requests " + environment,
			done:    func() bool { return r.Requests[environment] > 0 },
			measure: func(ctx context.Context) error { return b.measureContents(ctx, r, environment) },
		})
	}
	for _, size := range sizes {
		for _, environment := range environments {
			pairs(scenario{Fleet: size.fleet, Environment: environment}, size.pairs)
			pairs(scenario{Fleet: size.fleet, Environment: environment, Validated: true}, size.pairs)
		}
		if size.fleet == 0 {
			runs(compileCache, 5, b.withCompileCache)
			for _, s := range oneOf {
				pairs(s, 5)
			}
			runs(makeBuild, 3, b.make(makeBuild))
			runs(makeSynth, 3, b.make(makeSynth))
			for _, part := range testParts {
				runs(part.name, 1, b.make(part.name))
			}
		}
		if size.fleet == switched {
			for _, name := range switchNames {
				pairs(scenario{Fleet: switched, Environment: "sandbox", OneProcess: true, Without: name}, 2)
			}
		}
	}
	for _, each := range inOneProcess {
		pairs(each.scenario, each.pairs)
	}
	profile := func(l language, services int) {
		name := profileName(l, services)
		steps = append(steps, step{
			name: name,
			done: func() bool { return len(r.Profiles[name]) > 0 },
			measure: func(ctx context.Context) (err error) {
				r.Profiles[name], err = b.profiled(ctx, l, services)
				return err
			},
		})
	}
	profile(inGo, switched)
	for _, services := range profiled {
		profile(inTypeScript, services)
	}
	runs(cloneInGo, 1, b.clone(cloneInGo))
	runs(cloneInTypeScript, 1, b.clone(cloneInTypeScript))
	return steps
}

func profileName(l language, services int) string {
	return fmt.Sprintf("profile in %s, %d carts", l, services)
}

// measurePairs runs both in turn. A run that is not counted comes first: it has files and caches ready.
func (b *bench) measurePairs(ctx context.Context, r *results, s scenario, wanted int) error {
	warm := s
	if s.Fleet > 1 {
		warm.Fleet, warm.Only = 1, ""
	}
	if _, err := b.pair(ctx, warm, false); err != nil {
		return err
	}
	for n := len(r.Pairs[s.String()]); n < wanted; n++ {
		taken, err := b.pair(ctx, s, n%2 == 1)
		if err != nil {
			return err
		}
		r.Pairs[s.String()] = append(r.Pairs[s.String()], taken)
		if err := b.save(r); err != nil {
			return err
		}
	}
	return nil
}

func (b *bench) measureRuns(ctx context.Context, r *results, name string, wanted int, run func(context.Context) (sample, error)) error {
	if wanted > 1 {
		if _, err := run(ctx); err != nil { // not counted
			return err
		}
	}
	for n := len(r.Runs[name]); n < wanted; n++ {
		taken, err := run(ctx)
		if err != nil {
			return err
		}
		r.Runs[name] = append(r.Runs[name], taken)
	}
	return nil
}

// measureContents counts the bytes of templates, and the requests to jsii for a further service.
func (b *bench) measureContents(ctx context.Context, r *results, environment string) error {
	r.Templates[environment] = map[language]int{}
	for _, l := range languages {
		out := filepath.Join(b.work, "out", string(l))
		if _, err := b.synthesize(ctx, l, scenario{Environment: environment}, out); err != nil {
			return err
		}
		templates, err := readTemplates(out)
		if err != nil {
			return err
		}
		for _, t := range templates {
			r.Templates[environment][l] += t.size
		}
	}
	few, err := b.requests(ctx, scenario{Fleet: 2, Environment: environment})
	if err != nil {
		return err
	}
	more, err := b.requests(ctx, scenario{Fleet: 6, Environment: environment})
	r.Requests[environment] = (more - few) / 4
	return err
}

// compileCache is the twin with the cache of compiled code that Node.js has, and that the library sets up for Go.
const compileCache = "TypeScript with NODE_COMPILE_CACHE"

func (b *bench) withCompileCache(ctx context.Context) (sample, error) {
	out := filepath.Join(b.work, "out", string(inTypeScript))
	if err := os.RemoveAll(out); err != nil {
		return sample{}, err
	}
	command, err := b.command(ctx, inTypeScript, scenario{Environment: "sandbox"}, out)
	if err != nil {
		return sample{}, err
	}
	command.Env = append(command.Env, "NODE_COMPILE_CACHE="+filepath.Join(b.work, "compile-cache"))
	return measure(command)
}

// The commands of the repository that are measured by part.
const (
	makeBuild         = "go build, of what has not changed"
	makeSynth         = "make synth"
	cloneInGo         = "make synth in a new clone"
	cloneInTypeScript = "the twin in a new clone"
)

// testParts are the parts of make test, and all of it, two parts at once. Nothing of them is taken from the cache of go test.
var testParts = []struct {
	name string
	args []string
}{
	{"make test: the programs of the services", []string{"go", "-C", "services", "test", "-count=1", "./..."}},
	{"make test: the images", []string{"go", "-C", "tools", "test", "-count=1", "./..."}},
	{"make test: the tool", []string{"go", "-C", "cmd/storefront", "test", "-count=1", "./internal/..."}},
	{"make test: the library and the storefront", []string{"bin/storefront", "test", "--", "-count=1", "-short", "./test", "./..."}},
	{"make test: all, two parts at once", []string{"env", "GOFLAGS=-count=1", "make", "test"}},
}

// make returns what runs a command of the repository.
func (b *bench) make(name string) func(context.Context) (sample, error) {
	args := map[string][]string{
		makeBuild: {"go", "build", "-o", filepath.Join(b.work, "storefront"), "."},
		makeSynth: {"bin/storefront", "synth"},
	}
	for _, part := range testParts {
		args[part.name] = part.args
	}
	return func(ctx context.Context) (sample, error) { return measure(b.shell(ctx, args[name]...)) }
}

// shell returns a command in the repository, with the Node.js of the project.
func (b *bench) shell(ctx context.Context, args ...string) *exec.Cmd {
	command := exec.CommandContext(ctx, args[0], args[1:]...)
	command.Dir, command.Env = b.root, b.environment()
	return command
}

// clone returns what measures the first synthesis in a new clone. Go compiles everything; what both download is in the caches of Go
// and npm.
func (b *bench) clone(name string) func(context.Context) (sample, error) {
	return func(ctx context.Context) (sample, error) {
		folder, err := os.MkdirTemp(b.work, "clone-")
		if err != nil {
			return sample{}, err
		}
		defer os.RemoveAll(folder) //nolint:errcheck // make clean removes it, too
		clone := filepath.Join(folder, "storefront")
		script := "git clone --quiet --no-hardlinks '" + b.root + "' '" + clone + "' && cd '" + clone + "' && "
		if name == cloneInGo {
			script += "make synth"
		} else {
			script += "npm ci --silent && npm --prefix bench ci --silent && npm --prefix bench run --silent build && " +
				"node_modules/.bin/cdk synth --quiet --app 'node bench/dist/storefront.js'"
		}
		command := exec.CommandContext(ctx, "sh", "-c", script)
		command.Dir, command.Env = folder, append(b.environment(), "GOCACHE="+filepath.Join(folder, "gocache"))
		return measure(command)
	}
}
