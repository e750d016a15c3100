package microservice

import (
	"cmp"
	"errors"
	"fmt"
	"slices"

	"github.com/storefront-cdk/storefront/constructs/call"
	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// callsID is the construct ID of what the calls of a service define.
const callsID = "Calls"

// Call is one service that a service calls.
type Call struct {
	// Service is the name in the reference.
	Service string
	// StackName is the name of the stack of the service that is called.
	StackName string
	// Variable is the name of the environment variable with its URL.
	Variable string
}

// Calls lets the service call another one, which is [Props.Callable], and no other: it opens the network to it, and sets its URL
// in the environment, such as REVIEWS_URL for the name "reviews". Requests go from task to task by the proxy of Service Connect
// that each task then has; it repeats a request twice if the connection fails or the response is 503, so what a call does must be
// idempotent. The order of Calls has no effect. It panics with one error that lists every problem: an invalid reference, the
// service's own stack, a service that is called already, or a variable that is set already. Synthesis fails if the app defines the
// stack of the other service and no service of it is callable, or one of another environment or platform.
func (m *Microservice) Calls(callee service.Ref) {
	m.must("Calls")
	problem.MustAt(m, m.checkCall(callee))
	if m.callsScope == nil {
		m.callsScope = place.NewConstruct(m, callsID)
		place.Of(m.service).Node().AddDependency(m.callsScope) // the rules, without which no call of a task arrives
	}
	url := call.Caller{
		Scope: m.callsScope, SecurityGroup: m.securityGroup, VPC: m.platform.VPC(), RestrictsEgress: len(m.props.Egress) > 0,
	}.Allow(callee)
	if len(m.calls) == 0 && !m.props.Callable {
		m.newProxy().Connect()
	}
	m.setVariable(callee.Variable(), url)
	m.calls = append(m.calls, Call{Service: callee.Name, StackName: callee.StackName, Variable: callee.Variable()})
}

// checkCall returns why the service cannot call another one.
func (m *Microservice) checkCall(callee service.Ref) error {
	by := "Calls of " + callee.Name
	if err := callee.Validate(); err != nil {
		return prefixed("Calls: ", err)
	}
	variable := callee.Variable()
	if err := checkVariable(by, variable); err != nil {
		return err
	}
	_, taken := m.variables[variable]
	switch {
	case m.place().Stack().Name() == callee.StackName:
		return fmt.Errorf("%s: it is in stack %s, as the caller is: a service does not call itself, and calls another one in a stack of its own", by, callee.StackName)
	case slices.ContainsFunc(m.calls, func(known Call) bool { return known.StackName == callee.StackName }):
		return fmt.Errorf("%s: the service calls that of stack %s already: remove one of the two", by, callee.StackName)
	case slices.ContainsFunc(m.calls, func(known Call) bool { return known.Service == callee.Name }):
		return fmt.Errorf("%s: the service calls another one of that name already: set Name of the reference to a different one", by)
	case taken:
		return fmt.Errorf("%s: the environment variable %s is already set: remove it, or set Name of the reference to a different one", by, variable)
	}
	return nil
}

// Called returns the services that the service calls, in the order of their names. The template has the same record.
func (m *Microservice) Called() []Call {
	return slices.SortedFunc(slices.Values(m.calls), func(a, b Call) int { return cmp.Compare(a.Service, b.Service) })
}

// recordCalls adds to the record of the service what it calls, and whether it is callable.
func (m *Microservice) recordCalls(record map[string]any) {
	if m.props.Callable {
		record["Callable"] = true
	}
	if len(m.calls) == 0 {
		return
	}
	calls := []any{}
	for _, made := range m.Called() {
		calls = append(calls, map[string]any{"Service": made.Service, "Stack": made.StackName, "Variables": []string{made.Variable}})
	}
	record["Calls"] = calls
}

// addProxy configures Service Connect for a service that does not call others yet.
func (m *Microservice) addProxy() {
	if !m.props.Callable {
		call.Off(m.cfnService)
		return
	}
	m.newProxy().Serve(m, m.Name(), m.props.ServiceConnect)
	call.Publish(m, m.Name(), m.securityGroup)
}

func (m *Microservice) newProxy() call.Proxy {
	return call.Proxy{Service: m.cfnService, NamespaceARN: m.platform.NamespaceARN(), LogGroup: m.logGroup, Region: m.place().Stack().Region(), AccessLogs: m.accessLogs}
}

func (p Props) validateCallable() error {
	if !p.Callable {
		if p.ServiceConnect != (call.ServiceConnect{}) {
			return errors.New("ServiceConnect needs Callable, since no service calls this one, got none: set Callable")
		}
		return nil
	}
	var port error
	if p.Port == call.ProxyPort {
		port = fmt.Errorf("Port must not be %d, where the proxy takes calls: choose another", p.Port)
	}
	return errors.Join(p.ServiceConnect.Validate(), port)
}

// stackKey is the key of a stack in the registry.
func stackKey(where, stackName string) string { return where + " " + stackName }

// checkOneCallable returns an error if the stack has a callable service already: it has one contract.
func (p plan) checkOneCallable() error {
	n := slices.IndexFunc(p.registry.services[p.stack], func(other *entry) bool { return other.Callable })
	if !p.Callable || n < 0 {
		return nil
	}
	return fmt.Errorf("Callable must be set in one service of a stack, and is in %s: define this one in a stack of its own", p.registry.services[p.stack][n].Path)
}

// checkCallees returns an error for each call of a service of the app that the tasks could not reach. It does not know the
// services of other apps, nor those that -c only= leaves out.
func (m *Microservice) checkCallees() error {
	var problems []error
	for _, made := range m.Called() {
		by := "Calls of " + made.Service
		services := m.registry.services[stackKey(m.entry.Where, made.StackName)]
		n := slices.IndexFunc(services, func(other *entry) bool { return other.Callable })
		switch {
		case len(services) == 0: // of another app
		case n < 0:
			problems = append(problems, fmt.Errorf("%s: %s takes no calls: set Callable in its props", by, services[0].Path))
		case services[n].Environment != m.environment:
			problems = append(problems, fmt.Errorf("%s: %s is of the environment %q, and this service of %q: call the service of the same environment",
				by, services[n].Path, services[n].Environment, m.environment))
		case services[n].Platform != m.props.Platform.StackName:
			problems = append(problems, fmt.Errorf("%s: %s is on the platform %s, and this service on %s, and a name is found on its own platform only: use the API, or define both on one",
				by, services[n].Path, services[n].Platform, m.props.Platform.StackName))
		}
	}
	return errors.Join(problems...)
}
