package watch

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// everyAlarm are those of a service with all that a service can have.
func everyAlarm(settings Alarms, targets Targets, routed bool) []alarm {
	s := subject{"cart", "checkout", settings.WithDefaults(2)}
	var all []alarm
	if routed {
		all = append(all, s.deployment(targets, func(alarm string) string { return alarmName("shop-cart", s.service, alarm) })...)
		all = append(all, s.balancer(targets)...)
	}
	all = append(all, s.tasks(Tasks{"shop", "cart"}, true, routed)...)
	all = append(all, s.table("Items", "items")...)
	return append(all, s.queue("Orders", "orders", "orders-dead")...)
}

// row is what docs/alarms.md says of an alarm.
func row(a, gradual alarm) string {
	tells := "informs"
	if a.pages {
		tells = "pages"
	}
	if a.name != "" {
		tells += ", rolls back"
	}
	return fmt.Sprintf("| `%s` | %s | %s %g | %d of %d | %s | %s | %s |", a.id, a.metric.Label,
		map[comparison]string{above: "above", atLeast: "at least", below: "below"}[a.passed], a.threshold, a.datapoints, a.of,
		map[missing]string{isGood: "good", isBad: "bad", isUnknown: "unknown"}[a.missing], tells, price(a, gradual))
}

// price is what the metrics of an alarm cost in a month, in USD: of a rolling service, and of a gradual one where that
// differs.
func price(a, gradual alarm) string {
	cents := func(a alarm) string { return fmt.Sprintf("%.2f", float64(a.metric.Count())/10) }
	if cents(a) == cents(gradual) {
		return cents(a)
	}
	return cents(a) + " or " + cents(gradual)
}

func TestTheDocumentationHasTheDefaults(t *testing.T) {
	text, err := os.ReadFile("../../docs/alarms.md")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "| `") && strings.Count(line, "|") == 8 {
			got = append(got, strings.TrimSpace(line))
		}
	}
	var want []string
	gradual := everyAlarm(Alarms{}, two, true)
	for n, a := range everyAlarm(Alarms{}, one, true) {
		want = append(want, row(a, gradual[n]))
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("docs/alarms.md (-want +got):\n%s", diff)
	}
}

// What a service costs in alarms is in docs/alarms.md and docs/resources-and-cost.md, too.
func TestWhatAlarmsCost(t *testing.T) {
	for _, c := range []struct {
		name    string
		targets Targets
		service float64
	}{
		{"rolling", one, 1.40}, {"gradual", two, 2.40},
	} {
		s := subject{"cart", "checkout", Alarms{}.WithDefaults(2)}
		count := 0
		for _, a := range append(append(s.deployment(c.targets, func(string) string { return "" }), s.balancer(c.targets)...),
			s.tasks(Tasks{}, true, true)...) {
			count += a.metric.Count()
		}
		if got := float64(count) / 10; got != c.service {
			t.Errorf("%s: %.2f USD, want %.2f", c.name, got, c.service)
		}
		count = 0
		for _, a := range s.table("Items", "items") {
			count += a.metric.Count()
		}
		if count != 17 {
			t.Errorf("a table has alarms on %d metrics, want 17", count)
		}
		count = 0
		for _, a := range s.queue("Orders", "orders", "orders-dead") {
			count += a.metric.Count()
		}
		if count != 3 {
			t.Errorf("a queue has alarms on %d metrics, want 3", count)
		}
	}
}

func TestEveryAlarmTellsItsStory(t *testing.T) {
	for _, routed := range []bool{true, false} {
		for _, a := range everyAlarm(Alarms{}, two, routed) {
			for _, part := range []string{"cart: ", "\nLook at: 1. ", " 2. ", " 3. ", "\nOwner: checkout"} {
				if strings.Count(a.description, part) != 1 {
					t.Errorf("%s: the description lacks %q:\n%s", a.id, part, a.description)
				}
			}
			if strings.Contains(a.description, "%!") {
				t.Errorf("%s: the description is not well formed:\n%s", a.id, a.description)
			}
		}
	}
}

