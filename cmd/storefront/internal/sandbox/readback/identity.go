package readback

import (
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/iam"
	"github.com/aws/aws-sdk-go-v2/service/iam/types"
)

func readUserPool(q *query, r resource) properties {
	p := shapeOf(of(ask(q, q.users.DescribeUserPool, &cognitoidentityprovider.DescribeUserPoolInput{UserPoolId: &r.PhysicalID}).UserPool))
	rename(p, "Name", "UserPoolName")
	mfa := ask(q, q.users.GetUserPoolMfaConfig, &cognitoidentityprovider.GetUserPoolMfaConfigInput{UserPoolId: &r.PhysicalID})
	enabled := []any{}
	if mfa.SmsMfaConfiguration != nil {
		enabled = append(enabled, "SMS_MFA")
	}
	if of(mfa.SoftwareTokenMfaConfiguration).Enabled {
		enabled = append(enabled, "SOFTWARE_TOKEN_MFA")
	}
	if mfa.EmailMfaConfiguration != nil {
		enabled = append(enabled, "EMAIL_OTP")
	}
	p["EnabledMfas"] = enabled
	return p
}

func readUserPoolClient(q *query, r resource) properties {
	client := of(ask(q, q.users.DescribeUserPoolClient, &cognitoidentityprovider.DescribeUserPoolClientInput{UserPoolId: r.in("UserPoolId"), ClientId: &r.PhysicalID}).UserPoolClient)
	p := shapeOf(client)
	p["GenerateSecret"] = client.ClientSecret != nil
	return p
}

func readRole(q *query, r resource) properties {
	role := of(ask(q, q.iam.GetRole, &iam.GetRoleInput{RoleName: &r.PhysicalID}).Role)
	p := shapeOf(role)
	p["AssumeRolePolicyDocument"] = q.document(role.AssumeRolePolicyDocument)
	// GetRole does not return the tags of every role.
	put(p, "Tags", ask(q, q.iam.ListRoleTags, &iam.ListRoleTagsInput{RoleName: &r.PhysicalID}).Tags)
	managed := []any{}
	for _, policy := range all(q, iam.NewListAttachedRolePoliciesPaginator(q.iam, &iam.ListAttachedRolePoliciesInput{RoleName: &r.PhysicalID}),
		func(page *iam.ListAttachedRolePoliciesOutput) []types.AttachedPolicy { return page.AttachedPolicies }) {
		managed = append(managed, aws.ToString(policy.PolicyArn))
	}
	p["ManagedPolicyArns"] = managed
	elsewhere, policies := q.policiesOf(r.PhysicalID), []any{}
	for _, name := range all(q, iam.NewListRolePoliciesPaginator(q.iam, &iam.ListRolePoliciesInput{RoleName: &r.PhysicalID}),
		func(page *iam.ListRolePoliciesOutput) []string { return page.PolicyNames }) {
		if !elsewhere[name] { // those that are resources of their own are read there
			policies = append(policies, properties{"PolicyName": name, "PolicyDocument": q.rolePolicy(r.PhysicalID, name)})
		}
	}
	p["Policies"] = policies
	return p
}

func (q *query) rolePolicy(role, name string) any {
	return q.document(ask(q, q.iam.GetRolePolicy, &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &name}).PolicyDocument)
}

// policiesOf returns the names of the policies that templates give a role in resources of their own.
func (q *query) policiesOf(role string) map[string]bool {
	names := map[string]bool{}
	err := q.each(q.ctx, "AWS::IAM::Policy", func(asked properties) {
		for _, holder := range many(asked["Roles"]) {
			if holder == role {
				names[text(asked["PolicyName"])] = true
			}
		}
	})
	if q.err == nil {
		q.err = err
	}
	return names
}

func readPolicy(q *query, r resource) properties {
	name := *r.in("PolicyName")
	p := shared(q, r, "Roles", func(role string) any { return q.rolePolicy(role, name) })
	p["PolicyName"] = name
	return p
}

// shared reads a policy that a resource gives to each of several holders. It returns, of their policies, the first that is
// not as asked, or any.
func shared(q *query, r resource, holders string, policyOf func(holder string) any) properties {
	asked := properties{"PolicyDocument": r.asked["PolicyDocument"]}
	p := properties{holders: slices.Clone(many(r.asked[holders]))}
	for _, holder := range many(r.asked[holders]) {
		p["PolicyDocument"] = policyOf(text(holder))
		if q.err != nil {
			q.err = fmt.Errorf("%s: %w", holder, q.err)
		}
		if len(compare(r.Type, marks{}, asked, p).differences) > 0 {
			break
		}
	}
	return p
}

func readInstanceProfile(q *query, r resource) properties {
	p := shapeOf(of(ask(q, q.iam.GetInstanceProfile, &iam.GetInstanceProfileInput{InstanceProfileName: &r.PhysicalID}).InstanceProfile))
	p["Roles"] = pick(p["Roles"], "RoleName")
	return p
}
