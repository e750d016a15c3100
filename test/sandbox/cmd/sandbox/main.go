// Command sandbox deploys the storefront to an emulator of AWS, or to an account, and destroys it: the program behind make
// sandbox and make sandbox-down.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/storefront-cdk/storefront/test/sandbox/cli"
	"github.com/storefront-cdk/storefront/test/sandbox/deployed"
	"github.com/storefront-cdk/storefront/test/sandbox/emulator"
	"github.com/storefront-cdk/storefront/test/sandbox/target"
)

const usage = "usage: sandbox up|down, in the repository"

func main() {
	ctx, cancel := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	err := run(ctx, os.Args[1:])
	cancel()
	if err != nil {
		fmt.Fprintln(os.Stderr, "sandbox:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string) error {
	if len(args) != 1 {
		return errors.New(usage)
	}
	root, err := os.Getwd()
	if err != nil {
		return err
	}
	place := newPlace(root)
	switch args[0] {
	case "up":
		return place.up(ctx)
	case "down":
		return place.down(ctx)
	}
	return errors.New(usage)
}

// place is the folders of a sandbox.
type place struct {
	root     string // the repository
	run      string // of the emulator
	logs     string // of the CDK's command line
	assembly string // what was deployed
	tested   string // what make sandbox-test deployed
}

func newPlace(root string) place {
	dir := filepath.Join(root, ".cache", "sandbox")
	return place{root, filepath.Join(dir, "run"), filepath.Join(dir, "log"), filepath.Join(dir, "cdk.out"), filepath.Join(dir, "test", "sandbox")}
}

func (p place) cli(t *target.Target) *cli.CLI {
	return &cli.CLI{Root: p.root, Dir: p.logs, Environ: t.Environ, Progress: os.Stderr}
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
	return target.Open(ctx, target.Options{Root: p.root, Dir: p.run, Ask: os.Stdin, Tell: os.Stderr})
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
	return report(ctx, os.Stdout, t, storefront, time.Since(start))
}

func (p place) deploy(ctx context.Context, t *target.Target) (*deployed.Storefront, error) {
	if t.Emulator != nil {
		fmt.Fprintf(os.Stderr, "         %s answers at %s\n", emulator.Name, t.Emulator.Endpoint())
	}
	c := p.cli(t)
	if err := c.Synth(ctx, filepath.Join(p.root, "bin", "storefront"), p.assembly, map[string]string{"env": "sandbox"}); err != nil {
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
		fmt.Fprintln(os.Stderr, "sandbox: none is running")
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
		fmt.Fprintf(os.Stderr, "         %s is stopped; its logs are in %s\n", emulator.Name, p.run)
	}
	return nil
}

// left is an assembly with the stacks to destroy. If make sandbox was never run, but make sandbox-test was interrupted on an
// account, it is the assembly of that.
func (p place) left() (string, error) {
	for _, assembly := range []string{p.assembly, p.tested} {
		if _, err := os.Stat(filepath.Join(assembly, "manifest.json")); err == nil {
			return assembly, nil
		}
	}
	return "", fmt.Errorf("%s, which lists what was deployed, does not exist: see Clean up in docs/sandbox-account.md", p.assembly)
}
