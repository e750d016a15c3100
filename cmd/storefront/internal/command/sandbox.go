package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/spf13/cobra"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/cdk"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/emulator"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/target"
)

func newSandbox() *cobra.Command {
	c := &cobra.Command{
		Use:   "sandbox",
		Short: "Deploy the app to an emulator of AWS on this machine",
		Long: `Sandbox deploys the app, its first environment, with the real CDK CLI to an emulator of AWS on this machine, for which it needs
Python 3.10 or newer. No AWS account and no Docker.

SANDBOX_PORT is the port on 127.0.0.1 (default a free one). SANDBOX_ENDPOINT= (empty) and credentials in the environment make it
a real account, which costs money; SANDBOX_ACCOUNT is then its number.`,
	}
	up := &cobra.Command{
		Use:     "up",
		Short:   "Deploy the app to the emulator, and leave it there to look at",
		Example: "  storefront sandbox up\n  SANDBOX_PORT=4566 storefront sandbox up",
		Args:    arguments(0, 0),
		RunE:    inPlace(place.up),
	}
	down := &cobra.Command{
		Use:   "down",
		Short: "Destroy what sandbox up deployed, and stop the emulator",
		Args:  arguments(0, 0),
		RunE:  inPlace(place.down),
	}
	c.AddCommand(up, down)
	return c
}

func inPlace(run func(place, context.Context) error) func(*cobra.Command, []string) error {
	return func(c *cobra.Command, _ []string) error {
		p, err := here()
		if err != nil {
			return err
		}
		return run(newPlace(p, c), c.Context())
	}
}

// place is the folders of a sandbox.
type place struct {
	*project.Project
	in       io.Reader
	out      io.Writer
	problems io.Writer
	run      string // of the emulator
	logs     string // of the CDK's command line
	assembly string // what was deployed
	tested   string // what the storefront's own tests deployed
}

func newPlace(p *project.Project, c *cobra.Command) place {
	in := func(elements ...string) string { return p.Cache(append([]string{"sandbox"}, elements...)...) }
	return place{p, c.InOrStdin(), c.OutOrStdout(), c.ErrOrStderr(), in("run"), in("log"), in("cdk.out"), in("test", "sandbox")}
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
	return target.Open(ctx, target.Options{Python: p.Cache("sandbox", "python"), Dir: p.run, Ask: p.in, Tell: p.problems})
}

// up deploys the storefront and leaves it running. A running sandbox is updated.
func (p place) up(ctx context.Context) error {
	start := time.Now()
	t, err := p.find(ctx)
	opened := errors.Is(err, emulator.ErrNotRunning)
	if opened {
		t, err = p.open(ctx)
	} else if err == nil {
		err = t.AsChosen()
	}
	if ctx.Err() != nil && err != nil {
		return errors.New("interrupted: nothing is left running")
	}
	if err != nil {
		return err
	}
	while, cancel := t.While(ctx)
	defer cancel()
	storefront, err := p.deploy(while, t)
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
	return report(ctx, p.out, t, storefront, time.Since(start))
}

func (p place) deploy(ctx context.Context, t *target.Target) (*deployed.Storefront, error) {
	if t.Emulator != nil {
		_, _ = fmt.Fprintf(p.problems, "         %s answers at %s\n", emulator.Name, t.Emulator.Endpoint())
	}
	if err := p.Install(ctx, p.problems); err != nil {
		return nil, err
	}
	app, err := p.Build(ctx, p.problems)
	if err != nil {
		return nil, err
	}
	c := p.cli(t)
	if err := c.Synth(ctx, app, p.assembly, nil); err != nil {
		return nil, err
	}
	region, err := deployed.Region(p.assembly)
	if err != nil {
		return nil, err
	}
	if err := c.Bootstrap(ctx, t.Account, region); err != nil {
		return nil, err
	}
	if _, err = c.Deploy(ctx, p.assembly); err != nil {
		return nil, err
	}
	return deployed.Read(ctx, t.Config, p.assembly)
}

// down destroys the stacks with the CDK CLI, and stops the emulator even if that fails.
func (p place) down(ctx context.Context) error {
	t, err := p.find(ctx)
	if errors.Is(err, emulator.ErrNotRunning) {
		_, _ = fmt.Fprintln(p.problems, "sandbox: none is running")
		return nil
	}
	if err != nil {
		return err
	}
	defer t.Close()
	assembly, err := p.left()
	if err != nil {
		return err
	}
	while, cancel := t.While(ctx)
	defer cancel()
	if _, err := p.cli(t).Destroy(while, assembly); err != nil {
		return t.Why(ctx, err)
	}
	if t.Emulator != nil {
		_, _ = fmt.Fprintf(p.problems, "         %s is stopped; its logs are in %s\n", emulator.Name, p.run)
	}
	return nil
}

// left is an assembly with the stacks to destroy. If sandbox up was never run, but a test was interrupted on an
// account, it is the assembly of that.
func (p place) left() (string, error) {
	for _, assembly := range []string{p.assembly, p.tested} {
		if _, err := os.Stat(filepath.Join(assembly, "manifest.json")); err == nil {
			return assembly, nil
		}
	}
	return "", fmt.Errorf("%s, which lists what was deployed, does not exist: see Clean up in docs/sandbox-account.md", p.assembly)
}
