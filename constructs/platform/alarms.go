package platform

import (
	"errors"
	"fmt"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/metric/render"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/internal/ambient"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Alarms sets the alarms on requests that the API refuses before a service gets them. No alarm of a service counts those,
// and the metrics of an API do not distinguish them from what services refuse, so they are counted in the access logs.
type Alarms struct {
	// Enabled turns the alarms on or off. They require access logs. If zero, the profile decides: on in production.
	Enabled profile.Choice
	// Unauthorized is the number of requests in five minutes whose token is missing, expired or wrong (401 and 403) that
	// informs the owner. If zero, 1000. Some are normal: a page whose token has expired gets one.
	Unauthorized int
	// Throttled is the number of requests in five minutes above a throttle (429) that pages the owner. If zero, 100.
	Throttled int
}

const (
	defaultUnauthorized = 1000
	defaultThrottled    = 100
	alarmPeriod         = 5 * time.Minute
)

func (a Alarms) withDefaults() Alarms {
	if a.Unauthorized == 0 {
		a.Unauthorized = defaultUnauthorized
	}
	if a.Throttled == 0 {
		a.Throttled = defaultThrottled
	}
	return a
}

func (a Alarms) validate() error {
	const most = 1e9
	return errors.Join(
		a.Enabled.Check("Alarms.Enabled"),
		cdkx.CheckWithin("Alarms.Unauthorized", a.Unauthorized, 1, most),
		cdkx.CheckWithin("Alarms.Throttled", a.Throttled, 1, most),
	)
}

// alarmed reports whether the platform has alarms.
func (p Props) alarmed(defaults profile.Profile) bool {
	return p.Alarms.Enabled.Or(defaults.Alarms && p.AccessLogs.Or(defaults.AccessLogs))
}

// maxOwner leaves room for what else a description of an alarm contains, of the 1,024 characters that CloudWatch allows.
const maxOwner = 256

// validateOwner requires an owner whom the alarms can notify, and the logs in which they count.
func (p Props) validateOwner(defaults profile.Profile, teams team.Ref) error {
	if !p.alarmed(defaults) {
		return nil
	}
	var problems []error
	if !p.AccessLogs.Or(defaults.AccessLogs) {
		problems = append(problems, errors.New("Alarms.Enabled needs AccessLogs, in which refused requests are counted: set it to profile.On too"))
	}
	switch {
	case utf8.RuneCountInString(p.Owner) > maxOwner:
		problems = append(problems, fmt.Errorf("Owner must be at most %d characters, as it is in the descriptions of alarms, got %d", maxOwner, utf8.RuneCountInString(p.Owner)))
	case teams.StackName == "":
	case p.Owner == "":
		problems = append(problems, errors.New("Owner is missing: name the team of the environment that answers for the platform"))
	default:
		problems = append(problems, teams.CheckOwner(p.Owner))
	}
	return errors.Join(problems...)
}

// teamsOf returns the reference to the teams in scope's environment. It is zero if the environment names none.
func teamsOf(scope constructs.Construct) (team.Ref, error) {
	var environment struct{ Teams team.Ref }
	_, err := ambient.Get(scope, &environment)
	return environment.Teams, err
}

// refusal is an alarm on requests that the API refuses, and the pattern of their entries in the access logs.
type refusal struct {
	alarm.Alarm
	pattern string
}

// refusals match entries without a status of a service, which got no such request.
func (a Alarms) refusals(namespace string) []refusal {
	refused := func(name string, threshold int) alarm.Alarm {
		return alarm.Alarm{
			ID:         name,
			Metric:     metric.Metric{Namespace: namespace, Name: name, Statistic: metric.Sum, Period: alarmPeriod},
			Comparison: alarm.AtLeast, Threshold: float64(threshold), Missing: alarm.NotBreaching,
		}
	}
	unauthorized, throttled := refused("UnauthorizedRequests", a.Unauthorized), refused("ThrottledRequests", a.Throttled)
	unauthorized.Meaning = "the API refuses many requests, whose tokens are missing, expired or wrong: someone is probing the API, or an application sends what it should not."
	unauthorized.LookAt = [3]string{
		"the access logs with status 401 or 403, by clientAddress and route.", "whether an application or the user pool was deployed.",
		"whether one address sends most of them: a rate limit stops it.",
	}
	throttled.Meaning, throttled.Pages = "the API refuses requests above its throttle, of all clients of a route alike.", true
	throttled.LookAt = [3]string{
		"the access logs with status 429, by clientAddress and route.", "whether one address sends most of them: a rate limit stops it.",
		"Throttle of the platform, and the account's own limit, if the load is real.",
	}
	return []refusal{
		{unauthorized, `{ ($.serviceStatus = "-") && (($.status = "401") || ($.status = "403")) }`},
		{throttled, `{ ($.serviceStatus = "-") && ($.status = "429") }`},
	}
}

// addRefusalAlarms defines the alarms on what the API refuses. Their metrics are in a namespace of the stack's name, so that
// the platforms of one account do not share them.
func (p *Platform) addRefusalAlarms(logs awslogs.ILogGroup, props Props, defaults profile.Profile) {
	if !props.alarmed(defaults) {
		return
	}
	scope := constructs.NewConstruct(p, jsii.String("Alarms"))
	inform, page := p.topics(scope, props.Owner)
	for _, refusal := range props.Alarms.refusals(p.ref.StackName) {
		a := refusal.WithDefaults()
		awslogs.NewCfnMetricFilter(scope, jsii.String(a.ID+"Filter"), &awslogs.CfnMetricFilterProps{
			LogGroupName:  logs.LogGroupName(),
			FilterPattern: jsii.String(refusal.pattern),
			MetricTransformations: &[]*awslogs.CfnMetricFilter_MetricTransformationProperty{{
				MetricNamespace: jsii.String(a.Metric.Namespace), MetricName: jsii.String(a.Metric.Name), MetricValue: jsii.String("1"), Unit: jsii.String("Count"),
			}},
		})
		actions := inform
		if a.Pages {
			actions = page
		}
		alarmProps := &awscloudwatch.CfnAlarmProps{
			AlarmDescription:   jsii.String(a.Description("The API of "+p.ref.StackName, props.Owner)),
			ComparisonOperator: jsii.String(string(a.Comparison)),
			Threshold:          jsii.Number(a.Threshold),
			EvaluationPeriods:  jsii.Number(a.Periods),
			TreatMissingData:   jsii.String(string(a.Missing)),
			AlarmActions:       actions,
			OkActions:          actions,
		}
		render.Alarm(a.Metric, alarmProps)
		awscloudwatch.NewCfnAlarm(scope, jsii.String(a.ID), alarmProps)
	}
}

// topics returns the actions of an alarm that informs the owner, and of one that also pages the owner. They are nil if the
// environment has no teams.
func (p *Platform) topics(scope constructs.Construct, owner string) (inform, page *[]any) {
	teams := team.Of(scope)
	if teams == nil {
		return nil, nil
	}
	return &[]any{teams.InformTopicARN(owner)}, &[]any{teams.InformTopicARN(owner), teams.PageTopicARN(owner)}
}
