// Package cdk runs the pinned AWS CDK CLI as a person would, shows its progress, and returns what failed.
package cdk

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"syscall"
	"time"
)

// CLI is the CDK CLI for one app and one target.
type CLI struct {
	// Root is the folder whose node_modules has the CLI.
	Root string
	// App is the folder of the app, which has cdk.json. If empty, Root.
	App string
	// Dir is the folder for logs, a file for each run, and for the other files that the CLI writes.
	Dir string
	// Environ is the environment of every command that calls AWS.
	Environ []string
	// Progress receives a line for each step. If nil, nothing is shown.
	Progress io.Writer

	mutex    sync.Mutex
	runs     int
	outcomes []Outcome
}

// Outcomes returns what the last run did to each stack that it has finished, in its order.
func (c *CLI) Outcomes() []Outcome { return c.outcomes }

// Synth runs the app, a program, and writes the cloud assembly to a folder. It does not call AWS.
func (c *CLI) Synth(ctx context.Context, app, assembly string, settings map[string]string) error {
	args := []string{"synth", "--quiet", "--no-lookups", "--app", app, "--output", assembly}
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "--context", key+"="+settings[key])
	}
	// With the caller's HOME, where jsii caches its packages.
	_, err := c.run(ctx, cmp.Or(c.App, c.Root), os.Environ(), args)
	return err
}

// Bootstrap prepares an account for the CDK in a region.
func (c *CLI) Bootstrap(ctx context.Context, account, region string) error {
	// In a folder without cdk.json, or it would run the app.
	_, err := c.run(ctx, c.Dir, c.Environ, []string{"bootstrap", "aws://" + account + "/" + region})
	return err
}

// Deploy deploys only the given stacks of an assembly, by construct ID or by name; without any, all of them. It returns the
// output of the CLI.
func (c *CLI) Deploy(ctx context.Context, assembly string, stacks ...string) (string, error) {
	return c.run(ctx, cmp.Or(c.App, c.Root), c.Environ, append([]string{"deploy", "--app", assembly, "--require-approval", "never", "--progress", "events"}, only(stacks)...))
}

// only returns the arguments that select stacks without those that they depend on.
func only(stacks []string) []string {
	if len(stacks) == 0 {
		return []string{"--all"}
	}
	return append([]string{"--exclusively"}, stacks...)
}

// Destroy deletes only the given stacks of an assembly; without any, all of them.
func (c *CLI) Destroy(ctx context.Context, assembly string, stacks ...string) (string, error) {
	return c.run(ctx, cmp.Or(c.App, c.Root), c.Environ, append([]string{"destroy", "--app", assembly, "--force"}, only(stacks)...))
}

// Diff compares an assembly with the deployed stacks, by change sets, and returns the output of the CLI.
func (c *CLI) Diff(ctx context.Context, assembly string) (string, error) {
	return c.run(ctx, cmp.Or(c.App, c.Root), c.Environ, []string{"diff", "--app", assembly})
}

// Error is a run of the CLI that failed.
type Error struct {
	Command  string // such as "deploy"
	Stack    string // that failed, if any
	Resource string // that failed, by type, path and logical ID, if any
	Reason   string
	Log      string // the file with the output of the CLI
}

// Error returns one line.
func (e *Error) Error() string {
	where := "cdk " + e.Command
	for _, part := range []string{e.Stack, e.Resource} {
		if part != "" {
			where += ": " + part
		}
	}
	return fmt.Sprintf("%s: %s (log: %s)", where, e.Reason, e.Log)
}

func (c *CLI) run(ctx context.Context, dir string, environ, args []string) (string, error) {
	log, err := c.log(args[0])
	if err != nil {
		return "", err
	}
	defer func() { _ = log.Close() }()
	binaries := filepath.Join(c.Root, "node_modules", ".bin")
	command := exec.CommandContext(ctx, filepath.Join(binaries, "cdk"),
		append(args, "--no-color", "--no-notices")...)
	command.Dir = dir
	command.Env = append(slices.Clone(environ),
		"PATH="+binaries+string(os.PathListSeparator)+os.Getenv("PATH"), // jsii runs the first node on the PATH
		"CI=true", // all output to stdout, and no prompts
		"CDK_DISABLE_VERSION_CHECK=1",
		"CDK_DISABLE_CLI_TELEMETRY=1",
		"CDK_VALIDATION=false", // make synth turns it on
	)
	if args[0] != "synth" { // which runs the app, for which the cache is not
		command.Env = append(command.Env, compileCache()...)
	}
	// The CLI starts other programs: signal the whole process group.
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGTERM) }
	command.WaitDelay = 5 * time.Second

	reader, writer := io.Pipe()
	command.Stdout, command.Stderr = writer, writer
	said := &said{command: args[0], progress: c.Progress, started: time.Now(), mark: time.Now()}
	done := make(chan struct{})
	go func() {
		defer close(done)
		lines := bufio.NewScanner(reader)
		lines.Buffer(nil, 1<<20)
		for lines.Scan() {
			_, _ = fmt.Fprintln(log, lines.Text())
			said.line(lines.Text())
		}
		_, _ = io.Copy(log, reader) // a longer line must not block the CLI
	}()
	err = command.Run()
	_ = writer.Close()
	<-done
	c.outcomes = said.outcomes
	if ctx.Err() != nil {
		_ = syscall.Kill(-command.Process.Pid, syscall.SIGKILL) // what is left of its process group
		return said.text.String(), context.Cause(ctx)
	}
	if err == nil {
		said.done()
		return said.text.String(), nil
	}
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return "", fmt.Errorf("cdk %s: %w", args[0], err)
	}
	failure := said.failure()
	failure.Log = log.Name()
	return said.text.String(), failure
}

// log creates the log file of the next run.
func (c *CLI) log(step string) (*os.File, error) {
	c.mutex.Lock()
	defer c.mutex.Unlock()
	c.runs++
	if err := os.MkdirAll(c.Dir, 0o700); err != nil {
		return nil, err
	}
	return os.Create(filepath.Join(c.Dir, fmt.Sprintf("%02d-%s.log", c.runs, step)))
}
