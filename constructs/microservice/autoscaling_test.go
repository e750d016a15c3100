package microservice

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/internal/expect"
)

// With two target groups requests come to either, or to both for a while.
func TestRequestsOfEachTargetGroup(t *testing.T) {
	group := func(id, name string) series {
		return series{
			id: id, namespace: "AWS/ApplicationELB", name: "RequestCountPerTarget", statistic: "Sum",
			dimensions: map[string]string{"LoadBalancer": "app/shop/1", "TargetGroup": name},
		}
	}
	for name, c := range map[string]struct {
		groups []string
		want   []series
	}{
		"one": {[]string{"targetgroup/a/1"}, []series{group("group1", "targetgroup/a/1")}},
		"two": {
			[]string{"targetgroup/a/1", "targetgroup/b/2"},
			[]series{group("group1", "targetgroup/a/1"), group("group2", "targetgroup/b/2"), {id: "requests", expression: "SUM([group1, group2])"}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, requestsPerTask("app/shop/1", c.groups), cmp.AllowUnexported(series{})); diff != "" {
				t.Errorf("series (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValidateCapacity(t *testing.T) {
	onRequests := []scaling.StepPolicy{{Metric: scaling.Requests(), Intervals: []scaling.Interval{{Lower: 900, Change: 2}}}}
	for name, c := range map[string]struct {
		environment profile.Profile
		change      func(*Props)
		want        []string
	}{
		"production":        {profile.Production(), func(*Props) {}, nil},
		"steps on requests": {profile.Production(), func(p *Props) { p.Scaling.Steps = onRequests }, nil},
		"without routes":    {profile.Production(), func(p *Props) { p.Routes, p.Scaling.Steps = nil, onRequests }, []string{"Scaling.Steps[0] needs Routes to count requests on, got none"}},
		"one in sandbox":    {profile.Sandbox(), func(p *Props) { p.Scaling.Min = 1 }, nil},
		"base of sandbox":   {profile.Sandbox(), func(p *Props) { p.Scaling.Spot.OnDemandBase = 2 }, nil},
		"all at once": {
			profile.Production(),
			func(p *Props) {
				p.Routes, p.Scaling = nil, scaling.Policy{Min: 1, Spot: scaling.Spot{Percent: 1}, Steps: onRequests}
			},
			[]string{
				"Scaling.Min must be at least 2, the profile's MinTasks, got 1: raise it, or say in Scaling.FewerTasksBecause why fewer will do",
				"Scaling.Spot.OnDemandBase is missing: this profile keeps tasks off Spot, and with a Percent of 1 all of them may be interrupted at once: say how many are on demand first",
				"Scaling.Steps[0] needs Routes to count requests on, got none",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			p := Props{Routes: []Route{{Path: "/orders"}}}
			c.change(&p)
			expect.Problems(t, p.withDefaults("Orders", c.environment).validateCapacity(c.environment), c.want...)
		})
	}
}
