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

type reference struct{ caller, callee string }

func (c *calls) add(caller, callee string) {
	if made := (reference{caller, callee}); caller != "" && !slices.Contains(c.all, made) {
		c.all = append(c.all, made)
	}
}

// ordered returns the references by which stacks can be ordered, and those that would close a cycle.
func (c *calls) ordered() (before, cyclic []reference) {
	after := map[string][]string{}
	var reaches func(from, to string) bool
	reaches = func(from, to string) bool {
		return from == to || slices.ContainsFunc(after[from], func(next string) bool { return reaches(next, to) })
	}
	for _, made := range c.all {
		if reaches(made.callee, made.caller) {
			cyclic = append(cyclic, made)
			continue
		}
		after[made.caller] = append(after[made.caller], made.callee)
		before = append(before, made)
	}
	return before, cyclic
}

// order has the stack of each service deployed after those of the services that it refers to, as far as they are defined.
func (c *calls) order(stacks map[string]awscdk.Stack) {
	before, cyclic := c.ordered()
	for _, made := range before {
		if callee, defined := stacks[made.callee]; defined {
			stacks[made.caller].AddStackDependency(callee, nil)
		}
	}
	for _, made := range cyclic {
		awscdk.Annotations_Of(stacks[made.caller]).AddInfoV2(jsii.String("storefront:cycle"), jsii.String(fmt.Sprintf(
			"%s and %s call each other, directly or by others: deploy %s without this call first if %s is not deployed yet", made.caller, made.callee, made.caller, made.callee)))
	}
}
