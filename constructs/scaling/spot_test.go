package scaling

import (
	"errors"
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestSpot(t *testing.T) {
	const unsaid = "Scaling.Spot.OnDemandBase is missing: this profile does not use Spot, and with a Percent of 50 all tasks may be interrupted at once: " +
		"set the number of tasks that are on demand first"
	onDemand := Capacity{0, 1, 0}
	for name, c := range map[string]struct {
		spot           Spot
		profileHasSpot bool
		want           Capacity
		problems       []string
	}{
		"the sandbox":          {Spot{}, true, Capacity{1, 0, 1}, nil},
		"production":           {Spot{}, false, onDemand, nil},
		"none in the sandbox":  {Spot{Use: profile.Off}, true, onDemand, nil},
		"none in production":   {Spot{Use: profile.Off}, false, onDemand, nil},
		"a base of its own":    {Spot{OnDemandBase: 3}, true, Capacity{3, 0, 1}, nil},
		"a share":              {Spot{Percent: 50}, true, Capacity{1, 1, 1}, nil},
		"three quarters":       {Spot{Percent: 75, OnDemandBase: 2}, false, Capacity{2, 1, 3}, nil},
		"a prime share":        {Spot{Percent: 37, OnDemandBase: 2}, false, Capacity{2, 63, 37}, nil},
		"all beyond the base":  {Spot{Percent: 100, OnDemandBase: 2}, false, Capacity{2, 0, 1}, nil},
		"production, no base":  {Spot{Percent: 50}, false, Capacity{1, 1, 1}, []string{unsaid}},
		"production, no share": {Spot{OnDemandBase: 2}, false, onDemand, []string{"Scaling.Spot.Percent is missing: in this profile all tasks are on demand without it, not only the 2 of OnDemandBase"}},
		"on by itself":         {Spot{Use: profile.On}, true, Capacity{1, 0, 1}, nil},
		"on in production":     {Spot{Use: profile.On, OnDemandBase: 2}, false, Capacity{2, 0, 1}, nil},
		"on without a base":    {Spot{Use: profile.On}, false, Capacity{1, 0, 1}, []string{strings.Replace(unsaid, "50", "100", 1)}},
		"no choice at all":     {Spot{Use: 7}, true, Capacity{1, 0, 1}, []string{"Scaling.Spot.Use must be profile.On or profile.Off, or 0 for the profile's, got 7"}},
		"more than all":        {Spot{Percent: 101}, true, Capacity{1, -1, 101}, []string{"Scaling.Spot.Percent must be from 1 to 100, or 0 for the profile's, got 101"}},
		"a base that is all":   {Spot{OnDemandBase: 10}, true, Capacity{10, 0, 1}, []string{"Scaling.Spot.OnDemandBase must be less than Max (10), else no task is ever on Spot, got 10"}},
		"a base below":         {Spot{OnDemandBase: -1}, true, Capacity{1, 0, 1}, []string{"Scaling.Spot.OnDemandBase must be from 1 to 100000, or 0 for the profile's, got -1"}},
		"disabled and set":     {Spot{Percent: 20, OnDemandBase: 1, Use: profile.Off}, true, onDemand, []string{"Scaling.Spot.Use must not be profile.Off with Percent or OnDemandBase: set either it or them, got 20 and 1"}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.spot.Capacity(profile.Profile{Spot: c.profileHasSpot}); got != c.want && len(c.problems) == 0 {
				t.Errorf("capacity is %+v, want %+v", got, c.want)
			}
			expect.Problems(t, errors.Join(c.spot.validate(10), c.spot.validateFor(c.profileHasSpot)), c.problems...)
		})
	}
}

func TestSplit(t *testing.T) {
	for tasks, want := range map[int][2]int{
		0: {0, 0}, 1: {1, 0}, 2: {2, 0},
		3:  {3, 0}, // 1 beyond the base: 0.75 on Spot
		4:  {3, 1}, // 2 beyond: 1.5
		6:  {3, 3}, // 4 beyond: 3
		10: {4, 6}, // 8 beyond: 6
	} {
		onDemand, spot := Capacity{2, 1, 3}.Split(tasks)
		if got := [2]int{onDemand, spot}; got != want {
			t.Errorf("%d tasks are %v on demand and on Spot, want %v", tasks, got, want)
		}
	}
	if onDemand, spot := (Capacity{0, 1, 0}).Split(7); onDemand != 7 || spot != 0 {
		t.Errorf("7 tasks on demand are %d and %d", onDemand, spot)
	}
}
