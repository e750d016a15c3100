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
	"path/filepath"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/progress"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
)

// The exit statuses of every command.
const (
	statusFailed = 1 // what the command is for has failed or was interrupted, or there are findings
	statusUsage  = 2 // the arguments are wrong, or there is no app
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
	line := progress.New(problems)
	root := newRoot()
	root.SetArgs(args)
	root.SetIn(in)
	root.SetOut(out)
	root.SetErr(line)
	executed, err := root.ExecuteContextC(ctx)
	if err == nil {
		return 0
	}
	if ctx.Err() != nil && !strings.HasPrefix(err.Error(), "interrupted") {
		err = errors.New("interrupted")
	}
	status := statusFailed
	if errors.As(err, &usageError{}) || errors.Is(err, project.ErrNone) {
		status = statusUsage
	}
	var silent failure
	if errors.As(err, &silent) {
		return int(silent)
	}
	_, _ = fmt.Fprintf(line, "%s: %v\n", name(executed), err)
	return status
}

// name is the command below the root, which begins every message.
func name(c *cobra.Command) string {
	for c.HasParent() && c.Parent().HasParent() {
		c = c.Parent()
	}
	return c.Name()
}

func newRoot() *cobra.Command {
	cobra.EnableCommandSorting = false // they are in the order in which they are needed
	var noColor bool
	root := &cobra.Command{
		Use:   "storefront",
		Short: "Microservices on AWS: synthesize, check and deploy an app",
		Long: `Storefront synthesizes, checks and deploys an app of microservices. Run it in
the repository of the app, or in any folder below: the root is where cdk.json is.

In the repository of an app it is a tool of Go: go tool storefront synth.

Exit status:
  0  all is well
  1  what the command is for has failed or was interrupted, or has findings; the
     app, too, has failed if it has no such environment or service
  2  the arguments are wrong, or there is no app in this folder or above it`,
		Example: `  storefront init menu           create an app in the folder menu
  storefront doctor              is this machine ready?
  storefront synth               write the templates and list the stacks
  storefront synth --only cart   one service
  storefront sandbox up          deploy to an emulator of AWS, without an account`,
		Annotations:   map[string]string{cobra.CommandDisplayNameAnnotation: displayed(os.Args[0])},
		Version:       version(),
		SilenceErrors: true,
		SilenceUsage:  true,
		PersistentPreRunE: func(*cobra.Command, []string) error {
			if noColor {
				return os.Setenv("NO_COLOR", "1") // for the programs that are started, too
			}
			return nil
		},
	}
	root.PersistentFlags().BoolVar(&noColor, "no-color", false, "no colors, as with NO_COLOR in the environment")
	root.SetFlagErrorFunc(flagError)
	root.SetVersionTemplate("storefront {{.Version}}\n")
	root.AddCommand(newInit(), newAdd(), newSynth(), newTest(), newLint(), newGraph(), newSandbox(), newRun(), newPreflight(), newDoctor(), newSetup())
	root.SetHelpCommand(newHelp())
	root.InitDefaultHelpCmd()
	root.InitDefaultCompletionCmd()
	root.CompletionOptions.SetDefaultShellCompDirective(cobra.ShellCompDirectiveNoFileComp)
	root.SetUsageTemplate(strings.ReplaceAll(root.UsageTemplate(), "{{if .Runnable}}\n  {{.UseLine}}{{end}}",
		"{{if not .HasAvailableSubCommands}}\n  {{.UseLine}}{{end}}"))
	group(root)
	display(root)
	return root
}

// displayed is what a user writes to call the program, of the path at which it runs. Go runs a tool of a module from its build cache;
// go run has it in a folder exe, before there is a module.
func displayed(path string) string {
	if strings.Contains(path, "go-build") && filepath.Base(path) == "storefront" && filepath.Base(filepath.Dir(path)) != "exe" {
		return "go tool storefront"
	}
	return "storefront"
}

// display makes the examples of a command and of those below it begin as its user writes them.
func display(c *cobra.Command) {
	c.Example = strings.ReplaceAll("\n"+c.Example, "\n  storefront ", "\n  "+c.Root().DisplayName()+" ")[1:]
	for _, child := range c.Commands() {
		display(child)
	}
}

// version is that of the module, as the Go command recorded it.
func version() string {
	if info, ok := debug.ReadBuildInfo(); ok && info.Main.Version != "" {
		return info.Main.Version
	}
	return "(devel)"
}

// group makes a command that only has commands below it print its help without arguments, and an unknown command an error.
// Cobra exits with status 0 for both.
func group(c *cobra.Command) {
	for _, child := range c.Commands() {
		group(child)
	}
	if !c.HasSubCommands() || c.Runnable() {
		return
	}
	c.Args = func(c *cobra.Command, args []string) error {
		if len(args) == 0 {
			return nil
		}
		return unknownCommand(c, args[0])
	}
	c.RunE = func(c *cobra.Command, _ []string) error { return c.Help() }
}

func unknownCommand(c *cobra.Command, got string) error {
	return usageError{fmt.Errorf("unknown command %q%s", got, instead(c, got, c.CommandPath()+" --help lists the commands"))}
}

// instead is what to write instead of a word: the children of c that are like it, or otherwise.
func instead(c *cobra.Command, got, otherwise string) string {
	c.SuggestionsMinimumDistance = 2
	if like := c.SuggestionsFor(got); len(like) > 0 {
		return ": did you mean " + strings.Join(like, " or ") + "?"
	}
	return ": " + otherwise
}

func flagError(c *cobra.Command, err error) error {
	var unknown *pflag.NotExistError
	if !errors.As(err, &unknown) {
		return usageError{err}
	}
	flags := &cobra.Command{}
	c.Flags().VisitAll(func(f *pflag.Flag) {
		flags.AddCommand(&cobra.Command{Use: "--" + f.Name, Run: func(*cobra.Command, []string) {}})
	})
	return usageError{fmt.Errorf("%w%s", err, instead(flags, "--"+unknown.GetSpecifiedName(), c.CommandPath()+" --help lists the flags"))}
}

func newHelp() *cobra.Command {
	return &cobra.Command{
		Use:   "help [command]",
		Short: "Show what a command does, its flags and examples",
		RunE: func(c *cobra.Command, args []string) error {
			found, rest, err := c.Root().Find(args)
			if err != nil || len(rest) > 0 {
				return unknownCommand(found, args[len(args)-max(1, len(rest))])
			}
			return found.Help()
		},
		ValidArgsFunction: func(c *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			found, _, err := c.Root().Find(args)
			if err != nil {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var names []string
			for _, child := range found.Commands() {
				if child.IsAvailableCommand() {
					names = append(names, child.Name()+"\t"+child.Short)
				}
			}
			return names, cobra.ShellCompDirectiveNoFileComp
		},
	}
}

// arguments accepts from least to most arguments.
func arguments(least, most int) cobra.PositionalArgs {
	return func(c *cobra.Command, args []string) error {
		switch {
		case len(args) > most:
			return usageError{fmt.Errorf("unexpected argument %q: write %s", args[most], c.UseLine())}
		case len(args) < least:
			return usageError{fmt.Errorf("an argument is missing: write %s", c.UseLine())}
		}
		return nil
	}
}

// folders completes an argument that is a folder.
func folders(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	return nil, cobra.ShellCompDirectiveFilterDirs
}

// folderFlag makes a flag that is a folder complete.
func folderFlag(c *cobra.Command, name string) {
	if err := c.RegisterFlagCompletionFunc(name, folders); err != nil {
		panic(err) // there is no flag of that name
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
