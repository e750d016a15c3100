package app

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Configuration selects the stacks that one run of the app defines.
type Configuration struct {
	// Environment is the environment of the stacks.
	Environment Environment
	// Services are the services whose stacks are built.
	Services []Service
	// WithoutShared omits the stacks of the platform, the identity and the teams, which must then be deployed already.
	WithoutShared bool
}

// The context keys of an app. Every other key has a namespace: a colon, a slash or an at sign.
const (
	keyEnvironment = "env"
	keyOnly        = "only"
	keyAccount     = "account"
	keyProtection  = "protection"
)

// ourKeys are the context keys of an app.
var ourKeys = []string{keyAccount, keyEnvironment, keyOnly, keyProtection}

// foreignKeys are the context keys without a namespace that belong to the CDK CLI.
var foreignKeys = []string{"acknowledged-issue-numbers", "cli-telemetry"}

// Configure reads the context of the app: env, the name of an environment; only, services separated by commas; account, the
// account of the environment; protection, off for a first deployment. The default is the whole of the first environment. It
// returns one error that lists every problem of the app and of the context, and of storefront:jobs, which only [Run] uses.
func (a App) Configure(context map[string]any) (Configuration, error) {
	problems := []error{a.Validate()}
	for _, key := range slices.Sorted(maps.Keys(context)) {
		if !slices.Contains(ourKeys, key) && !strings.ContainsAny(key, ":/@") && !slices.Contains(foreignKeys, key) {
			problems = append(problems, fmt.Errorf("context key %q is unknown: use %s or %s, or a key of your own with a colon, such as \"shop:%s\"", key,
				strings.Join(ourKeys[:len(ourKeys)-1], ", "), ourKeys[len(ourKeys)-1], key))
		}
	}
	selected, err := a.selection(context)
	problems = append(problems, err)
	env, err := a.selectEnvironment(context)
	_, number := jobs(context)
	problems = append(problems, err, unprotect(context, &env), number)
	_, without := context[keyOnly]
	return Configuration{env, selected, without}, errors.Join(problems...)
}

// selectEnvironment returns the zero value if the app has no environments, which is a problem of the app.
func (a App) selectEnvironment(context map[string]any) (Environment, error) {
	if len(a.Environments) == 0 {
		return Environment{}, nil
	}
	wanted, err := text(context, keyEnvironment, a.Environments[0].Name)
	if err != nil {
		return Environment{}, err
	}
	names := make([]string, len(a.Environments))
	for n, candidate := range a.Environments {
		names[n] = candidate.Name
		if candidate.Name != wanted {
			continue
		}
		candidate.Account, err = text(context, keyAccount, candidate.Account)
		if _, given := context[keyAccount]; given && err == nil {
			err = at("environment "+candidate.Name, checkAccount(candidate.Account))
		}
		return a.resolved(candidate), err
	}
	return Environment{}, fmt.Errorf("env must be %s, got %q", strings.Join(names, " or "), wanted)
}

// unprotect turns off the deletion protection of an environment if the context has protection=off. What is protected
// cannot be deleted when a deployment fails that creates it.
func unprotect(context map[string]any, environment *Environment) error {
	value, given := context[keyProtection]
	if !given {
		return nil
	}
	if value != "off" {
		return fmt.Errorf("%s must be off, or absent to use the environment's profile, got %v", keyProtection, value)
	}
	environment.Profile.DeletionProtection = false
	return nil
}

func (a App) selection(context map[string]any) ([]Service, error) {
	all := a.Services
	if _, given := context[keyOnly]; !given {
		return all, nil
	}
	list, err := text(context, keyOnly, "")
	if err != nil {
		return nil, err
	}
	byName := map[string]Service{}
	names := make([]string, len(all))
	for n, service := range all {
		names[n] = service.Name()
		byName[names[n]] = service
	}
	if len(all) == 0 {
		return nil, fmt.Errorf("only must be absent, as the app has no services, got %q", list)
	}
	var problems []error
	var selected []Service
	seen := map[string]bool{}
	for name := range strings.SplitSeq(list, ",") {
		name = strings.TrimSpace(name)
		service, known := byName[name]
		switch {
		case !known:
			problems = append(problems, fmt.Errorf("only must name services of %s, got %q", strings.Join(names, ", "), name))
		case seen[name]:
			problems = append(problems, fmt.Errorf("only must name each service once, got %q twice", name))
		}
		seen[name] = true
		selected = append(selected, service)
	}
	return selected, errors.Join(problems...)
}

// text returns a context value, which the CLI passes as a string. A number in cdk.json is rejected: an account that
// starts with a zero would lose it.
func text(context map[string]any, key, fallback string) (string, error) {
	value, given := context[key]
	if !given {
		return fallback, nil
	}
	s, ok := value.(string)
	if !ok {
		got, err := json.Marshal(value) // as in cdk.json: Go's own would be 1.11122223333e+11 for an account
		if err != nil {
			got = fmt.Append(nil, value)
		}
		return "", fmt.Errorf("%s must be a string, got %s", key, got)
	}
	return s, nil
}
