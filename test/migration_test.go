package test

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/deployment"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/migration"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/examples/recipes/database"
)

func migrated(change func(*migration.Props)) func(*microservice.Microservice) {
	return func(cart *microservice.Microservice) {
		props := migration.Props{Command: []string{"/app", "migrate"}}
		change(&props)
		migration.New(cart, "Schema", props)
	}
}

func plainly(*migration.Props) {}

// dependsOn are the logical IDs of what a resource depends on explicitly.
func dependsOn(resource snapshot.Resource) (all []string) {
	list, _ := resource.Get("DependsOn").([]any)
	for _, each := range list {
		all = append(all, fmt.Sprint(each))
	}
	if one, ok := resource.Get("DependsOn").(string); ok {
		all = append(all, one)
	}
	return all
}

func TestADeploymentWaitsForItsMigration(t *testing.T) {
	for name, props := range map[string]microservice.Props{
		"rolling": valid(),
		"canary": func() microservice.Props {
			props := valid()
			props.Deployment = deployment.Canary{}
			return props
		}(),
		"a worker": func() microservice.Props {
			props := valid()
			props.Routes, props.Identity = nil, identity.Ref{}
			return props
		}(),
	} {
		template := cart(t, props, migrated(plainly))
		wait, start := template.One(t, "AWS::CloudFormation::WaitCondition"), template.One(t, "AWS::Scheduler::Schedule")
		machine := template.One(t, "AWS::StepFunctions::StateMachine")
		if diff := cmp.Diff(map[string]any{"ResourceSignal": map[string]any{"Count": json.Number("1"), "Timeout": "PT108M"}}, wait.Get("CreationPolicy")); diff != "" {
			t.Errorf("%s: the wait condition (-want +got):\n%s", name, diff)
		}
		expect(t, "Shop", wait, map[string]any{"Handle": nil, "Timeout": nil, "Count": nil})
		expect(t, "Shop", start, map[string]any{
			"ScheduleExpression": "rate(3650 days)", "StartDate": nil, "State": nil, "Name": nil,
			"Target.Arn.Fn::GetAtt.0": machine.LogicalID,
			"Target.Input":            `{"waitCondition":"` + wait.LogicalID + `"}`,
		})
		if got := dependsOn(template.One(t, "AWS::ECS::Service")); !slices.Contains(got, wait.LogicalID) {
			t.Errorf("%s: the service depends on %q, want %s", name, got, wait.LogicalID)
		}
		if got := dependsOn(wait); !slices.Contains(got, start.LogicalID) {
			t.Errorf("%s: the wait condition depends on %q, want %s", name, got, start.LogicalID)
		}
		// It runs the new revision, before the service does.
		if got := dependsOn(machine); len(got) > 0 {
			t.Errorf("%s: the state machine depends on %q", name, got)
		}
		states := statesOf(t, template)
		if got := states.Get("Run.Arguments.TaskDefinition"); got != "{"+template.One(t, "AWS::ECS::TaskDefinition").LogicalID+"}" {
			t.Errorf("%s: it runs %v", name, got)
		}
		if diff := cmp.Diff([]any{"/app", "migrate"}, states.Get("Run.Arguments.Overrides.ContainerOverrides.0.Command")); diff != "" {
			t.Errorf("%s: the command (-want +got):\n%s", name, diff)
		}
	}
}

// The task can do all that it may do, and connect to all that it may connect to, before it starts.
func TestAMigrationStartsWhenItsTaskHasWhatItNeeds(t *testing.T) {
	template := inStack(t, func(stack awscdk.Stack) {
		props := valid()
		props.Egress = []microservice.Peer{microservice.PeerVPC(443)}
		cart := microservice.New(stack, "Cart", props)
		migrated(plainly)(cart)
		cart.Uses(table.New(cart, "Items", table.Props{PartitionKey: table.String("id")}), table.ReadWrite) // later
	})
	got := dependsOn(template.One(t, "AWS::Scheduler::Schedule"))
	for _, want := range []string{"CartTaskRole", "CartTaskRoleDefaultPolicy", "CartExecutionRole", "CartExecutionRoleDefaultPolicy", "CartSecurityGroup", "CartSchemaListExecutions"} {
		if !slices.ContainsFunc(got, func(id string) bool { return strings.HasPrefix(id, want) }) {
			t.Errorf("the migration starts after %q, want %s too", got, want)
		}
	}
	if slices.ContainsFunc(got, func(id string) bool { return strings.HasPrefix(id, "CartService") }) {
		t.Errorf("the migration starts after the service: %q", got)
	}
}

