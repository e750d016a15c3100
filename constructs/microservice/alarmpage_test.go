package microservice

import (
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/expect"
)

// construct is one without the CDK, for maps of those that are defined already.
type construct struct {
	constructs.Construct
	id string
}

// The alarms of a store stand apart from those of the service, whatever the store is called.
func TestGroups(t *testing.T) {
	deployment, memory := &construct{id: "Deployment"}, &construct{id: "Memory"}
	own := &construct{id: "Alarms"}
	p := &alarmPage{scope: own, groups: map[string]constructs.Construct{"Deployment": deployment, "Of": &construct{id: "Of"}, "Of/Memory": memory}}
	for name, c := range map[string]struct {
		group     string
		rollsBack bool
		want      constructs.Construct
	}{
		"the service's own":               {"", false, own},
		"those that roll back":            {"", true, deployment},
		"a store's":                       {"Memory", false, memory},
		"those of a store that roll back": {"Memory", true, memory},
	} {
		if got := p.group(c.group, c.rollsBack); got != c.want {
			t.Errorf("%s stand below %+v, want %+v", name, got, c.want)
		}
	}
}

func connections() alarm.Alarm {
	return alarm.Alarm{
		ID:         "Connections",
		Metric:     metric.Metric{Namespace: "AWS/RDS", Name: "DatabaseConnections", Statistic: metric.Maximum},
		Comparison: alarm.Above,
		Threshold:  80,
		Meaning:    "the database is running out of connections. Requests will fail.",
		LookAt:     [3]string{"how many tasks run.", "the size of each task's connection pool.", "long transactions."},
	}
}

func TestAddRefuses(t *testing.T) {
	known := connections().WithDefaults()
	another := connections()
	another.Threshold = 90
	invalid := connections()
	invalid.Meaning = ""
	own := connections()
	own.RollsBack = true
	queueAge, longest, wordy := own, own, connections()
	queueAge.ID, longest.ID, wordy.ID = "Age", "A"+strings.Repeat("Bb", 31), "Wordy"
	wordy.Meaning = strings.Repeat("x", 1100-len(wordy.Description("cart", "checkout"))+len(wordy.Meaning))
	for name, c := range map[string]struct {
		rollbackOnly bool
		alarm        alarm.Alarm
		want         []string
	}{
		"the same once more":     {false, connections(), nil},
		"another one":            {false, another, []string{`Alarm.ID "Connections" is already used by another alarm of Orders: choose another, or another group`}},
		"what is not valid":      {false, invalid, []string{"Alarm.Meaning is missing: describe what the alarm means for customers"}},
		"without alarms":         {true, another, []string{`Alarm.ID "Connections" is already used by another alarm of Orders: choose another, or another group`}},
		"a name that is taken":   {false, queueAge, []string{`Alarm.ID "Age" of Orders results in the name shop.cart.orders.age, which is already used by another alarm: choose another`}},
		"too long a name":        {false, longest, []string{`Alarm.ID "` + longest.ID + `" of Orders results in a name of more than 255 characters, got 277: shorten it`}},
		"too long a meaning":     {false, wordy, []string{"Alarm.Meaning and LookAt must fit into a description of 1024 characters with the names of the service and its owner, got 1100"}},
		"not valid, no alarms":   {true, invalid, []string{"Alarm.Meaning is missing: describe what the alarm means for customers"}},
		"rolls back, another ID": {true, own, []string{`Alarm.ID "Connections" is already used by another alarm of Orders: choose another, or another group`}},
	} {
		t.Run(name, func(t *testing.T) {
			p := &alarmPage{
				props: alarmPageProps{Service: "cart", Owner: "checkout", RollbackOnly: c.rollbackOnly}, stackName: "shop",
				alarms: map[string]alarm.Alarm{"Orders/Connections": known}, deployment: []string{"shop.cart.orders.age"},
			}
			if c.alarm.ID == longest.ID {
				p.stackName = strings.Repeat("s", 128)
				p.props.Service = strings.Repeat("c", 46)
			}
			defined, err := p.add("Orders", c.alarm)
			expect.Problems(t, err, c.want...)
			if defined != nil {
				t.Errorf("%+v was defined", defined)
			}
			if diff := cmp.Diff(map[string]alarm.Alarm{"Orders/Connections": known}, p.alarms); diff != "" {
				t.Errorf("alarms (-before +after):\n%s", diff)
			}
		})
	}
}

