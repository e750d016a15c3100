package cdk

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
)

// Synthesize runs the app of a project, validates the templates and writes them to a folder. What the app prints goes to
// problems, without the lines of the CLI and of jsii that are not the app's.
func Synthesize(ctx context.Context, p *project.Project, app, folder string, settings map[string]string, problems io.Writer) error {
	args := []string{"synth", "--quiet", "--no-color", "--no-lookups", "--app", app, "--output", folder}
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		args = append(args, "--context", key+"="+settings[key])
	}
	command := p.Command(ctx, p.Bin("cdk"), args...)
	command.Env = append(command.Env, "CDK_VALIDATION=true")
	reader, writer := io.Pipe()
	command.Stdout, command.Stderr = writer, writer
	done := make(chan struct{})
	go func() {
		defer close(done)
		filter(reader, problems)
	}()
	err := command.Run()
	_ = writer.Close()
	<-done
	return err
}

// The lines that the CLI prints and not the app: where the templates went, and that the app has failed, which has printed why.
var chatter = regexp.MustCompile(`^Successfully synthesized to |^Supply a stack id |: Subprocess exited with error 1$`)

// race is what jsii-runtime-go prints when it waits for its process a second time, since its two waits race. It may be
// printed in the middle of a line. It has no consequence.
var race = regexp.MustCompile(`Runtime process exited abnormally: wait(id)?: no child processes`)

// filter copies lines without that chatter, and without the empty line with which the CLI begins where it finds CI.
func filter(from io.Reader, to io.Writer) {
	lines := bufio.NewReader(from)
	for first := true; ; first = false {
		line, err := lines.ReadString('\n')
		text := strings.TrimSuffix(line, "\n")
		clean := race.ReplaceAllString(text, "")
		switch {
		case text == "" && (first || err != nil), clean == "" && text != "", chatter.MatchString(clean):
		default:
			_, _ = fmt.Fprintln(to, clean)
		}
		if err != nil {
			return
		}
	}
}
