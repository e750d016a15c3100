package command

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/progress"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/run"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/emulator"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/target"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/traffic"
)

func newRun() *cobra.Command {
	c := &cobra.Command{
		Use:   "run",
		Short: "Run the app on this machine: the emulator, and the programs of its services",
		Long: `Run deploys the app to an emulator of AWS on this machine, as sandbox up does, and
runs the program of each service as the deployed task definition says: command,
variables, secrets, role, health check and number of tasks. No container, no
Docker and no AWS account.

The program of the image …/cart is in services/cart, in Go (main.go) or in Python
(pyproject.toml and requirements.txt). Other folders are given in cdk.json, in the
context: {"storefront:run": {"programs": {"cart": "apps/cart"}}}.`,
	}
	c.AddCommand(newRunUp(), newRunLogs(), newRunTask(), newRunContract(), newRunStatus(), newRunDown(), newRunSupervise())
	return c
}

type runOptions struct {
	settings map[string]string
	json     bool
}

func newRunUp() *cobra.Command {
	var s selection
	var o runOptions
	c := &cobra.Command{
		Use:   "up",
		Short: "Deploy the app, build its programs and run them; or what has changed of them",
		Long: `Up deploys the app, builds the programs of its services and runs them. If they run
already, it deploys what has changed, and replaces the tasks of services that have
changed: the old ones end when the new ones are healthy.

SHOP_PORT is the port of the front on 127.0.0.1, which has the page and passes all
other requests to the API (default 8080, or a free one).`,
		Example: `  storefront run up
  storefront run up --json
  SHOP_PORT=9000 storefront run up`,
		Args: arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			o.settings = s.context(c)
			return inPlace(c, "sandbox", func(p place) error { return p.runUp(c.Context(), o) })
		},
	}
	s.registerSandbox(c)
	c.Flags().BoolVar(&o.json, "json", false, "write JSON")
	return c
}

func newRunDown() *cobra.Command {
	return &cobra.Command{
		Use:     "down",
		Short:   "Stop the tasks and the emulator",
		Example: "  storefront run down",
		Args:    arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			return inPlace(c, "sandbox", func(p place) error { return p.runDown(c.Context()) })
		},
	}
}

func newRunTask() *cobra.Command {
	return &cobra.Command{
		Use:   "task name",
		Short: "Run the task of a schedule or migration now, and wait until it ends",
		Long: `Task runs what the state machine of a schedule or a migration runs, with the
variables and the role of its service. Its exit status is that of the task.`,
		Example: "  storefront run task recommendations/rebuild",
		Args:    arguments(1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			return inPlace(c, "", func(p place) error { return p.runTask(c.Context(), args[0]) })
		},
	}
}

func newRunStatus() *cobra.Command {
	return &cobra.Command{
		Use:     "status",
		Short:   "Print how the services and their tasks are, as JSON",
		Example: "  storefront run status",
		Args:    arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			return inPlace(c, "", func(p place) error {
				s, err := p.supervisor(c.Context())
				if err != nil {
					return err
				}
				all, err := s.Status(c.Context())
				if err != nil {
					return err
				}
				return writeJSON(p.out, all)
			})
		},
	}
}

// newRunSupervise is the process in the background.
func newRunSupervise() *cobra.Command {
	return &cobra.Command{
		Use:     "supervise region",
		Short:   "Run the tasks until the emulator has exited; run up starts it in the background",
		Example: "  storefront run supervise us-east-2",
		Hidden:  true,
		Args:    arguments(1, 1),
		RunE: func(c *cobra.Command, args []string) error {
			return inPlace(c, "", func(p place) error { return p.supervise(c.Context(), args[0]) })
		},
	}
}

func (p place) programs() string { return p.Cache("run") }

// ended is the file with the reason why the last supervisor has ended by itself.
func (p place) ended() string { return p.Cache("run", "ended") }

// supervisor finds the supervisor of an earlier run.
func (p place) supervisor(ctx context.Context) (*run.State, error) {
	s, err := run.Attach(ctx, p.programs())
	if errors.Is(err, run.ErrNotRunning) {
		if reason, ended := os.ReadFile(p.ended()); ended == nil {
			return nil, errors.New(string(reason))
		}
		return nil, fmt.Errorf("%w: %s run up starts it", err, called())
	}
	return s, err
}

