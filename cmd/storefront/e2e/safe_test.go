package e2e

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/check"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// errLost is the error for an item that is lost.
var errLost = errors.New("the item does not exist")

// nobody is the ID of a security group that does not exist.
const nobody = check.Nobody

// breakHalfWay makes a template fail after the resources of the given types.
func breakHalfWay(t *testing.T, template snapshot.Template, after ...string) {
	t.Helper()
	if err := check.BreakHalfWay(template, after...); err != nil {
		t.Fatal(err)
	}
}

// safe breaks deployments of a service with data, which must stay as it was.
func safe(t *testing.T, s *suite) {
	before := s.read(t, s.assembly)
	item := s.put(t, before, "Cart")
	t.Run("an update that fails", func(t *testing.T) { s.failedUpdate(t, before, item) })
	t.Run("an update of the table", func(t *testing.T) { s.updatedTable(t, before, item) })
	t.Run("a replacement of the table", func(t *testing.T) { s.replacedTable(t, before, item) })
}

// failedUpdate makes an update fail after it has changed the table and the task definition.
func (s *suite) failedUpdate(t *testing.T, before *deployed.App, item datum) {
	was := s.served(t, before)
	s.want(t, func(ctx context.Context) (check.Result, error) {
		return s.checks.FailedUpdate(ctx, "Cart", func(template snapshot.Template) error {
			check.AddVariable(template, "SANDBOX_BROKEN", "yes")
			replica(t, template)["PointInTimeRecoverySpecification"] = map[string]any{"PointInTimeRecoveryEnabled": false}
			return check.BreakHalfWay(template, "AWS::DynamoDB::GlobalTable", "AWS::ECS::TaskDefinition")
		})
	})
	if diff := cmp.Diff(was, s.served(t, before)); diff != "" {
		t.Errorf("the cart is not as it was (-before +now):\n%s", diff)
	}
	item.wantKept(t)
}

// replica is the properties of a template's table in its one region, to change.
func replica(t *testing.T, template snapshot.Template) map[string]any {
	t.Helper()
	return properties(t, template, "AWS::DynamoDB::GlobalTable")["Replicas"].([]any)[0].(map[string]any)
}

func ids(stack *deployed.Stack) map[string]string {
	found := map[string]string{}
	for id, r := range stack.Resources {
		found[id] = r.PhysicalID
	}
	return found
}

// served is the running task definition of the cart and the backups of its table, according to ECS and DynamoDB.
func (s *suite) served(t *testing.T, storefront *deployed.App) map[string]string {
	t.Helper()
	stack := storefront.ByID("Cart")
	task := s.runningTask(t, stack)
	found := map[string]string{"task definition": aws.ToString(task.TaskDefinitionArn), "CPU": aws.ToString(task.Cpu)}
	for _, pair := range task.ContainerDefinitions[0].Environment {
		found["variable "+aws.ToString(pair.Name)] = aws.ToString(pair.Value)
	}
	table := one(t, stack, "AWS::DynamoDB::GlobalTable").PhysicalID
	backups, err := dynamodb.NewFromConfig(storefront.Config).DescribeContinuousBackups(s.ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &table})
	if err != nil {
		t.Fatal(err)
	}
	found["backups"] = string(backups.ContinuousBackupsDescription.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus)
	return found
}

// failedCreation makes the first deployment of a service fail. Nothing of it must be left.
func (s *suite) failedCreation(t *testing.T, team team) {
	t.Helper()
	if _, err := team.cli.Destroy(s.ctx, team.assembly); err != nil {
		t.Fatal(err)
	}
	before := s.inventory(t, team.assembly)
	broken := s.changed(t, team.assembly, "Wishlist", func(template snapshot.Template) {
		breakHalfWay(t, template, "AWS::DynamoDB::GlobalTable", "AWS::ECS::TaskDefinition")
	})
	_, err := team.cli.Deploy(s.ctx, broken)
	fails(t, err, teamStack, "AWS::EC2::SecurityGroupIngress", nobody)
	name := teamStack
	described, err := cloudformation.NewFromConfig(s.config(t, team.assembly)).DescribeStacks(s.ctx, &cloudformation.DescribeStacksInput{StackName: &name})
	if err != nil {
		t.Fatal(err)
	}
	if status := described.Stacks[0].StackStatus; status != "ROLLBACK_COMPLETE" {
		t.Errorf("%s is %s, want ROLLBACK_COMPLETE", name, status)
	}
	s.nothingNew(t, before, team.assembly)
}

