package app

import (
	"math/rand"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/internal/expect"
)

const (
	noEnvironments = `Environments is missing: set at least one, such as {Name: "sandbox", Region: "eu-central-1", Zones: []string{"eu-central-1a", "eu-central-1b"}, Profile: profile.Sandbox()}`
	nameMust       = "Name must be lower-case letters, digits and hyphens, starting with a letter, at most 32, got "
)

func TestValidate(t *testing.T) {
	define := func(awscdk.Stack, Environment) {}
	of := func(ids ...string) func(*App) {
		return func(a *App) {
			a.Services = nil
			for _, id := range ids {
				a.Services = append(a.Services, Service{id, define})
			}
		}
	}
	long := strings.Repeat("e", 32)
	elsewhere := platform.Ref{StackName: "base-platform"}
	cases := map[string]struct {
		change func(*App)
		want   []string
	}{
		"valid":                {func(*App) {}, nil},
		"longest name":         {func(a *App) { a.Name = long }, nil},
		"too long a name":      {func(a *App) { a.Name = long + "e" }, []string{"app " + long + "e: " + nameMust + `"` + long + `e"`}},
		"no name":              {func(a *App) { a.Name = "" }, []string{"app: " + nameMust + `""`}},
		"name in uppercase":    {func(a *App) { a.Name = "Shop" }, []string{"app Shop: " + nameMust + `"Shop"`}},
		"owner":                {func(a *App) { a.Owner = "core" }, nil},
		"owner that is none":   {func(a *App) { a.Owner = "The Core" }, []string{`app shop: Owner must be lower-case letters, digits and hyphens between them, starting with a letter, at most 63, got "The Core"`}},
		"no environments":      {func(a *App) { a.Environments = nil }, []string{"app shop: " + noEnvironments}},
		"an environment twice": {func(a *App) { a.Environments[1].Name = "sandbox" }, []string{`app shop: Environments[1].Name must be unique, got "sandbox" twice`}},

		"only what is shared": {of(), nil},
		"nothing at all": {
			func(a *App) {
				a.Services = nil
				a.Environments[0].Platform = elsewhere
			},
			[]string{"environment sandbox: Platform.StackName must be empty, or the app must have Services: there is no stack to define"},
		},
		"only an identity": {
			func(a *App) {
				a.Services, a.Identity = nil, define
				a.Environments[0].Platform = elsewhere
			},
			nil,
		},
		"services": {of("Cart", "cart-2", "HTTPProxy", "A"), nil},
		"IDs that are none": {
			of("", "2Go", "Cart/Api", "Größe", "${Token[AWS.Region.4]}", "-"),
			[]string{
				`app shop: Services[0].ID must be letters, digits and hyphens, starting with a letter, such as "Cart", got ""`,
				`app shop: Services[1].ID must be letters, digits and hyphens, starting with a letter, such as "Cart", got "2Go"`,
				`app shop: Services[2].ID must be letters, digits and hyphens, starting with a letter, such as "Cart", got "Cart/Api"`,
				`app shop: Services[3].ID must be letters, digits and hyphens, starting with a letter, such as "Cart", got "Größe"`,
				`app shop: Services[4].ID must be letters, digits and hyphens, starting with a letter, such as "Cart", got a token of the CDK: a token has no value before the deployment, so write the value itself`,
				`app shop: Services[5].ID must be letters, digits and hyphens, starting with a letter, such as "Cart", got "-"`,
			},
		},
		"an ID of JavaScript": {of("constructor"), []string{`app shop: Services[0].ID must not be the name of what every JavaScript object has, as the CDK finds that instead, got "constructor": choose another`}},
		"IDs of shared stacks": {
			of("Platform", "identity", "Teams"),
			[]string{
				`app shop: Services[0].ID must not be that of a stack that services share, Platform, Identity, Teams, got "Platform": choose another`,
				`app shop: Services[1].ID must not be that of a stack that services share, Platform, Identity, Teams, got "identity": choose another`,
				`app shop: Services[2].ID must not be that of a stack that services share, Platform, Identity, Teams, got "Teams": choose another`,
			},
		},
		"an ID twice": {of("Cart", "Reviews", "Cart"), []string{`app shop: Services[2].ID must be unique, got "Cart" twice`}},
		"two IDs of one name": {of("OrderHistory", "Order-History"), []string{
			`app shop: Services[1].ID must differ from "OrderHistory" by more than capitals and hyphens, as the names of both stacks end with order-history, got "Order-History"`,
		}},
		"the longest ID": {of("S" + strings.Repeat("x", 128-len("shop-production-s"))), nil},
		"too long an ID": {of("S" + strings.Repeat("x", 129-len("shop-production-s"))), []string{
			"app shop: Services[0].ID must be short enough for the name of its stack to have at most 128 characters, got 129 in \"shop-production-s" + strings.Repeat("x", 112) + "\"",
		}},
		"nothing to define": {func(a *App) { a.Services[1].Define = nil }, []string{"app shop: Services[1].Define is missing: set it to the function that defines the service \"OrderHistory\""}},
		"everything": {
			func(a *App) {
				*a = App{Name: "-", Environments: []Environment{{}, {Name: "e"}}, Services: []Service{{}}}
			},
			[]string{
				"app -: " + nameMust + `"-"`,
				`app -: Services[0].ID must be letters, digits and hyphens, starting with a letter, such as "Cart", got ""`,
				"app -: Services[0].Define is missing: set it to the function that defines the service \"\"",
				"environment: " + nameMust + `""`,
				`environment: Region must be one such as eu-central-1, got ""`,
				"environment: Zones must name 1 to 6 availability zones, got 0",
				`environment e: Region must be one such as eu-central-1, got ""`,
				"environment e: Zones must name 1 to 6 availability zones, got 0",
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			a := valid()
			c.change(&a)
			expect.Problems(t, a.Validate(), c.want...)
		})
	}
}

