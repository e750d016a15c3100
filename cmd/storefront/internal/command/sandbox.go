package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/smithy-go"
	"github.com/spf13/cobra"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/cdk"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/emulator"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/target"
)

func newSandbox() *cobra.Command {
	c := &cobra.Command{
		Use:   "sandbox",
		Short: "Deploy the app to an emulator of AWS on this machine",
		Long: `Sandbox deploys the app with the real CDK CLI to an emulator of AWS on this
machine, for which it needs Python 3.10 or newer. No AWS account and no Docker.

SANDBOX_PORT is the port on 127.0.0.1 (default a free one). SANDBOX_ENDPOINT=
(empty) and credentials in the environment make it a real account, which costs
money; SANDBOX_ACCOUNT is then its number.`,
	}
	c.AddCommand(newSandboxUp(), newSandboxTest(), newSandboxToken(), newSandboxDown())
	return c
}

func newSandboxUp() *cobra.Command {
	var s selection
	var o upOptions
	c := &cobra.Command{
		Use:   "up",
		Short: "Deploy the app to the emulator, and leave it there to look at",
		Long: `Up deploys the app and leaves it running. If it runs already, up deploys what has
changed. It lists the stacks, the routes of the API as curl commands, and the
variables that point the AWS CLI and any SDK to the emulator.

No container runs in the emulator: a stand-in answers for each service.`,
		Example: `  storefront sandbox up
  storefront sandbox up --only cart       one service, where the app is up
  storefront sandbox up --env production
  storefront sandbox up --json
  SANDBOX_PORT=4566 storefront sandbox up`,
		Args: arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			o.settings = s.context(c)
			return inPlace(c, "sandbox", func(p place) error { return p.up(c.Context(), o) })
		},
	}
	s.registerSandbox(c)
	c.Flags().StringVar(&s.only, "only", "", "services, separated by commas, without the stacks that they share")
	c.Flags().BoolVarP(&o.verbose, "verbose", "v", false, "list every resource and route")
	c.Flags().BoolVar(&o.json, "json", false, "write JSON")
	return c
}

func newSandboxDown() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:     "down",
		Short:   "Destroy what sandbox up deployed, and stop the emulator",
		Example: "  storefront sandbox down\n  storefront sandbox down --json",
		Args:    arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			return inPlace(c, "sandbox", func(p place) error { return p.down(c.Context(), asJSON) })
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return c
}

// registerSandbox registers the flags that select what of the app is deployed to a sandbox.
func (s *selection) registerSandbox(c *cobra.Command) {
	c.Flags().StringVar(&s.env, "env", "", "environment (default the first one of the app)")
	c.Flags().StringVar(&s.protection, "protection", "", "off: nothing is protected from deletion")
	s.registerJobs(c)
}

// inPlace runs a command. Of those with the same lock only one runs at a time, since each removes what is in the folder of the
// others. An empty one is none.
func inPlace(c *cobra.Command, lock string, run func(place) error) error {
	p, err := here()
	if err != nil {
		return err
	}
	if lock != "" {
		unlock, err := p.Lock(lock)
		if err != nil {
			return err
		}
		defer unlock()
	}
	return run(newPlace(p, c))
}

// place is the folders of a sandbox.
type place struct {
	*project.Project
	in         io.Reader
	out        io.Writer
	problems   io.Writer
	run        string // of the emulator
	logs       string // of the CDK's command line
	assemblies string // what was deployed, a folder for each selection
	tested     string // what the tests deployed
}

func newPlace(p *project.Project, c *cobra.Command) place {
	in := func(elements ...string) string { return p.Cache(append([]string{"sandbox"}, elements...)...) }
	return place{p, c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr(), in("run"), in("log"), in("cdk.out"), in("test", "cdk.out")}
}

func (p place) cli(t *target.Target) *cdk.CLI {
	return &cdk.CLI{Root: p.Pinned(), App: p.Root, Dir: p.logs, Environ: t.Environ, Progress: p.problems}
}

// find returns the sandbox of an earlier run.
func (p place) find(ctx context.Context) (*target.Target, error) {
	if _, given := os.LookupEnv(target.EndpointVariable); given {
		return p.open(ctx)
	}
	e, err := emulator.Attach(ctx, p.run)
	if err != nil {
		return nil, err
	}
	return target.Of(e)
}

