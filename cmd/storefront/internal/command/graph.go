package command

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/assembly"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/graph"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/permission"
)

// graphOptions are the flags of graph.
type graphOptions struct {
	selection
	assembly, out string
	check, json   bool
	reasons       []string
}

func newGraph() *cobra.Command {
	var o graphOptions
	c := &cobra.Command{
		Use:   "graph",
		Short: "Write who calls whom, who may do what, and the forms of the events, as pages in docs",
		Long: `Graph synthesizes the app and writes, from its templates:

  docs/graph.md                      a picture of the services, their calls and
                                     events; owners, data, schedules, routes
  docs/least-privilege.md            what each role may do
  docs/events/SERVICE.asyncapi.json  the events of a service, as AsyncAPI 3

A policy that allows an action on every resource is a finding, unless AWS has no
narrower resource for it: name the resource, or give the reason.

Exit status: 1 also if there is a finding, or with --check if a file is stale.`,
		Example: `  storefront graph --env production
  storefront graph --env production --check
  storefront graph --assembly cdk.out --json | jq '.services[].calls'
  storefront graph --only cart,catalog --out /tmp/checkout`,
		Args: arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error { return o.run(c) },
	}
	o.register(c)
	flags := c.Flags()
	flags.StringVar(&o.assembly, "assembly", "", "folder that synth wrote, or of golden templates, to read instead of synthesizing")
	flags.StringVar(&o.out, "out", "", "folder of the files (default docs of the app)")
	flags.BoolVar(&o.check, "check", false, "write nothing, and fail if a file is stale")
	flags.BoolVar(&o.json, "json", false, "print all of it as JSON, and write nothing")
	flags.StringArrayVar(&o.reasons, "reason", nil, "why an action is allowed on every resource, as ACTION=WHY; may be repeated")
	folderFlag(c, "assembly")
	folderFlag(c, "out")
	return c
}

// validate returns what is wrong with the flags, and the reasons by action.
func (o *graphOptions) validate(c *cobra.Command) (map[string]string, error) {
	var problems []error
	reasons := map[string]string{}
	for _, given := range o.reasons {
		action, why, _ := strings.Cut(given, "=")
		if !strings.Contains(action, ":") || strings.TrimSpace(why) == "" {
			problems = append(problems, fmt.Errorf("--reason must be an action of IAM and a reason, such as 'athena:ListDataCatalogs=lists all catalogs', got %q", given))
		}
		reasons[action] = why
	}
	if o.assembly != "" {
		for _, flag := range []string{"only", "env", "account", "protection"} {
			if c.Flags().Changed(flag) {
				problems = append(problems, fmt.Errorf("--%s is for the synthesis, which --assembly replaces: leave one out", flag))
			}
		}
	}
	if o.only != "" && o.out == "" && !o.json {
		problems = append(problems, errors.New("--only is a part of the app, and docs has the pages of the whole: add --out with another folder, or --json"))
	}
	if o.check && o.json {
		problems = append(problems, errors.New("--check compares files, and --json writes none: leave one out"))
	}
	if err := errors.Join(problems...); err != nil {
		return nil, usageError{err}
	}
	return reasons, nil
}

func (o *graphOptions) run(c *cobra.Command) error {
	reasons, err := o.validate(c)
	if err != nil {
		return err
	}
	stacks, err := o.stacks(c)
	if err != nil {
		return err
	}
	services, err := graph.Of(stacks)
	if err != nil {
		return err
	}
	permissions := permission.Of(stacks, reasons)
	findings := permissions.Findings()
	for _, found := range findings {
		_, _ = fmt.Fprintf(c.ErrOrStderr(), "graph: %s\n", found)
	}
	if o.json {
		err = writeJSON(c.OutOrStdout(), struct {
			*graph.Graph
			permission.Permissions
		}{services, permissions})
	} else {
		err = o.write(c, services, permissions)
	}
	if err == nil && len(findings) > 0 {
		return failure(statusFailed)
	}
	return err
}

