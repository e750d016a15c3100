package stacks

import (
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/internal/expect"
)

// names are those of all services.
func names() []string {
	var all []string
	for _, service := range Services() {
		all = append(all, service.Name())
	}
	return all
}

func TestConfigure(t *testing.T) {
	type summary struct {
		Environment, Account string
		Services             string
		WithoutShared        bool
	}
	all := strings.Join(names(), " ")
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
		"services in that order": {map[string]any{"only": "search,cart"}, summary{"sandbox", "", "search cart", true}},
		"spaces around services": {map[string]any{"only": " cart ,\treviews"}, summary{"sandbox", "", "cart reviews", true}},
		"everything": {
			map[string]any{"env": "production", "only": "login", "account": "012345678901"},
			summary{"production", "012345678901", "login", true},
		},
		"keys of others": {
			map[string]any{
				"@aws-cdk/core:stackRelativeExports": true, "aws:cdk:bundling-stacks": []any{"**"}, "availability-zones:account=1": []any{},
				"storefront:profile": "{}", "cli-telemetry": false, "acknowledged-issue-numbers": []any{1.0}, "acme/x": 1,
			},
			summary{"sandbox", "", all, false},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			config, err := Configure(c.context)
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
	var environments []string
	for _, environment := range Environments() {
		environments = append(environments, environment.Name)
	}
	env := "env must be " + strings.Join(environments, " or ") + ", got "
	only := "only must name services of " + strings.Join(names(), ", ") + ", got "
	const (
		account = "environment sandbox: Account must be twelve digits, got "
		use     = " is unknown: use account, env, only or protection"
	)
	cases := map[string]struct {
		context map[string]any
		want    []string
	}{
		"unknown environment":    {map[string]any{"env": "prod"}, []string{env + `"prod"`}},
		"blank environment":      {map[string]any{"env": ""}, []string{env + `""`}},
		"environment of no text": {map[string]any{"env": true}, []string{"env must be a string, got true"}},
		"environment of nothing": {map[string]any{"env": nil}, []string{"env must be a string, got null"}},
		"unknown keys, in order": {map[string]any{"service": "cart", "Env": "production"}, []string{`context key "Env"` + use, `context key "service"` + use}},
		"unknown service":        {map[string]any{"only": "carts"}, []string{only + `"carts"`}},
		"service in uppercase":   {map[string]any{"only": "Cart"}, []string{only + `"Cart"`}},
		"a stack that is shared": {map[string]any{"only": "platform"}, []string{only + `"platform"`}},
		"no service":             {map[string]any{"only": ""}, []string{only + `""`}},
		"blank":                  {map[string]any{"only": " "}, []string{only + `""`}},
		"comma at the end":       {map[string]any{"only": "cart,"}, []string{only + `""`}},
		"service twice":          {map[string]any{"only": "cart,login, cart"}, []string{`only must name each service once, got "cart" twice`}},
		"services in a list":     {map[string]any{"only": []any{"cart", "login"}}, []string{`only must be a string, got ["cart","login"]`}},
		"account as a number":    {map[string]any{"account": 111122223333.0}, []string{"account must be a string, got 111122223333"}},
		"account that is short":  {map[string]any{"account": "11112222333"}, []string{account + `"11112222333"`}},
		"account that is long":   {map[string]any{"account": "1111222233334"}, []string{account + `"1111222233334"`}},
		"account with hyphens":   {map[string]any{"account": "1111-2222-3333"}, []string{account + `"1111-2222-3333"`}},
		"no JSON at all":         {map[string]any{"account": 1i}, []string{"account must be a string, got (0+1i)"}},
		"everything": {
			map[string]any{"only": "carts,cart,cart", "env": "sandbox", "account": "x", "region": "eu-central-1"},
			[]string{`context key "region"` + use, only + `"carts"`, `only must name each service once, got "cart" twice`, account + `"x"`},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			_, err := Configure(c.context)
			expect.Problems(t, err, c.want...)
		})
	}
}
