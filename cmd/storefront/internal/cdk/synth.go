package cdk

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os/exec"
	"regexp"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/progress"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
)

// ErrApp is returned by Synthesize if the app has failed, and has printed why.
var ErrApp = errors.New("the app has failed")

// Synthesize compiles and runs the app of a project, validates the templates and writes them to a folder. What the app prints
// goes to problems, without the lines of the CLI that are not the app's.
//
// The CLI takes longer to start than Go to find that nothing has changed. So both begin at once, and the CLI runs the app through
// a gate, which opens when it is compiled.
func Synthesize(ctx context.Context, p *project.Project, folder string, settings map[string]string, problems io.Writer) error {
	line := progress.New(problems)
	begin := func() (end func()) { return line.Begin("synthesizing and validating the stacks") }
	program := p.Program()
	if program == "" {
		defer begin()()
		return synthesize(ctx, p, p.App, nil, folder, settings, problems)
	}
	gate, err := newGate()
	if err != nil {
		return fmt.Errorf("create a named pipe: %w", err)
	}
	defer gate.remove()
	both, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	built := make(chan func(), 1)
	go func() {
		end := func() {}
		_, err := p.Build(both, line)
		if err == nil {
			end = begin()
			err = gate.open()
		}
		if err != nil {
			stop(err)
		}
		built <- end
	}()
	cache := compileCache()
	err = synthesize(both, p, gate.command(program, cache), cache, folder, settings, problems)
	stop(err) // the compilation, if the CLI has failed before its end
	(<-built)()
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err != nil:
		return context.Cause(both) // what failed first
	}
	return nil
}

// synthesize runs an app by the CLI, with an environment that is the project's but for more settings.
func synthesize(ctx context.Context, p *project.Project, app string, environ []string, folder string, settings map[string]string, problems io.Writer) error {
	cli := p.Bin("cdk")
	args := []string{"synth", "--quiet", "--no-color", "--no-lookups", "--app", app, "--output", folder}
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "--context", key+"="+settings[key])
	}
	command := p.Command(ctx, cli, args...)
	command.Env = slices.Concat(command.Env, environ, []string{"CDK_VALIDATION=true"})
	reader, writer := io.Pipe()
	command.Stdout, command.Stderr = writer, writer
	output := lines{app: regexp.MustCompile(`^(.*)` + regexp.QuoteMeta(app) + `: Subprocess exited with error (\d+)$`)}
	done := make(chan struct{})
	go func() {
		defer close(done)
		output.copy(ctx, reader, problems)
	}()
	err := project.Run(command)
	_ = writer.Close()
	<-done
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return ctx.Err()
	case err == nil:
		return nil
	case errors.Is(err, fs.ErrNotExist):
		return fmt.Errorf("%s is missing: name aws-cdk in devDependencies of package.json (npm install --save-dev aws-cdk)", cli)
	case !errors.As(err, &exit):
		return fmt.Errorf("cdk synth: %w", err)
	case output.any:
		return ErrApp
	case output.status != "":
		return fmt.Errorf("the app exited with status %s and printed nothing (%s)", output.status, p.App)
	}
	return fmt.Errorf("cdk synth: %w, and it printed nothing", err)
}

// lines is what the CLI has printed so far.
type lines struct {
	app    *regexp.Regexp // the line that the CLI prints when the app fails, behind what the app has not ended with a line break
	any    bool           // whether a line was copied
	status string         // of the app
}

var (
	// What the CLI prints at the end, and not the app.
	chatter = regexp.MustCompile(`^Successfully synthesized to |^Supply a stack id `)
	// What it prints if the app has exited with status 0 and has written nothing.
	noManifest = regexp.MustCompile(`^ENOENT: .*manifest\.json'$`)
)

// copy copies lines until ctx is canceled, without the CLI's own, and without the empty line with which the CLI begins where it
// finds CI.
func (l *lines) copy(ctx context.Context, from io.Reader, to io.Writer) {
	reader := bufio.NewReader(from)
	for first := true; ; first = false {
		line, err := reader.ReadString('\n')
		text := strings.TrimSuffix(line, "\n")
		if failed := l.app.FindStringSubmatch(text); failed != nil {
			text, l.status = failed[1], failed[2]
		}
		if noManifest.MatchString(text) {
			text = "the app has written no stacks: its main function must end with app.Synth(nil), or with what calls it"
		}
		switch {
		case ctx.Err() != nil, text == "" && (first || err != nil || l.status != ""), chatter.MatchString(text):
		default:
			_, _ = fmt.Fprintln(to, text)
			l.any = true
		}
		if err != nil {
			return
		}
	}
}
