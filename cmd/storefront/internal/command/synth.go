package command

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/spf13/cobra"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/cdk"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/summary"
)

// output is the folder of the templates, in the root.
const output = "cdk.out"

// selection are the flags that select what of an app is synthesized, and by how many processes: the context keys of the app.
type selection struct {
	only, env, account, protection string
	jobs                           int
}

func (s *selection) register(c *cobra.Command) {
	flags := c.Flags()
	flags.StringVar(&s.only, "only", "", "services, separated by commas, without the stacks that they share")
	flags.StringVar(&s.env, "env", "", "environment (default the first one of the app)")
	flags.StringVar(&s.account, "account", "", "AWS account, twelve digits (default that of the environment)")
	flags.StringVar(&s.protection, "protection", "", "off: nothing is protected from deletion, for a first deployment")
	s.registerJobs(c)
	for flag, complete := range map[string]cobra.CompletionFunc{
		"only": completeServices, "env": completeEnvironments, "account": cobra.NoFileCompletions,
		"protection": cobra.FixedCompletions([]string{"off"}, cobra.ShellCompDirectiveNoFileComp),
	} {
		if err := c.RegisterFlagCompletionFunc(flag, complete); err != nil {
			panic(err) // there is no flag of that name
		}
	}
}

func (s *selection) registerJobs(c *cobra.Command) {
	c.Flags().IntVar(&s.jobs, "jobs", 0, "processes that synthesize the services (default by the cores and the number of services)")
}

// goldens are the folders of golden templates, by environment, as apptest.Golden writes them.
func goldens() []string {
	p, err := here()
	if err != nil {
		return nil
	}
	var found []string
	for _, pattern := range []string{"testdata/golden/*", "*/testdata/golden/*"} {
		folders, _ := project.Glob(p.Root, pattern) // the patterns are good
		found = append(found, folders...)
	}
	return found
}

func completeEnvironments(*cobra.Command, []string, string) ([]cobra.Completion, cobra.ShellCompDirective) {
	var names []string
	for _, folder := range goldens() {
		names = append(names, filepath.Base(folder))
	}
	slices.Sort(names)
	return slices.Compact(names), cobra.ShellCompDirectiveNoFileComp
}

// serviceRecord matches the record of a service that a template has.
var serviceRecord = regexp.MustCompile(`"storefront:service:([^"]+)"`)

// completeServices completes the last one of a list, from the golden templates, which are there before the first synthesis.
func completeServices(_ *cobra.Command, _ []string, typed string) ([]cobra.Completion, cobra.ShellCompDirective) {
	given := typed[:strings.LastIndex(typed, ",")+1]
	var names []string
	for _, folder := range goldens() {
		files, _ := project.Glob(folder, "*.json")
		for _, file := range files {
			text, err := os.ReadFile(file)
			if err != nil {
				continue
			}
			for _, record := range serviceRecord.FindAllSubmatch(text, -1) {
				if name := string(record[1]); !slices.Contains(strings.Split(given, ","), name) {
					names = append(names, given+name)
				}
			}
		}
	}
	slices.Sort(names)
	return slices.Compact(names), cobra.ShellCompDirectiveNoFileComp | cobra.ShellCompDirectiveNoSpace
}

// context returns the context of the CDK app: a flag that was not given sets no key.
func (s *selection) context(c *cobra.Command) map[string]string {
	values := map[string]string{}
	for key, value := range map[string]string{"only": s.only, "env": s.env, "account": s.account, "protection": s.protection} {
		if c.Flags().Changed(key) {
			values[key] = value
		}
	}
	if c.Flags().Changed("jobs") {
		values["storefront:jobs"] = strconv.Itoa(s.jobs)
	}
	return values
}

func newSynth() *cobra.Command {
	var s selection
	var asJSON, routes bool
	c := &cobra.Command{
		Use:   "synth",
		Short: "Define every stack, validate, write the templates to cdk.out and list them",
		Long: `Synth runs the app, validates its templates, writes them to cdk.out and lists
the stacks in the order of their deployment, with how close each is to the
limits of CloudFormation. Warnings and errors go to standard error.`,
		Example: `  storefront synth
  storefront synth --only cart,reviews
  storefront synth --env production --account 111122223333
  storefront synth --routes
  storefront synth --json | jq '.stacks[].name'`,
		Args: arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := here()
			if err != nil {
				return err
			}
			if err := synthesize(c.Context(), p, s.context(c), c.ErrOrStderr()); err != nil {
				return err
			}
			found, err := summary.Of(filepath.Join(p.Root, output), output)
			if err != nil {
				return err
			}
			switch {
			case asJSON:
				return writeJSON(c.OutOrStdout(), found)
			case routes:
				_, err = io.WriteString(c.OutOrStdout(), found.RouteTable())
			default:
				_, err = io.WriteString(c.OutOrStdout(), found.StackTable(output))
			}
			return err
		},
	}
	s.register(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print the stacks and the routes as JSON")
	c.Flags().BoolVar(&routes, "routes", false, "list the routes of the API instead: who may call them, and which service answers")
	return c
}

// synthesize installs and builds what it takes, and writes the validated templates.
func synthesize(ctx context.Context, p *project.Project, settings map[string]string, problems io.Writer) error {
	unlock, err := p.Lock("templates")
	if err != nil {
		return err
	}
	defer unlock()
	if err := p.Install(ctx, problems); err != nil {
		return err
	}
	if err := os.RemoveAll(filepath.Join(p.Root, output)); err != nil {
		return err
	}
	if err := cdk.Synthesize(ctx, p, output, settings, problems); errors.Is(err, cdk.ErrApp) {
		return failure(statusFailed) // the app has printed why
	} else if err != nil {
		return err
	}
	return nil
}

// writeJSON writes what a machine reads.
func writeJSON(out io.Writer, value any) error {
	encoder := json.NewEncoder(out)
	encoder.SetEscapeHTML(false)
	encoder.SetIndent("", "  ")
	return encoder.Encode(value)
}
