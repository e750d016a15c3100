// Package command is the command line of the tool: a file for each command, with its flags, its help and what it prints. What
// the commands do is in the packages beside it.
package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/spf13/cobra"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
)

// The exit statuses of every command.
const (
	statusFailed = 1 // what the command was for has failed, or has findings
	statusUsage  = 2 // the arguments are wrong, or the command could not start
)

// failure ends the program with a status, with nothing more to print.
type failure int

func (f failure) Error() string { return fmt.Sprintf("exit status %d", int(f)) }

// usageError is an error in the arguments.
type usageError struct{ error }

// Main runs the command line and returns its exit status.
func Main(args []string, in io.Reader, out, problems io.Writer) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(problems)
	executed, err := root.ExecuteContextC(ctx)
	var silent failure
	var usage usageError
	switch {
	case err == nil:
		return 0
	case errors.As(err, &silent):
		return int(silent)
	}
	_, _ = fmt.Fprintf(problems, "%s: %v\n", name(executed), err)
	if errors.As(err, &usage) || executed == root {
		return statusUsage
	}
	return statusFailed
}

// name is the command below the root, which begins every message.
func name(c *cobra.Command) string {
	for c.HasParent() && c.Parent().HasParent() {
		c = c.Parent()
	}
	return c.Name()
}

func newRoot() *cobra.Command {
	root := &cobra.Command{
		Use:   "storefront",
		Short: "Microservices on AWS: synthesize, check and deploy an app",
		Long: `Storefront synthesizes, checks and deploys an app of microservices. Run it in the repository of the app, or in a folder
below it: the root is where cdk.json is.

Exit status: 0 if all is well; 1 if what the command is for has failed, or if there are findings; 2 if the arguments are wrong or the
command could not start.`,
		SilenceErrors: true,
		SilenceUsage:  true,
	}
	root.SetFlagErrorFunc(func(_ *cobra.Command, err error) error { return usageError{err} })
	root.AddCommand(newInit(), newAdd(), newSetup(), newSynth(), newTest(), newLint(), newSandbox(), newPreflight())
	return root
}

// usage makes what it finds wrong with the arguments a usage error.
func usage(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		if err := check(c, args); err != nil {
			return usageError{fmt.Errorf("%w\nusage: %s", err, c.UseLine())}
		}
		return nil
	}
}

// here is the project of the working directory.
func here() (*project.Project, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	return project.Find(dir)
}

// colored reports whether the output is a terminal whose user has not refused colors.
func colored(out io.Writer) bool {
	file, isFile := out.(*os.File)
	if !isFile || os.Getenv("NO_COLOR") != "" || os.Getenv("TERM") == "dumb" {
		return false
	}
	info, err := file.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}