// runUp deploys the app and runs it. A running one is updated.
func (p place) runUp(ctx context.Context, o runOptions) error {
	began := time.Now()
	if _, given := os.LookupEnv(target.EndpointVariable); given {
		return fmt.Errorf("%s is set, and programs run only beside the emulator: leave it out", target.EndpointVariable)
	}
	if err := p.checkPort(ctx, os.Getenv(run.PortVariable)); err != nil {
		return err
	}
	config, err := run.ReadConfig(p.Root)
	if err != nil {
		return err
	}
	builder := run.Builder{Project: p.Project, Config: config, Dir: p.programs(), Tell: p.problems}
	programs := builder.Begin(ctx)
	defer programs.Cancel()
	t, opened, err := p.raise(ctx)
	if err != nil {
		return err
	}
	while, cancel := t.While(ctx)
	defer cancel()
	app, err := p.deployOnce(while, t, o.settings, config)
	if err == nil && opened {
		err = t.Emulator.Release()
	}
	if err != nil {
		err = t.Why(ctx, err)
		if opened {
			t.Close()
		}
		return err
	}
	built, err := programs.Wait()
	if err != nil {
		return t.Why(ctx, err)
	}
	plan, without, err := p.plan(while, t, app, builder, built)
	if err != nil {
		return t.Why(ctx, err)
	}
	plan.Began = began
	s, err := p.supervised(while, t.Emulator.Identity(), app.Config.Region)
	if err != nil {
		return t.Why(ctx, err)
	}
	end := progress.New(p.problems).Begin("starting the tasks")
	outcomes, err := s.Apply(while, plan)
	end()
	if err != nil {
		return t.Why(ctx, err)
	}
	if failed(outcomes) {
		return p.ran(s, plan, running{Services: outcomes, NotRun: without}, o, began)
	}
	said, err := p.seed(while, t, s, plan, builder.Seed(built))
	if err != nil {
		return t.Why(ctx, err)
	}
	return p.ran(s, plan, running{Services: outcomes, NotRun: without, Said: said}, o, began)
}

// checkPort returns an error if the front cannot have the wanted port, before anything is deployed.
func (p place) checkPort(ctx context.Context, wanted string) error {
	if wanted == "" {
		return nil
	}
	if number, err := strconv.Atoi(wanted); err != nil || number < 1 || number > 65535 {
		return fmt.Errorf("%s must be a port, 1 to 65535, or empty for 8080 or a free one, got %q", run.PortVariable, wanted)
	}
	s, err := run.Attach(ctx, p.programs())
	switch {
	case errors.Is(err, run.ErrNotRunning):
		return run.CheckPort(wanted)
	case err != nil:
		return err
	case strings.HasSuffix(s.Front, ":"+wanted):
		return nil
	}
	e, err := emulator.Attach(ctx, p.run)
	if err != nil || !s.Current(e.Identity()) { // it will be replaced
		return run.CheckPort(wanted)
	}
	return fmt.Errorf("it already runs at %s: leave %s out, or run %s run down first", s.Front, run.PortVariable, called())
}

func failed(outcomes []run.Outcome) bool {
	return slices.ContainsFunc(outcomes, func(o run.Outcome) bool { return o.Problem != "" })
}

// plan says what is to run.
func (p place) plan(ctx context.Context, t *target.Target, app *deployed.App, builder run.Builder, built map[string]run.Program) (run.Plan, []string, error) {
	services, err := run.Read(ctx, app)
	if err != nil {
		return run.Plan{}, nil, err
	}
	if len(services) == 0 {
		return run.Plan{}, nil, errors.New("the app has no ECS services: there is nothing to run")
	}
	jobs, err := run.Jobs(ctx, app, services)
	if err != nil {
		return run.Plan{}, nil, err
	}
	without, err := builder.Assign(built, services)
	if err != nil {
		return run.Plan{}, nil, err
	}
	plan := run.Plan{Jobs: jobs, Front: run.Front{Dist: builder.Config.PageIn(p.Root), URLs: map[string]string{}}}
	for _, s := range services {
		if len(s.Program.Command) > 0 {
			plan.Services = append(plan.Services, s)
		}
	}
	routes, err := traffic.Routes(app)
	if err != nil {
		return run.Plan{}, nil, err
	}
	for _, route := range routes {
		plan.Front.Routes = append(plan.Front.Routes, run.Route{API: route.API, Service: route.Service, Method: route.Method, Path: route.Path})
		plan.Front.URLs[route.API] = t.Emulator.URL(route.API)
	}
	plan.Front.Origins, err = run.Origins(ctx, app.Config, plan.Front.URLs)
	return plan, without, err
}