// CloudWatch takes descriptions of 1024 characters and names of 255.
func TestTheLongestNamesFit(t *testing.T) {
	s := subject{strings.Repeat("s", 63), strings.Repeat("o", 256), Alarms{}.WithDefaults(2)}
	name := func(alarm string) string { return alarmName(strings.Repeat("n", 128), s.service, alarm) }
	all := append(s.deployment(two, name), s.balancer(two)...)
	all = append(all, s.tasks(Tasks{}, true, true)...)
	all = append(all, s.table(strings.Repeat("T", 63), "items")...)
	all = append(all, s.queue(strings.Repeat("Q", 63), "orders", "dead")...)
	all = append(all, alarm{id: "Page", description: s.summary()})
	longest := 0
	for _, a := range all {
		if len(a.description) > 1024 {
			t.Errorf("%s: the description has %d characters", a.id, len(a.description))
		}
		longest = max(longest, len(a.name))
	}
	if longest != 208 {
		t.Errorf("the longest name has %d characters, want 208", longest)
	}
}

// Only what a deployment looks for by name has one, and it speaks of the balancer alone: anything of the service would be
// a circle.
func TestDeploymentAlarmsSpeakOfTheBalancerAlone(t *testing.T) {
	var names []string
	for _, a := range everyAlarm(Alarms{}, two, true) {
		if a.name == "" {
			continue
		}
		names = append(names, a.name)
		for _, q := range flatten(a.metric) {
			if q.metric.Expression == "" && q.metric.Namespace != "AWS/ApplicationELB" {
				t.Errorf("%s is on %s", a.id, leaf(q.metric))
			}
		}
		if a.of > 4 || a.datapoints != 2 {
			t.Errorf("%s waits for %d of %d minutes: it must be done within the five of a canary, and not by a single one", a.id, a.datapoints, a.of)
		}
	}
	want := []string{"shop-cart-cart-errors", "shop-cart-cart-typical-latency", "shop-cart-cart-slowest-latency"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Errorf("names (-want +got):\n%s", diff)
	}
}

