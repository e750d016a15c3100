package account

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	iamtypes "github.com/aws/aws-sdk-go-v2/service/iam/types"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/assembly"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/preflight/need"
)

// stackStatus reads which stacks exist, and finds those that CloudFormation or the CDK CLI cannot update.
func (l *look) stackStatus(ctx context.Context) []finding.Finding {
	const check = "stacks"
	wanted := map[string]bool{}
	for _, stack := range l.stacks {
		wanted[stack.Name] = true
	}
	deployed := map[string]bool{}
	var findings []finding.Finding
	pages := cloudformation.NewDescribeStacksPaginator(cloudformation.NewFromConfig(l.Config), &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return unknown(check, "cloudformation:DescribeStacks", err)
		}
		for _, stack := range page.Stacks {
			name := aws.ToString(stack.StackName)
			if !wanted[name] {
				continue
			}
			deployed[name] = stack.StackStatus != types.StackStatusReviewInProgress && stack.StackStatus != types.StackStatusRollbackComplete
			if fix := l.stuck(stack); fix != "" {
				findings = append(findings, finding.Finding{
					Check: check, Subject: name, Detail: "is " + string(stack.StackStatus), Fix: fix, Status: finding.Missing,
				})
			}
		}
	}
	l.deployed = deployed
	count := 0
	for _, here := range deployed {
		if here {
			count++
		}
	}
	where := fmt.Sprintf("%d of %d are deployed in account %s, %s", count, len(l.stacks), l.Environment.Account, l.Environment.Region)
	return append([]finding.Finding{ok(check, "%s", where)}, findings...)
}

// protection warns of stacks that would be created with deletion protection, which CloudFormation could not roll back.
func (l *look) protection(context.Context) []finding.Finding {
	var protected []string
	for _, stack := range l.need.Protected {
		if l.deployed != nil && !l.deployed[stack] {
			protected = append(protected, stack)
		}
	}
	if len(protected) == 0 {
		return nil
	}
	subject := protected[0]
	if others := len(protected) - 1; others > 0 {
		subject += " and " + many(others, "other")
	}
	return []finding.Finding{{
		Check: "first deployment", Subject: subject, Status: finding.Warning,
		Detail: "new, with deletion protection: if the creation fails, CloudFormation cannot roll it back",
		Fix:    "deploy once without it: see\n" + finding.Docs + "first-deployment-fails.md",
	}}
}

// stuck returns what to do about a stack in a status that takes no update, and nothing for any other.
func (l *look) stuck(stack types.Stack) string {
	const failed = "see " + finding.Docs + "first-deployment-fails.md"
	command := func(subcommand string) string {
		return fmt.Sprintf("aws cloudformation %s --region %s --stack-name %s", subcommand, l.Environment.Region, aws.ToString(stack.StackName))
	}
	switch status := stack.StackStatus; {
	case status == types.StackStatusReviewInProgress:
		return "" // the CLI deletes what has only a change set
	case status == types.StackStatusRollbackComplete && !aws.ToBool(stack.EnableTerminationProtection):
		return "" // the CLI deletes it
	case status == types.StackStatusRollbackComplete || status == types.StackStatusRollbackFailed || status == types.StackStatusDeleteFailed:
		return failed
	case status == types.StackStatusUpdateRollbackFailed:
		return command("continue-update-rollback")
	case status == types.StackStatusCreateFailed || status == types.StackStatusUpdateFailed: // deployed with --no-rollback
		return command("rollback-stack")
	case strings.HasSuffix(string(status), "_IN_PROGRESS"):
		return command("wait " + waiterOf(status))
	}
	return ""
}

// waiterOf returns the waiter of the AWS CLI that returns when the operation of a stack has ended.
func waiterOf(status types.StackStatus) string {
	switch operation, _, _ := strings.Cut(string(status), "_"); {
	case status == types.StackStatusDeleteInProgress:
		return "stack-delete-complete"
	case strings.Contains(string(status), "UPDATE_ROLLBACK"):
		return "stack-rollback-complete"
	case operation == "UPDATE":
		return "stack-update-complete"
	case operation == "IMPORT":
		return "stack-import-complete"
	}
	return "stack-create-complete" // of a creation and of its rollback
}

// bootstrap compares the version of each bootstrap stack with the one that the assembly requires.
func (l *look) bootstrap(ctx context.Context) []finding.Finding {
	const check = "bootstrap"
	required := map[string]int{}
	for _, stack := range l.stacks {
		if stack.BootstrapParameter != "" {
			required[stack.BootstrapParameter] = max(required[stack.BootstrapParameter], stack.BootstrapVersion)
		}
	}
	fix := l.bootstrapCommand()
	client := ssm.NewFromConfig(l.Config)
	var findings []finding.Finding
	for _, parameter := range sorted(required) {
		got, err := client.GetParameter(ctx, &ssm.GetParameterInput{Name: &parameter})
		if coded(err, "ParameterNotFound") {
			findings = append(findings, finding.Finding{
				Check: check, Detail: "the region is not bootstrapped: " + parameter + " does not exist", Fix: fix, Status: finding.Missing,
			})
			continue
		}
		if err != nil {
			findings = append(findings, unknown(check, "ssm:GetParameter", err)...)
			continue
		}
		version, err := strconv.Atoi(aws.ToString(got.Parameter.Value))
		f := ok(check, "version %s, at least %d is required", aws.ToString(got.Parameter.Value), required[parameter])
		if err != nil || version < required[parameter] {
			f.Status, f.Fix = finding.Missing, fix
		}
		findings = append(findings, f)
	}
	return findings
}