// supervised returns the supervisor, and starts it if none runs, or one of another version of the tool or of an emulator that has gone.
func (p place) supervised(ctx context.Context, emulator, region string) (*run.State, error) {
	s, err := run.Attach(ctx, p.programs())
	switch {
	case err == nil && !s.Current(emulator):
		s.Stop(p.programs())
	case err == nil:
		return s, nil
	case !errors.Is(err, run.ErrNotRunning):
		return nil, err
	}
	run.EndLeft(p.programs())
	if err := os.MkdirAll(p.programs(), 0o700); err != nil {
		return nil, err
	}
	if err := os.RemoveAll(p.ended()); err != nil {
		return nil, err
	}
	log, err := os.Create(filepath.Join(p.programs(), "supervisor.log"))
	if err != nil {
		return nil, err
	}
	defer func() { _ = log.Close() }()
	tool, err := os.Executable()
	if err != nil {
		return nil, err
	}
	command := exec.Command(tool, "run", "supervise", region)
	command.Dir, command.Stdout, command.Stderr = p.Root, log, log
	// A session of its own, so that it goes on when the terminal is closed.
	command.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if err := command.Start(); err != nil {
		return nil, fmt.Errorf("start the supervisor: %w", err)
	}
	exited := make(chan error, 1)
	go func() { exited <- command.Wait() }()
	for {
		if s, err := run.Attach(ctx, p.programs()); err == nil {
			return s, nil
		}
		select {
		case <-ctx.Done():
			return nil, context.Cause(ctx)
		case <-exited:
			text, err := os.ReadFile(log.Name())
			said := strings.TrimPrefix(strings.TrimSpace(string(text)), "run: ")
			return nil, errors.Join(err, errors.New(said))
		case <-time.After(20 * time.Millisecond):
		}
	}
}

// supervise runs the tasks until it is told to stop, or the emulator has exited.
func (p place) supervise(ctx context.Context, region string) error {
	e, err := emulator.Attach(ctx, p.run)
	if err != nil {
		return err
	}
	t, err := target.Of(e)
	if err != nil {
		return err
	}
	client, err := e.HTTPClient()
	if err != nil {
		return err
	}
	s, state, err := run.Start(run.Options{
		Root: p.Root, Dir: p.programs(), Config: t.In(region), Emulator: e.Identity(), Endpoint: e.Endpoint(), Client: client, Port: os.Getenv(run.PortVariable),
	})
	if err != nil {
		return err
	}
	_, _ = fmt.Fprintln(p.problems, "the front is at", state.Front)
	while, cancel := t.While(ctx)
	defer cancel()
	<-while.Done()
	reason := "stopping: " + context.Cause(while).Error()
	if ctx.Err() == nil { // nobody has asked for it
		reason = fmt.Sprintf("%s, and what was in the shop with it: %s run up starts a new one", context.Cause(while), called())
		if err := os.WriteFile(p.ended(), []byte(reason), 0o600); err != nil {
			return err
		}
	}
	_, _ = fmt.Fprintln(p.problems, reason)
	s.Stop()
	return nil
}

func (p place) runDown(ctx context.Context) error {
	s, err := run.Attach(ctx, p.programs())
	running := err == nil
	if running {
		end := progress.New(p.problems).Begin("stopping the tasks")
		s.Stop(p.programs())
		end()
	}
	run.EndLeft(p.programs())
	e, err := emulator.Attach(ctx, p.run)
	switch {
	case err == nil:
		e.Stop()
		running = true
	case !errors.Is(err, emulator.ErrNotRunning):
		return err
	}
	if err := os.RemoveAll(p.ended()); err != nil {
		return err
	}
	if !running {
		_, _ = fmt.Fprintln(p.problems, "run: nothing is running")
		return nil
	}
	// What was deployed is gone with the emulator.
	if err := os.RemoveAll(p.assemblies); err != nil {
		return err
	}
	_, _ = fmt.Fprintf(p.problems, "stopped; the logs are in %s and %s\n", shown(p.programs()), shown(p.run))
	return nil
}

