package e2e

import (
	"encoding/json"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/check"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// eventsOfTheStorefront sends the events of the storefront.
func eventsOfTheStorefront(t *testing.T, s *suite) {
	result, err := s.checks.Events(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	if s.target.Emulator != nil {
		s.wantNothing(t, result)
		return
	}
	for _, reason := range result.NotRun {
		s.notRun(t, reason)
	}
}

// eventsOfTheClinic sends the events of another app, which come from an outbox. Then a rule, a queue's policy and a pipe's filter
// are wrong in its templates, each for one event: that event, and no other, must be found.
func eventsOfTheClinic(t *testing.T, s *suite) {
	if s.target.Emulator == nil {
		s.notRun(t, "the events of examples/clinic: task roles trust only ECS")
		return
	}
	dir := s.folder(t, "clinic")
	app := filepath.Join(dir, "clinic")
	build := exec.CommandContext(s.ctx, "go", "build", "-o", app, "./examples/clinic")
	build.Dir = s.root
	if output, err := build.CombinedOutput(); err != nil {
		t.Fatalf("build examples/clinic: %v\n%s", err, output)
	}
	assembly := filepath.Join(dir, "cdk.out")
	if err := s.cli.Synth(s.ctx, app, assembly, map[string]string{"env": "sandbox", "account": s.target.Account}); err != nil {
		t.Fatal(err)
	}
	if err := s.cli.Bootstrap(s.ctx, s.target.Account, s.config(t, assembly).Region); err != nil {
		t.Fatal(err)
	}
	if _, err := s.cli.Deploy(s.ctx, assembly); err != nil {
		t.Fatal(err)
	}
	suite := *s.checks
	suite.Assembly = assembly
	s.want(t, suite.Events)

	wrong := s.changed(t, assembly, "Reminders", func(template snapshot.Template) {
		rule(t, template, "Booked")["EventPattern"].(map[string]any)["detail-type"] = []any{"booked"}
		forgetRule(t, template, "RemindersEventsQueuePolicy", "appointmentsMoved")
	})
	wrong = s.changed(t, wrong, "Appointments", func(template snapshot.Template) {
		filters := properties(t, template, "AWS::Pipes::Pipe")["SourceParameters"].(map[string]any)["FilterCriteria"].(map[string]any)["Filters"].([]any)
		filter := filters[0].(map[string]any)
		filter["Pattern"] = strings.Replace(filter["Pattern"].(string), `"Cancelled",`, "", 1)
	})
	s.wantWrong(t, suite, wrong, []string{"Reminders", "Appointments"}, []string{
		"appointments writes clinic.appointments Booked into its outbox: want at Queue, got at no queue",
		"appointments writes clinic.appointments Cancelled into its outbox: want at Queue, got at no queue",
		"appointments writes clinic.appointments Moved into its outbox: want at Queue, got at DeadLetters",
	})
	// Everything that the source publishes, and every change of an item.
	wrong = s.changed(t, assembly, "Reminders", func(template snapshot.Template) {
		delete(rule(t, template, "Booked")["EventPattern"].(map[string]any), "detail-type")
	})
	wrong = s.changed(t, wrong, "Appointments", func(template snapshot.Template) {
		filters := properties(t, template, "AWS::Pipes::Pipe")["SourceParameters"].(map[string]any)["FilterCriteria"].(map[string]any)["Filters"].([]any)
		filter := filters[0].(map[string]any)
		filter["Pattern"] = strings.Replace(filter["Pattern"].(string), `"INSERT"`, `"INSERT","MODIFY"`, 1)
	})
	s.wantWrong(t, suite, wrong, []string{"Reminders", "Appointments"}, []string{
		"anybody puts clinic.appointments SandboxUndeclared: want at no queue, got at Queue",
		"appointments writes clinic.appointments Booked into its outbox: want one id, got more",
		"appointments writes clinic.appointments Cancelled into its outbox: want one id, got more",
		"appointments writes clinic.appointments Moved into its outbox: want one id, got more",
	})
	if _, err := s.cli.Destroy(s.ctx, assembly); err != nil {
		t.Fatal(err)
	}
}

// wantWrong deploys stacks of an assembly in which something is wrong, and fails unless the check finds just that.
func (s *suite) wantWrong(t *testing.T, suite check.Suite, wrong string, stacks, want []string) {
	t.Helper()
	if _, err := s.cli.Deploy(s.ctx, wrong, stacks...); err != nil {
		t.Fatal(err)
	}
	result, err := suite.Events(s.ctx)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, finding := range result.Findings {
		_, finding, _ = strings.Cut(finding, ": ") // without the stack
		before, after, _ := strings.Cut(finding, "got ")
		switch {
		case strings.Contains(after, ","):
			after = "more"
		case strings.Contains(after, "DeadLetters"):
			after = "at DeadLetters"
		case strings.Contains(after, "-"):
			after = "at Queue"
		}
		if about, queues, is := strings.Cut(before, "want at "); is && !strings.HasPrefix(queues, "no queue") {
			before = about + "want at Queue, "
		}
		got = append(got, before+"got "+after)
	}
	slices.Sort(got)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("findings in %v (-want +got):\n%s\n%s", stacks, diff, strings.Join(result.Findings, "\n"))
	}
	if _, err := s.cli.Deploy(s.ctx, suite.Assembly, stacks...); err != nil {
		t.Fatal(err)
	}
}

// rule returns the properties of the rule for a detail type, to be changed.
func rule(t *testing.T, template snapshot.Template, detailType string) map[string]any {
	t.Helper()
	for _, each := range template.Resources("AWS::Events::Rule") {
		if types, _ := each.Get("Properties.EventPattern.detail-type").([]any); slices.Equal(types, []any{any(detailType)}) {
			return each.Get("Properties").(map[string]any)
		}
	}
	t.Fatalf("there is no rule for %s", detailType)
	return nil
}

// forgetRule removes a rule from the policy of a queue that lets rules send to it.
func forgetRule(t *testing.T, template snapshot.Template, policy, name string) {
	t.Helper()
	forgotten := 0
	for _, each := range template.Resources("AWS::SQS::QueuePolicy") {
		if !strings.HasPrefix(each.LogicalID, policy) {
			continue
		}
		for _, statement := range each.Get("Properties.PolicyDocument.Statement").([]any) {
			equals, _ := statement.(map[string]any)["Condition"].(map[string]any)["ArnEquals"].(map[string]any)
			rules, _ := equals["aws:SourceArn"].([]any)
			if len(rules) > 0 {
				equals["aws:SourceArn"] = slices.DeleteFunc(rules, func(rule any) bool {
					text, _ := json.Marshal(rule) // it was decoded from JSON
					is := strings.Contains(string(text), name)
					if is {
						forgotten++
					}
					return is
				})
			}
		}
	}
	if forgotten != 1 {
		t.Fatalf("%d rules %s were in the policies %s, want one", forgotten, name, policy)
	}
}
