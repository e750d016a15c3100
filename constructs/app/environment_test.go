package app

import (
	"path/filepath"
	"reflect"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/deployment"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/internal/expect"
)

// Other repositories read the shared stacks by name.
func TestWhatConstructsShare(t *testing.T) {
	teams := []team.Team{{Name: "media"}, {Name: "platform"}}
	for name, c := range map[string]struct {
		env      Environment
		identity bool
		want     environment.Environment
	}{
		"the least": {
			Environment{Zones: []string{"a", "b"}},
			false,
			environment.Environment{Platform: platform.Ref{StackName: "shop-production-platform", Zones: 2}},
		},
		"all of its own": {
			Environment{Zones: []string{"a", "b", "c"}, Teams: team.Ref{Teams: teams}, Platform: platform.Ref{TLS: true}},
			true,
			environment.Environment{
				Platform: platform.Ref{StackName: "shop-production-platform", Zones: 3, TLS: true},
				Identity: identity.Ref{StackName: "shop-production-identity"}, Teams: team.Ref{StackName: "shop-production-teams", Teams: teams},
			},
		},
		"all of another app": {
			Environment{
				Platform: platform.Ref{StackName: "base-platform", TLS: true}, Identity: identity.Ref{StackName: "base-identity"},
				Teams: team.Ref{StackName: "base-teams", Teams: teams},
			},
			true,
			environment.Environment{
				Platform: platform.Ref{StackName: "base-platform", TLS: true}, Identity: identity.Ref{StackName: "base-identity"},
				Teams: team.Ref{StackName: "base-teams", Teams: teams},
			},
		},
		"its zones in the platform of another app": {
			Environment{Zones: []string{"a", "b"}, Platform: platform.Ref{StackName: "base-platform"}},
			false,
			environment.Environment{Platform: platform.Ref{StackName: "base-platform", Zones: 2}},
		},
		"fewer zones for services": {
			Environment{Zones: []string{"a", "b", "c"}, Platform: platform.Ref{Zones: 2}},
			false,
			environment.Environment{Platform: platform.Ref{StackName: "shop-production-platform", Zones: 2}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			a := App{Name: "shop"}
			if c.identity {
				a.Identity = func(awscdk.Stack, Environment) {}
			}
			c.env.Name, c.want.Name = "production", "production"
			c.env.Profile, c.want.Profile = profile.Sandbox(), profile.Sandbox()
			if diff := cmp.Diff(c.want, a.ambient(c.env)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
	if got := (App{Name: "shop"}).stackName(Environment{Name: "production"}, "OrderHistory"); got != "shop-production-order-history" {
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
		"ECR":                  {ECRImages("acme", "1.4.2"), image.ECR("acme/cart", "1.4.2")},
		"ECR, no prefix":       {ECRImages("", "1.4.2"), image.ECR("cart", "1.4.2")},
		"built":                {BuiltImages("services"), image.Build(filepath.Join("services", "cart"))},
	}
	for name, c := range cases {
		if got := (Environment{Images: c.images}).Image("cart"); !reflect.DeepEqual(got, c.want) {
			t.Errorf("%s: got %q, want %q", name, got, c.want)
		}
	}
}

// failure is what f panics with, or nil.
func failure(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}

func TestAnImageWithoutImages(t *testing.T) {
	env := Environment{Name: "sandbox", of: origin{service: "Cart"}}
	expect.Problems(t, failure(func() { env.Image("cart") }),
		`Cart: Images is missing in environment sandbox: set it, such as to app.ECRImages("shop", "1.4.2"), since it has the image of "cart"`)
}

func TestIn(t *testing.T) {
	shop := valid()
	sandbox, production := shop.resolved(shop.Environments[0]), shop.resolved(shop.Environments[1])
	if got := In(production, "production", 40); got != 40 {
		t.Errorf("in production: got %d", got)
	}
	if got := In(sandbox, "production", 40); got != 0 {
		t.Errorf("in the sandbox: got %d", got)
	}
	canary := deployment.Canary{Percent: 5}
	if got := In[deployment.Strategy](production, "production", canary); got != canary {
		t.Errorf("a strategy in production: got %v", got)
	}
	if got := In[deployment.Strategy](sandbox, "production", canary); got != nil {
		t.Errorf("a strategy in the sandbox: got %v, want the profile's", got)
	}
	if got := In(Environment{Name: "review"}, "production", true); got {
		t.Error("an environment of no app: got true")
	}
}

func TestInRefuses(t *testing.T) {
	shop := valid()
	for _, env := range shop.Environments {
		env = shop.resolved(env)
		env.of.service = "Cart"
		expect.Problems(t, failure(func() { In(env, "prod", 40) }), `Cart: app.In must name an environment of the app, sandbox or production, got "prod"`)
		expect.Problems(t, failure(func() { In(env, "production", deployment.Canary{Percent: 5}) }),
			`Cart: app.In needs the type of the field, app.In[deployment.Strategy](env, "production", deployment.Canary{…}), got a deployment.Canary alone, whose zero value is a strategy too, and no default`)
	}
}
