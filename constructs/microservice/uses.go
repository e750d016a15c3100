package microservice

import (
	"cmp"
	"errors"
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/place"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// Uses grants the service the given access to a store and no more: permissions, network, environment variables,
// secrets, alarms, and scaling by its backlog if the policy has one. The order of Uses has no effect. It panics with
// one error that lists every problem: a store that does not support the access, that sets an environment variable which
// is already set, or that is in another stack, since a service owns its data.
func (m *Microservice) Uses(used store.Store, access store.Access) {
	m.must("Uses")
	problem.MustAt(m, checkStore(used))
	m.use("Uses of "+useOf(used, access).Store, used, access)
}

// use implements Uses and the methods that are like it. Messages begin with by.
func (m *Microservice) use(by string, used store.Store, access store.Access) {
	use := useOf(used, access)
	problem.MustAt(m, m.owns(used, by))
	binding, err := used.Bind(m, access)
	if err != nil {
		problem.MustAt(m, prefixed(by+": ", err))
	}
	use.Variables = slices.Sorted(maps.Keys(binding.Environment))
	use.Secrets = slices.Sorted(maps.Keys(binding.Secrets))
	var problems []error
	for _, name := range use.Variables {
		problems = append(problems, m.checkValue(by, name, binding.Environment[name]))
		if binding.Environment[name] == "" {
			problems = append(problems, fmt.Errorf("%s: the environment variable %s is empty: return its value from Bind", by, name))
		}
		if _, both := binding.Secrets[name]; both {
			problems = append(problems, fmt.Errorf("%s: the environment variable %s is a secret, too: return it as one of the two from Bind", by, name))
		}
	}
	for _, name := range use.Secrets {
		problems = append(problems, m.checkSecret(by, name, binding.Secrets[name]))
	}
	group := groupOf(used, binding)
	problems = append(problems, m.checkWatched(by, group, binding, errors.Join(problems...) == nil), m.checkPublished(by, binding.Publishes))
	problem.MustAt(m, errors.Join(problems...))
	for _, name := range use.Variables {
		m.setVariable(name, binding.Environment[name])
	}
	for _, name := range use.Secrets {
		m.setSecret(name, binding.Secrets[name])
	}
	for _, a := range binding.Alarms {
		if err := m.addAlarm(group, a); err != nil {
			problems = append(problems, prefixed(by+": ", err))
		}
	}
	m.page.complete()
	problems = append(problems, m.scaleBy(by, binding.Backlog))
	problem.MustAt(m, errors.Join(problems...))
	m.exchange(binding)
	m.addUse(use, binding)
}

// addUse adds a use, with its events, to that of the same store and access if there is one.
func (m *Microservice) addUse(use Use, binding store.Binding) {
	n := slices.IndexFunc(m.uses, func(known Use) bool {
		known.Publishes, known.Subscribes = nil, nil
		return reflect.DeepEqual(known, use)
	})
	if n < 0 {
		n, m.uses = len(m.uses), append(m.uses, use)
	}
	m.uses[n].Publishes = union(m.uses[n].Publishes, binding.Publishes)
	m.uses[n].Subscribes = union(m.uses[n].Subscribes, binding.Subscribes)
}

// union returns the events of two lists, each once, sorted.
func union(a, b []event.Event) []event.Event {
	all := slices.Concat(a, b)
	slices.SortStableFunc(all, func(a, b event.Event) int { return cmp.Compare(a.String(), b.String()) })
	return slices.CompactFunc(all, func(a, b event.Event) bool { return a.String() == b.String() })
}

// checkStore returns an error for a store that is nil, or that embeds a construct which is.
func checkStore(used store.Store) error {
	if problem.IsNil(used) {
		if used == nil {
			return errors.New("Uses must name a store, got nil")
		}
		return fmt.Errorf("Uses must name a store, got a nil %T: define it first", used)
	}
	if part := problem.NilPart(used); part != "" {
		return fmt.Errorf("Uses of %s: its %s is nil: define it first, by the function that returns such a store", strings.TrimPrefix(fmt.Sprintf("%T", used), "*"), part)
	}
	return nil
}

// owns returns an error for a store that is a construct of another stack: using it would couple the two. It compares
// the stack of the construct's scope, since a custom store may be a Go value around a construct, which is not one to
// the CDK.
func (m *Microservice) owns(used store.Store, by string) error {
	construct, ok := used.(constructs.IConstruct)
	if !ok {
		return nil
	}
	scope := place.Of(construct).Scope()
	if scope == nil {
		return nil
	}
	own, other := m.place().Stack().Path(), scope.Stack().Path()
	if own != other {
		return fmt.Errorf("%s: it is in stack %s and not in %s: define it there, call the service that owns it, or react to its events", by, other, own)
	}
	return nil
}

// groupOf returns the group of a store's alarms: its own, the ID of its construct, or the name of its Go type. It does not depend
// on the names of environment variables, since another group replaces the alarms.
func groupOf(used store.Store, binding store.Binding) string {
	if binding.Group != "" {
		return binding.Group
	}
	if construct, ok := used.(constructs.IConstruct); ok {
		return place.Of(construct).ID()
	}
	name, _, _ := strings.Cut(useOf(used, "").Type, "[") // without the parameters of a generic type
	name = name[strings.LastIndex(name, ".")+1:]
	return strings.ToUpper(name[:1]) + name[1:]
}

// checkWatched returns what is wrong with the alarms and the backlog of a store: in themselves, and if fits is true, in this
// service. A store whose variables are taken is often one with the ID of another, so that its alarms are, too.
func (m *Microservice) checkWatched(by, group string, binding store.Binding, fits bool) error {
	var problems []error
	for _, a := range binding.Alarms {
		check := a.WithDefaults().Validate("Alarm")
		if fits {
			check = m.checkAlarm(group, a)
		}
		if check != nil {
			problems = append(problems, prefixed(by+": ", check))
		}
	}
	switch {
	case binding.Backlog.Metric.IsZero():
	case fits:
		problems = append(problems, m.checkBacklogOf(by, binding.Backlog))
	default:
		if err := scaling.CheckTracked("Backlog.Metric", binding.Backlog.Metric); err != nil {
			problems = append(problems, prefixed(by+": ", err))
		}
	}
	return errors.Join(problems...)
}

// checkBacklogOf returns why the service cannot scale by the backlog of a store that it uses. It supports one: no single
// target fits the messages of two queues, which take different times.
func (m *Microservice) checkBacklogOf(by string, backlog store.Backlog) error {
	target := m.props.Scaling.Backlog
	if backlog.Metric.IsZero() {
		return nil
	}
	if err := scaling.CheckTracked("Backlog.Metric", backlog.Metric); err != nil {
		return prefixed(by+": ", err)
	}
	switch {
	case target == (scaling.Backlog{}) || cdkx.Same(m, m.backlog, backlog):
		return nil
	case !m.backlog.Metric.IsZero():
		return fmt.Errorf("%s: Scaling.Backlog supports one queue, and the service already consumes another: consume each with its own service", by)
	case backlog.MaxDuration > 0 && backlog.MaxDuration < target.MessageDuration:
		return fmt.Errorf("%s: a message takes %s (Scaling.Backlog.MessageDuration), and becomes visible to another task after %s: raise the queue's VisibilityTimeout",
			by, target.MessageDuration, backlog.MaxDuration)
	case backlog.AlarmAge > 0 && backlog.AlarmAge <= target.AcceptableDelay:
		return fmt.Errorf("%s: messages may wait for %s (Scaling.Backlog.AcceptableDelay), and an alarm notifies when one has waited for %s: raise Alarms.QueueAge of the queue above the delay",
			by, target.AcceptableDelay, backlog.AlarmAge)
	}
	return nil
}

// scaleBy scales the service by the backlog of a store that it uses, if its policy has a Backlog.
func (m *Microservice) scaleBy(by string, backlog store.Backlog) error {
	if err := m.checkBacklogOf(by, backlog); err != nil {
		return err
	}
	if backlog.Metric.IsZero() || m.props.Scaling.Backlog == (scaling.Backlog{}) || cdkx.Same(m, m.backlog, backlog) {
		return nil
	}
	if err := m.trackBacklog(by, backlog.Metric); err != nil {
		return err
	}
	m.backlog = backlog
	return nil
}

// Use is one store that a service uses.
type Use struct {
	// Store is the path of the store's construct, or its Type where it is none.
	Store string
	// Type is the Go type of the store, such as "table.Table".
	Type string
	// Access is the access that the service has to it.
	Access store.Access
	// Variables are the names of the environment variables that the store sets, sorted.
	Variables []string
	// Secrets are the names of the environment variables that hold its secrets, sorted.
	Secrets []string
	// Publishes are the events that the service publishes by the store, sorted.
	Publishes []event.Event
	// Subscribes are the events that the service receives by the store, sorted.
	Subscribes []event.Event
}

func useOf(used store.Store, access store.Access) Use {
	use := Use{Type: strings.TrimPrefix(fmt.Sprintf("%T", used), "*"), Access: access}
	use.Store = use.Type
	if construct, ok := used.(constructs.IConstruct); ok {
		use.Store = place.Of(construct).Path()
	}
	return use
}

// Used returns what the service uses, in the order of the stores' paths. The template has the same record.
func (m *Microservice) Used() []Use {
	return slices.SortedFunc(slices.Values(m.uses), func(a, b Use) int {
		return cmp.Or(cmp.Compare(a.Store, b.Store), cmp.Compare(a.Access, b.Access))
	})
}

// metadataKey is followed by the service's name. Its value in the metadata of the stack's template describes what the
// service is and uses, for tests, diagrams and reviews.
const metadataKey = "storefront:service:"

// record writes into the template what the service is and uses.
func (m *Microservice) record() {
	uses := []any{}
	for _, use := range m.Used() {
		entry := map[string]any{"Store": use.Store, "Type": use.Type, "Access": use.Access}
		for key, names := range map[string][]string{"Variables": use.Variables, "Secrets": use.Secrets} {
			if len(names) > 0 {
				entry[key] = names
			}
		}
		for key, events := range map[string][]event.Event{"Publishes": use.Publishes, "Subscribes": use.Subscribes} {
			if len(events) > 0 {
				entry[key] = named(events)
			}
		}
		uses = append(uses, entry)
	}
	record := map[string]any{"Path": m.place().Path(), "Stack": m.place().Stack().Name(), "Owner": m.Owner(), "Uses": uses}
	if m.environment != "" {
		record["Environment"] = m.environment
	}
	m.recordCalls(record)
	m.recordEvents(record)
	m.place().Stack().CDK.AddMetadata(jsii.String(metadataKey+m.Name()), record)
}