func TestValidateEnvironments(t *testing.T) {
	const (
		region = "environment staging: Region must be one such as eu-central-1, got "
		zones  = "environment staging: Zones must be zones in region eu-central-1, got "
	)
	noZone := func(zone string) string {
		return "environment staging: Zones must be names such as eu-central-1a, got \"" + zone + "\""
	}
	in := func(region string) func(*Environment) {
		return func(e *Environment) { e.Region, e.Zones = region, []string{region + "a", region + "b"} }
	}
	elsewhere := func(zones ...string) func(*Environment) {
		return func(e *Environment) { e.Platform.StackName, e.Zones = "base-platform", zones }
	}
	long := strings.Repeat("e", 32)
	cases := map[string]struct {
		change func(*Environment)
		want   []string
	}{
		"valid":                  {func(*Environment) {}, nil},
		"shortest name":          {func(e *Environment) { e.Name = "e" }, nil},
		"name with digits":       {func(e *Environment) { e.Name = "e9-2" }, nil},
		"longest name":           {func(e *Environment) { e.Name = long }, nil},
		"too long a name":        {func(e *Environment) { e.Name = long + "e" }, []string{"environment " + long + "e: " + nameMust + `"` + long + `e"`}},
		"no name":                {func(e *Environment) { e.Name = "" }, []string{"environment: " + nameMust + `""`}},
		"name in uppercase":      {func(e *Environment) { e.Name = "Shop" }, []string{"environment Shop: " + nameMust + `"Shop"`}},
		"name starts with digit": {func(e *Environment) { e.Name = "1shop" }, []string{"environment 1shop: " + nameMust + `"1shop"`}},
		"account":                {func(e *Environment) { e.Account = "012345678901" }, nil},
		"account of no digits":   {func(e *Environment) { e.Account = "shop" }, []string{`environment staging: Account must be twelve digits, got "shop"`}},

		"region of GovCloud":   {in("us-gov-west-1"), nil},
		"region of China":      {in("cn-northwest-1"), nil},
		"sovereign region":     {in("eusc-de-east-1"), nil},
		"isolated region":      {in("us-isob-east-1"), nil},
		"no region":            {in(""), []string{region + `""`, noZone("a"), noZone("b")}},
		"region in uppercase":  {in("EU-central-1"), []string{region + `"EU-central-1"`, noZone("EU-central-1a"), noZone("EU-central-1b")}},
		"region of two digits": {in("eu-central-12"), []string{region + `"eu-central-12"`}},
		"region without digit": {in("eu-central-"), []string{region + `"eu-central-"`, noZone("eu-central-a"), noZone("eu-central-b")}},
		"zone for a region":    {in("eu-central-1a"), []string{region + `"eu-central-1a"`, noZone("eu-central-1aa"), noZone("eu-central-1ab")}},
		"only a continent":     {in("eu-1"), []string{region + `"eu-1"`, noZone("eu-1a"), noZone("eu-1b")}},

		"no zones": {func(e *Environment) { e.Zones = nil }, []string{"environment staging: Zones must name 1 to 6 availability zones, got 0"}},
		"one zone": {func(e *Environment) { e.Zones = e.Zones[:1] }, []string{
			"environment staging: Zones must name at least 2 availability zones, which the load balancer of a platform requires, got \"eu-central-1a\" alone",
		}},
		"wrong zones": {
			func(e *Environment) { e.Zones = []string{"eu-west-1a", "eu-central-1a", "eu-central-1a", "eu-west-1b"} },
			[]string{zones + `"eu-west-1a"`, `environment staging: Zones must name each zone once, got "eu-central-1a" twice`, zones + `"eu-west-1b"`},
		},
		"fewer zones for services": {func(e *Environment) { e.Platform.Zones = 1 }, nil},
		"more zones for services":  {func(e *Environment) { e.Platform.Zones = 3 }, []string{"environment staging: Platform.Zones must be at most the number of Zones, 2, got 3"}},
		"TLS":                      {func(e *Environment) { e.Platform.TLS = true }, nil},

		"a platform elsewhere":                 {elsewhere(), nil},
		"a platform elsewhere, in one zone":    {elsewhere("eu-central-1a"), nil},
		"a platform elsewhere, in wrong zones": {elsewhere("eu-west-1a"), []string{zones + `"eu-west-1a"`}},
		"a platform elsewhere, of no name":     {func(e *Environment) { e.Platform.StackName = "_" }, []string{`environment staging: Platform.StackName must be a letter, then letters, digits and hyphens, at most 128 in all, got "_"`}},
		"a platform elsewhere, of too many":    {func(e *Environment) { e.Platform = platform.Ref{StackName: "base", Zones: 7} }, []string{"environment staging: Platform.Zones must be from 1 to 6, got 7"}},
		"an identity elsewhere, of no name":    {func(e *Environment) { e.Identity = identity.Ref{StackName: "_"} }, []string{`environment staging: Identity.StackName must be a letter, then letters, digits and hyphens, at most 128 in all, got "_"`}},
		"an invalid profile":                   {func(e *Environment) { e.Profile = profile.Profile{Zones: 2, LogRetentionDays: 7} }, []string{"environment staging: Profile.MinTasks must be from 1 to 20000, got 0"}},
		"a team":                               {func(e *Environment) { e.Teams.Teams = []team.Team{{Name: "platform", Email: "platform@example.com"}} }, nil},
		"teams without the owner":              {func(e *Environment) { e.Teams.Teams = []team.Team{{Name: "media", Email: "media@example.com"}} }, []string{`environment staging: Owner must be a team that stack shop-staging-teams defines (media), so that its alarms can notify it, got "platform": name one of them, or add it to the teams`}},
		"teams elsewhere":                      {func(e *Environment) { e.Teams.StackName = "base-teams" }, nil},
		"teams elsewhere, by name, and not us": {func(e *Environment) {
			e.Teams = team.Ref{StackName: "base-teams", Teams: []team.Team{{Name: "media", Email: "media@example.com"}}}
		}, []string{`environment staging: Owner must be a team that stack base-teams defines (media), so that its alarms can notify it, got "platform": name one of them, or add it to the teams`}},
		"everything elsewhere, and only a team": {func(e *Environment) {
			elsewhere()(e)
			e.Teams = team.Ref{StackName: "base-teams", Teams: []team.Team{{Name: "media", Email: "media@example.com"}}}
		}, nil},
		"an e-mail that is none": {
			func(e *Environment) { e.Teams.Teams = []team.Team{{Name: "platform", Email: "media"}} },
			[]string{`environment staging: Teams.Teams[0].Email must be an address such as checkout@example.com, got "media"`},
		},
		"all at once": {
			func(e *Environment) {
				*e = Environment{Account: "1", Teams: team.Ref{Teams: []team.Team{{Name: "platform"}}}}
			},
			[]string{
				"environment: " + nameMust + `""`,
				`environment: Account must be twelve digits, got "1"`,
				`environment: Region must be one such as eu-central-1, got ""`,
				"environment: Zones must name 1 to 6 availability zones, got 0",
				"environment: Teams.Teams[0] must have an Email, a Webhook or a TopicARN, got none",
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := Environment{Name: "staging", Region: "eu-central-1", Zones: []string{"eu-central-1a", "eu-central-1b"}}
			c.change(&e)
			a := valid()
			a.Environments = []Environment{e}
			expect.Problems(t, a.Validate(), c.want...)
		})
	}
}

func TestWildApps(t *testing.T) {
	r := rand.New(rand.NewSource(10))
	for range 3000 {
		a := expect.Wild[App](r, "shop", "sandbox", "eu-central-1a", "eu-central-1", "Cart")
		expect.Explained(t, a.validate())
		for _, e := range a.Environments {
			expect.Explained(t, a.validateEnvironment(a.resolved(e)))
		}
	}
}
