package command

import (
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/scaffold"
)

func newAdd() *cobra.Command {
	c := &cobra.Command{
		Use:   "add",
		Short: "Add a service to the app, or print the code of a store",
	}
	var owner string
	service := &cobra.Command{
		Use:   "service NAME",
		Short: "Add a service: its file, its line in the list of services, and its golden templates",
		Example: `  storefront add service Orders
  storefront add service order-history --owner checkout`,
		Args: arguments(1, 1),
		RunE: func(c *cobra.Command, args []string) error { return addService(c, args[0], owner) },
	}
	service.Flags().StringVar(&owner, "owner", "platform", "team that owns the service")
	c.AddCommand(service)
	for _, store := range scaffold.Stores {
		c.AddCommand(&cobra.Command{
			Use:     store.Kind + " NAME",
			Short:   "Print the code of " + store.About + ", to paste into a service",
			Example: "  storefront add " + store.Kind + " Items",
			Args:    arguments(1, 1),
			RunE: func(c *cobra.Command, args []string) error {
				text, err := store.Paste(args[0])
				if err != nil {
					return usageError{err}
				}
				_, err = io.WriteString(c.OutOrStdout(), text)
				return err
			},
		})
	}
	return c
}

func addService(c *cobra.Command, name, owner string) error {
	service, err := scaffold.NewService(name)
	if err := errors.Join(err, scaffold.CheckOwner(owner)); err != nil {
		return usageError{err}
	}
	p, err := here()
	if err != nil {
		return err
	}
	added, err := scaffold.AddService(p.Root, p.Main(), service, owner)
	if err != nil {
		return err
	}
	relative := func(file string) string {
		if short, err := filepath.Rel(p.Root, file); err == nil {
			return short
		}
		return file
	}
	rows := [][2]string{{relative(added.File), "the service"}}
	defer func() { _, _ = io.WriteString(c.OutOrStdout(), aligned(rows)) }()
	if added.List == "" {
		return fmt.Errorf("there is not one list []app.Service{…} in the app: add this line to its services, then run go tool storefront test --update\n\t%s,", added.Line)
	}
	rows = append(rows, [2]string{relative(added.List), added.Line})
	golden, err := scaffold.AcceptService(c.Context(), p, added.Dir, service, c.ErrOrStderr())
	for _, file := range golden {
		rows = append(rows, [2]string{relative(file), "its template, for your review"})
	}
	if err == nil && len(golden) == 0 {
		rows = append(rows, [2]string{"", "no golden templates: TestTemplates of that package writes none, so accept those of your own tests"})
	}
	return err
}

// aligned are lines of two columns.
func aligned(rows [][2]string) string {
	width := 0
	for _, row := range rows {
		width = max(width, len(row[0]))
	}
	var b strings.Builder
	for _, row := range rows {
		fmt.Fprintf(&b, "%-*s  %s\n", width, row[0], row[1])
	}
	return b.String()
}
