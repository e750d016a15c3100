package privilege

import (
	"context"
	"encoding/json"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// document is a policy, of permissions or of trust.
type document struct{ Statement list[statement] }

type statement struct {
	Effect                string
	Action, NotAction     list[string]
	Resource, NotResource list[string]
	Principal             principals
	Condition             map[string]map[string]list[string]
}

// onlyFor returns the one event that a statement is limited to, or none.
func (s statement) onlyFor() deployed.Event {
	equal := s.Condition["StringEquals"]
	source, detailType := equal[keySource], equal[keyDetailType]
	if len(s.Condition) != 1 || len(equal) != 2 || len(source) != 1 || len(detailType) != 1 {
		return deployed.Event{}
	}
	return deployed.Event{Source: source[0], DetailType: detailType[0]}
}

// principals are principals by type, such as Service.
type principals map[string]list[string]

// UnmarshalJSON also reads the principal without a type: "*", everyone.
func (p *principals) UnmarshalJSON(text []byte) error {
	var everybody string
	if json.Unmarshal(text, &everybody) == nil {
		*p = principals{"": {everybody}}
		return nil
	}
	var named map[string]list[string]
	err := json.Unmarshal(text, &named)
	*p = named
	return err
}

// list is a JSON array, or one element without the array.
type list[T any] []T

// UnmarshalJSON reads either form.
func (l *list[T]) UnmarshalJSON(text []byte) error {
	var many []T
	if json.Unmarshal(text, &many) == nil {
		*l = many
		return nil
	}
	var one T
	if err := json.Unmarshal(text, &one); err != nil {
		return err
	}
	*l = list[T]{one}
	return nil
}

// parse reads a document as IAM returns it: URL-encoded JSON.
func parse(encoded *string) (document, error) {
	text, err := url.PathUnescape(aws.ToString(encoded))
	if err != nil {
		return document{}, err
	}
	var parsed document
	err = json.Unmarshal([]byte(text), &parsed)
	return parsed, err
}

// checkGranted reads the policies of every role. It finds what a simulation cannot: an action that is not on any list.
func checkGranted(ctx context.Context, s *deployed.App, land *landscape, report *Report) error {
	client := iam.NewFromConfig(s.Config)
	for _, r := range land.roles {
		described, err := client.GetRole(ctx, &iam.GetRoleInput{RoleName: &r.name})
		if err != nil {
			return fmt.Errorf("%s: %s: %w", r.stack, r.logicalID, err)
		}
		trust, err := parse(described.Role.AssumeRolePolicyDocument)
		if err != nil {
			return fmt.Errorf("%s: %s: read the trust policy: %w", r.stack, r.logicalID, err)
		}
		report.Findings = append(report.Findings, distrusted(r, trust)...)
		policies, err := policiesOf(ctx, client, r.name)
		if err != nil {
			return fmt.Errorf("%s: %s: %w", r.stack, r.logicalID, err)
		}
		if r.principal == "" && !r.unknown && len(policies) > 0 {
			r.unknown = true
			report.NotRun = append(report.NotRun, fmt.Sprintf("%s of %s: it is the role of no task, outbox or schedule, and nothing declares what it needs", r.logicalID, r.stack))
		}
		if r.unknown {
			continue
		}
		for name, policy := range policies {
			report.Statements += len(policy.Statement)
			report.Findings = append(report.Findings, undeclared(r, name, policy)...)
		}
	}
	return nil
}

// policiesOf returns the policies of a role by name: inline and managed ones.
func policiesOf(ctx context.Context, client *iam.Client, role string) (map[string]document, error) {
	policies := map[string]document{}
	keep := func(name string, text *string) error {
		policy, err := parse(text)
		if err != nil {
			return fmt.Errorf("read policy %s: %w", name, err)
		}
		policies[name] = policy
		return nil
	}
	inline := iam.NewListRolePoliciesPaginator(client, &iam.ListRolePoliciesInput{RoleName: &role})
	for inline.HasMorePages() {
		page, err := inline.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, name := range page.PolicyNames {
			policy, err := client.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &role, PolicyName: &name})
			if err != nil {
				return nil, err
			}
			if err := keep(name, policy.PolicyDocument); err != nil {
				return nil, err
			}
		}
	}
	managed := iam.NewListAttachedRolePoliciesPaginator(client, &iam.ListAttachedRolePoliciesInput{RoleName: &role})
	for managed.HasMorePages() {
		page, err := managed.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, attached := range page.AttachedPolicies {
			policy, err := client.GetPolicy(ctx, &iam.GetPolicyInput{PolicyArn: attached.PolicyArn})
			if err != nil {
				return nil, err
			}
			version, err := client.GetPolicyVersion(ctx, &iam.GetPolicyVersionInput{PolicyArn: attached.PolicyArn, VersionId: policy.Policy.DefaultVersionId})
			if err != nil {
				return nil, err
			}
			if err := keep(aws.ToString(attached.PolicyName), version.PolicyVersion.Document); err != nil {
				return nil, err
			}
		}
	}
	return policies, nil
}

// undeclared finds what a policy grants beyond the role's needs, whatever its conditions, except that events are declared one by one.
func undeclared(r *role, name string, policy document) (findings []Finding) {
	for _, each := range policy.Statement {
		if each.Effect != "Allow" {
			continue
		}
		if len(each.NotAction)+len(each.NotResource) > 0 {
			findings = append(findings, r.finding("granted", "policy "+name, "actions and resources by name", "all but some"))
		}
		for _, action := range each.Action {
			for _, resource := range each.Resource {
				if action == putEvents {
					resource = about(resource, each.onlyFor())
				}
				if r.grants[right{action, resource}] == 0 && !r.owns(resource) {
					findings = append(findings, r.finding("granted", action+" on "+resource, "only what is declared", "a statement of policy "+name))
				}
			}
		}
	}
	return findings
}

// distrusted finds the principals other than the service of AWS that may assume a role.
func distrusted(r *role, trust document) (findings []Finding) {
	if r.principal == "" {
		return nil
	}
	trusted := map[string]bool{}
	for _, each := range trust.Statement {
		if each.Effect != "Allow" {
			continue
		}
		for kind, names := range each.Principal {
			for _, name := range names {
				trusted[strings.TrimSpace(kind+" "+name)] = true
			}
		}
	}
	want := "Service " + r.principal
	if len(trusted) != 1 || !trusted[want] {
		var got []string
		for name := range trusted {
			got = append(got, name)
		}
		slices.Sort(got)
		findings = append(findings, r.finding("trusted", "who may take the role", want, strings.Join(got, ", ")))
	}
	return findings
}
