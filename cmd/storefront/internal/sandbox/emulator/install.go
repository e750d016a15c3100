package emulator

import (
	"context"
	_ "embed"
	"os"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/python"
)

// requirements pins the emulator. It lists all dependencies but those of cfn-lint, of which only the schemas are used.
//
//go:embed requirements.txt
var requirements []byte

// install installs the emulator and returns its Python.
func install(ctx context.Context, options Options, log *os.File) (string, error) {
	environment := python.Environment{Dir: options.Environment, Requirements: requirements, For: "the emulator", Tell: options.Tell, Log: log}
	return environment.Program("python"), environment.Install(ctx)
}
