// Package cfnlint runs cfn-lint, pinned, on the templates of an assembly.
package cfnlint

import (
	"bytes"
	"context"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"os/exec"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/progress"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/python"
)

//go:embed requirements.txt
var requirements []byte

// ignored are the checks that a template of the CDK cannot pass.
var ignored = []string{
	"W3005", // A DependsOn beside a Ref that already orders the two: the CDK writes these, and they change nothing.
}

// Options are where cfn-lint is installed, and what it checks.
type Options struct {
	// Python is the folder of the virtual environment.
	Python string
	// Assemblies are folders that cdk synth wrote.
	Assemblies []string
	// Format is one of cfn-lint's, such as "json". If empty, text.
	Format string
	// Tell shows the progress.
	Tell io.Writer
}

// Run returns the findings, as cfn-lint prints them, whether there are any, and the number of templates that were checked.
func Run(ctx context.Context, options Options) (findings []byte, found bool, templates int, err error) {
	var files []string
	for _, assembly := range options.Assemblies {
		within, err := templatesIn(assembly)
		if err != nil {
			return nil, false, 0, err
		}
		files = append(files, within...)
	}
	environment := python.Environment{Dir: options.Python, Requirements: requirements, For: "cfn-lint", Tell: options.Tell}
	if err := environment.Install(ctx); err != nil {
		return nil, false, 0, err
	}
	defer progress.New(options.Tell).Begin("checking templates with cfn-lint: %d", len(files))()
	// By its Python: the program's first line has the path of that, which is another one once the repository has been moved.
	args := append([]string{environment.Program("cfn-lint"), "--ignore-checks"}, ignored...)
	if options.Format != "" {
		args = append(args, "--format", options.Format)
	}
	command := exec.CommandContext(ctx, environment.Program("python"), append(append(args, "--"), files...)...)
	var output, problems bytes.Buffer
	command.Stdout, command.Stderr = &output, &problems
	err = command.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil || err != nil && !errors.As(err, &exit):
		return nil, false, len(files), err
	case err != nil && output.Len() == 0: // it has failed itself
		return nil, false, len(files), fmt.Errorf("cfn-lint: %w\n%s", err, bytes.TrimSpace(problems.Bytes()))
	}
	_, _ = options.Tell.Write(problems.Bytes()) // such as a warning of Python
	return output.Bytes(), err != nil, len(files), nil
}

// templatesIn are the templates of an assembly and of those nested in it.
func templatesIn(assembly string) ([]string, error) {
	files, err := project.Glob(assembly, "*.template.json")
	if err != nil {
		return nil, err
	}
	nested, err := project.Glob(assembly, "assembly-*/*.template.json")
	if err != nil {
		return nil, err
	}
	if files = append(files, nested...); len(files) == 0 {
		return nil, fmt.Errorf("%s has no templates: run go tool storefront synth first", assembly)
	}
	return files, nil
}
