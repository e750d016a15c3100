package schedule

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/internal/alarmtest"
)

var metrics = Metrics{"arn:aws:states:eu-central-1:111122223333:stateMachine:Rebuild"}

// of are the alarms of a schedule that runs each night.
func of(settings Alarms) []alarm.Alarm {
	p := valid()
	p.Alarms = settings
	return p.withDefaults().Alarms.on("Rebuild", metrics)
}

func TestTheDocumentationHasTheDefaults(t *testing.T) {
	alarmtest.Documented(t, "Of a schedule", of(Alarms{}), of(Alarms{}))
	// What they cost is in doc.go, too: 0.20 USD.
	if got := alarmtest.Metrics(of(Alarms{})); got != 2 {
		t.Errorf("the alarms are over %d metrics, want 2", got)
	}
}

func TestEveryAlarm(t *testing.T) {
	all := of(Alarms{})
	for n := range all {
		all[n].Metric.Dimensions = map[string]string{"StateMachineArn": strings.Repeat("x", 255)}
	}
	alarmtest.Check(t, all...)
	if got := alarmtest.Paging(all); len(got) > 0 {
		t.Errorf("%q page", got)
	}
	if diff := cmp.Diff([]string{"Failed", "Overdue"}, alarmtest.Paging(of(Alarms{Page: true}))); diff != "" {
		t.Errorf("what pages (-want +got):\n%s", diff)
	}
}

func TestEachSettingIsOfOneAlarm(t *testing.T) {
	alarmtest.EachSettingIsOfOneAlarm(t, of, map[string]struct{ Change, Disable func(*Alarms) }{
		"Failed":  {func(a *Alarms) { a.Failed.Count = 2 }, func(a *Alarms) { a.Failed.Disable = true }},
		"Overdue": {func(a *Alarms) { a.Overdue.Oldest = 48 * time.Hour }, func(a *Alarms) { a.Overdue.Disable = true }},
	})
}

// The alarm waits for the longest interval, and for a run that fails twice and takes its whole time. CloudWatch evaluates seven
// days.
func TestWhenARunIsOverdue(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Props)
		want   int // hours, or 0 for no alarm
	}{
		"each night":          {func(*Props) {}, 29},
		"with a short task":   {func(p *Props) { p.Timeout = 5 * time.Minute }, 26},
		"without retries":     {func(p *Props) { p.Retries = NoRetries }, 26},
		"with more retries":   {func(p *Props) { p.Retries = 5 }, 32}, // 24 + 6 + 31 minutes + 1
		"in a window":         {func(p *Props) { p.FlexibleWindow = 4 * time.Hour }, 33},
		"each five minutes":   {func(p *Props) { p.Expression, p.TimeZone = "rate(5 minutes)", "" }, 5},
		"on working days":     {func(p *Props) { p.Expression = "cron(0 3 ? * MON-FRI *)" }, 77},
		"every six days":      {func(p *Props) { p.Expression, p.TimeZone = "rate(6 days)", "" }, 149},
		"each week":           {func(p *Props) { p.Expression = "cron(0 3 ? * MON *)" }, 0},
		"each month":          {func(p *Props) { p.Expression = "cron(0 3 1 * ? *)" }, 0},
		"for a year":          {func(p *Props) { p.Expression = "cron(0 3 * * ? 2027)" }, 0},
		"disabled":            {func(p *Props) { p.Disabled = true }, 0},
		"each week, but said": {func(p *Props) { p.Expression, p.Alarms.Overdue.Oldest = "cron(0 3 ? * MON *)", 168*time.Hour }, 168},
	} {
		p := valid()
		c.change(&p)
		p = p.withDefaults()
		if err := p.validate(); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		got := 0
		for _, a := range p.Alarms.on("Rebuild", metrics) {
			if a.ID == "Overdue" {
				got = a.Periods
			}
		}
		if got != c.want {
			t.Errorf("%s: got %d hours, want %d", name, got, c.want)
		}
	}
}
