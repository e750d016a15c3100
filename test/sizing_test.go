package test

import (
	"encoding/json"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"testing"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
)

// sized is how a logical ID begins that a microservice defines: its own ID, and what the resource is.
var sized = regexp.MustCompile(`^([A-Z][a-z]+?)(Task|ScalingRequests|Scaling)[0-9A-F]{8}$`)

// What make load has measured, in docs/sizing.json, is enough for each task as the storefront defines it.
func TestTasksAreAsLargeAsMeasured(t *testing.T) {
	text, err := os.ReadFile("../docs/sizing.json")
	if err != nil {
		t.Fatal(err)
	}
	var measured struct {
		Services []struct {
			Name                                string
			RequestsPerTask, MemoryMiB, PeakCPU int
		}
	}
	if err := json.Unmarshal(text, &measured); err != nil {
		t.Fatal(err)
	}
	type task struct{ cpu, memory, requests, most int }
	checked := map[string]bool{}
	everyStack(t, func(t *testing.T, env app.Environment, _ string, template reviewed) {
		tasks := map[string]*task{}
		for _, resource := range template.Resources("") {
			of := sized.FindStringSubmatch(resource.LogicalID)
			if of == nil {
				continue
			}
			if tasks[of[1]] == nil {
				tasks[of[1]] = &task{}
			}
			template.saw(of[2])
			switch found := tasks[of[1]]; resource.Type {
			case "AWS::ECS::TaskDefinition":
				found.cpu, found.memory = number(t, resource, "Cpu"), number(t, resource, "Memory")
			case "AWS::ApplicationAutoScaling::ScalableTarget":
				found.most = number(t, resource, "MaxCapacity")
			case "AWS::ApplicationAutoScaling::ScalingPolicy":
				found.requests = number(t, resource, "TargetTrackingScalingPolicyConfiguration.TargetValue")
			}
		}
		for _, m := range measured.Services {
			for id, got := range tasks {
				if fmt.Sprintf("%c%s", m.Name[0]&^32, m.Name[1:]) != id {
					continue
				}
				checked[m.Name] = true
				if most := m.RequestsPerTask * got.cpu / 256; got.requests > most {
					t.Errorf("%s: RequestsPerTask is %d, and a task of %d CPU units can do %d: see docs/sizing.md", id, got.requests, got.cpu, most)
				}
				if got.memory < m.MemoryMiB {
					t.Errorf("%s: Size.MemoryMiB is %d, and it needs %d: see docs/sizing.md", id, got.memory, m.MemoryMiB)
				}
				if got.most*got.cpu < m.PeakCPU && env.Name == "production" {
					t.Errorf("%s: Max is %d tasks of %d CPU units, and the peak needs %d CPU units: see docs/sizing.md", id, got.most, got.cpu, m.PeakCPU)
				}
			}
		}
	})
	for _, m := range measured.Services {
		if !checked[m.Name] {
			t.Errorf("docs/sizing.json has %s, which no stack has", m.Name)
		}
	}
}

func number(t *testing.T, resource snapshot.Resource, property string) int {
	t.Helper()
	number, err := strconv.Atoi(fmt.Sprint(resource.Get("Properties." + property)))
	if err != nil {
		t.Fatalf("%s: %s is %v", resource.LogicalID, property, resource.Get("Properties."+property))
	}
	return number
}
