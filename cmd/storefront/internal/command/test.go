package command

import (
	"errors"
	"os/exec"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/progress"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
)

func newTest() *cobra.Command {
	var update bool
	var dir string
	c := &cobra.Command{
		Use:   "test [flags] [-- arguments of go test]",
		Short: "Run the Go tests of the app, with the pinned Node.js",
		Long: `Test runs go test with the pinned Node.js, and without the CDK's own validation
of templates, which takes longer than all else and which synth does. Without
arguments it tests ./... .`,
		Example: `  storefront test
  storefront test --update           rewrite the golden templates; review them
  storefront test -- -run Cart -v .`,
		RunE: func(c *cobra.Command, args []string) error {
			p, err := here()
			if err != nil {
				return err
			}
			if err := p.Install(c.Context(), c.ErrOrStderr()); err != nil {
				return err
			}
			if len(args) == 0 {
				args = []string{"./..."}
			}
			if update {
				args = append([]string{"-count=1"}, args...)
			}
			command := p.Command(c.Context(), "go", append([]string{"test"}, args...)...)
			command.Dir = filepath.Join(p.Root, dir)
			command.Env = append(command.Env, "CDK_VALIDATION=false")
			if update {
				command.Env = append(command.Env, "SNAPSHOT_UPDATE=1")
			}
			line := progress.New(c.ErrOrStderr())
			command.Stdout, command.Stderr = line.Over(c.OutOrStdout()), line
			defer line.Begin("compiling and running the tests; the AWS CDK takes minutes the first time")()
			var exit *exec.ExitError
			switch err := project.Run(command); {
			case c.Context().Err() != nil:
				return c.Context().Err()
			case errors.Is(err, exec.ErrNotFound):
				return project.ErrNoGo
			case errors.As(err, &exit):
				return failure(statusFailed)
			default:
				return err
			}
		},
	}
	c.Flags().BoolVar(&update, "update", false, "rewrite the golden templates")
	c.Flags().StringVar(&dir, "dir", ".", "folder of the module to test, from the root")
	folderFlag(c, "dir")
	return c
}
