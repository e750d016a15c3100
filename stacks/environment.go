package stacks

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/network"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Environment is one deployed storefront.
type Environment struct {
	// Name is part of the name of each stack: lower-case letters, digits and hyphens, at most 32.
	Name string
	// Account is the AWS account, twelve digits. If empty, the one of the credentials.
	Account string
	// Region is the AWS region.
	Region string
	// Zones are the availability zones, by name, of the region: at least two.
	Zones []string
	// Profile sets the defaults of the environment's constructs.
	Profile profile.Profile
	// Images is the source of the services' images.
	Images Images
	// SearchDomain sets whether the search service has an OpenSearch domain. Without one it indexes in its own process.
	SearchDomain bool
	// WebOrigins are the origins of the shop's web pages, which may call the API and upload photos.
	WebOrigins []string
	// Teams are notified of the alarms of the services that they own. If empty, the environment has no topics.
	Teams []team.Team
}

// Environments returns the environments that -c env= can select, the default one first.
func Environments() []Environment {
	return []Environment{
		{
			Name:    "sandbox",
			Region:  "us-east-2",
			Zones:   []string{"us-east-2a", "us-east-2b"},
			Profile: profile.Sandbox(),
			Images:  RegistryImages("public.ecr.aws/storefront-cdk", "0.1.0"),
		},
		{
			Name:         "production",
			Region:       "eu-central-1",
			Zones:        []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"},
			Profile:      profile.Production(),
			Images:       RegistryImages("public.ecr.aws/storefront-cdk", "0.1.0"),
			SearchDomain: true,
			Teams:        mailboxes("example.com"),
		},
	}
}

// Images is the source of the images of all services.
type Images struct {
	of func(service string) image.Image
}

// RegistryImages returns images of the form <prefix>/<service>:<tag>.
func RegistryImages(prefix, tag string) Images {
	return Images{func(service string) image.Image { return image.Registry(path.Join(prefix, service) + ":" + tag) }}
}

// BuiltImages returns images that are built from the Dockerfile in <folder>/<service>.
func BuiltImages(folder string) Images {
	return Images{func(service string) image.Image { return image.Build(filepath.Join(folder, service)) }}
}

// Image returns the image of one service.
func (e Environment) Image(service string) image.Image { return e.Images.of(service) }

// ambient returns what the environment's constructs share.
func (e Environment) ambient() environment.Environment {
	return environment.Environment{
		Name: e.Name, Profile: e.Profile, Teams: e.teams(),
		Platform: platform.Ref{StackName: e.stackName(platformID), Zones: len(e.Zones)},
		Identity: identity.Ref{StackName: e.stackName(identityID)},
	}
}

// stackName returns the name of the stack with the given construct ID.
func (e Environment) stackName(id string) string {
	return "storefront-" + e.Name + "-" + cdkx.Kebab(id)
}

var (
	environmentName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	accountNumber   = regexp.MustCompile(`^\d{12}$`)
	regionName      = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d$`)
)

// Validate returns one error that lists every problem with the environment, or nil.
func (e Environment) Validate() error {
	var problems []error
	add := func(format string, values ...any) {
		problems = append(problems, fmt.Errorf(format, values...))
	}
	if !environmentName.MatchString(e.Name) {
		add("Name must be lower-case letters, digits and hyphens, starting with a letter, at most 32, got %q", e.Name)
	}
	if e.Account != "" && !accountNumber.MatchString(e.Account) {
		add("Account must be twelve digits, got %q", e.Account)
	}
	if !regionName.MatchString(e.Region) {
		add("Region must be one such as eu-central-1, got %q", e.Region)
	}
	if err := network.CheckZones("Zones", e.Zones, e.Region); err != nil {
		add("%w", err)
	}
	if e.Images.of == nil {
		add("Images is missing: use stacks.RegistryImages or stacks.BuiltImages")
	}
	if len(problems) == 0 {
		problems = append(problems, e.ambient().Validate())
	}
	if errors.Join(problems...) == nil {
		return nil
	}
	return &problem.Problem{Path: strings.TrimSpace("environment " + e.Name), Err: errors.Join(problems...)}
}
