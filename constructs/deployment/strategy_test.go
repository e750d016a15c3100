package deployment

import (
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestDefaults(t *testing.T) {
	cases := map[string]struct{ strategy, want Strategy }{
		"rolling":                     {Rolling{}, Rolling{}},
		"canary":                      {Canary{}, Canary{10, 5 * time.Minute}},
		"canary with a share":         {Canary{Percent: 1}, Canary{1, 5 * time.Minute}},
		"canary with a bake time":     {Canary{Bake: time.Hour}, Canary{10, time.Hour}},
		"linear":                      {Linear{}, Linear{10, time.Minute, 5 * time.Minute}},
		"linear with steps":           {Linear{StepPercent: 25}, Linear{25, time.Minute, 5 * time.Minute}},
		"linear with a step's time":   {Linear{StepBake: time.Hour}, Linear{10, time.Hour, 5 * time.Minute}},
		"linear with a bake time":     {Linear{Bake: time.Hour}, Linear{10, time.Minute, time.Hour}},
		"blue/green":                  {BlueGreen{}, BlueGreen{5 * time.Minute}},
		"blue/green with a bake time": {BlueGreen{time.Minute}, BlueGreen{time.Minute}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := c.strategy.WithDefaults()
			if got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
			expect.Problems(t, got.Validate())
		})
	}
}

func TestOnlyRollingShiftsNoTraffic(t *testing.T) {
	for strategy, want := range map[Strategy]bool{Rolling{}: false, Canary{}: true, Linear{}: true, BlueGreen{}: true} {
		if got := strategy.Gradual(); got != want {
			t.Errorf("%T: gradual is %t, want %t", strategy, got, want)
		}
	}
}

func TestPhases(t *testing.T) {
	for strategy, want := range map[Strategy]time.Duration{
		Rolling{}:                              0,
		Canary{10, time.Hour}:                  time.Hour,
		Linear{10, time.Minute, time.Hour}:     time.Minute,
		Linear{10, time.Hour, 2 * time.Minute}: 2 * time.Minute,
		BlueGreen{time.Hour}:                   time.Hour,
	} {
		if got := strategy.Phase(); got != want {
			t.Errorf("%+v: the shortest phase is %s, want %s", strategy, got, want)
		}
	}
}

func TestValidate(t *testing.T) {
	const minute = time.Minute
	bake := func(field, most, got string) string {
		return "Deployment." + field + " must be whole minutes, as ECS requires, from 1m0s to " + most + ", got " + got
	}
	percent := func(got string) string {
		return "Deployment.Percent must be from 1 to 99, got " + got + ": to shift all requests at once, use deployment.BlueGreen"
	}
	steps := func(got string) string {
		return "Deployment.StepPercent must be 4, 5, 10, 20, 25 or 50, so that equal steps add up to 100, got " + got
	}
	cases := map[string]struct {
		strategy Strategy
		want     []string
	}{
		"rolling":                            {Rolling{}, nil},
		"shortest canary":                    {Canary{1, minute}, nil},
		"longest canary":                     {Canary{99, 16*time.Hour + 30*minute}, nil},
		"canary of 0 %":                      {Canary{0, minute}, []string{percent("0")}},
		"canary of 100 %":                    {Canary{100, minute}, []string{percent("100")}},
		"canary below 0 %":                   {Canary{-1, minute}, []string{percent("-1")}},
		"canary bake of seconds":             {Canary{10, 30 * time.Second}, []string{bake("Bake", "16h30m0s", "30s")}},
		"canary bake of 1½ minutes":          {Canary{10, 90 * time.Second}, []string{bake("Bake", "16h30m0s", "1m30s")}},
		"canary bake too long":               {Canary{10, 16*time.Hour + 31*minute}, []string{bake("Bake", "16h30m0s", "16h31m0s")}},
		"negative canary bake":               {Canary{10, -minute}, []string{bake("Bake", "16h30m0s", "-1m0s")}},
		"canary, everything wrong":           {Canary{100, time.Second}, []string{percent("100"), bake("Bake", "16h30m0s", "1s")}},
		"shortest linear":                    {Linear{4, minute, minute}, nil},
		"longest linear":                     {Linear{50, 9 * time.Hour, 24 * time.Hour}, nil},
		"linear by 5":                        {Linear{5, minute, minute}, nil},
		"linear by 10":                       {Linear{10, minute, minute}, nil},
		"linear by 20":                       {Linear{20, minute, minute}, nil},
		"linear by 25":                       {Linear{25, minute, minute}, nil},
		"linear by 0":                        {Linear{0, minute, minute}, []string{steps("0")}},
		"linear below the minimum of ECS":    {Linear{2, minute, minute}, []string{steps("2")}},
		"linear that does not add up to 100": {Linear{30, minute, minute}, []string{steps("30")}},
		"linear in one step":                 {Linear{100, minute, minute}, []string{steps("100")}},
		"linear step of seconds":             {Linear{10, time.Second, minute}, []string{bake("StepBake", "24h0m0s", "1s")}},
		"linear bake of seconds":             {Linear{10, minute, time.Second}, []string{bake("Bake", "24h0m0s", "1s")}},
		"linear, everything wrong": {Linear{3, 61 * time.Second, 25 * time.Hour}, []string{
			steps("3"), bake("StepBake", "24h0m0s", "1m1s"), bake("Bake", "24h0m0s", "25h0m0s"),
		}},
		"linear longer than CloudFormation waits": {Linear{50, 9*time.Hour + minute, 24 * time.Hour}, []string{
			"Deployment: 1 × StepBake + Bake must be at most 33h0m0s, the longest that CloudFormation waits, got 1 × 9h1m0s + 24h0m0s = 33h1m0s",
		}},
		"linear in many long steps": {Linear{4, 2 * time.Hour, minute}, []string{
			"Deployment: 24 × StepBake + Bake must be at most 33h0m0s, the longest that CloudFormation waits, got 24 × 2h0m0s + 1m0s = 48h1m0s",
		}},
		"shortest blue/green":        {BlueGreen{minute}, nil},
		"longest blue/green":         {BlueGreen{24 * time.Hour}, nil},
		"blue/green too long":        {BlueGreen{24*time.Hour + minute}, []string{bake("Bake", "24h0m0s", "24h1m0s")}},
		"blue/green bake of seconds": {BlueGreen{59 * time.Second}, []string{bake("Bake", "24h0m0s", "59s")}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.strategy.Validate(), c.want...) })
	}
}
