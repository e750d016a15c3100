package permission

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// reasons are why a policy names every resource: the actions that AWS authorizes on no narrower one. An action may end with *.
//
// Source: the column "Resource types" of each service in
// https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html
var reasons = map[string]string{
	"ec2:DescribeAvailabilityZones":      lists,
	"ec2:DescribeInstances":              lists,
	"ec2:DescribeNetworkInterfaces":      lists,
	"ec2:DescribeRegions":                lists,
	"ec2:DescribeRouteTables":            lists,
	"ec2:DescribeSecurityGroups":         lists,
	"ec2:DescribeSubnets":                lists,
	"ec2:DescribeTags":                   lists,
	"ec2:DescribeVpcs":                   lists,
	"ecr:GetAuthorizationToken":          "the token is of the account's registry; which images it may pull, other actions say",
	"ecs:DescribeTaskDefinition":         "reads the task definitions of the account, and changes nothing",
	"ecs:ListTasks":                      "its resource is a container instance, which Fargate does not have; a condition on ecs:cluster limits it",
	"elasticloadbalancing:Describe*":     "lists of load balancers, listeners and targets are not limited to a resource",
	"logs:CreateLogDelivery":             "deliveries of logs have no ARN before they exist",
	"logs:DeleteLogDelivery":             logDelivery,
	"logs:DescribeLogGroups":             "lists the log groups of the account, without what is in them",
	"logs:DescribeResourcePolicies":      logDelivery,
	"logs:GetLogDelivery":                logDelivery,
	"logs:ListLogDeliveries":             logDelivery,
	"logs:PutResourcePolicy":             logDelivery,
	"logs:UpdateLogDelivery":             logDelivery,
	"ssmmessages:CreateControlChannel":   channels,
	"ssmmessages:CreateDataChannel":      channels,
	"ssmmessages:OpenControlChannel":     channels,
	"ssmmessages:OpenDataChannel":        channels,
	"sts:GetCallerIdentity":              "the identity is the caller's own",
	"xray:GetSamplingRules":              tracing,
	"xray:GetSamplingStatisticSummaries": tracing,
	"xray:GetSamplingTargets":            tracing,
	"xray:PutTelemetryRecords":           tracing,
	"xray:PutTraceSegments":              tracing,
}

// limited are the actions whose resource a policy of a service cannot name, and which a condition limits instead.
var limited = map[string]struct{ condition, reason string }{
	"cloudwatch:PutMetricData": {"cloudwatch:namespace", "metrics have no ARN, but for those of a dataset; the condition limits their namespace"},
	"ecs:ListTasks":            {"ecs:cluster", "its resource is a container instance, which Fargate does not have; the condition limits the cluster"},
}

const (
	lists       = "lists of EC2 are not limited to a resource"
	logDelivery = "the delivery of logs of a state machine is not limited to a resource"
	channels    = "the channels of ECS Exec have no ARN; they lead to the task itself"
	tracing     = "traces and their sampling rules are of the account, and not limited to a resource"
)

// Everything is an action that roles may do on every resource.
type Everything struct {
	Action string `json:"action"`
	// Reason is why AWS has no narrower resource for it. It is empty in a finding.
	Reason string `json:"reason,omitempty"`
	// Roles describe the roles, such as "task role of cart".
	Roles []string `json:"roles"`

	by []Role
}

// everything returns the actions that roles may do on every resource, sorted.
func everything(roles []Role, more map[string]string) []Everything {
	type key struct{ action, reason string }
	found := map[key]*Everything{}
	for _, role := range roles {
		for _, right := range role.Rights {
			if !slices.ContainsFunc(right.Resources, Resource.everything) {
				continue
			}
			for _, action := range right.Actions {
				id := key{action, reasonFor(action, right.Conditions, more)}
				if found[id] == nil {
					found[id] = &Everything{Action: action, Reason: id.reason}
				}
				if who := role.String(); !slices.Contains(found[id].Roles, who) {
					found[id].Roles = append(found[id].Roles, who)
					found[id].by = append(found[id].by, role)
				}
			}
		}
	}
	all := []Everything{}
	for _, id := range slices.SortedFunc(maps.Keys(found), func(a, b key) int {
		return cmp.Or(strings.Compare(a.action, b.action), strings.Compare(a.reason, b.reason))
	}) {
		all = append(all, *found[id])
	}
	return all
}

// reasonFor is why an action is on every resource, on conditions. It is that of the longest pattern that matches.
func reasonFor(action string, conditions []string, more map[string]string) string {
	if known, is := limited[action]; is && slices.ContainsFunc(conditions, func(c string) bool { return strings.HasPrefix(c, known.condition+" ") }) {
		return known.reason
	}
	best, reason := "", ""
	for _, known := range []map[string]string{reasons, more} {
		for pattern, why := range known {
			prefix, open := strings.CutSuffix(pattern, "*")
			if (pattern == action || open && strings.HasPrefix(action, prefix)) && len(pattern) >= len(best) {
				best, reason = pattern, why
			}
		}
	}
	return reason
}

// String describes a finding.
func (e Everything) String() string {
	remedy := "name the resource"
	if known, is := limited[e.Action]; is {
		remedy = "add a condition on " + known.condition
	}
	return fmt.Sprintf("%s on every resource (%s): %s, or if AWS has no narrower one for the action, say so with --reason '%s=WHY'",
		e.Action, strings.Join(e.Roles, ", "), remedy, e.Action)
}

// String describes the role, such as "task role of cart".
func (r Role) String() string {
	if r.Service != "" {
		return r.Purpose + " of " + r.Service
	}
	return fmt.Sprintf("%s %s of stack %s", r.Purpose, r.LogicalID, r.Stack)
}
