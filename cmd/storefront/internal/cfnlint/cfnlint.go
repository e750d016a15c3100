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
	"path/filepath"

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
	// Assembly is the folder that cdk synth wrote.
	Assembly string
	// Tell receives a line before an installation.
	Tell io.Writer
}

// Run returns the findings, as cfn-lint prints them, and the number of templates that were checked.
func Run(ctx context.Context, options Options) (findings []byte, templates int, err error) {
	files, err := filepath.Glob(filepath.Join(options.Assembly, "*.template.json"))
	if err != nil {
		return nil, 0, err
	}
	if len(files) == 0 {
		return nil, 0, fmt.Errorf("%s has no templates: run synth first", options.Assembly)
	}
	environment := python.Environment{Dir: options.Python, Requirements: requirements, For: "cfn-lint", Tell: options.Tell}
	if err := environment.Install(ctx); err != nil {
		return nil, 0, err
	}
	args := append([]string{"--ignore-checks"}, ignored...)
	command := exec.CommandContext(ctx, environment.Program("cfn-lint"), append(append(args, "--"), files...)...)
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err = command.Run()
	var exit *exec.ExitError
	if errors.As(err, &exit) && ctx.Err() == nil && output.Len() > 0 {
		err = nil
	}
	return output.Bytes(), len(files), err
}
