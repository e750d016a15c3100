package command

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/cfnlint"
)

func newLint() *cobra.Command {
	return &cobra.Command{
		Use:   "lint",
		Short: "Check the templates in cdk.out with cfn-lint (needs Python 3.10 or newer)",
		Args:  arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := here()
			if err != nil {
				return err
			}
			findings, templates, err := cfnlint.Run(c.Context(), cfnlint.Options{
				Python: p.Cache("cfn-lint"), Assembly: filepath.Join(p.Root, output), Tell: c.ErrOrStderr(),
			})
			if err != nil {
				return err
			}
			if len(findings) > 0 {
				_, _ = c.OutOrStdout().Write(findings)
				return failure(statusFailed)
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "cfn-lint: nothing found, templates checked: %d\n", templates)
			return err
		},
	}
}
