package command

import (
	"context"
	"fmt"
	"io"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/smithy-go/logging"
	"github.com/spf13/cobra"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/awsclient"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/preflight"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/progress"
)

func newPreflight() *cobra.Command {
	var s selection
	var asJSON bool
	c := &cobra.Command{
		Use:   "preflight [assembly]",
		Short: "Check, read-only, that the account is ready for the stacks, and compare them with what is deployed",
		Long: `Preflight checks whether an account is ready for the stacks of the app, or of a
folder that cdk synth wrote: quotas, roles, zones, images and addresses. It
compares the stacks with what is deployed, too. It only reads.

Exit status: 0 if nothing is missing or refused and everything could be read,
1 if not, 2 if no check could run.`,
		Example: `  storefront preflight --env production
  storefront preflight cdk.out
  storefront preflight --json | jq '.[] | select(.status == "missing")'`,
		Args:              arguments(0, 1),
		ValidArgsFunction: folders,
		RunE: func(c *cobra.Command, args []string) error {
			if len(args) == 1 {
				return runPreflight(c.Context(), args[0], asJSON, c.OutOrStdout(), c.ErrOrStderr())
			}
			p, err := here()
			if err != nil {
				return err
			}
			if err := synthesize(c.Context(), p, s.context(c), c.ErrOrStderr()); err != nil {
				return err
			}
			return runPreflight(c.Context(), filepath.Join(p.Root, output), asJSON, c.OutOrStdout(), c.ErrOrStderr())
		},
	}
	s.register(c)
	c.Flags().BoolVar(&asJSON, "json", false, "print the findings as JSON")
	return c
}

// timeout ends a run whose network does not answer.
const timeout = 2 * time.Minute

func runPreflight(ctx context.Context, dir string, asJSON bool, out, problems io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, timeout)
	defer cancel()
	settings, err := config.LoadDefaultConfig(ctx, config.WithLogger(logging.Nop{}))
	settings.HTTPClient = awsclient.Whole(settings.HTTPClient)
	var findings []finding.Finding
	if err == nil {
		end := progress.New(problems).Begin("reading the account")
		findings, err = preflight.Run(ctx, preflight.Options{Assembly: dir, Config: settings})
		end()
	}
	switch {
	case err != nil:
	case asJSON:
		err = writeJSON(out, findings)
	default:
		err = finding.Write(out, findings, progress.Colored(out))
	}
	switch {
	case err != nil:
		_, _ = fmt.Fprintln(problems, "preflight:", err)
		return failure(statusUsage)
	case !finding.Passes(findings):
		return failure(statusFailed)
	}
	return nil
}