// stacks reads the templates, which it synthesizes unless it gets a folder.
func (o *graphOptions) stacks(c *cobra.Command) ([]assembly.Stack, error) {
	if o.assembly != "" {
		return assembly.ReadTemplates(o.assembly)
	}
	p, err := here()
	if err != nil {
		return nil, err
	}
	if err := synthesize(c.Context(), p, o.context(c), c.ErrOrStderr()); err != nil {
		return nil, err
	}
	return assembly.ReadTemplates(filepath.Join(p.Root, output))
}

// write writes the files that differ, deletes those of services that exchange no events anymore, and prints their names. With
// --check it returns an error that names them.
func (o *graphOptions) write(c *cobra.Command, services *graph.Graph, permissions permission.Permissions) error {
	dir := o.out
	if dir == "" {
		p, err := here()
		if err != nil {
			return err
		}
		dir = filepath.Join(p.Root, "docs")
	}
	want, err := files(services, permissions)
	if err != nil {
		return err
	}
	stale, err := differing(dir, want)
	if err != nil {
		return err
	}
	if o.check {
		return o.stale(stale, services)
	}
	for _, name := range stale {
		file := filepath.Join(dir, name)
		if want[name] == nil {
			err = os.Remove(file)
		} else if err = os.MkdirAll(filepath.Dir(file), 0o755); err == nil { //nolint:gosec // pages that everyone may read
			err = os.WriteFile(file, want[name], 0o644) //nolint:gosec // pages that everyone may read
		}
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(c.OutOrStdout(), "%s %s\n", map[bool]string{true: "deleted", false: "wrote"}[want[name] == nil], shown(file))
	}
	if len(stale) == 0 {
		_, err = fmt.Fprintf(c.OutOrStdout(), "%s and the files beside it are up to date\n", shown(filepath.Join(dir, "graph.md")))
	}
	return err
}

// stale returns an error if files are.
func (o *graphOptions) stale(names []string, services *graph.Graph) error {
	if len(names) == 0 {
		return nil
	}
	remedy := called() + " graph"
	if len(services.Environments) == 1 {
		remedy += " --env " + services.Environments[0]
	}
	if o.out != "" {
		remedy += " --out " + o.out
	}
	verb := map[bool]string{true: "is", false: "are"}[len(names) == 1]
	return fmt.Errorf("%s %s not as the templates say: run %s, and commit what it writes", strings.Join(names, ", "), verb, remedy)
}

// files are the texts of all files by their names.
func files(services *graph.Graph, permissions permission.Permissions) (map[string][]byte, error) {
	const by = "storefront graph"
	all := map[string][]byte{
		"graph.md":           []byte(services.Markdown(by)),
		"least-privilege.md": []byte(permissions.Markdown(by, services.Of())),
	}
	for name, document := range services.AsyncAPI() {
		var text bytes.Buffer
		if err := writeJSON(&text, document); err != nil {
			return nil, err
		}
		all[filepath.Join(graph.EventsFolder, name+graph.DocumentEnd)] = text.Bytes()
	}
	return all, nil
}

// differing are the names of the files whose text is another, and of AsyncAPI documents that this command wrote and does not
// write anymore, sorted.
func differing(dir string, want map[string][]byte) ([]string, error) {
	var names []string
	for name, text := range want {
		got, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return nil, err
		}
		if !bytes.Equal(got, text) {
			names = append(names, name)
		}
	}
	documents, _ := fs.Glob(os.DirFS(dir), graph.EventsFolder+"/*"+graph.DocumentEnd) // the pattern is good
	for _, name := range documents {
		text, err := os.ReadFile(filepath.Join(dir, name))
		if err != nil {
			return nil, err
		}
		if want[name] == nil && bytes.Contains(text, []byte(graph.WrittenBy)) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names), nil
}
