package changes

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// recordPrefix begins the key of the record that a service writes into the metadata of its stack's template, followed by
// the service's name.
const recordPrefix = "storefront:service:"

// services returns the names of a template's services by the paths of their constructs.
func services(t snapshot.Template) map[string]string {
	names := map[string]string{}
	metadata, _ := t["Metadata"].(map[string]any)
	for key := range metadata {
		if name, is := strings.CutPrefix(key, recordPrefix); is {
			path, _ := metadata[key].(map[string]any)["Path"].(string)
			names[path] = name
		}
	}
	return names
}

// renamed reports services whose name changes. All that requests pass has the name in it.
func (w *world) renamed(s *stack) []finding.Finding {
	var found []finding.Finding
	was, is := services(s.old), services(s.new)
	for _, path := range slices.Sorted(maps.Keys(is)) {
		if was[path] == "" || was[path] == is[path] {
			continue
		}
		found = append(found, finding.Finding{
			Check: "service name", Subject: s.id + " " + path, Status: finding.Refused,
			Detail: fmt.Sprintf("the service %s becomes %s: its integrations and its listener rule change one after the other, and requests get 404 in between", was[path], is[path]),
			Fix:    "keep Name: \"" + was[path] + "\", or define a second service with the new name: see\n" + finding.Docs + "change-a-running-service.md#what-to-change-in-two-steps",
		})
	}
	return found
}

// healthChecks are the properties of a target group that decide what a healthy response is.
var healthChecks = []string{"HealthCheckPath", "HealthCheckPort", "HealthCheckProtocol", "Matcher.HttpCode", "Matcher.GrpcCode"}

// health reports a service whose health check changes. The load balancer applies it to the tasks of both versions at
// once: the old tasks are unhealthy, and stopped, before the new ones run.
func (w *world) health(s *stack) []finding.Finding {
	var found []finding.Finding
	for _, service := range s.new.Resources("AWS::ECS::Service") {
		change := w.healthChange(s, service)
		if change == "" {
			continue
		}
		f := finding.Finding{Check: "health check", Subject: s.id + " " + service.LogicalID}
		if w.applicationChanges(s, service) {
			f.Status = finding.Refused
			f.Detail = change + " together with the application: the load balancer applies it at once to the running tasks, which become unhealthy before new ones have started"
			f.Fix = "first deploy a version that passes both checks, then change the check"
		} else {
			f.Status = finding.Warning
			f.Detail = change + ": the load balancer applies it at once to the running tasks"
			f.Fix = "check that the deployed version passes it before you deploy"
		}
		found = append(found, f)
	}
	return found
}

func (w *world) healthChange(s *stack, service snapshot.Resource) string {
	for _, key := range references(w.canonical(s, wanted, service.Get("Properties.LoadBalancers"))) {
		id := strings.TrimPrefix(key, s.name+"/")
		was, had := s.resource(deployed, id)
		is, has := s.resource(wanted, id)
		if !had || !has || is.Type != "AWS::ElasticLoadBalancingV2::TargetGroup" {
			continue
		}
		for _, property := range healthChecks {
			before, after := w.property(s, deployed, was, property), w.property(s, wanted, is, property)
			if !same(before, after) {
				return change(property, before, after)
			}
		}
	}
	return ""
}

// applicationChanges reports whether the containers of a service change in anything but their own health checks.
func (w *world) applicationChanges(s *stack, service snapshot.Resource) bool {
	for _, key := range references(w.canonical(s, wanted, service.Get("Properties.TaskDefinition"))) {
		id := strings.TrimPrefix(key, s.name+"/")
		was, _ := s.resource(deployed, id)
		is, _ := s.resource(wanted, id)
		if !same(w.containers(s, deployed, was), w.containers(s, wanted, is)) {
			return true
		}
	}
	return false
}

func (w *world) containers(s *stack, of side, task snapshot.Resource) []any {
	all, _ := w.property(s, of, task, "ContainerDefinitions").([]any)
	for _, container := range all {
		if container, is := container.(map[string]any); is {
			delete(container, "HealthCheck")
		}
	}
	return all
}
