package check

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	ec2types "github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	elbtypes "github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	s3types "github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// Change is a change by hand to a deployed app, and the finding that it causes.
type Change struct {
	Name     string
	Do, Undo func(context.Context) error
	Finding  string
}

// Drift changes resources by hand, those of the kinds that the app has. Exactly these changes must be found, and after they are
// undone nothing.
func (s *Suite) Drift(ctx context.Context) (Result, error) {
	app, err := s.Read(ctx)
	if err != nil {
		return Result{}, err
	}
	changes := ByHand(app)
	if len(changes) == 0 {
		return Result{NotRun: []string{"changes by hand: the app has no role, security group, API, listener or bucket"}}, nil
	}
	r, err := s.changed(ctx, app, changes)
	if err != nil {
		return r, err
	}
	now, err := s.Read(ctx)
	if err != nil {
		return r, err
	}
	after, err := True(ctx, s.Target, now)
	for _, finding := range after.Findings {
		r.find("after the changes were undone: %s", finding)
	}
	return r, err
}

func (s *Suite) changed(ctx context.Context, app *deployed.App, changes []Change) (r Result, err error) {
	var want, names []string
	for _, change := range changes {
		want, names = append(want, change.Finding), append(names, change.Name)
		defer func() { err = errors.Join(err, change.Undo(context.WithoutCancel(ctx))) }()
		if err := change.Do(ctx); err != nil {
			return r, fmt.Errorf("%s: %w", change.Name, err)
		}
	}
	read, err := True(ctx, s.Target, app)
	if err != nil {
		return r, err
	}
	for _, finding := range want {
		if !slices.Contains(read.Findings, finding) {
			r.find("not found after a change by hand: %s", finding)
		}
	}
	for _, finding := range read.Findings {
		if !slices.Contains(want, finding) {
			r.find("found, and not changed by hand: %s", finding)
		}
	}
	r.number("%d changes by hand, each found and undone: %s", len(want), strings.Join(names, ", "))
	return r, nil
}

// ByHand returns a change of each kind for which the app has a resource, the first of its type.
func ByHand(app *deployed.App) []Change {
	var changes []Change
	for _, kind := range []struct {
		resourceType string
		change       func(*deployed.App, *deployed.Stack, deployed.Resource) Change
		fits         func(snapshot.Resource) bool
	}{
		{"AWS::IAM::Role", AnotherPolicy, nil},
		{"AWS::EC2::SecurityGroup", AnotherRuleOfTheGroup, nil},
		{"AWS::ApiGatewayV2::Api", AnotherRoute, func(api snapshot.Resource) bool {
			return integrationOf(app) != "" && api.Get("Properties.ProtocolType") == "HTTP"
		}},
		{"AWS::ElasticLoadBalancingV2::Listener", AnotherRuleOfTheListener, nil},
		{"AWS::S3::Bucket", PublicBucket, blocked},
	} {
		if stack, r, found := first(app, kind.resourceType, kind.fits); found {
			changes = append(changes, kind.change(app, stack, r))
		}
	}
	return changes
}

// first is the first resource of a type.
func first(app *deployed.App, resourceType string, fits func(snapshot.Resource) bool) (*deployed.Stack, deployed.Resource, bool) {
	for _, stack := range app.Stacks {
		for _, each := range stack.Template.Resources(resourceType) {
			if r, created := stack.Resources[each.LogicalID]; created && (fits == nil || fits(each)) {
				return stack, r, true
			}
		}
	}
	return nil, deployed.Resource{}, false
}

// Found is the finding for a property.
func Found(stack *deployed.Stack, r deployed.Resource, property, want, got string) string {
	return fmt.Sprintf("%s: %s (%s): %s: want %s, got %s", stack.Name, r.LogicalID, r.Type, property, want, got)
}

// AnotherPolicy adds a policy to a role.
func AnotherPolicy(app *deployed.App, stack *deployed.Stack, r deployed.Resource) Change {
	client := iam.NewFromConfig(app.Config)
	name, document := "back-door", `{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:ListAllMyBuckets","Resource":"*"}]}`
	return Change{
		Name: "a policy of a role",
		Do: func(ctx context.Context) error {
			_, err := client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &r.PhysicalID, PolicyName: &name, PolicyDocument: &document})
			return err
		},
		Undo: func(ctx context.Context) error {
			_, err := client.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &r.PhysicalID, PolicyName: &name})
			return err
		},
		Finding: Found(stack, r, "Policies["+name+"]", "nothing",
			`{"PolicyDocument":{"Statement":[{"Action":"s3:ListAllMyBuckets","Effect":"Allow","Resource":"*"}],"Version":"2012-10-17"},"PolicyName":"`+name+`"}`),
	}
}

