package command

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime/debug"
	"strings"

	"github.com/spf13/cobra"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/progress"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/scaffold"
)

// answers are what init asks for, or takes from its flags.
type answers struct{ module, name, service, region, library string }

func newInit() *cobra.Command {
	var a answers
	c := &cobra.Command{
		Use:   "init [dir]",
		Short: "Create an app of one service, with its tests, its commands and its CI",
		Long: `Init creates an app in a folder, by default the working directory: its Go
module, a service with the golden templates that its tests compare, the CDK's
settings, a Makefile, a workflow of GitHub Actions and a README. On a terminal it
asks for what no flag has. It overwrites nothing; the folder may be a Git
repository, and have a go.mod.`,
		Example: `  storefront init menu
  storefront init --module github.com/acme/menu --service Menu \
      --region eu-central-1 menu`,
		Args:              arguments(0, 1),
		ValidArgsFunction: folders,
		RunE: func(c *cobra.Command, args []string) error {
			dir := "."
			if len(args) > 0 {
				dir = args[0]
			}
			if dir == "" {
				return usageError{errors.New("the folder is empty text: name one, or leave it out for the working directory")}
			}
			return a.create(c, dir)
		},
	}
	flags := c.Flags()
	flags.StringVar(&a.module, "module", "", "path of the Go module, such as github.com/acme/menu")
	flags.StringVar(&a.service, "service", "", "first service, such as Menu")
	flags.StringVar(&a.region, "region", "", "AWS region of both environments, such as eu-central-1")
	flags.StringVar(&a.name, "name", "", "first part of each stack's name (default the last part of the module)")
	flags.StringVar(&a.library, "library", "", "root of a copy of the library on this machine, to use instead of a version")
	folderFlag(c, "library")
	return c
}

func (a *answers) create(c *cobra.Command, dir string) error {
	place, err := a.place(c, dir)
	if err != nil {
		return err
	}
	existing, err := place.Module(c.Context())
	if err != nil {
		return err
	}
	missing, err := a.complete(c, place.Dir, existing)
	if err != nil {
		return err
	}
	app, files, wrong := a.app()
	problems := []error{missing, wrong, place.Check(files)}
	if existing != "" && existing != app.Module {
		problems = append(problems, fmt.Errorf("--module must be absent, or that of the go.mod in %s, %s, got %q", dir, existing, app.Module))
	}
	if place.Library == "" {
		info, _ := debug.ReadBuildInfo()
		place.Version, err = versionOf(info)
		problems = append(problems, err)
	}
	if err := errors.Join(problems...); err != nil {
		return usageError{err}
	}
	written, err := place.Create(c.Context(), app, files)
	if err != nil {
		return err
	}
	_, err = io.WriteString(c.OutOrStdout(), created(app, dir, written)+elsewhere(c.Context(), dir))
	return err
}

func (a *answers) place(c *cobra.Command, dir string) (scaffold.Place, error) {
	place := scaffold.Place{Tell: c.ErrOrStderr()}
	var err error
	if place.Dir, err = filepath.Abs(dir); err == nil && a.library != "" {
		place.Library, err = filepath.Abs(a.library)
	}
	return place, err
}

// app is the app of the answers, and its files. The error lists everything that is wrong with the answers.
func (a *answers) app() (scaffold.App, []scaffold.File, error) {
	app := scaffold.App{Module: a.module, Region: a.region, Name: cmp.Or(a.name, scaffold.NameOf(a.module))}
	service, err := scaffold.NewService(a.service)
	if err != nil {
		err = fmt.Errorf("--service: %w", err)
	}
	app.Service = service
	if err := errors.Join(app.Validate(), err); err != nil {
		return app, nil, err
	}
	files, err := app.Files()
	return app, files, err
}

// complete asks for what no flag has, on a terminal. Elsewhere that is missing, which is the first error, and takes the fallback,
// so that everything else can be checked.
func (a *answers) complete(c *cobra.Command, dir, existing string) (missing, failed error) {
	if a.module == "" {
		a.module = existing
	}
	lines := bufio.NewReader(c.InOrStdin())
	interactive := progress.Terminal(c.InOrStdin())
	for _, q := range []struct {
		flag, question string
		value          *string
		fallback       func() string
		check          func(string) error
	}{
		{"module", "Go module", &a.module, func() string { return moduleOf(c.Context(), dir) }, scaffold.CheckModule},
		{"service", "First service", &a.service, func() string { return serviceOf(cmp.Or(a.module, dir)) }, checkService},
		{"region", "AWS region", &a.region, regionOf, scaffold.CheckRegion},
	} {
		if *q.value != "" {
			continue
		}
		if !interactive {
			*q.value = q.fallback()
			missing = errors.Join(missing, fmt.Errorf("--%[1]s is missing, and there is no terminal to ask on: add it, such as --%[1]s %[2]s", q.flag, *q.value))
			continue
		}
		if *q.value, failed = ask(c.Context(), lines, c.ErrOrStderr(), q.question, q.fallback(), q.check); failed != nil {
			return missing, failed
		}
	}
	return missing, nil
}

