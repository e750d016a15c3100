package migration

import (
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestDefaults(t *testing.T) {
	p := Props{Command: []string{"migrate"}}.withDefaults()
	if p.Timeout != 30*time.Minute || p.Retries != 2 || p.Size != (Size{}) {
		t.Errorf("got %+v", p)
	}
	if got := p.wait(); got != 108*time.Minute { // three runs, three minutes between them, and the margin
		t.Errorf("CloudFormation waits %s", got)
	}
}

func TestValidate(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*Props)
		want   []string
	}{
		"valid":   {func(*Props) {}, nil},
		"longest": {func(p *Props) { p.Timeout, p.Retries = 11*time.Hour+45*time.Minute, NoRetries }, nil},
		"too long": {func(p *Props) { p.Timeout = 4 * time.Hour }, []string{
			"Timeout with all Retries must be at most 11h45m0s, which CloudFormation waits less 15m0s for the start, got 12h3m0s: lower one of the two",
		}},
		"no command": {func(p *Props) { p.Command = nil }, []string{
			`Command is missing: name the command that does the work and ends, such as []string{"rebuild"}`,
		}},
		"several": {func(p *Props) {
			p.Environment, p.Timeout, p.Retries = map[string]string{"MIGRATION_RUN": "1"}, time.Second, 9
		}, []string{
			"Environment must not set MIGRATION_RUN, which the migration sets: choose another name",
			"Timeout must be whole seconds from 1m0s to 168h0m0s, got 1s",
			"Retries must be from 1 to 5, migration.NoRetries, or 0 for 2, got 9",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			p := Props{Command: []string{"migrate"}}
			c.change(&p)
			expect.Problems(t, p.withDefaults().validate(), c.want...)
		})
	}
}
