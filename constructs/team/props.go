package team

import (
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strings"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Team is a team that owns services, and how it is notified. Email and Webhook, one or both, subscribe to topics that
// New defines; TopicARN replaces them.
type Team struct {
	// Name is the owner that services set: lower-case letters, digits and hyphens, starting with a letter, at most 63.
	// Required.
	Name string
	// Email is an address that gets an email for each alarm, once its subscriptions are confirmed by the links in the
	// first emails.
	Email string
	// Webhook is the https URL of an endpoint that confirms SNS subscriptions itself, such as an on-call tool. It is in the
	// template, so it must have no password.
	Webhook string
	// TopicARN is an existing topic of the team in the same region, for all its alarms. Its policy must allow
	// CloudWatch to publish to it.
	TopicARN string
}

// Props are the teams of an environment.
type Props struct {
	// Teams are notified of alarms. If empty, the teams of the environment.
	Teams []Team
}

// withDefaults adds the teams of the environment in the stack that the environment names.
func (p Props) withDefaults(stackName string, environment Ref) Props {
	if len(p.Teams) == 0 && environment.StackName == stackName {
		p.Teams = environment.Teams
	}
	return p
}

// validate returns one error that lists every problem of the props in a stack of that name and region, or nil. The
// region is empty if it is unresolved.
func (p Props) validate(stackName, region string, environment Ref) error {
	if len(p.Teams) > 0 && len(environment.Teams) > 0 && environment.StackName == stackName {
		return errors.New("Teams must be set once: remove them here or from environment.Environment")
	}
	teams := p.withDefaults(stackName, environment).Teams
	switch {
	case len(teams) > 0:
	case len(environment.Teams) > 0:
		return fmt.Errorf("Teams must name at least one team, since those of the environment are of stack %s and not of %s, got none", environment.StackName, stackName)
	default:
		return errors.New("Teams must name at least one team, here or in environment.Environment, got none")
	}
	problems := []error{validateTeams("Teams", teams), validateSize(teams)}
	for n, t := range teams {
		if parts := strings.Split(t.TopicARN, ":"); region != "" && topicARN.MatchString(t.TopicARN) && parts[3] != region {
			problems = append(problems, fmt.Errorf("Teams[%d].TopicARN must be of the stack's region, %s, as alarms cannot notify a topic of another, got %q", n, region, t.TopicARN))
		}
	}
	return errors.Join(problems...)
}

// The limits of one stack.
//
// Source: https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/cloudformation-limits.html
const (
	maxTeams     = 200 / 2 // outputs
	maxResources = 500
)

// validateSize rejects teams whose resources do not fit into one stack.
func validateSize(teams []Team) error {
	resources := 0
	for _, t := range teams {
		resources += t.resources()
	}
	if resources += shared; resources > maxResources {
		return fmt.Errorf("Teams must define at most %d resources, the limit of a stack, got %d: define some of the teams in a second stack, and name it in the environment of their services",
			maxResources, resources)
	}
	return nil
}

// validateTeams returns one error that lists every problem with the teams, or nil. Its messages begin with field.
func validateTeams(field string, teams []Team) error {
	var problems []error
	if len(teams) > maxTeams {
		problems = append(problems, fmt.Errorf("%s must be at most %d, as each has two of the 200 outputs of a stack, got %d: define some in a second stack, and name it in the environment of their services",
			field, maxTeams, len(teams)))
	}
	outputs := map[string]string{}
	for n, t := range teams {
		field := fmt.Sprintf("%s[%d]", field, n)
		problems = append(problems, t.validate(field))
		output := cdkx.Pascal(t.Name)
		other, taken := outputs[output]
		switch {
		case taken && other == t.Name:
			problems = append(problems, fmt.Errorf("%s.Name must be unique, got %q twice", field, t.Name))
		case taken:
			problems = append(problems, fmt.Errorf("%s.Name must differ from %q by more than hyphens, as both publish %s, got %q",
				field, other, pageOutput(t.Name), t.Name))
		case t.Name != "":
			outputs[output] = t.Name
		}
	}
	return errors.Join(problems...)
}

var teamName = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)

// checkName returns an error if field is not a legal name of a team.
func checkName(field, name string) error {
	if !teamName.MatchString(name) {
		return fmt.Errorf("%s must be lower-case letters, digits and hyphens between them, starting with a letter, at most 63, got %q", field, name)
	}
	return nil
}

func (t Team) validate(field string) error {
	problems := []error{checkName(field+".Name", t.Name)}
	addressed := t.Email != "" || t.Webhook != ""
	switch {
	case !addressed && t.TopicARN == "":
		problems = append(problems, fmt.Errorf("%s must have an Email, a Webhook or a TopicARN, got none", field))
	case addressed && t.TopicARN != "":
		problems = append(problems, fmt.Errorf("%s must have either a TopicARN or an Email and a Webhook: subscribe addresses to the topic where it is defined", field))
	}
	return errors.Join(append(problems, t.validateEmail(field), t.validateWebhook(field), t.validateTopic(field))...)
}

// localPart is the part of an address before the @ that needs no quotes, which mail systems and SNS need not support.
var localPart = regexp.MustCompile("^[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+(\\.[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+)*$")

// The lengths that RFC 5321 allows, and SNS for an endpoint.
const (
	maxLocalPart = 64
	maxEmail     = 254
	maxWebhook   = 2048
)

// validateEmail requires the address alone, as SNS does: no display name, and a host with a domain.
func (t Team) validateEmail(field string) error {
	if t.Email == "" {
		return nil
	}
	at := strings.LastIndex(t.Email, "@")
	if at < 0 || at > maxLocalPart || len(t.Email) > maxEmail || !localPart.MatchString(t.Email[:at]) || !hostName.MatchString(t.Email[at+1:]) {
		return fmt.Errorf("%s.Email must be an address such as checkout@example.com, got %q", field, t.Email)
	}
	return nil
}

// hostName has at least two labels.
var hostName = regexp.MustCompile(`^([A-Za-z0-9]([A-Za-z0-9-]*[A-Za-z0-9])?\.)+[A-Za-z][A-Za-z0-9-]*[A-Za-z0-9]$`)

func (t Team) validateWebhook(field string) error {
	if t.Webhook == "" {
		return nil
	}
	u, err := url.Parse(t.Webhook)
	if err != nil || len(t.Webhook) > maxWebhook || u.Scheme != "https" || u.User != nil || !hostName.MatchString(u.Hostname()) {
		return fmt.Errorf("%s.Webhook must be an https URL without a password, such as https://events.example.com/sns, got %q", field, t.Webhook)
	}
	return nil
}

// topicARN rejects FIFO topics, to which alarms cannot publish: their names end with .fifo.
var topicARN = regexp.MustCompile(`^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$`)

func (t Team) validateTopic(field string) error {
	if t.TopicARN != "" && !topicARN.MatchString(t.TopicARN) {
		return fmt.Errorf("%s.TopicARN must be that of a standard topic such as arn:aws:sns:eu-central-1:111122223333:on-call, got %q", field, t.TopicARN)
	}
	return nil
}