func TestTheEndOfAMigrationIsSignalled(t *testing.T) {
	template := cart(t, valid(), migrated(plainly))
	states := statesOf(t, template)
	for path, want := range map[string]any{
		"Done.Resource":                    "arn:{AWS::Partition}:states:::aws-sdk:cloudformation:signalResource",
		"Done.Arguments.StackName":         "{AWS::StackId}",
		"Done.Arguments.LogicalResourceId": "{% $states.context.Execution.Input.waitCondition %}",
		"Done.Arguments.Status":            "SUCCESS",
		"Done.Next":                        "Succeeded",
		"Failed.Arguments.Status":          "FAILURE",
		"Failed.Next":                      "MigrationFailed",
		"TimedOut.Arguments.Status":        "FAILURE",
		"TimedOut.Next":                    "MigrationFailed",
		"MigrationFailed.Type":             "Fail",
		"Judge.Default":                    "Failed",
		"Overlap.Type":                     "Wait",
		"Overlap.Next":                     "Others",
	} {
		if diff := cmp.Diff(want, states.Get(path)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", path, diff)
		}
	}
	statements, _ := rolesOf(t, template, "states.amazonaws.com")
	if want := "cloudformation:SignalResource on map[Ref:AWS::StackId]"; !slices.Contains(statements, want) {
		t.Errorf("the state machine may %q, want %s", statements, want)
	}
}

// Each version has a wait condition and a schedule of its own, and all else stays. What is no part of the version changes neither.
func TestEachVersionIsMigratedOnce(t *testing.T) {
	ids := func(template snapshot.Template) (versioned, others []string) {
		for _, resource := range template.Resources("") {
			if slices.Contains([]any{"AWS::CloudFormation::WaitCondition", "AWS::Scheduler::Schedule"}, resource.Get("Type")) {
				versioned = append(versioned, resource.LogicalID)
			} else {
				others = append(others, resource.LogicalID)
			}
		}
		return versioned, others
	}
	before, rest := ids(cart(t, valid(), migrated(plainly)))
	for name, c := range map[string]struct {
		change func(*microservice.Props)
		props  func(*migration.Props)
		same   bool
	}{
		"nothing":          {func(*microservice.Props) {}, plainly, true},
		"the number":       {func(p *microservice.Props) { p.Scaling.Max = 9 }, plainly, true},
		"the timeout":      {func(*microservice.Props) {}, func(p *migration.Props) { p.Timeout = time.Hour }, true},
		"a variable":       {func(p *microservice.Props) { p.Environment = map[string]string{"A": "b"} }, plainly, false},
		"another command":  {func(*microservice.Props) {}, func(p *migration.Props) { p.Command = []string{"/app", "up"} }, false},
		"another variable": {func(*microservice.Props) {}, func(p *migration.Props) { p.Environment = map[string]string{"A": "b"} }, false},
	} {
		props := valid()
		c.change(&props)
		versioned, others := ids(cart(t, props, migrated(c.props)))
		if same := slices.Equal(versioned, before); same != c.same {
			t.Errorf("%s: %q after %q", name, versioned, before)
		}
		if diff := cmp.Diff(rest, others); diff != "" {
			t.Errorf("%s: other resources (-before +after):\n%s", name, diff)
		}
	}
	// Neither does the order of calls.
	uses := func(id string) func(*microservice.Microservice) {
		return func(cart *microservice.Microservice) {
			cart.Uses(table.New(cart, id, table.Props{PartitionKey: table.String("id")}), table.Read)
		}
	}
	one, other := cart(t, valid(), uses("A"), uses("B"), migrated(plainly)), cart(t, valid(), migrated(plainly), uses("B"), uses("A"))
	if diff := snapshot.Diff(one, other); diff != "" {
		t.Errorf("the order of calls matters:\n%s", diff)
	}
}