// composite records its rule.
type composite struct {
	awscloudwatch.CfnCompositeAlarm
	rule string
}

func (c *composite) SetAlarmRule(rule *string) { c.rule = *rule }

// The rule is in the order of names, and not in that in which alarms were added.
func TestTheRuleOfACompositeAlarm(t *testing.T) {
	recorded := &composite{}
	p := &alarmPage{composite: recorded, paging: map[string]string{"OrdersQueueAge": "arn:3", "Errors": "arn:1", "ItemsThrottledReads": "arn:2"}}
	p.followPaging()
	if want := `ALARM("arn:1") OR ALARM("arn:2") OR ALARM("arn:3")`; recorded.rule != want {
		t.Errorf("the rule is %s, want %s", recorded.rule, want)
	}
}

func TestRollbackAlarms(t *testing.T) {
	group := &construct{id: "Deployment"}
	p := &alarmPage{deployment: []string{"shop.cart.errors", "shop.cart.latency"}, groups: map[string]constructs.Construct{"Deployment": group}}
	names, after := p.rollbackAlarms()
	if diff := cmp.Diff([]string{"shop.cart.errors", "shop.cart.latency"}, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
	if after != constructs.IDependable(group) {
		t.Errorf("they are in %+v", after)
	}
	names[0] = "changed"
	if p.deployment[0] != "shop.cart.errors" {
		t.Error("whoever sorts the names changes the page")
	}
	names, after = (&alarmPage{}).rollbackAlarms()
	if len(names) > 0 || after != nil {
		t.Errorf("of no alarms got %v in %+v", names, after)
	}
}

// CloudWatch takes 1024 characters.
func TestTheSummaryOfAPageFits(t *testing.T) {
	p := &alarmPage{props: alarmPageProps{Service: strings.Repeat("s", 63), Owner: strings.Repeat("o", 256)}}
	if got := len(p.summary()); got > 1024 {
		t.Errorf("the description of the composite alarm may have %d characters", got)
	}
	want := "cart: customers are affected: requests fail, are slow or throttled, or work is not done.\n" +
		"Look at: 1. which of its alarms are in ALARM: their descriptions state what they mean and where to look. " +
		"2. ECS deployments. If one caused this, roll it back unless ECS has. 3. the newest errors in the service's log group.\n" +
		"Owner: checkout"
	p = &alarmPage{props: alarmPageProps{Service: "cart", Owner: "checkout"}}
	if diff := cmp.Diff(want, p.summary()); diff != "" {
		t.Errorf("description (-want +got):\n%s", diff)
	}
}

func TestActions(t *testing.T) {
	if got := actions(""); got != nil {
		t.Errorf("nowhere is %v, want nil", *got)
	}
	if diff := cmp.Diff(&[]any{"arn:aws:sns:eu-central-1:111122223333:on-call"}, actions("arn:aws:sns:eu-central-1:111122223333:on-call")); diff != "" {
		t.Errorf("actions (-want +got):\n%s", diff)
	}
}

// Alarm names are physical, and a name of two alarms would be one alarm: neither the name of a stack nor that of a service
// contains the dot that joins them, so that shop-cart and api differ from shop and cart-api.
func TestNamesOfAlarmsDiffer(t *testing.T) {
	known := map[string][4]string{}
	for _, stack := range []string{"shop", "shop-cart", "shop-cart-api"} {
		for _, service := range []string{"api", "cart", "cart-api", "cart-api-items"} {
			for _, group := range []string{"", "Api", "Items", "ApiItems", "Api.Items", "CartApi"} {
				for _, id := range []string{"Errors", "ItemsErrors", "ApiErrors"} {
					of := [4]string{stack, service, cdkx.Kebab(group), id}
					name := (&alarmPage{stackName: stack, props: alarmPageProps{Service: service}}).name(group, alarm.Alarm{ID: id, RollsBack: true})
					if other, taken := known[name]; taken && other != of {
						t.Errorf("%q and %q are both %s", other, of, name)
					}
					known[name] = of
				}
			}
		}
	}
}