func (p place) open(ctx context.Context) (*target.Target, error) {
	return target.Open(ctx, target.Options{Python: p.Cache("sandbox", "python"), Dir: p.run, StandIns: true, Ask: p.in, Tell: p.problems})
}

type upOptions struct {
	settings      map[string]string // the context of the CDK app
	verbose, json bool
}

// up deploys the app and leaves it running. A running sandbox is updated.
func (p place) up(ctx context.Context, o upOptions) error {
	start := time.Now()
	t, opened, err := p.raise(ctx)
	if err != nil {
		return err
	}
	while, cancel := t.While(ctx)
	defer cancel()
	app, outcomes, err := p.deploy(while, t, o.settings)
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
	r, err := newReport(ctx, t, app, outcomes, time.Since(start))
	if err != nil {
		return err
	}
	return r.write(p, o)
}

// raise finds the sandbox of an earlier run, or opens one.
func (p place) raise(ctx context.Context) (t *target.Target, opened bool, err error) {
	t, err = p.find(ctx)
	if opened = errors.Is(err, emulator.ErrNotRunning); opened {
		if err = os.RemoveAll(p.assemblies); err == nil { // of another emulator, which is gone
			t, err = p.open(ctx)
		}
	} else if err == nil {
		err = t.AsChosen()
	}
	if ctx.Err() != nil && err != nil {
		err = errors.New("interrupted: nothing is left running")
	}
	return t, opened, err
}

func (p place) deploy(ctx context.Context, t *target.Target, settings map[string]string) (*deployed.App, []cdk.Outcome, error) {
	if t.Emulator != nil {
		_, _ = fmt.Fprintf(p.problems, "         %s answers at %s\n", emulator.Name, t.Emulator.Endpoint())
	}
	c, assembly := p.cli(t), filepath.Join(p.assemblies, folderOf(settings))
	if err := os.RemoveAll(p.inputs()); err != nil {
		return nil, nil, err
	}
	if err := p.synthesize(ctx, c, t, assembly, settings); err != nil {
		return nil, nil, err
	}
	region, err := deployed.Region(assembly)
	if err != nil {
		return nil, nil, err
	}
	client := cloudformation.NewFromConfig(t.In(region))
	if err := ready(ctx, client, assembly); err != nil {
		return nil, nil, err
	}
	// The CLI takes a second and a half to find that nothing is to be done.
	bootstrapped := false
	if t.Emulator != nil {
		if bootstrapped, err = exists(ctx, client, "CDKToolkit"); err != nil {
			return nil, nil, err
		}
	}
	if !bootstrapped {
		if err := c.Bootstrap(ctx, t.Account, t.In(region).Region); err != nil {
			return nil, nil, err
		}
	}
	if _, err = c.Deploy(ctx, assembly); err != nil {
		return nil, nil, err
	}
	app, err := deployed.Read(ctx, t.Config, assembly)
	return app, c.Outcomes(), err
}

// folderOf names the folder of what is selected: a later run with another selection must not hide what this one deployed.
func folderOf(settings map[string]string) string {
	name := "all"
	if env := settings["env"]; env != "" {
		name = "env-" + env
	}
	if only := settings["only"]; only != "" {
		name = "only-" + strings.ReplaceAll(only, ",", "+") + "-of-" + name
	}
	return filepath.Base(filepath.Clean("/" + strings.ReplaceAll(name, "/", "-")))
}

// synthesize installs and builds what it takes, and writes the assembly. An app whose stacks are for another account is
// synthesized for that of the target.
func (p place) synthesize(ctx context.Context, c *cdk.CLI, t *target.Target, assembly string, settings map[string]string) error {
	if err := p.Install(ctx, p.problems); err != nil {
		return err
	}
	app, err := p.Build(ctx, p.problems)
	if err != nil {
		return err
	}
	if err := c.Synth(ctx, app, assembly, settings); err != nil {
		return err
	}
	account, err := deployed.Account(assembly)
	if err != nil || account == "" || account == t.Account {
		return err
	}
	here := map[string]string{"account": t.Account}
	for key, value := range settings {
		here[key] = value
	}
	if err := c.Synth(ctx, app, assembly, here); err != nil {
		return err
	}
	if account, err = deployed.Account(assembly); err == nil && account != "" && account != t.Account {
		err = fmt.Errorf("the stacks are for account %s, and the sandbox is account %s: leave the account of the environment out, or let the app read the context key account", account, t.Account)
	}
	return err
}

