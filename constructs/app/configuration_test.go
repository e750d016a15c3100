package app

import (
	"fmt"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/expect"
)

// names are those of all services of valid.
const names = "cart, order-history, reviews"

// valid is an app without problems.
func valid() App {
	define := func(awscdk.Stack, Environment) {}
	return App{
		Name: "shop",
		Environments: []Environment{
			{Name: "sandbox", Region: "us-east-2", Zones: []string{"us-east-2a", "us-east-2b"}, Profile: profile.Sandbox()},
			{Name: "production", Region: "eu-central-1", Zones: []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"}},
		},
		Services: []Service{{"Cart", define}, {"OrderHistory", define}, {"Reviews", define}},
	}
}

func TestConfigure(t *testing.T) {
	type summary struct {
		Environment, Account string
		Services             string
		WithoutShared        bool
	}
	all := strings.ReplaceAll(names, ",", "")
	cases := map[string]struct {
		context map[string]any
		want    summary
	}{
		"nothing":                {nil, summary{"sandbox", "", all, false}},
		"environment":            {map[string]any{"env": "production"}, summary{"production", "", all, false}},
		"account":                {map[string]any{"account": "111122223333"}, summary{"sandbox", "111122223333", all, false}},
		"account of zeros":       {map[string]any{"account": "000000000001"}, summary{"sandbox", "000000000001", all, false}},
		"account left open":      {map[string]any{"account": ""}, summary{"sandbox", "", all, false}},
		"one service":            {map[string]any{"only": "cart"}, summary{"sandbox", "", "cart", true}},
		"services in that order": {map[string]any{"only": "reviews,cart"}, summary{"sandbox", "", "reviews cart", true}},
		"spaces around services": {map[string]any{"only": " cart ,\torder-history"}, summary{"sandbox", "", "cart order-history", true}},
		"everything": {
			map[string]any{"env": "production", "only": "reviews", "account": "012345678901"},
			summary{"production", "012345678901", "reviews", true},
		},
		"keys of others": {
			map[string]any{
				"@aws-cdk/core:stackRelativeExports": true, "aws:cdk:bundling-stacks": []any{"**"}, "availability-zones:account=1": []any{},
				"storefront:profile": "{}", "cli-telemetry": false, "storefront:jobs": 2.0, "acknowledged-issue-numbers": []any{1.0}, "acme/x": 1,
			},
			summary{"sandbox", "", all, false},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			config, err := valid().Configure(c.context)
			expect.Problems(t, err)
			var services []string
			for _, service := range config.Services {
				services = append(services, service.Name())
			}
			got := summary{config.Environment.Name, config.Environment.Account, strings.Join(services, " "), config.WithoutShared}
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestConfigureProblems(t *testing.T) {
	const (
		env     = "env must be sandbox or production, got "
		only    = "only must name services of " + names + ", got "
		account = "environment sandbox: Account must be twelve digits, got "
	)
	unknown := func(key string) string {
		return fmt.Sprintf("context key %q is unknown: use account, env, only or protection, or a key of your own with a colon, such as \"shop:%s\"", key, key)
	}
	cases := map[string]struct {
		context map[string]any
		want    []string
	}{
		"unknown environment":    {map[string]any{"env": "prod"}, []string{env + `"prod"`}},
		"blank environment":      {map[string]any{"env": ""}, []string{env + `""`}},
		"environment of no text": {map[string]any{"env": true}, []string{"env must be a string, got true"}},
		"environment of nothing": {map[string]any{"env": nil}, []string{"env must be a string, got null"}},
		"unknown keys, in order": {map[string]any{"service": "cart", "Env": "production"}, []string{unknown("Env"), unknown("service")}},
		"unknown service":        {map[string]any{"only": "carts"}, []string{only + `"carts"`}},
		"service in uppercase":   {map[string]any{"only": "Cart"}, []string{only + `"Cart"`}},
		"a stack that is shared": {map[string]any{"only": "platform"}, []string{only + `"platform"`}},
		"no service":             {map[string]any{"only": ""}, []string{only + `""`}},
		"blank":                  {map[string]any{"only": " "}, []string{only + `""`}},
		"comma at the end":       {map[string]any{"only": "cart,"}, []string{only + `""`}},
		"service twice":          {map[string]any{"only": "cart,reviews, cart"}, []string{`only must name each service once, got "cart" twice`}},
		"services in a list":     {map[string]any{"only": []any{"cart", "reviews"}}, []string{`only must be a string, got ["cart","reviews"]`}},
		"account as a number":    {map[string]any{"account": 111122223333.0}, []string{"account must be a string, got 111122223333"}},
		"account that is short":  {map[string]any{"account": "11112222333"}, []string{account + `"11112222333"`}},
		"account that is long":   {map[string]any{"account": "1111222233334"}, []string{account + `"1111222233334"`}},
		"account with hyphens":   {map[string]any{"account": "1111-2222-3333"}, []string{account + `"1111-2222-3333"`}},
		"no JSON at all":         {map[string]any{"account": 1i}, []string{"account must be a string, got (0+1i)"}},
		"no jobs":                {map[string]any{"storefront:jobs": "0"}, []string{"storefront:jobs must be a whole number of at least 1, got 0"}},
		"half a job":             {map[string]any{"storefront:jobs": 1.5}, []string{"storefront:jobs must be a whole number of at least 1, got 1.5"}},
		"jobs in words":          {map[string]any{"storefront:jobs": "all"}, []string{"storefront:jobs must be a whole number of at least 1, got all"}},
		"everything": {
			map[string]any{"only": "carts,cart,cart", "env": "sandbox", "account": "x", "region": "eu-central-1"},
			[]string{unknown("region"), only + `"carts"`, `only must name each service once, got "cart" twice`, account + `"x"`},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := valid().Configure(c.context)
			expect.Problems(t, err, c.want...)
		})
	}
}

func TestConfigureResolvesTheEnvironment(t *testing.T) {
	shop := valid()
	shop.Owner = "core"
	config, err := shop.Configure(map[string]any{"env": "production"})
	expect.Problems(t, err)
	if got := config.Environment.Profile; got != profile.Production() {
		t.Errorf("without a profile: got %+v", got)
	}
	if got := config.Environment.of; got.owner != "core" || strings.Join(got.environments, " ") != "sandbox production" {
		t.Errorf("got %+v", got)
	}
}

// Without a profile there is nothing to switch off, but the default has it on.
func TestConfigureWithoutProtection(t *testing.T) {
	config, err := valid().Configure(map[string]any{"env": "production", "protection": "off"})
	expect.Problems(t, err)
	want := profile.Production()
	want.DeletionProtection = false
	if got := config.Environment.Profile; got != want {
		t.Errorf("got %+v", got)
	}
	_, err = valid().Configure(map[string]any{"protection": true})
	expect.Problems(t, err, "protection must be off, or absent to use the environment's profile, got true")
}

func TestConfigureAnAppOfSharedStacks(t *testing.T) {
	shared := valid()
	shared.Services = nil
	config, err := shared.Configure(nil)
	expect.Problems(t, err)
	if len(config.Services) > 0 || config.WithoutShared {
		t.Errorf("got %+v", config)
	}
	_, err = shared.Configure(map[string]any{"only": "cart"})
	expect.Problems(t, err, `only must be absent, as the app has no services, got "cart"`)
}

// The problems of the app come with those of the context.
func TestConfigureAnInvalidApp(t *testing.T) {
	_, err := App{Name: "shop"}.Configure(map[string]any{"env": "production", "account": "1"})
	expect.Problems(t, err, "app shop: "+noEnvironments)
	wrong := valid()
	wrong.Environments[1].Region = ""
	_, err = wrong.Configure(map[string]any{"env": "sandbox", "account": "1"})
	expect.Problems(t, err,
		`environment production: Region must be one such as eu-central-1, got ""`,
		`environment sandbox: Account must be twelve digits, got "1"`)
}
