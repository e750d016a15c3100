package command

import (
	"fmt"
	"path/filepath"

	"github.com/spf13/cobra"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/cfnlint"
)

func newLint() *cobra.Command {
	var assemblies []string
	var asJSON bool
	c := &cobra.Command{
		Use:   "lint",
		Short: "Check the templates in cdk.out with cfn-lint (needs Python 3.10 or newer)",
		Long: `Lint checks the templates that synth wrote with a pinned cfn-lint, without the
one check that no template of the CDK can pass (W3005). The first run installs it
into .cache.

Exit status: 0 if nothing was found, 1 if something was.`,
		Example: `  storefront lint
  storefront lint --assembly cdk.out --assembly ../payments/cdk.out
  storefront lint --json`,
		Args: arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := here()
			if err != nil {
				return err
			}
			options := cfnlint.Options{Python: p.Cache("cfn-lint"), Assemblies: assemblies, Tell: c.ErrOrStderr()}
			if len(assemblies) == 0 {
				options.Assemblies = []string{filepath.Join(p.Root, output)}
			}
			if asJSON {
				options.Format = "json"
			}
			findings, found, templates, err := cfnlint.Run(c.Context(), options)
			if err != nil {
				return err
			}
			if found || asJSON {
				if _, err := c.OutOrStdout().Write(findings); err != nil {
					return err
				}
			}
			switch {
			case found:
				return failure(statusFailed)
			case asJSON:
				return nil
			}
			_, err = fmt.Fprintf(c.OutOrStdout(), "cfn-lint: nothing found, templates checked: %d\n", templates)
			return err
		},
	}
	c.Flags().StringArrayVar(&assemblies, "assembly", nil, "folder that synth or cdk synth wrote; may be repeated (default cdk.out of the app)")
	folderFlag(c, "assembly")
	c.Flags().BoolVar(&asJSON, "json", false, "print the findings as cfn-lint's JSON")
	return c
}
