package app

import (
	"fmt"
	"runtime"
	"testing"
)

// As many processes as the services are worth, the cores allow, and the context says.
func TestTheNumberOfProcesses(t *testing.T) {
	for name, c := range map[string]struct {
		services, cores int
		context         string
		outdir          string
		want            int
	}{
		"a small app":          {8, 4, `{}`, "out", 1},
		"a service too few":    {119, 4, `{}`, "out", 1},
		"enough for two":       {120, 4, `{}`, "out", 2},
		"one core":             {500, 1, `{}`, "out", 1},
		"as many as cores":     {500, 4, `{}`, "out", 4},
		"at most eight":        {2000, 16, `{}`, "out", 8},
		"one service of many":  {500, 4, `{"only": "s1"}`, "out", 1},
		"the context":          {8, 2, `{"storefront:jobs": 3}`, "out", 3},
		"more than services":   {3, 4, `{"storefront:jobs": "9"}`, "out", 3},
		"one by the context":   {500, 4, `{"storefront:jobs": 1}`, "out", 1},
		"not by the CDK CLI":   {500, 4, `{}`, "", 1},
		"an error to report":   {500, 4, `{"env": "elsewhere"}`, "out", 1},
		"no JSON":              {500, 4, `{`, "out", 1},
		"an unfollowed switch": {500, 4, `{"aws:cdk:disable-asset-staging": true}`, "out", 1},
	} {
		t.Run(name, func(t *testing.T) {
			defer runtime.GOMAXPROCS(runtime.GOMAXPROCS(c.cores))
			t.Setenv(contextVariable, c.context)
			t.Setenv(outdirVariable, c.outdir)
			t.Setenv(overflowVariable, "")
			many := valid()
			define := many.Services[0].Define
			many.Services = nil
			for n := range c.services {
				many.Services = append(many.Services, Service{fmt.Sprint("S", n), define})
			}
			if _, _, got := many.several(); got != c.want {
				t.Errorf("got %d, want %d", got, c.want)
			}
		})
	}
}
