package microservice

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/internal/expect"
	"github.com/storefront-cdk/storefront/internal/problem"
)

// parameter is a store that is no construct.
type parameter struct{}

func (parameter) Bind(store.Consumer, store.Access) (store.Binding, error) {
	return store.Binding{}, nil
}

// bucket is a store that is a construct, without the CDK.
type bucket struct {
	constructs.Construct
	id string
}

func (*bucket) Bind(store.Consumer, store.Access) (store.Binding, error) {
	return store.Binding{}, nil
}

func (b *bucket) Node() constructs.Node { return node{id: b.id} }

type node struct {
	constructs.Node
	id string
}

func (n node) Id() *string { return &n.id }

func (n node) Path() *string {
	path := "Shop/Cart/" + n.id
	return &path
}

func TestNoStore(t *testing.T) {
	var none *table.Table
	for name, c := range map[string]struct {
		used store.Store
		want bool
	}{
		"nil": {nil, true}, "a nil table": {none, true}, "a table": {&table.Table{}, false}, "a value": {parameter{}, false},
	} {
		if got := problem.IsNil(c.used); got != c.want {
			t.Errorf("%s is no store: got %t", name, got)
		}
	}
}

func TestUseOf(t *testing.T) {
	for name, c := range map[string]struct {
		used store.Store
		want Use
	}{
		"a construct": {&bucket{id: "Photos"}, Use{Store: "Shop/Cart/Photos", Type: "microservice.bucket", Access: store.Write}},
		"a value":     {parameter{}, Use{Store: "microservice.parameter", Type: "microservice.parameter", Access: store.Write}},
	} {
		if diff := cmp.Diff(c.want, useOf(c.used, store.Write)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// What is recorded is in the order of the stores, and not in that of Uses.
func TestUsed(t *testing.T) {
	a, b, c := Use{Store: "Shop/A", Access: store.Read}, Use{Store: "Shop/A", Access: store.Write}, Use{Store: "Shop/B", Access: store.Read}
	m := &Microservice{uses: []Use{c, b, a}}
	if diff := cmp.Diff([]Use{a, b, c}, m.Used()); diff != "" {
		t.Errorf("used (-want +got):\n%s", diff)
	}
	if m.uses[0].Store != "Shop/B" {
		t.Error("Used changes the order of what it reads")
	}
}

// kept is a store of a generic type.
type kept[T any] []T

func (kept[T]) Bind(store.Consumer, store.Access) (store.Binding, error) { return store.Binding{}, nil }

func TestGroupOf(t *testing.T) {
	two := store.Binding{Environment: map[string]string{"B_URL": "", "A_URL": ""}}
	for name, c := range map[string]struct {
		used    store.Store
		binding store.Binding
		want    string
	}{
		"a construct":            {&bucket{id: "Photos"}, two, "Photos"},
		"a construct in a group": {&bucket{id: "Photos"}, store.Binding{Group: "Files"}, "Files"},
		"a value":                {parameter{}, two, "Parameter"},
		"a pointer":              {&parameter{}, two, "Parameter"},
		"a value in a group":     {parameter{}, store.Binding{Group: "Features"}, "Features"},
		"a value of a generic":   {kept[time.Duration](nil), two, "Kept"},
	} {
		if got := groupOf(c.used, c.binding); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

// container records what it is given.
type container struct {
	awsecs.ContainerDefinition
	added map[string]string
}

func (c container) AddEnvironment(name, value *string) { c.added[*name] = *value }

func (c container) AddSecret(name *string, _ awsecs.Secret) { c.added[*name] = "a secret" }

// secret is one without the CDK.
type secret struct {
	awsecs.Secret
	arn string
}

func (s secret) Arn() *string { return &s.arn }

func TestVariablesOfStores(t *testing.T) {
	known := secret{arn: "arn:known"}
	value := func(name, value string) func(*Microservice) error {
		return func(m *Microservice) error {
			err := m.checkValue("Uses of T", name, value)
			if err == nil {
				m.setVariable(name, value)
			}
			return err
		}
	}
	hidden := func(name string, secret awsecs.Secret) func(*Microservice) error {
		return func(m *Microservice) error {
			err := m.checkSecret("Uses of T", name, secret)
			if err == nil {
				m.setSecret(name, secret)
			}
			return err
		}
	}
	for name, c := range map[string]struct {
		set   func(*Microservice) error
		added map[string]string
		want  []string
	}{
		"a variable":          {value("T_URL", "u"), map[string]string{"T_URL": "u"}, nil},
		"the same value":      {value("LOG_LEVEL", "info"), nil, nil},
		"another value":       {value("LOG_LEVEL", "debug"), nil, []string{"Uses of T: the environment variable LOG_LEVEL is already set: change the ID of the store, or the name of the variable"}},
		"that of a secret":    {value("API_KEY", "x"), nil, []string{"Uses of T: the environment variable API_KEY is already set: change the ID of the store, or the name of the variable"}},
		"a reserved name":     {value("PORT", "9"), nil, []string{"Uses of T must not set PORT, which is reserved: set Props.Port"}},
		"no name":             {value("T-URL", "9"), nil, []string{`Uses of T must have names of letters, digits and underscores that do not start with a digit, got "T-URL"`}},
		"a secret":            {hidden("T_KEY", known), map[string]string{"T_KEY": "a secret"}, nil},
		"the same secret":     {hidden("API_KEY", known), nil, nil},
		"a secret read again": {hidden("API_KEY", secret{arn: "arn:known"}), nil, nil},
		"another secret":      {hidden("API_KEY", secret{arn: "arn:another"}), nil, []string{"Uses of T: the environment variable API_KEY is already set: change the ID of the store, or the name of the variable"}},
		"a reserved secret":   {hidden("PORT", known), nil, []string{"Uses of T must not set PORT, which is reserved: set Props.Port"}},
		"no secret":           {hidden("T_KEY", nil), nil, []string{"Uses of T: the secret T_KEY is nil: use awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter"}},
	} {
		t.Run(name, func(t *testing.T) {
			added := map[string]string{}
			m := &Microservice{container: container{added: added}, variables: map[string]any{"LOG_LEVEL": "info", "API_KEY": known}}
			expect.Problems(t, c.set(m), c.want...)
			if c.added == nil {
				c.added = map[string]string{}
			}
			if diff := cmp.Diff(c.added, added); diff != "" {
				t.Errorf("added (-want +got):\n%s", diff)
			}
			expect.Problems(t, c.set(m), c.want...) // once more is the same
			for name := range c.added {
				expect.Problems(t, m.checkValue("Uses of U", name, "another"),
					"Uses of U: the environment variable "+name+" is already set: change the ID of the store, or the name of the variable")
			}
		})
	}
}

func TestAlarmsOfNobodyAreRefused(t *testing.T) {
	expect.Problems(t, (&Microservice{}).addAlarm("", alarm.Alarm{ID: "Refused"}),
		`Alarm "Refused" must have a group: the construct ID of the store or feature that defines it`)
}