// updatedTable turns deletion protection of the table on, which is an update in place.
func (s *suite) updatedTable(t *testing.T, before *deployed.App, item datum) {
	protected := s.changed(t, s.assembly, "Cart", func(template snapshot.Template) {
		replica(t, template)["DeletionProtectionEnabled"] = true
	})
	if _, err := s.cli.Deploy(s.ctx, protected, "Cart"); err != nil {
		t.Fatal(err)
	}
	table := one(t, before.ByID("Cart"), "AWS::DynamoDB::GlobalTable").PhysicalID
	described, err := dynamodb.NewFromConfig(before.Config).DescribeTable(s.ctx, &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		t.Fatal(err)
	}
	if !aws.ToBool(described.Table.DeletionProtectionEnabled) {
		t.Errorf("table %s is not protected", table)
	}
	item.wantKept(t)
}

// replacedTable changes the table's key, which replaces the table. CloudFormation then tries to delete the old one, which
// DynamoDB rejects.
func (s *suite) replacedTable(t *testing.T, before *deployed.App, item datum) {
	stack := before.ByID("Cart")
	table := one(t, stack, "AWS::DynamoDB::GlobalTable")
	replaced := s.changed(t, s.assembly, "Cart", func(template snapshot.Template) {
		changed := properties(t, template, "AWS::DynamoDB::GlobalTable")
		changed["KeySchema"].([]any)[1].(map[string]any)["AttributeName"] = "lineId"
		changed["AttributeDefinitions"].([]any)[1].(map[string]any)["AttributeName"] = "lineId"
	})
	if _, err := s.cli.Deploy(s.ctx, replaced, "Cart"); err != nil {
		t.Fatal(err)
	}
	if now := one(t, s.read(t, s.assembly).ByID("Cart"), "AWS::DynamoDB::GlobalTable"); now.PhysicalID == table.PhysicalID {
		t.Errorf("table %s was not replaced", table.PhysicalID)
	}
	if reason := s.refusedDeletion(t, stack, table.PhysicalID); !strings.Contains(reason, "protect") {
		t.Errorf("want the deletion of table %s rejected by deletion protection, got %q", table.PhysicalID, reason)
	}
	item.wantKept(t)

	if _, err := s.cli.Deploy(s.ctx, s.assembly, "Cart"); err != nil {
		t.Fatal(err)
	}
	s.deleteTable(t, before.Config, table.PhysicalID)
}

// refusedDeletion is the reason why the deletion of a resource failed, or empty.
func (s *suite) refusedDeletion(t *testing.T, stack *deployed.Stack, physicalID string) string {
	t.Helper()
	client := cloudformation.NewFromConfig(s.config(t, s.assembly))
	pages := cloudformation.NewDescribeStackEventsPaginator(client, &cloudformation.DescribeStackEventsInput{StackName: &stack.Name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(s.ctx)
		if err != nil {
			t.Fatal(err)
		}
		for _, event := range page.StackEvents {
			if aws.ToString(event.PhysicalResourceId) == physicalID && event.ResourceStatus == types.ResourceStatusDeleteFailed {
				return aws.ToString(event.ResourceStatusReason)
			}
		}
	}
	return ""
}

// deleteTable turns deletion protection of a table off and deletes it.
func (s *suite) deleteTable(t *testing.T, config aws.Config, table string) {
	t.Helper()
	client := dynamodb.NewFromConfig(config)
	if _, err := client.DeleteTable(s.ctx, &dynamodb.DeleteTableInput{TableName: &table}); err == nil {
		t.Errorf("table %s was not protected", table)
		return
	}
	if _, err := client.UpdateTable(s.ctx, &dynamodb.UpdateTableInput{TableName: &table, DeletionProtectionEnabled: aws.Bool(false)}); err != nil {
		t.Fatal(err)
	}
	// On AWS the table is being updated for a moment.
	if err := dynamodb.NewTableExistsWaiter(client).Wait(s.ctx, &dynamodb.DescribeTableInput{TableName: &table}, time.Minute); err != nil {
		t.Fatal(err)
	}
	if _, err := client.DeleteTable(s.ctx, &dynamodb.DeleteTableInput{TableName: &table}); err != nil {
		t.Fatal(err)
	}
}
