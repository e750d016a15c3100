package stacks

import (
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestEnvironmentsAreValid(t *testing.T) {
	names := map[string]bool{}
	for _, environment := range Environments() {
		expect.Problems(t, environment.Validate())
		if names[environment.Name] {
			t.Errorf("two environments are named %q", environment.Name)
		}
		names[environment.Name] = true
	}
}

func TestEnvironmentValidate(t *testing.T) {
	const (
		name   = "Name must be lower-case letters, digits and hyphens, starting with a letter, at most 32, got "
		region = "environment shop: Region must be one such as eu-central-1, got "
		zones  = "environment shop: Zones must be zones in region eu-central-1, got "
	)
	in := func(region string) func(*Environment) {
		return func(e *Environment) { e.Region, e.Zones = region, []string{region + "a"} }
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
		"too long a name":        {func(e *Environment) { e.Name = long + "e" }, []string{"environment " + long + "e: " + name + `"` + long + `e"`}},
		"no name":                {func(e *Environment) { e.Name = "" }, []string{"environment: " + name + `""`}},
		"name in uppercase":      {func(e *Environment) { e.Name = "Shop" }, []string{"environment Shop: " + name + `"Shop"`}},
		"name starts with digit": {func(e *Environment) { e.Name = "1shop" }, []string{"environment 1shop: " + name + `"1shop"`}},
		"account":                {func(e *Environment) { e.Account = "012345678901" }, nil},
		"account of no digits":   {func(e *Environment) { e.Account = "shop" }, []string{`environment shop: Account must be twelve digits, got "shop"`}},

		"region of GovCloud":   {in("us-gov-west-1"), nil},
		"region of China":      {in("cn-northwest-1"), nil},
		"sovereign region":     {in("eusc-de-east-1"), nil},
		"isolated region":      {in("us-isob-east-1"), nil},
		"no region":            {in(""), []string{region + `""`, `environment shop: Zones must be names such as eu-central-1a, got "a"`}},
		"region in uppercase":  {in("EU-central-1"), []string{region + `"EU-central-1"`}},
		"region of two digits": {in("eu-central-12"), []string{region + `"eu-central-12"`}},
		"region without digit": {in("eu-central-"), []string{region + `"eu-central-"`}},
		"zone for a region":    {in("eu-central-1a"), []string{region + `"eu-central-1a"`}},
		"only a continent":     {in("eu-1"), []string{region + `"eu-1"`}},

		"no zones": {func(e *Environment) { e.Zones = nil }, []string{"environment shop: Zones must name 1 to 6 availability zones, got 0"}},
		"zones": {
			func(e *Environment) { e.Zones = []string{"eu-west-1a", "eu-central-1a", "eu-central-1a", "eu-west-1b"} },
			[]string{zones + `"eu-west-1a"`, `environment shop: Zones must name each zone once, got "eu-central-1a" twice`, zones + `"eu-west-1b"`},
		},
		"a team": {func(e *Environment) { e.Teams = []team.Team{{Name: "media", Email: "media@example.com"}} }, nil},
		"an e-mail that is none": {
			func(e *Environment) { e.Teams = []team.Team{{Name: "media", Email: "media"}} },
			[]string{`environment shop: Teams.Teams[0].Email must be an address such as checkout@example.com, got "media"`},
		},
		"no images": {func(e *Environment) { e.Images = Images{} }, []string{"environment shop: Images is missing: use stacks.RegistryImages or stacks.BuiltImages"}},
		"everything": {
			func(e *Environment) { *e = Environment{Account: "1"} },
			[]string{
				"environment: " + name + `""`,
				`environment: Account must be twelve digits, got "1"`,
				`environment: Region must be one such as eu-central-1, got ""`,
				"environment: Zones must name 1 to 6 availability zones, got 0",
				"environment: Images is missing: use stacks.RegistryImages or stacks.BuiltImages",
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			e := Environment{Name: "shop", Region: "eu-central-1", Zones: []string{"eu-central-1a"}, Images: BuiltImages("services")}
			c.change(&e)
			expect.Problems(t, e.Validate(), c.want...)
		})
	}
}

// Other repositories read these stacks by name.
func TestContractsOfAnEnvironment(t *testing.T) {
	e := Environment{Name: "production", Zones: []string{"eu-central-1a", "eu-central-1b"}}
	shared := e.ambient()
	if got := shared.Platform; got != (platform.Ref{StackName: "storefront-production-platform", Zones: 2}) {
		t.Errorf("platform: got %+v", got)
	}
	if got := shared.Identity; got != (identity.Ref{StackName: "storefront-production-identity"}) {
		t.Errorf("identity: got %+v", got)
	}
	if shared.Teams.StackName != "" {
		t.Errorf("without teams: got %+v", shared.Teams)
	}
	e.Teams = []team.Team{{Name: "media"}, {Name: "platform"}}
	if got := e.ambient().Teams; got.StackName != "storefront-production-teams" || len(got.Teams) != 2 || got.Teams[1].Name != "platform" {
		t.Errorf("teams: got %+v", got)
	}
	if got := e.stackName("OrderHistory"); got != "storefront-production-order-history" {
		t.Errorf("a service's stack: got %q", got)
	}
}

func TestImagesOfServices(t *testing.T) {
	cases := map[string]struct {
		images Images
		want   image.Image
	}{
		"registry":             {RegistryImages("public.ecr.aws/acme", "1.4.2"), image.Registry("public.ecr.aws/acme/cart:1.4.2")},
		"registry, with slash": {RegistryImages("public.ecr.aws/acme/", "1.4.2"), image.Registry("public.ecr.aws/acme/cart:1.4.2")},
		"built":                {BuiltImages("services"), image.Build(filepath.Join("services", "cart"))},
	}
	for name, c := range cases {
		if got := (Environment{Images: c.images}).Image("cart"); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}
