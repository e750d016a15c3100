package app

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Service returns a reference to another service of the app in this environment, by its [Service.Name], for Calls of
// microservice.Microservice:
//
//	cart.Calls(env.Service("reviews"))
//
// The stack of the other service is then deployed first, unless it also refers to this one, directly or by others. A service of
// another app is a service.Ref with the name of its stack. Service panics if the app has no other service of that name.
func (e Environment) Service(name string) service.Ref {
	problem.MustIn(e.of.service, e.checkService(name))
	n := slices.IndexFunc(e.of.app.Services, func(other Service) bool { return other.Name() == name })
	id := e.of.app.Services[n].ID
	e.of.calls.add(e.of.service, id)
	return service.Ref{StackName: e.of.app.stackName(e, id), Name: name}
}

func (e Environment) checkService(name string) error {
	if e.of.calls == nil {
		return errors.New("env.Service must be called on the Environment that the app passes to Define, got another")
	}
	var names []string
	for _, other := range e.of.app.Services {
		if other.ID != e.of.service {
			names = append(names, other.Name())
		} else if other.Name() == name {
			return fmt.Errorf("env.Service must name another service, got %q itself", name)
		}
	}
	if slices.Contains(names, name) {
		return nil
	}
	known := strings.Join(names, ", ")
	if known == "" {
		known = "none"
	}
	return fmt.Errorf(`env.Service must name another service of the app (%s), got %q: one of another app is service.Ref{StackName: "…", Name: %q}`, known, name, name)
}

// calls are the references of services to others, by their IDs, in the order in which the program makes them.
type calls struct{ all []reference }

// reference has a form in JSON, in which other processes get it.
type reference struct{ Caller, Callee string }

func (c *calls) add(caller, callee string) {
	if made := (reference{caller, callee}); caller != "" && !slices.Contains(c.all, made) {
		c.all = append(c.all, made)
	}
}

// ordered returns the references by which stacks can be ordered, and those that would close a cycle.
func (c *calls) ordered() (before, cyclic []reference) {
	after := map[string][]string{}
	reaches := func(from, to string) bool {
		seen := map[string]bool{} // without it, a service that is reached by many ways would be followed as often
		var follow func(from string) bool
		follow = func(from string) bool {
			if from == to {
				return true
			}
			if seen[from] {
				return false
			}
			seen[from] = true
			return slices.ContainsFunc(after[from], follow)
		}
		return follow(from)
	}
	for _, made := range c.all {
		if reaches(made.Callee, made.Caller) {
			cyclic = append(cyclic, made)
			continue
		}
		after[made.Caller] = append(after[made.Caller], made.Callee)
		before = append(before, made)
	}
	return before, cyclic
}

// noteCycles adds a notice to the stack of the caller, if it is defined, for each reference that would close a cycle.
func noteCycles(cyclic []reference, defined map[string]awscdk.Stack) {
	for _, made := range cyclic {
		if stack, isDefined := defined[made.Caller]; isDefined {
			awscdk.Annotations_Of(stack).AddInfoV2(jsii.String("storefront:cycle"), jsii.String(fmt.Sprintf(
				"%s and %s call each other, directly or by others: deploy %s without this call first if %s is not deployed yet", made.Caller, made.Callee, made.Caller, made.Callee)))
		}
	}
}