func (p place) runTask(ctx context.Context, name string) error {
	s, err := p.supervisor(ctx)
	if err != nil {
		return err
	}
	end := progress.New(p.problems).Begin("running %s", name)
	outcome, err := s.Job(ctx, name)
	end()
	if err != nil {
		return err
	}
	_ = run.Follow(run.LogOf(p.programs()), 1000, func(l run.Line) bool { return l.Task == outcome.Task }, func(l run.Line) error {
		_, err := fmt.Fprintln(p.out, l.Text)
		return err
	}, nil)
	_, _ = fmt.Fprintf(p.problems, "%s ended with status %d after %d ms\n", name, outcome.Status, outcome.MS)
	if outcome.Status != 0 {
		return failure(statusFailed)
	}
	return nil
}

// running is what run up reports. Its JSON is what --json writes.
type running struct {
	URL      string        `json:"url"`      // of the front
	Endpoint string        `json:"endpoint"` // of AWS, without TLS
	Seconds  float64       `json:"seconds"`
	Services []run.Outcome `json:"services"`
	NotRun   []string      `json:"notRun"` // services without a program here
	Said     string        `json:"said"`   // what the program that fills it has printed
}

func (p place) ran(s *run.State, plan run.Plan, r running, o runOptions, began time.Time) error {
	r.URL, r.Endpoint, r.Seconds, r.NotRun = s.Front, s.Endpoint, seconds(time.Since(began)), append([]string{}, r.NotRun...)
	if o.json {
		if err := writeJSON(p.out, r); err != nil {
			return err
		}
	} else {
		r.write(p, plan)
	}
	if failed(r.Services) {
		return failure(statusFailed)
	}
	return nil
}

// when says when a job runs by itself.
func when(job run.Job) string {
	if len(job.Before) > 0 {
		return "   before a new version of " + strings.Join(job.Before, ", ")
	}
	if job.Schedule == nil {
		return ""
	}
	next, err := job.Schedule.Next(time.Now())
	if err != nil || next.IsZero() {
		return "   not by itself"
	}
	return "   next at " + next.Local().Format("Mon 2 Jan 15:04 MST")
}

func (r running) write(p place, plan run.Plan) {
	table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
	_, _ = fmt.Fprintln(table, "SERVICE\tTASKS\tVERSION\tHEALTHY AFTER\t")
	for _, each := range r.Services {
		what := fmt.Sprintf("%d ms", each.ReadyMS)
		switch {
		case each.Previous:
			what = "failed; the tasks of the version before go on"
		case each.Problem != "":
			what = "failed"
		case !each.Changed:
			what = "unchanged"
		}
		_, _ = fmt.Fprintf(table, "%s\t%d\t%s\t%s\t\n", each.Service, each.Tasks, each.Version, what)
	}
	_ = table.Flush()
	for _, each := range plan.Services {
		if len(each.Task.NotRun) > 0 {
			_, _ = fmt.Fprintf(p.out, "not run: %s of %s, beside its application\n", strings.Join(each.Task.NotRun, ", "), each.Name)
		}
	}
	if len(r.NotRun) > 0 {
		_, _ = fmt.Fprintf(p.out, "not run, without a program in services: %s; a stand-in answers for them\n", strings.Join(r.NotRun, ", "))
	}
	for _, each := range r.Services {
		if each.Problem != "" {
			_, _ = fmt.Fprintf(p.problems, "%s: %s (its log: %s run logs --service %s)\n", each.Service, each.Problem, called(), each.Service)
		}
	}
	_, _ = fmt.Fprintf(p.out, "\n%s, after %.0f s\n%s\nlogs  %s run logs\nstop  %s run down\n", r.URL, r.Seconds, r.Said, called(), called())
	for _, job := range plan.Jobs {
		_, _ = fmt.Fprintf(p.out, "task  %s run task %s%s\n", called(), job.Name, when(job))
	}
}
