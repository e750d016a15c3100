package command

import (
	"context"
	"errors"
	"fmt"
	"net/mail"

	"github.com/spf13/cobra"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/emulator"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/target"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/traffic"
)

func newSandboxToken() *cobra.Command {
	var user string
	var access bool
	c := &cobra.Command{
		Use:   "token",
		Short: "Print a token of a user who is signed in to the app in the emulator",
		Long: `Token signs a user in to the user pool whose tokens the routes accept, and prints
the ID token. A user who does not exist is created. A route with the scope
aws.cognito.signin.user.admin takes only the access token, which --access prints.`,
		Example: `  curl -H "Authorization: Bearer $(storefront sandbox token)" …
  storefront sandbox token --user someone@example.com`,
		Args: arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			if _, err := mail.ParseAddress(user); err != nil {
				return usageError{fmt.Errorf("--user must be an e-mail address, got %q", user)}
			}
			return inPlace(c, "", func(p place) error { return p.token(c.Context(), user, access) })
		},
	}
	c.Flags().StringVar(&user, "user", "me@example.com", "e-mail address of the user")
	c.Flags().BoolVar(&access, "access", false, "the access token instead of the ID token")
	return c
}

func (p place) token(ctx context.Context, user string, access bool) error {
	token, err := p.tokenOf(ctx, user, access)
	if err == nil {
		_, err = fmt.Fprintln(p.out, token)
	}
	return err
}

var errNoTokens = errors.New("no route of the app takes tokens of a user pool that it defines")

// tokenOf returns a token for the first user pool of the app in the emulator.
func (p place) tokenOf(ctx context.Context, user string, access bool) (string, error) {
	e, err := emulator.Attach(ctx, p.run)
	if errors.Is(err, emulator.ErrNotRunning) {
		return "", fmt.Errorf("none is running: %s sandbox up starts one", called())
	}
	if err != nil {
		return "", err
	}
	t, err := target.Of(e)
	if err != nil {
		return "", err
	}
	assemblies, err := project.Glob(p.assemblies, "*")
	if err != nil {
		return "", err
	}
	for _, assembly := range assemblies {
		app, err := deployed.Read(ctx, t.Config, assembly)
		if err != nil {
			continue // of a selection whose deployment has failed
		}
		routes, err := traffic.Routes(app)
		if err != nil {
			continue // of one service, without the API
		}
		for _, route := range routes {
			if route.Client == "" {
				continue
			}
			return traffic.Token(ctx, app.Config, route.Pool, route.Client, user, access)
		}
	}
	return "", errNoTokens
}
