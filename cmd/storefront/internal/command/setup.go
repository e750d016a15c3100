package command

import "github.com/spf13/cobra"

func newSetup() *cobra.Command {
	return &cobra.Command{
		Use:   "setup",
		Short: "Install the CDK CLI and Node.js, as package-lock.json pins them",
		Long: `Setup installs the CDK CLI and Node.js into node_modules, as package-lock.json
pins them, unless they are there. The commands that need them do so, too.`,
		Example: "  storefront setup",
		Args:    arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := here()
			if err != nil {
				return err
			}
			return p.Install(c.Context(), c.ErrOrStderr())
		},
	}
}