func TestWhatPages(t *testing.T) {
	paging := func(routed bool) []string {
		var ids []string
		for _, a := range everyAlarm(Alarms{}, one, routed) {
			if a.pages {
				ids = append(ids, a.store+a.id)
			}
		}
		return ids
	}
	stores := []string{"ItemsThrottledReads", "ItemsThrottledWrites", "ItemsSystemErrors", "OrdersQueueAge", "OrdersDeadLetters"}
	want := append([]string{"Errors", "TypicalLatency", "SlowestLatency", "HealthyTasks"}, stores...)
	if diff := cmp.Diff(want, paging(true)); diff != "" {
		t.Errorf("a service with routes (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(append([]string{"MissingTasks"}, stores...), paging(false)); diff != "" {
		t.Errorf("a worker (-want +got):\n%s", diff)
	}
}

// Each setting is of one alarm: it changes that one alone, or leaves it out.
func TestASettingIsOfOneAlarm(t *testing.T) {
	cases := map[string]struct{ change, disable func(*Alarms) }{
		"Errors":          {func(a *Alarms) { a.Errors = Share{Percent: 1} }, func(a *Alarms) { a.Errors.Disable = true }},
		"TypicalLatency":  {func(a *Alarms) { a.TypicalLatency.Longest = time.Minute / 10 }, func(a *Alarms) { a.TypicalLatency.Disable = true }},
		"SlowestLatency":  {func(a *Alarms) { a.SlowestLatency.MinRequests = 7 }, func(a *Alarms) { a.SlowestLatency.Disable = true }},
		"HealthyTasks":    {func(a *Alarms) { a.HealthyTasks.Tasks = 2 }, func(a *Alarms) { a.HealthyTasks.Disable = true }},
		"ClientErrors":    {func(a *Alarms) { a.ClientErrors.Percent = 50.5 }, func(a *Alarms) { a.ClientErrors.Disable = true }},
		"MissingTasks":    {func(a *Alarms) { a.MissingTasks.Count = 3 }, func(a *Alarms) { a.MissingTasks.Disable = true }},
		"CPU":             {func(a *Alarms) { a.CPU.Percent = 70 }, func(a *Alarms) { a.CPU.Disable = true }},
		"Memory":          {func(a *Alarms) { a.Memory.Percent = 95 }, func(a *Alarms) { a.Memory.Disable = true }},
		"ThrottledReads":  {func(a *Alarms) { a.ThrottledReads.Count = 1 }, func(a *Alarms) { a.ThrottledReads.Disable = true }},
		"ThrottledWrites": {func(a *Alarms) { a.ThrottledWrites.Count = 1 }, func(a *Alarms) { a.ThrottledWrites.Disable = true }},
		"SystemErrors":    {func(a *Alarms) { a.SystemErrors.Count = 1 }, func(a *Alarms) { a.SystemErrors.Disable = true }},
		"QueueAge":        {func(a *Alarms) { a.QueueAge.Oldest = 2 * time.Hour }, func(a *Alarms) { a.QueueAge.Disable = true }},
		"DeadLetters":     {func(a *Alarms) { a.DeadLetters.Count = 5 }, func(a *Alarms) { a.DeadLetters.Disable = true }},
	}
	before := everyAlarm(Alarms{}, two, true)
	if len(before) != len(cases) {
		t.Fatalf("%d alarms, and %d settings are tried", len(before), len(cases))
	}
	for id, c := range cases {
		var changed, disabled Alarms
		c.change(&changed)
		c.disable(&disabled)
		after := everyAlarm(changed, two, true)
		for n := range before {
			same := cmp.Equal(before[n], after[n], cmp.AllowUnexported(alarm{}))
			if want := before[n].id != id; same != want {
				t.Errorf("a change of %s: %s is the same: %t, want %t", id, before[n].id, same, want)
			}
		}
		var want, got []string
		for _, a := range before {
			if a.id != id {
				want = append(want, a.id)
			}
		}
		for _, a := range everyAlarm(disabled, two, true) {
			got = append(got, a.id)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("without %s (-want +got):\n%s", id, diff)
		}
	}
}

func TestWhatIsNotThereIsNotWatched(t *testing.T) {
	s := subject{"mailer", "growth", Alarms{}.WithDefaults(1)}
	for _, a := range s.tasks(Tasks{}, false, false) {
		if a.id == "MissingTasks" {
			t.Error("tasks are counted without Container Insights")
		}
	}
	for _, a := range s.queue("Mails", "mails", "") {
		if a.id == "DeadLetters" {
			t.Error("a queue without dead letters has an alarm on them")
		}
	}
}

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Second: "1s", 1500 * time.Millisecond: "1.5s", 10 * time.Minute: "10m", 2 * time.Hour: "2h", 90 * time.Second: "1m30s",
	} {
		if got := words(d); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
	for tasks, want := range map[int]string{1: "none of its tasks is", 2: "fewer than 2 of its tasks are"} {
		if got := fewer(tasks); got != want {
			t.Errorf("got %s, want %s", got, want)
		}
	}
}

// A store is never given the construct of an alarm.
func TestStoresKeepOutOfTheWayOfAlarms(t *testing.T) {
	ids := []string{"Deployment", "Page"}
	for _, a := range everyAlarm(Alarms{}, two, true) {
		if a.store == "" && a.name == "" {
			ids = append(ids, a.id)
		}
	}
	for _, id := range ids {
		if got := storeScope(id); got != "Store-"+id {
			t.Errorf("the alarms of a store %s are in %s, which is another alarm's", id, got)
		}
	}
	if got := storeScope("Items"); got != "Items" {
		t.Errorf("the alarms of a store Items are in %s", got)
	}
}
