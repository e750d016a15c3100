package schedule

import (
	"strings"
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/internal/expect"
)

func valid() Props {
	return Props{Expression: "cron(0 3 * * ? *)", TimeZone: "Europe/Berlin", Command: []string{"rebuild"}}
}

func TestDefaults(t *testing.T) {
	p := valid().withDefaults()
	if p.Timeout != time.Hour || p.Retries != 2 || p.Overlap != Skip || p.Size != (Size{}) {
		t.Errorf("got %+v", p)
	}
}

func TestValidate(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Props)
		want   []string
	}{
		"valid":  {func(*Props) {}, nil},
		"a rate": {func(p *Props) { p.Expression, p.TimeZone = "rate(5 minutes)", "" }, nil},
		"everything": {func(p *Props) {
			p.Size, p.Overlap, p.Retries, p.Timeout, p.FlexibleWindow = Size{MemoryMiB: 2048}, Allow, NoRetries, 7*24*time.Hour, 24*time.Hour
			p.Environment = map[string]string{"DEPTH": "3"}
		}, nil},
		"no props": {func(p *Props) { *p = Props{} }, []string{
			`Expression column 1: must be cron(…), at(…) or rate(…), got ""`,
			`Command is missing: name the command that does the work and ends, such as []string{"rebuild"}`,
		}},
		"never":         {func(p *Props) { p.Expression = "cron(0 3 30 2 ? *)" }, []string{`Expression column 10: cron must name a day that exists, got "cron(0 3 30 2 ? *)"`}},
		"no more":       {func(p *Props) { p.Expression = "cron(0 3 * * ? 2020)" }, []string{`Expression column 16: year must be 2026 or later, not "2020", which never comes again, got "cron(0 3 * * ? 2020)"`}},
		"once":          {func(p *Props) { p.Expression = "at(2027-01-01T00:00:00)" }, []string{`Expression must be cron(…) or rate(…), since a schedule that runs once fails to be deployed again, got "at(2027-01-01T00:00:00)": run the task by hand`}},
		"too often":     {func(p *Props) { p.Expression, p.TimeZone = "rate(30 seconds)", "" }, []string{`Expression column 9: rate must be in minutes, hours or days, and of 1 in minute, hour or day, not "seconds", got "rate(30 seconds)"`}},
		"a wrong zone":  {func(p *Props) { p.TimeZone = "Berlin time" }, []string{`TimeZone must be a time zone by its IANA name, such as Europe/Berlin, or empty for UTC, got "Berlin time"`}},
		"a rate's zone": {func(p *Props) { p.Expression = "rate(1 day)" }, []string{`TimeZone must be empty with a rate, which has no time of day, got "Europe/Berlin"`}},
		"a wide window": {func(p *Props) { p.FlexibleWindow = 25 * time.Hour }, []string{"FlexibleWindow must be whole minutes up to 24h0m0s, or 0 for none, got 25h0m0s"}},
		"a window in seconds": {func(p *Props) { p.FlexibleWindow = 90 * time.Second }, []string{
			"FlexibleWindow must be whole minutes up to 24h0m0s, or 0 for none, got 1m30s",
		}},
		"a short timeout": {func(p *Props) { p.Timeout = time.Second }, []string{"Timeout must be whole seconds from 1m0s to 168h0m0s, got 1s"}},
		"retries":         {func(p *Props) { p.Retries = 6 }, []string{"Retries must be from 1 to 5, schedule.NoRetries, or 0 for 2, got 6"}},
		"fewer retries":   {func(p *Props) { p.Retries = -2 }, []string{"Retries must be from 1 to 5, schedule.NoRetries, or 0 for 2, got -2"}},
		"overlap":         {func(p *Props) { p.Overlap = "Wait" }, []string{`Overlap must be schedule.Skip or schedule.Allow, got "Wait"`}},
		"size":            {func(p *Props) { p.Size = Size{CPU: 256, MemoryMiB: 700} }, []string{"Size.MemoryMiB must be 512, 1024 or 2048 with Size.CPU 256, got 700"}},
		"CPU":             {func(p *Props) { p.Size = Size{CPU: 300} }, []string{"Size.CPU must be 256, 512, 1024, 2048, 4096, 8192 or 16384, got 300"}},
		"variables": {func(p *Props) {
			p.Environment = map[string]string{"SCHEDULED_TIME": "now", "a-b": "c", "X": "{% $y %}"}
		}, []string{
			"Environment must not set SCHEDULED_TIME, which the schedule sets: choose another name",
			`Environment["X"] must not begin with {%, which Step Functions takes for an expression, got "{% $y %}": put a space before it`,
			`Environment must have names of letters, digits and underscores that do not start with a digit, got "a-b"`,
		}},
		"an expression": {func(p *Props) { p.Command = []string{"run", "{% 1 %}"} }, []string{
			`Command[1] must not begin with {%, which Step Functions takes for an expression, got "{% 1 %}": put a space before it`,
		}},
		"a long command": {func(p *Props) { p.Command = []string{strings.Repeat("x", 7169)} }, []string{
			"Command and Environment must be at most 7168 bytes together, got 7169: move long values to the image or to a store",
		}},
		"alarms": {func(p *Props) { p.Alarms.Failed.Count, p.Alarms.Overdue.Oldest = -1, 8*24*time.Hour }, []string{
			"Alarms.Failed.Count must be from 1 to 1000000000, got -1", "Alarms.Overdue.Oldest must be whole hours from 1h to 168h, got 192h0m0s",
		}},
		"parts of an hour": {func(p *Props) { p.Alarms.Overdue.Oldest = 90 * time.Minute }, []string{
			"Alarms.Overdue.Oldest must be whole hours from 1h to 168h, got 1h30m0s",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := valid()
			c.change(&p)
			expect.Problems(t, p.withDefaults().validate(), c.want...)
		})
	}
}
