package microservice

import (
	"errors"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// The kinds of claims that a quota limits.
const (
	ruleKind        = "Priority"
	targetGroupKind = "target group"
	routeKind       = "route"
	integrationKind = "integration"
)

// quota is the number of a kind that a platform can have, and the number that it defines itself.
type quota struct {
	kind, name string
	most, own  int
}

// The default quotas of a load balancer and of an API. That of target groups cannot be raised.
//
// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/load-balancer-limits.html and
// https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-quotas.html
var quotas = []quota{
	{ruleKind, "listener rules", 100, 1},
	{targetGroupKind, "target groups", 100, 0},
	{routeKind, "routes", 300, 0},
	{integrationKind, "integrations", 300, 1},
}

// total returns the number of a quota's kind that a platform has.
func (r *registry) total(of quota, platform claim) int {
	platform.Kind = of.kind
	return of.own + r.counts[platform]
}

// crowded returns an error for each quota of the platform that the service would exceed.
func (r *registry) crowded(p plan) error {
	var problems []error
	for _, quota := range quotas {
		added := 0
		for key := range p.claims {
			if key.Kind == quota.kind {
				added++
			}
		}
		total := r.total(quota, p.on()) + added
		if added > 0 && total > quota.most {
			problems = append(problems, fmt.Errorf("the platform %s would have %d %s with this service, of at most %d: define a second platform for further services",
				p.Platform.StackName, total, quota.name, quota.most))
		}
	}
	return errors.Join(problems...)
}

// on identifies the platform of the service.
func (p plan) on() claim { return claim{Environment: p.where, Platform: p.Platform.StackName} }

// notices returns one for each quota of the platform that is used to 80 %, for the last of its services.
func (r *registry) notices(e *entry) []string {
	platform := claim{Environment: e.Where, Platform: e.Platform}
	if r.last[platform].Path != e.Path {
		return nil
	}
	var all []string
	for _, quota := range quotas {
		if total := r.total(quota, platform); total*5 >= quota.most*4 {
			all = append(all, fmt.Sprintf("the platform %s has %d %s of at most %d: plan a second platform for further services",
				e.Platform, total, quota.name, quota.most))
		}
	}
	return all
}

// note adds the notices that depend on all services of the app: one for each quota of a platform of which little is left, and one
// in an app if its alarms notify no one. They are not warnings: with the CDK's recommended flags a warning fails the synthesis, and
// with it the deployment of a service that still fits, or of the smallest service.
func (m *Microservice) note() {
	for _, notice := range m.registry.notices(m.entry) {
		awscdk.Annotations_Of(m).AddInfoV2(jsii.String("storefront:quota"), jsii.String(notice))
	}
	if m.registry.silent != nil && m.registry.silent.Path == m.entry.Path {
		awscdk.Annotations_Of(m).AddInfoV2(jsii.String("storefront:nobodyIsNotified"), jsii.String(
			"the alarms of this app's services notify no one: name the teams in the environment, and define them with team.New where package app does not, or set Alarms of the profile to false"))
	}
}
