package command

import "github.com/spf13/cobra"

func newSetup() *cobra.Command {
	return &cobra.Command{
		Use:   "setup",
		Short: "Install the CDK CLI and Node.js, as package-lock.json pins them; other commands do it when they need it",
		Args:  arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := here()
			if err != nil {
				return err
			}
			return p.Install(c.Context(), c.ErrOrStderr())
		},
	}
}