// ask asks until the answer is good. An empty one is the fallback.
func ask(ctx context.Context, from *bufio.Reader, to io.Writer, question, fallback string, check func(string) error) (string, error) {
	for {
		_, _ = fmt.Fprintf(to, "%s [%s]: ", question, fallback)
		type typed struct {
			line string
			err  error
		}
		answer := make(chan typed, 1)
		go func() {
			line, err := from.ReadString('\n')
			answer <- typed{line, err}
		}()
		select {
		case <-ctx.Done():
			_, _ = fmt.Fprintln(to)
			return "", errors.New("interrupted: nothing was written")
		case got := <-answer:
			value := cmp.Or(strings.TrimSpace(got.line), fallback)
			if got.err != nil && strings.TrimSpace(got.line) == "" {
				_, _ = fmt.Fprintln(to)
				return "", errors.New("the input has ended: nothing was written")
			}
			err := check(value)
			if err == nil {
				return value, nil
			}
			_, _ = fmt.Fprintln(to, err)
		}
	}
}

func checkService(name string) error {
	_, err := scaffold.NewService(name)
	return err
}

var remote = regexp.MustCompile(`^(?:[a-z+]+://)?(?:[^@/]+@)?([A-Za-z0-9][A-Za-z0-9.-]*)(?::[0-9]+)?[:/]/*(.+?)(?:\.git)?/*$`)

// moduleOf is the module that a folder would have: that of its Git repository's remote, or one of its name.
func moduleOf(ctx context.Context, dir string) string {
	git := func(args ...string) string {
		output, err := exec.CommandContext(ctx, "git", append([]string{"-C", dir}, args...)...).Output()
		if err != nil {
			return ""
		}
		return strings.TrimSpace(string(output))
	}
	match := remote.FindStringSubmatch(git("remote", "get-url", "origin"))
	if match == nil || !strings.Contains(match[1], ".") {
		return "example.com/" + scaffold.NameOf(filepath.Base(dir))
	}
	return strings.TrimSuffix(strings.Join([]string{match[1], match[2], git("rev-parse", "--show-prefix")}, "/"), "/")
}

// serviceOf is the service that an app of a module, or of a folder, would have.
func serviceOf(module string) string {
	service, err := scaffold.NewService(scaffold.NameOf(module))
	if err != nil {
		return "Hello"
	}
	return service.ID
}

// regionOf is the region of the AWS settings in the environment, if an app can be created for it.
func regionOf() string {
	region := cmp.Or(os.Getenv("AWS_REGION"), os.Getenv("AWS_DEFAULT_REGION"))
	if scaffold.CheckRegion(region) != nil {
		return "us-east-2"
	}
	return region
}

// versionOf is the version of the tool in a program, which is that of the library.
func versionOf(info *debug.BuildInfo) (string, error) {
	if info != nil && info.Main.Path == scaffold.Tool && info.Main.Replace == nil &&
		strings.HasPrefix(info.Main.Version, "v") && !strings.HasPrefix(info.Main.Version, "v0.0.0-00010101") && !strings.Contains(info.Main.Version, "+dirty") {
		return info.Main.Version, nil
	}
	return "", fmt.Errorf("this program was compiled from a folder, and so has no version that go.mod could require: add --library with the root of that copy of the library, or use go run %s@VERSION init", scaffold.Tool)
}

// quoted is a word of a command in a shell.
func quoted(word string) string {
	if plain.MatchString(word) {
		return word
	}
	return literal(word)
}

// literal is a word between single quotes, in which a shell replaces nothing.
func literal(word string) string { return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'" }

var plain = regexp.MustCompile(`^[\w@%+=:,./][\w@%+=:,./-]*$`)

// created is what was written, and what to do next.
func created(app scaffold.App, dir string, written []scaffold.File) string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s is an app with the service %s, in environments sandbox and production, in %s:\n\n", app.Name, app.Service.ID, dir)
	var others []string
	golden := 0
	for _, file := range written {
		switch {
		case file.About != "":
			fmt.Fprintf(&b, "  %-26s %s\n", file.Path, file.About)
		case strings.HasPrefix(file.Path, "testdata/golden/"):
			golden++
		default:
			others = append(others, file.Path)
		}
	}
	fmt.Fprintf(&b, "  %-26s %d templates, as they were reviewed\n  and %s\n\nNext:\n\n", "testdata/golden", golden, strings.Join(others, ", "))
	if filepath.Clean(dir) != "." {
		fmt.Fprintf(&b, "  cd %s\n", quoted(dir))
	}
	fmt.Fprintf(&b, "  %-26s # the CloudFormation of it all\n  %-26s # all of it, deployed to an emulator on this machine\n", "make synth", "make sandbox")
	if filepath.Clean(dir) == "." {
		fmt.Fprintf(&b, "  %-26s # the other commands\n", "make help")
	}
	return b.String()
}

// elsewhere says what to do with the workflow where dir is below the root of a Git repository.
func elsewhere(ctx context.Context, dir string) string {
	output, err := exec.CommandContext(ctx, "git", "-C", dir, "rev-parse", "--show-prefix").Output()
	prefix := strings.TrimSuffix(strings.TrimSpace(string(output)), "/")
	if err != nil || prefix == "" {
		return ""
	}
	return fmt.Sprintf(`
GitHub runs only the workflows in the root of a repository. Move .github/workflows/ci.yml there, and set in it
working-directory (of defaults.run) to %[1]s, go-version-file to %[1]s/go.mod, and
cache-dependency-path (beside cache: npm) to %[1]s/package-lock.json.
`, prefix)
}
