package command

import (
	"errors"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/doctor"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/progress"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
)

func newDoctor() *cobra.Command {
	var asJSON bool
	c := &cobra.Command{
		Use:   "doctor",
		Short: "Check that this machine and this repository have what the other commands need",
		Long: `Doctor checks the versions of Go, Node.js, npm, the CDK CLI and Python, the port
of the sandbox and the cache of jsii; and of the repository the feature flags in
cdk.json, package-lock.json, go.mod and .gitignore. It changes nothing and needs
no network. Outside of a repository it checks the machine alone.

Exit status: 0 if nothing is missing, 1 if something is.`,
		Example: `  storefront doctor
  storefront doctor --json | jq '.[] | select(.status != "ok")'`,
		Args: arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			p, err := here()
			if err != nil && !errors.Is(err, project.ErrNone) {
				return err
			}
			findings := doctor.Run(c.Context(), p)
			for i := range findings {
				findings[i].Fix = strings.ReplaceAll(findings[i].Fix, "storefront setup", called()+" setup") // to copy
			}
			if err := c.Context().Err(); err != nil {
				return err
			}
			if asJSON {
				err = writeJSON(c.OutOrStdout(), findings)
			} else {
				err = finding.Write(c.OutOrStdout(), findings, progress.Colored(c.OutOrStdout()))
			}
			if err != nil {
				return err
			}
			if slices.ContainsFunc(findings, func(f finding.Finding) bool { return f.Status == finding.Missing }) {
				return failure(statusFailed)
			}
			return nil
		},
	}
	c.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	return c
}
