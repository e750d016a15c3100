package test

import (
	"encoding/json"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/constructs/store"
)

// queues are a template's queue and its dead-letter queue.
func queues(t *testing.T, template snapshot.Template) (main, deadLetters snapshot.Resource) {
	t.Helper()
	for _, resource := range template.Resources("AWS::SQS::Queue") {
		if strings.Contains(resource.LogicalID, "DeadLetters") {
			deadLetters = resource
		} else {
			main = resource
		}
	}
	if main.LogicalID == "" || deadLetters.LogicalID == "" {
		t.Fatalf("there are %d queues", len(template.Resources("AWS::SQS::Queue")))
	}
	return main, deadLetters
}

func TestQueues(t *testing.T) {
	template := inStack(t, func(stack awscdk.Stack) { queue.New(stack, "Orders", queue.Props{}) })
	main, deadLetters := queues(t, template)
	expect(t, "Shop", main, map[string]any{
		"SqsManagedSseEnabled":                           true,
		"VisibilityTimeout":                              json.Number("120"),
		"MessageRetentionPeriod":                         json.Number("345600"),
		"ReceiveMessageWaitTimeSeconds":                  json.Number("20"),
		"DelaySeconds":                                   nil,
		"QueueName":                                      nil,
		"RedrivePolicy.maxReceiveCount":                  json.Number("5"),
		"RedrivePolicy.deadLetterTargetArn.Fn::GetAtt.0": deadLetters.LogicalID,
	})
	expect(t, "Shop", deadLetters, map[string]any{
		"SqsManagedSseEnabled": true, "MessageRetentionPeriod": json.Number("1209600"), "RedrivePolicy": nil, "QueueName": nil,
	})
	// Each refuses whatever does not come over TLS.
	refused := map[any]bool{}
	for _, policy := range template.Resources("AWS::SQS::QueuePolicy") {
		expect(t, "Shop", policy, map[string]any{
			"PolicyDocument.Statement.0.Effect":                             "Deny",
			"PolicyDocument.Statement.0.Action":                             "sqs:*",
			"PolicyDocument.Statement.0.Principal.AWS":                      "*",
			"PolicyDocument.Statement.0.Condition.Bool.aws:SecureTransport": "false",
			"PolicyDocument.Statement.1":                                    nil,
		})
		refused[policy.Get("Properties.Queues.0.Ref")] = true
	}
	if !refused[main.LogicalID] || !refused[deadLetters.LogicalID] {
		t.Errorf("TLS is asked for at %v alone", refused)
	}
}

func TestQueuesByChoice(t *testing.T) {
	template := inStack(t, func(stack awscdk.Stack) {
		queue.New(stack, "Orders", queue.Props{
			VisibilityTimeout: 90 * time.Second, MaxReceiveCount: 3, Retention: 24 * time.Hour, Delay: 5 * time.Second, Retain: profile.On,
		})
	})
	main, deadLetters := queues(t, template)
	expect(t, "Shop", main, map[string]any{
		"VisibilityTimeout":             json.Number("90"),
		"MessageRetentionPeriod":        json.Number("86400"),
		"DelaySeconds":                  json.Number("5"),
		"RedrivePolicy.maxReceiveCount": json.Number("3"),
	})
	for _, resource := range []snapshot.Resource{main, deadLetters} {
		for policy, want := range map[string]string{"DeletionPolicy": "RetainExceptOnCreate", "UpdateReplacePolicy": "Retain"} {
			if got := resource.Get(policy); got != want {
				t.Errorf("%s of %s is %v", policy, resource.LogicalID, got)
			}
		}
	}
}

func TestMessagesOutliveTheirStackWhereTheProfileSaysSo(t *testing.T) {
	for want, of := range map[string]profile.Profile{"Delete": profile.Sandbox(), "RetainExceptOnCreate": profile.Production()} {
		template := synthesize(t, nil, func(app awscdk.App) {
			environment.Set(app, environment.Environment{Profile: of})
			queue.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Orders", queue.Props{})
		}).templates["Shop"]
		for _, resource := range template.Resources("AWS::SQS::Queue") {
			if got := resource.Get("DeletionPolicy"); got != want {
				t.Errorf("%s of %s is %v, want %s", "DeletionPolicy", resource.LogicalID, got, want)
			}
		}
	}
}

func TestAServiceMayDoWithAQueueWhatItSays(t *testing.T) {
	for access, want := range map[store.Access]string{
		queue.Send:    "sqs:SendMessage",
		queue.Consume: "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage",
		queue.SendAndConsume: "sqs:ChangeMessageVisibility sqs:DeleteMessage sqs:GetQueueAttributes sqs:ReceiveMessage " +
			"sqs:SendMessage",
	} {
		template := cart(t, valid(), func(cart *microservice.Microservice) {
			cart.Uses(queue.New(cart, "Orders", queue.Props{}), access)
		})
		main, _ := queues(t, template)
		if got := actionsOn(template, "TaskRole"); got != want {
			t.Errorf("%s: the application may %s, want %s", access, got, want)
		}
		for _, policy := range template.Resources("AWS::IAM::Policy") {
			if !strings.Contains(policy.LogicalID, "TaskRole") {
				continue
			}
			expect(t, "Shop", policy, map[string]any{
				"PolicyDocument.Statement.0.Resource.Fn::GetAtt.0": main.LogicalID, "PolicyDocument.Statement.1": nil,
			})
		}
		if got := environmentOf(template.One(t, "AWS::ECS::TaskDefinition")); !strings.Contains(got, "ORDERS_QUEUE_URL="+main.LogicalID) {
			t.Errorf("%s: the environment is %s", access, got)
		}
	}
}

// What is consumed is said to the service, and what is only sent to is not.
func TestAQueueSaysWhoConsumesIt(t *testing.T) {
	synthesize(t, nil, func(app awscdk.App) {
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		worker := worker(stack, func(*microservice.Props) {})
		orders := queue.New(worker, "Orders", queue.Props{VisibilityTimeout: time.Minute})
		for access, want := range map[store.Access]int{queue.Send: 0, queue.Consume: 2, queue.SendAndConsume: 2} {
			binding, err := orders.Bind(worker, access)
			if err != nil || len(binding.Alarms) != want || binding.Backlog.Metric.IsZero() == (want > 0) {
				t.Errorf("%s: %d alarms and the backlog %+v, want %d (%v)", access, len(binding.Alarms), binding.Backlog, want, err)
			}
			if want > 0 && (binding.Backlog.MaxDuration != time.Minute || binding.Backlog.Metric.Name != "ApproximateNumberOfMessagesVisible") {
				t.Errorf("%s: the backlog is %+v", access, binding.Backlog)
			}
		}
	})
}

// worker is a service without routes.
func worker(stack awscdk.Stack, change func(*microservice.Props)) *microservice.Microservice {
	props := valid()
	props.Routes, props.Identity = nil, identity.Ref{}
	change(&props)
	return microservice.New(stack, "Worker", props)
}
