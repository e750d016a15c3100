package account

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
)

// reserved are domains that never receive mail (RFC 2606 and RFC 6761).
var reserved = []string{"example.com", "example.net", "example.org", "example", "test", "invalid", "localhost"}

func placeholder(address string) bool {
	domain := strings.ToLower(address[strings.LastIndex(address, "@")+1:])
	return slices.ContainsFunc(reserved, func(name string) bool { return domain == name || strings.HasSuffix(domain, "."+name) })
}

// addresses finds addresses that get no notifications: placeholders, and those whose subscription is not confirmed.
func (l *look) addresses(ctx context.Context) []finding.Finding {
	const check = "alarm addresses"
	if len(l.need.Addresses) == 0 {
		return nil
	}
	var placeholders []string
	for _, address := range l.need.Addresses {
		if placeholder(address) {
			placeholders = append(placeholders, address)
		}
	}
	var findings []finding.Finding
	if len(placeholders) > 0 {
		detail := fmt.Sprintf("%d of %d are placeholders, such as %s", len(placeholders), len(l.need.Addresses), placeholders[0])
		findings = append(findings, finding.Finding{
			Check: check, Detail: detail, Fix: "set the environment's Teams to addresses that receive email", Status: finding.Missing,
		})
	}
	pending, err := l.pending(ctx)
	switch {
	case err != nil:
		findings = append(findings, unknown(check, "sns:ListSubscriptions", err)...)
	case len(pending) > 0:
		findings = append(findings, finding.Finding{
			Check: check, Detail: "not confirmed: " + strings.Join(pending, ", "), Fix: "confirm with the link in the message that AWS Notifications sent to each address",
			Status: finding.Warning,
		})
	case len(findings) == 0:
		findings = append(findings, ok(check, "%d, none a placeholder", len(l.need.Addresses)))
	}
	return findings
}

// pending returns the addresses with a subscription that is not confirmed.
func (l *look) pending(ctx context.Context) ([]string, error) {
	var pending []string
	pages := sns.NewListSubscriptionsPaginator(sns.NewFromConfig(l.Config), &sns.ListSubscriptionsInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, subscription := range page.Subscriptions {
			address := aws.ToString(subscription.Endpoint)
			if aws.ToString(subscription.SubscriptionArn) == "PendingConfirmation" && slices.Contains(l.need.Addresses, address) {
				pending = append(pending, address)
			}
		}
	}
	slices.Sort(pending)
	return slices.Compact(pending), nil
}

// cognitoMail warns of a user pool whose emails Cognito sends itself.
func (l *look) cognitoMail(context.Context) []finding.Finding {
	if !l.need.BuiltInMail {
		return nil
	}
	return []finding.Finding{{
		Check: "Cognito mail", Detail: "Cognito itself sends at most 50 emails a day for an account: the 51st user gets no code",
		Fix: "before customers sign up, send with Amazon SES: set Email of identity.Props", Status: finding.Warning,
	}}
}

// alarms finds alarms that are in ALARM before a deployment, which ECS then ignores.
func (l *look) alarms(ctx context.Context) []finding.Finding {
	const check, atOnce = "deployment alarms", 100
	if len(l.need.DeploymentAlarms) == 0 || l.deployed != nil && !l.anyDeployed() {
		return nil
	}
	client := cloudwatch.NewFromConfig(l.Config)
	var names []string
	for some := range slices.Chunk(l.need.DeploymentAlarms, atOnce) {
		got, err := client.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{
			AlarmNames: some, StateValue: types.StateValueAlarm, MaxRecords: aws.Int32(atOnce),
			AlarmTypes: []types.AlarmType{types.AlarmTypeMetricAlarm, types.AlarmTypeCompositeAlarm},
		})
		if err != nil {
			return unknown(check, "cloudwatch:DescribeAlarms", err)
		}
		for _, alarm := range got.MetricAlarms {
			names = append(names, aws.ToString(alarm.AlarmName))
		}
		for _, alarm := range got.CompositeAlarms {
			names = append(names, aws.ToString(alarm.AlarmName))
		}
	}
	if len(names) == 0 {
		return []finding.Finding{ok(check, "none of %d is in ALARM", len(l.need.DeploymentAlarms))}
	}
	return []finding.Finding{{
		Check: check, Detail: fmt.Sprintf("in ALARM: %s. ECS does not roll back for an alarm that is in ALARM when a deployment starts", strings.Join(names, ", ")),
		Fix: "wait until they are in OK, or monitor these deployments yourself", Status: finding.Warning,
	}}
}