// AnotherRuleOfTheGroup allows a network in a security group.
func AnotherRuleOfTheGroup(app *deployed.App, stack *deployed.Stack, r deployed.Resource) Change {
	client := ec2.NewFromConfig(app.Config)
	permissions := []ec2types.IpPermission{{
		IpProtocol: aws.String("tcp"), FromPort: aws.Int32(22), ToPort: aws.Int32(22),
		IpRanges: []ec2types.IpRange{{CidrIp: aws.String("198.51.100.0/24")}},
	}}
	return Change{
		Name: "a rule of a security group",
		Do: func(ctx context.Context) error {
			_, err := client.AuthorizeSecurityGroupIngress(ctx, &ec2.AuthorizeSecurityGroupIngressInput{GroupId: &r.PhysicalID, IpPermissions: permissions})
			return err
		},
		Undo: func(ctx context.Context) error {
			_, err := client.RevokeSecurityGroupIngress(ctx, &ec2.RevokeSecurityGroupIngressInput{GroupId: &r.PhysicalID, IpPermissions: permissions})
			return err
		},
		Finding: Found(stack, r, "SecurityGroupIngress[]", "nothing",
			`{"CidrIp":"198.51.100.0/24","FromPort":22,"GroupId":"`+r.PhysicalID+`","IpProtocol":"tcp","ToPort":22}`),
	}
}

// integrationOf is the ID of an integration of the app, to which another route can lead.
func integrationOf(app *deployed.App) string {
	_, r, _ := first(app, "AWS::ApiGatewayV2::Integration", nil)
	return r.PhysicalID
}

// AnotherRoute adds a route to an API.
func AnotherRoute(app *deployed.App, stack *deployed.Stack, r deployed.Resource) Change {
	client := apigatewayv2.NewFromConfig(app.Config)
	key, target := "GET /back-door", "integrations/"+integrationOf(app)
	var made string
	return Change{
		Name: "a route of an API",
		Do: func(ctx context.Context) error {
			out, err := client.CreateRoute(ctx, &apigatewayv2.CreateRouteInput{ApiId: &r.PhysicalID, RouteKey: &key, Target: &target})
			if err == nil {
				made = aws.ToString(out.RouteId)
			}
			return err
		},
		Undo: func(ctx context.Context) error {
			_, err := client.DeleteRoute(ctx, &apigatewayv2.DeleteRouteInput{ApiId: &r.PhysicalID, RouteId: &made})
			return err
		},
		Finding: Found(stack, r, "Routes["+key+"]", "nothing", `"`+target+`"`),
	}
}

// AnotherRuleOfTheListener adds a rule to a listener that responds to every request.
func AnotherRuleOfTheListener(app *deployed.App, stack *deployed.Stack, r deployed.Resource) Change {
	client := elasticloadbalancingv2.NewFromConfig(app.Config)
	var made string
	return Change{
		Name: "a rule of a listener",
		Do: func(ctx context.Context) error {
			out, err := client.CreateRule(ctx, &elasticloadbalancingv2.CreateRuleInput{
				ListenerArn: &r.PhysicalID, Priority: aws.Int32(1),
				Conditions: []elbtypes.RuleCondition{{Field: aws.String("path-pattern"), PathPatternConfig: &elbtypes.PathPatternConditionConfig{Values: []string{"/*"}}}},
				Actions:    []elbtypes.Action{{Type: elbtypes.ActionTypeEnumFixedResponse, FixedResponseConfig: &elbtypes.FixedResponseActionConfig{StatusCode: aws.String("200")}}},
			})
			if err == nil {
				made = aws.ToString(out.Rules[0].RuleArn)
			}
			return err
		},
		Undo: func(ctx context.Context) error {
			_, err := client.DeleteRule(ctx, &elasticloadbalancingv2.DeleteRuleInput{RuleArn: &made})
			return err
		},
		Finding: Found(stack, r, "Rules[1]", "nothing", `"fixed-response"`),
	}
}

// blocked reports whether a bucket blocks all public access.
func blocked(bucket snapshot.Resource) bool {
	for _, property := range []string{"BlockPublicAcls", "BlockPublicPolicy", "IgnorePublicAcls", "RestrictPublicBuckets"} {
		if bucket.Get("Properties.PublicAccessBlockConfiguration."+property) != true {
			return false
		}
	}
	return true
}

// PublicBucket allows public policies of a bucket that blocks all public access.
func PublicBucket(app *deployed.App, stack *deployed.Stack, r deployed.Resource) Change {
	client := s3.NewFromConfig(app.Config)
	set := func(blocked bool) func(context.Context) error {
		return func(ctx context.Context) error {
			_, err := client.PutPublicAccessBlock(ctx, &s3.PutPublicAccessBlockInput{
				Bucket: &r.PhysicalID,
				PublicAccessBlockConfiguration: &s3types.PublicAccessBlockConfiguration{
					BlockPublicAcls: aws.Bool(true), BlockPublicPolicy: &blocked, IgnorePublicAcls: aws.Bool(true), RestrictPublicBuckets: aws.Bool(true),
				},
			})
			return err
		}
	}
	return Change{
		Name: "the public access of a bucket", Do: set(false), Undo: set(true),
		Finding: Found(stack, r, "PublicAccessBlockConfiguration.BlockPublicPolicy", "true", "false"),
	}
}