func (l *look) bootstrapCommand() string {
	return fmt.Sprintf("npx cdk bootstrap aws://%s/%s", l.Environment.Account, l.Environment.Region)
}

// references checks whether the roles of a deployment may read the outputs that stacks refer to. No API returns whether the
// region has Fn::GetStackOutput; CloudFormation's documentation names no region without it.
func (l *look) references(ctx context.Context) []finding.Finding {
	const check = "stack outputs"
	if len(l.need.References) == 0 {
		return nil
	}
	roles := l.deployRoles()
	if len(roles) == 0 {
		return nil // the credentials deploy
	}
	client := iam.NewFromConfig(l.Config)
	for _, role := range roles {
		for _, stack := range l.need.References {
			f, stop := l.mayDescribe(ctx, client, role, stack)
			if stop {
				return f
			}
		}
	}
	return []finding.Finding{ok(check, "the roles of a deployment may read the outputs of %s", many(len(l.need.References), "stack"))}
}

// deployRoles returns the ARNs of the roles that read outputs: the CLI's, for its own output, and CloudFormation's, for
// Fn::GetStackOutput.
func (l *look) deployRoles() []string {
	var roles []string
	for _, stack := range l.stacks {
		for _, role := range []string{stack.DeployRole, stack.ExecutionRole} {
			if role != "" {
				roles = append(roles, l.Environment.Resolve(role))
			}
		}
	}
	slices.Sort(roles)
	return slices.Compact(roles)
}

func (l *look) mayDescribe(ctx context.Context, client *iam.Client, role, stack string) ([]finding.Finding, bool) {
	const check, action = "stack outputs", "cloudformation:DescribeStacks"
	e := l.Environment
	got, err := client.SimulatePrincipalPolicy(ctx, &iam.SimulatePrincipalPolicyInput{
		PolicySourceArn: &role, ActionNames: []string{action},
		ResourceArns: []string{fmt.Sprintf("arn:%s:cloudformation:%s:%s:stack/%s/*", e.Partition, e.Region, e.Account, stack)},
	})
	name := role[strings.LastIndex(role, "/")+1:]
	if coded(err, "NoSuchEntity") {
		return []finding.Finding{{Check: check, Detail: "the role " + name + ", which bootstrapping creates, does not exist", Fix: l.bootstrapCommand(), Status: finding.Missing}}, true
	}
	if err != nil {
		return unknown(check, "iam:SimulatePrincipalPolicy", err), true
	}
	for _, result := range got.EvaluationResults {
		if result.EvalDecision != iamtypes.PolicyEvaluationDecisionTypeAllowed {
			return []finding.Finding{{
				Check: check, Detail: fmt.Sprintf("%s may not read the outputs of %s", name, stack),
				Fix: "allow " + name + " to call " + action, Status: finding.Missing,
			}}, true
		}
	}
	return nil, false
}

// serviceLinkedRoles finds those that the first use of a service would have to create.
func (l *look) serviceLinkedRoles(ctx context.Context) []finding.Finding {
	const check = "service roles"
	client := iam.NewFromConfig(l.Config)
	var missing, fixes []string
	for _, role := range l.need.Roles {
		_, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: aws.String(role.Name)})
		if coded(err, "NoSuchEntity") {
			missing = append(missing, strings.TrimPrefix(role.Name, "AWSServiceRoleFor"))
			fix := "aws iam create-service-linked-role --aws-service-name " + role.Service
			if len(fix) > 90 { // as wide as the screen
				fix = strings.Replace(fix, " --", " \\\n  --", 1)
			}
			fixes = append(fixes, fix)
		} else if err != nil {
			return unknown(check, "iam:GetRole", err)
		}
	}
	switch {
	case len(l.need.Roles) == 0:
		return nil
	case len(missing) > 0:
		return []finding.Finding{{
			Check: check, Detail: "missing: AWSServiceRoleFor… " + strings.Join(missing, ", "), Fix: strings.Join(fixes, "\n"), Status: finding.Missing,
		}}
	}
	return []finding.Finding{ok(check, "all %d service-linked roles exist", len(l.need.Roles))}
}

// place returns the physical ID of a resource, or the value of an output, and an empty text if its stack is not deployed.
func (l *look) place(ctx context.Context, at need.Place) (id, action string, err error) {
	client := cloudformation.NewFromConfig(l.Config)
	if at.Output != "" {
		action = "cloudformation:DescribeStacks"
		got, err := client.DescribeStacks(ctx, &cloudformation.DescribeStacksInput{StackName: &at.Stack})
		if coded(err, "ValidationError") {
			return "", action, nil
		}
		if err != nil {
			return "", action, err
		}
		for _, stack := range got.Stacks {
			for _, output := range stack.Outputs {
				if aws.ToString(output.OutputKey) == at.Output {
					return aws.ToString(output.OutputValue), action, nil
				}
			}
		}
		return "", action, nil
	}
	action = "cloudformation:DescribeStackResource"
	if at.Stack == "" || l.deployed != nil && !l.deployed[at.Stack] {
		return "", action, nil
	}
	got, err := client.DescribeStackResource(ctx, &cloudformation.DescribeStackResourceInput{StackName: &at.Stack, LogicalResourceId: &at.LogicalID})
	if coded(err, "ValidationError") {
		return "", action, nil
	}
	if err != nil {
		return "", action, err
	}
	return aws.ToString(got.StackResourceDetail.PhysicalResourceId), action, nil
}

// anyDeployed reports whether a stack of the assembly is deployed.
func (l *look) anyDeployed() bool {
	return slices.ContainsFunc(l.stacks, func(stack assembly.Stack) bool { return l.deployed[stack.Name] })
}
