package readback

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

func readUserPool(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.users.DescribeUserPool(ctx, &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	mfa, err := a.users.GetUserPoolMfaConfig(ctx, &cognitoidentityprovider.GetUserPoolMfaConfigInput{UserPoolId: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	p := shapeOf(out.UserPool)
	rename(p, "Name", "UserPoolName")
	enabled := []any{}
	if mfa.SmsMfaConfiguration != nil {
		enabled = append(enabled, "SMS_MFA")
	}
	if mfa.SoftwareTokenMfaConfiguration != nil && mfa.SoftwareTokenMfaConfiguration.Enabled {
		enabled = append(enabled, "SOFTWARE_TOKEN_MFA")
	}
	if mfa.EmailMfaConfiguration != nil {
		enabled = append(enabled, "EMAIL_OTP")
	}
	p["EnabledMfas"] = enabled
	return p, nil
}

func readUserPoolClient(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.users.DescribeUserPoolClient(ctx, &cognitoidentityprovider.DescribeUserPoolClientInput{UserPoolId: r.in("UserPoolId"), ClientId: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	p := shapeOf(out.UserPoolClient)
	p["GenerateSecret"] = out.UserPoolClient.ClientSecret != nil
	return p, nil
}

func readRole(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.iam.GetRole(ctx, &iam.GetRoleInput{RoleName: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	p := shapeOf(out.Role)
	if p["AssumeRolePolicyDocument"], err = document(aws.ToString(out.Role.AssumeRolePolicyDocument)); err != nil {
		return nil, err
	}

	// Tags are not among what GetRole gives of every role.
	tags, err := a.iam.ListRoleTags(ctx, &iam.ListRoleTagsInput{RoleName: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	put(p, "Tags", tags.Tags)

	managed := []any{}
	attached := iam.NewListAttachedRolePoliciesPaginator(a.iam, &iam.ListAttachedRolePoliciesInput{RoleName: &r.PhysicalID})
	for attached.HasMorePages() {
		page, err := attached.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, policy := range page.AttachedPolicies {
			managed = append(managed, aws.ToString(policy.PolicyArn))
		}
	}
	p["ManagedPolicyArns"] = managed

	// Those that are resources of their own are read there.
	own, err := a.rolePolicies(ctx, r.PhysicalID)
	if err != nil {
		return nil, err
	}
	elsewhere, err := a.policiesOf(ctx, r.PhysicalID)
	if err != nil {
		return nil, err
	}
	policies := []any{}
	for _, name := range own {
		if elsewhere[name] {
			continue
		}
		policy, err := a.rolePolicy(ctx, r.PhysicalID, name)
		if err != nil {
			return nil, err
		}
		policies = append(policies, properties{"PolicyName": name, "PolicyDocument": policy})
	}
	p["Policies"] = policies
	return p, nil
}

// rolePolicies returns the names of a role's inline policies.
func (a *account) rolePolicies(ctx context.Context, role string) ([]string, error) {
	var names []string
	pages := iam.NewListRolePoliciesPaginator(a.iam, &iam.ListRolePoliciesInput{RoleName: &role})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		names = append(names, page.PolicyNames...)
	}
	return names, nil
}

func (a *account) rolePolicy(ctx context.Context, role, name string) (any, error) {
	out, err := a.iam.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &name})
	if err != nil {
		return nil, err
	}
	return document(aws.ToString(out.PolicyDocument))
}

// policiesOf returns the names of the policies that templates give a role in resources of their own.
func (a *account) policiesOf(ctx context.Context, role string) (map[string]bool, error) {
	names := map[string]bool{}
	err := a.each(ctx, "AWS::IAM::Policy", func(asked properties) {
		for _, holder := range many(asked["Roles"]) {
			if holder == role {
				names[text(asked["PolicyName"])] = true
			}
		}
	})
	return names, err
}

func readPolicy(ctx context.Context, a *account, r resource) (properties, error) {
	name := *r.in("PolicyName")
	var roles, policies []any
	for _, role := range many(r.asked["Roles"]) {
		policy, err := a.rolePolicy(ctx, text(role), name)
		if err != nil {
			return nil, fmt.Errorf("role %s: %w", role, err)
		}
		roles, policies = append(roles, role), append(policies, policy)
	}
	return properties{"PolicyName": name, "Roles": roles, "PolicyDocument": oneOf(r, policies)}, nil
}

// oneOf returns, of the policies that a resource gives to several, the first that is not as asked, or any.
func oneOf(r resource, policies []any) any {
	asked := properties{"PolicyDocument": r.asked["PolicyDocument"]}
	var last any
	for _, policy := range policies {
		if last = policy; len(compare(r.Type, marks{}, asked, properties{"PolicyDocument": policy}).differences) > 0 {
			break
		}
	}
	return last
}

func readInstanceProfile(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.iam.GetInstanceProfile(ctx, &iam.GetInstanceProfileInput{InstanceProfileName: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	p := shapeOf(out.InstanceProfile)
	p["Roles"] = pick(p["Roles"], "RoleName")
	return p, nil
}