// onPlatform synthesizes a stack whose environment names a platform, as a database requires.
func onPlatform(t *testing.T, define func(awscdk.Stack)) snapshot.Template {
	t.Helper()
	return synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, environment.Environment{Profile: profile.Sandbox(), Platform: valid().Platform})
		define(awscdk.NewStack(app, jsii.String("Shop"), nil))
	}).templates["Shop"]
}

func TestAMigrationOfTwoServices(t *testing.T) {
	define := func(props migration.Props) func(awscdk.Stack) {
		return func(of awscdk.Stack) {
			cart := microservice.New(of, "Cart", valid())
			worker := microservice.New(of, "Worker", microservice.Props{Platform: valid().Platform, Owner: "checkout", Image: valid().Image})
			db := database.New(cart, "Database")
			cart.Uses(db, store.ReadWrite)
			worker.Uses(db, store.ReadWrite)
			props.Command, props.Before, props.After = []string{"migrate"}, []service.Service{worker}, []constructs.IConstruct{db}
			migration.New(cart, "Schema", props)
		}
	}
	template := onPlatform(t, define(migration.Props{}))
	wait := template.One(t, "AWS::CloudFormation::WaitCondition").LogicalID
	for _, each := range template.Resources("AWS::ECS::Service") {
		if got := dependsOn(each); !slices.Contains(got, wait) {
			t.Errorf("%s depends on %q, want %s", each.LogicalID, got, wait)
		}
	}
	start := dependsOn(template.One(t, "AWS::Scheduler::Schedule"))
	for _, instance := range template.Resources("AWS::RDS::DBInstance") {
		if !slices.Contains(start, instance.LogicalID) {
			t.Errorf("the migration starts after %q, want %s too", start, instance.LogicalID)
		}
	}
	off := onPlatform(t, define(migration.Props{Disabled: true}))
	for _, resource := range off.Resources("") {
		if strings.Contains(resource.LogicalID, "Schema") {
			t.Errorf("a migration that is disabled defines %s", resource.LogicalID)
		}
	}
}

func TestWhatIsWrongWithAMigration(t *testing.T) {
	in := func(define func(stack, other awscdk.Stack, cart *microservice.Microservice)) func() {
		return func() {
			app := awscdk.NewApp(nil)
			stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
			define(stack, awscdk.NewStack(app, jsii.String("Other"), nil), microservice.New(stack, "Cart", valid()))
		}
	}
	panics(t, in(func(_, _ awscdk.Stack, cart *microservice.Microservice) {
		migration.New(cart, "Schema", migration.Props{})
	}),
		`Shop/Cart/Schema: Command is missing: name the command that does the work and ends, such as []string{"rebuild"}`)
	panics(t, in(func(_, _ awscdk.Stack, cart *microservice.Microservice) {
		migrated(plainly)(cart)
		migrated(plainly)(cart)
	}), `Shop/Cart: the ID "Schema" is already used in this scope: choose another ID`)
	panics(t, in(func(_, other awscdk.Stack, cart *microservice.Microservice) {
		props := valid()
		props.Routes = nil
		elsewhere := microservice.New(other, "Worker", props)
		migrated(func(p *migration.Props) {
			p.Before = []service.Service{cart, elsewhere, (*microservice.Microservice)(nil)}
		})(cart)
	}),
		"Shop/Cart/Schema: Before[0] is cart itself, which waits for its migration in any case: leave it out",
		"Shop/Cart/Schema: Before[1] must be a service of the stack Shop, whose deployment CloudFormation can hold, got worker of another stack",
		"Shop/Cart/Schema: Before[2] is nil: define the service first")
	panics(t, in(func(_, _ awscdk.Stack, cart *microservice.Microservice) {
		migrated(func(p *migration.Props) { p.After = []constructs.IConstruct{(*microservice.Microservice)(nil)} })(cart)
	}), "Shop/Cart/Schema: After[0] is nil: define it first")
}
