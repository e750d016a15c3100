package command

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"

	"github.com/spf13/cobra"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/contract"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/run"
)

func newRunContract() *cobra.Command {
	var services []string
	var asJSON bool
	c := &cobra.Command{
		Use:   "contract",
		Short: "Call every operation of every openapi.yaml, and check the responses (needs Python 3.10 or newer)",
		Long: `Contract calls each operation that an openapi.yaml of a program describes, through
the front and the API of the running app: with the examples of the document, with
what is at the limits of its schemas and beyond them, and at random, but the same
each time. Found is a status, a content type, a header or a body that the document
does not have, a request that it forbids and the service takes or the other way
round, a 5xx, and an operation that never succeeds.

It runs a pinned Schemathesis. A schemathesis.toml in the root has its settings
and hooks, which find SHOP_URL and, of a new user, SHOP_TOKEN in the environment:

  [auth.openapi.user]
  bearer = "${SHOP_TOKEN}"

Exit status: 0 if nothing was found, 1 if something was.`,
		Example: `  storefront run contract
  storefront run contract --service cart
  storefront run contract --json`,
		Args: arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			return inPlace(c, "", func(p place) error { return p.contract(c.Context(), services, asJSON) })
		},
	}
	c.Flags().StringSliceVar(&services, "service", nil, "only the program of this name; may be repeated")
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return c
}

func (p place) contract(ctx context.Context, services []string, asJSON bool) error {
	config, err := run.ReadConfig(p.Root)
	if err != nil {
		return err
	}
	documents, err := config.Documents(p.Root, services)
	if err != nil {
		return err
	}
	s, err := p.supervisor(ctx)
	if err != nil {
		return err
	}
	token, err := p.tokenOf(ctx, "contract-"+strings.ToLower(rand.Text())+"@example.com", false)
	if err != nil && !errors.Is(err, errNoTokens) {
		return err
	}
	operations, findings, err := contract.Run(ctx, contract.Options{
		Project: p.Project, Dir: filepath.Join(p.programs(), "contract"), Documents: documents, URL: s.Front, Token: token, Tell: p.problems,
	})
	if err != nil {
		return err
	}
	if asJSON {
		err = writeJSON(p.out, map[string]any{"operations": operations, "findings": append([]contract.Finding{}, findings...)})
	} else {
		table := tabwriter.NewWriter(p.out, 0, 0, 2, ' ', 0)
		_, _ = fmt.Fprintln(table, "SERVICE\tOPERATION\t2XX, 3XX\t4XX\t5XX\t")
		for _, o := range operations {
			_, _ = fmt.Fprintf(table, "%s\t%s\t%d\t%d\t%d\t\n", o.Service, o.Operation, o.Succeeded, o.Refused, o.Failed)
		}
		err = table.Flush()
		for _, f := range findings {
			_, _ = fmt.Fprintf(p.out, "\n%s: %s\n", f.Service, f.Text)
		}
	}
	if err == nil && len(findings) > 0 {
		return failure(statusFailed)
	}
	return err
}