// ready returns an error if the stacks read outputs of stacks that are not deployed.
func ready(ctx context.Context, client *cloudformation.Client, assembly string) error {
	stacks, err := deployed.Assembly(assembly)
	if err != nil {
		return err
	}
	var missing []string
	for _, name := range deployed.Foreign(stacks) {
		there, err := exists(ctx, client, name)
		if err != nil {
			return err
		}
		if !there {
			missing = append(missing, name)
		}
	}
	if len(missing) > 0 {
		return fmt.Errorf("the app reads outputs of stacks that are not deployed here: %s: leave --only out, or deploy the app that defines them first "+
			"(see %ssandbox.md#an-app-on-the-platform-of-another-app)", strings.Join(missing, ", "), finding.Docs)
	}
	return nil
}

// exists reports whether a stack is deployed.
func exists(ctx context.Context, client *cloudformation.Client, name string) (bool, error) {
	_, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: aws.String(name)})
	var answer smithy.APIError
	if errors.As(err, &answer) && answer.ErrorCode() == "ValidationError" {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("check whether stack %s exists: %w", name, err)
	}
	return true, nil
}

// down destroys the stacks with the CDK CLI, and stops the emulator even if that fails. Stacks that the app protects end with
// the emulator; in an account that is an error.
func (p place) down(ctx context.Context, asJSON bool) error {
	start := time.Now()
	t, err := p.find(ctx)
	if errors.Is(err, emulator.ErrNotRunning) {
		if asJSON {
			return writeJSON(p.out, gone{Stacks: []goneStack{}})
		}
		_, _ = fmt.Fprintln(p.problems, "sandbox: none is running")
		return nil
	}
	if err != nil {
		return err
	}
	defer t.Close()
	assemblies, err := p.left()
	if err != nil {
		return err
	}
	while, cancel := t.While(ctx)
	defer cancel()
	report := gone{Stacks: []goneStack{}}
	for _, assembly := range assemblies {
		stacks, err := deployed.Assembly(assembly)
		if err != nil {
			return err
		}
		if !slices.ContainsFunc(stacks, func(s *deployed.Stack) bool { return !report.has(s) }) {
			continue // another selection had them
		}
		if t.Emulator != nil && slices.ContainsFunc(stacks, func(s *deployed.Stack) bool { return s.Protected }) {
			for _, stack := range slices.Backward(stacks) {
				report.add(stack, "gone with the emulator", 0)
			}
			continue
		}
		c := p.cli(t)
		if _, err := c.Destroy(while, assembly); err != nil {
			return t.Why(ctx, err)
		}
		for _, outcome := range c.Outcomes() {
			for _, stack := range stacks {
				if stack.ID == outcome.ID && !report.has(stack) {
					report.add(stack, "destroyed", outcome.Took)
				}
			}
		}
		if err := os.RemoveAll(assembly); err != nil {
			return err
		}
	}
	report.Seconds = seconds(time.Since(start))
	if asJSON {
		return writeJSON(p.out, report)
	}
	if t.Emulator != nil {
		report.note = fmt.Sprintf("%s is stopped; its logs are in %s", emulator.Name, shown(p.run))
	}
	_, err = io.WriteString(p.out, report.String())
	return err
}

// left are the assemblies with the stacks to destroy, one service before the whole app. If sandbox up was never run, but a test
// was interrupted on an account, they are those of the test.
func (p place) left() ([]string, error) {
	for _, folder := range []string{p.assemblies, p.tested} {
		found, err := project.Glob(folder, "*/manifest.json")
		if err != nil {
			return nil, err
		}
		var dirs []string
		for _, manifest := range found {
			dirs = append(dirs, filepath.Dir(manifest))
		}
		// only-… comes after all and env-….
		slices.Reverse(dirs)
		if len(dirs) > 0 {
			return dirs, nil
		}
	}
	return nil, fmt.Errorf("%s, which lists what was deployed, does not exist: see %ssandbox-account.md#clean-up", p.assemblies, finding.Docs)
}

// shown is a path as a person would write it in the working directory.
func shown(path string) string {
	if dir, err := os.Getwd(); err == nil {
		if short, err := filepath.Rel(dir, path); err == nil && len(short) < len(path) {
			return short
		}
	}
	return path
}
