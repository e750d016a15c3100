package app

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/constructs/network"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/problem"
)

var (
	name          = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
	accountNumber = regexp.MustCompile(`^\d{12}$`)
	regionName    = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d$`)
	stackID       = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9-]*$`)
)

// maxStackName is CloudFormation's limit.
//
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/APIReference/API_CreateStack.html
const maxStackName = 128

// Validate returns one error that lists every problem of the app and all of its environments, or nil. What services and shared
// stacks define is checked when they are defined.
func (a App) Validate() error {
	problems := []error{at("app "+a.Name, a.validate())}
	for _, e := range a.Environments {
		problems = append(problems, at("environment "+e.Name, a.validateEnvironment(a.resolved(e))))
	}
	return errors.Join(problems...)
}

// at adds where it was found to each line of an error.
func at(where string, err error) error {
	if err == nil {
		return nil
	}
	return &problem.Problem{Path: strings.TrimSpace(where), Err: err}
}

// validate returns the problems of the app but those of its environments.
func (a App) validate() error {
	problems := []error{checkName(a.Name), team.Ref{}.CheckOwner(a.owner())}
	if len(a.Environments) == 0 {
		problems = append(problems, errors.New(
			`Environments is missing: set at least one, such as {Name: "sandbox", Region: "eu-central-1", Zones: []string{"eu-central-1a", "eu-central-1b"}, Profile: profile.Sandbox()}`))
	}
	seen := map[string]bool{}
	for n, e := range a.Environments {
		if seen[e.Name] {
			problems = append(problems, fmt.Errorf("Environments[%d].Name must be unique, got %q twice", n, e.Name))
		}
		seen[e.Name] = true
	}
	return errors.Join(append(problems, a.validateServices())...)
}

func checkName(of string) error {
	if !name.MatchString(of) {
		return fmt.Errorf("Name must be lower-case letters, digits and hyphens, starting with a letter, at most 32, got %q", of)
	}
	return nil
}

func checkAccount(account string) error {
	if account != "" && !accountNumber.MatchString(account) {
		return fmt.Errorf("Account must be twelve digits, got %q", account)
	}
	return nil
}

func (a App) validateServices() error {
	var problems []error
	add := func(n int, format string, values ...any) {
		problems = append(problems, fmt.Errorf("Services[%d]."+format, append([]any{n}, values...)...))
	}
	shared := []string{platformID, identityID, teamsID}
	byName := map[string]string{}
	for n, service := range a.Services {
		other, taken := byName[service.Name()]
		switch {
		case !stackID.MatchString(service.ID):
			add(n, "ID must be letters, digits and hyphens, starting with a letter, such as \"Cart\", got %q", service.ID)
		case problem.Inherited(service.ID):
			add(n, "ID must not be the name of what every JavaScript object has, as the CDK finds that instead, got %q: choose another", service.ID)
		case slices.ContainsFunc(shared, func(id string) bool { return cdkx.Kebab(id) == service.Name() }):
			add(n, "ID must not be that of a stack that services share, %s, got %q: choose another", strings.Join(shared, ", "), service.ID)
		case taken && other == service.ID:
			add(n, "ID must be unique, got %q twice", service.ID)
		case taken:
			add(n, "ID must differ from %q by more than capitals and hyphens, as the names of both stacks end with %s, got %q", other, service.Name(), service.ID)
		case len(a.longest(service.ID)) > maxStackName:
			add(n, "ID must be short enough for the name of its stack to have at most %d characters, got %d in %q", maxStackName, len(a.longest(service.ID)), a.longest(service.ID))
		}
		byName[service.Name()] = service.ID
		if service.Define == nil {
			add(n, "Define is missing: set it to the function that defines the service %q", service.ID)
		}
	}
	return errors.Join(problems...)
}

// longest returns the longest name that the stack with the given construct ID has in an environment.
func (a App) longest(id string) string {
	longest := ""
	for _, e := range a.Environments {
		if stack := a.stackName(e, id); len(stack) > len(longest) {
			longest = stack
		}
	}
	return longest
}

// validateEnvironment returns the problems of one environment, which must be resolved.
func (a App) validateEnvironment(e Environment) error {
	problems := []error{checkName(e.Name), checkAccount(e.Account)}
	add := func(format string, values ...any) {
		problems = append(problems, fmt.Errorf(format, values...))
	}
	if !regionName.MatchString(e.Region) {
		add("Region must be one such as eu-central-1, got %q", e.Region)
	}
	problems = append(problems, e.validateZones())
	// The names that this app gives to its own stacks are valid if those above are, and no problem names them.
	shared := a.ambient(e)
	if e.definesPlatform() {
		shared.Platform.StackName = platformID
	}
	if a.definesIdentity(e) {
		shared.Identity.StackName = identityID
	}
	if e.definesTeams() {
		shared.Teams.StackName = teamsID
	}
	shared.Name, shared.Platform.Zones = "", e.Platform.Zones // the name and the zones are checked above
	problems = append(problems, shared.Validate())
	named := errors.Join(checkName(a.Name), checkName(e.Name), shared.Teams.Validate()) == nil
	if named && len(e.Teams.Teams) > 0 && a.definesShared(e) {
		problems = append(problems, a.ambient(e).Teams.CheckOwner(a.owner()))
	}
	if len(a.Services) == 0 && !a.definesShared(e) {
		add("Platform.StackName must be empty, or the app must have Services: there is no stack to define")
	}
	return errors.Join(problems...)
}

// definesShared reports whether the environment has a stack that services share and that this app defines.
func (a App) definesShared(e Environment) bool {
	return e.definesPlatform() || e.definesTeams() || a.definesIdentity(e)
}

func (e Environment) validateZones() error {
	var problems []error
	region := ""
	if regionName.MatchString(e.Region) {
		region = e.Region
	}
	if len(e.Zones) > 0 || e.definesPlatform() {
		problems = append(problems, network.CheckZones("Zones", e.Zones, region))
	}
	if len(e.Zones) == 1 && e.definesPlatform() {
		problems = append(problems, fmt.Errorf("Zones must name at least 2 availability zones, which the load balancer of a platform requires, got %q alone", e.Zones[0]))
	}
	if most := len(e.Zones); most > 0 && e.Platform.Zones > most && e.definesPlatform() {
		problems = append(problems, fmt.Errorf("Platform.Zones must be at most the number of Zones, %d, got %d", most, e.Platform.Zones))
	}
	return errors.Join(problems...)
}
