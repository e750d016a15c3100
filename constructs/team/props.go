package team

import (
	"errors"
	"fmt"
	"net/mail"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Team is the people who answer for some of the services, and how they are told. Email, Webhook or both are for topics
// that are defined here; TopicARN is instead of them.
type Team struct {
	// Name is what services name as their owner: lower-case letters, digits and hyphens, starting with a letter, at most
	// 63. Required.
	Name string
	// Email is an address that gets a mail for each alarm, once somebody has followed the link in the first one.
	Email string
	// Webhook is the https URL of something that confirms subscriptions of SNS itself, such as a tool for being on call.
	Webhook string
	// TopicARN is a topic that the team has already, of the same region, for pages and for all else. CloudWatch must be
	// allowed to publish to it.
	TopicARN string
}

// Props are the teams of an environment.
type Props struct {
	// Teams are told of alarms. Required.
	Teams []Team
}

func (p Props) validate() error { return Validate(p.Teams) }

// Validate returns all that is wrong with the teams of an environment, joined, or nil.
func Validate(teams []Team) error {
	if len(teams) == 0 {
		return errors.New("Teams must name at least one team, got none")
	}
	var problems []error
	outputs := map[string]string{}
	for n, t := range teams {
		field := fmt.Sprintf("Teams[%d]", n)
		problems = append(problems, t.validate(field))
		output := pascal(t.Name)
		other, taken := outputs[output]
		switch {
		case taken && other == t.Name:
			problems = append(problems, fmt.Errorf("%s.Name must be its own, got %q twice", field, t.Name))
		case taken:
			problems = append(problems, fmt.Errorf("%s.Name must differ from %q by more than hyphens, as both publish %s, got %q",
				field, other, pageOutput(t.Name), t.Name))
		case t.Name != "":
			outputs[output] = t.Name
		}
	}
	return errors.Join(problems...)
}

// validateIn says what does not fit a stack of that name and region, which is empty if it is not known, where services
// may name the teams of set.
func (p Props) validateIn(stackName, region string, set Ref) error {
	defined := make([]string, len(p.Teams))
	var problems []error
	for n, t := range p.Teams {
		defined[n] = t.Name
		if parts := strings.Split(t.TopicARN, ":"); region != "" && topicARN.MatchString(t.TopicARN) && parts[3] != region {
			problems = append(problems, fmt.Errorf("Teams[%d].TopicARN must be of the stack's region, %s, as alarms reach no topic of another, got %q", n, region, t.TopicARN))
		}
	}
	if set.StackName != stackName {
		return errors.Join(problems...)
	}
	for _, name := range set.Teams {
		if !slices.Contains(defined, name) {
			problems = append(problems, fmt.Errorf("Teams must have %q, which team.Set names as one of stack %s, got only %s: add it, or leave it out of team.Set",
				name, stackName, strings.Join(defined, ", ")))
		}
	}
	return errors.Join(problems...)
}

var teamName = regexp.MustCompile(`^[a-z]([a-z0-9-]{0,61}[a-z0-9])?$`)

func (t Team) validate(field string) error {
	var problems []error
	if !teamName.MatchString(t.Name) {
		problems = append(problems, fmt.Errorf("%s.Name must be lower-case letters, digits and hyphens between them, starting with a letter, at most 63, got %q", field, t.Name))
	}
	addressed := t.Email != "" || t.Webhook != ""
	switch {
	case !addressed && t.TopicARN == "":
		problems = append(problems, fmt.Errorf("%s must have an Email, a Webhook or a TopicARN: else nobody is told", field))
	case addressed && t.TopicARN != "":
		problems = append(problems, fmt.Errorf("%s must have either a TopicARN or an Email and a Webhook: subscribe addresses to the topic where it is defined", field))
	}
	return errors.Join(append(problems, t.validateEmail(field), t.validateWebhook(field), t.validateTopic(field))...)
}

// validateEmail wants the address alone, as SNS does: no name before it, and a host that mail can reach.
func (t Team) validateEmail(field string) error {
	if t.Email == "" {
		return nil
	}
	address, err := mail.ParseAddress(t.Email)
	if err != nil || address.Address != t.Email || !hostName.MatchString(t.Email[strings.LastIndex(t.Email, "@")+1:]) {
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
	if err != nil || u.Scheme != "https" || !hostName.MatchString(u.Hostname()) {
		return fmt.Errorf("%s.Webhook must be an https URL such as https://events.example.com/sns, got %q", field, t.Webhook)
	}
	return nil
}

// topicARN leaves out topics that keep an order, which alarms cannot publish to: their names end with .fifo.
var topicARN = regexp.MustCompile(`^arn:aws[a-z-]*:sns:[a-z0-9-]+:\d{12}:[A-Za-z0-9_-]{1,256}$`)

func (t Team) validateTopic(field string) error {
	if t.TopicARN != "" && !topicARN.MatchString(t.TopicARN) {
		return fmt.Errorf("%s.TopicARN must be that of a standard topic such as arn:aws:sns:eu-central-1:111122223333:on-call, got %q", field, t.TopicARN)
	}
	return nil
}

// pascal makes a team's name the beginning of an output's: "team-a" is "TeamA".
func pascal(name string) string {
	var joined strings.Builder
	for word := range strings.SplitSeq(name, "-") {
		if word != "" {
			joined.WriteString(strings.ToUpper(word[:1]) + word[1:])
		}
	}
	return joined.String()
}

// The outputs that make up the contract, two for each team. Names are public: a change breaks every app that reads them.
func pageOutput(team string) string   { return pascal(team) + "PageTopicArn" }
func informOutput(team string) string { return pascal(team) + "InformTopicArn" }

// Ref is the teams of an environment as services know them: by the stack that publishes their contract.
type Ref struct {
	// StackName is the name of the teams' stack. Required.
	StackName string
	// Teams are the names of the teams that the stack knows. Required.
	Teams []string
}

// PageTopicARN is where alarms of the team go that somebody must look at now.
func (r Ref) PageTopicARN(team string) string { return *cdkx.Read(r.StackName, pageOutput(team)) }

// InformTopicARN is where all alarms of the team go.
func (r Ref) InformTopicARN(team string) string { return *cdkx.Read(r.StackName, informOutput(team)) }

// CheckOwner says what is wrong with a service's owner, or returns nil: it is one of the teams.
func (r Ref) CheckOwner(owner string) error {
	for _, name := range r.Teams {
		if name == owner {
			return nil
		}
	}
	return fmt.Errorf("Owner must be a team that stack %s knows (%s), so that its alarms reach somebody, got %q: name one of them, or add it to the teams",
		r.StackName, strings.Join(r.Teams, ", "), owner)
}

// Validate says what is wrong with the reference, or returns nil.
func (r Ref) Validate() error {
	problems := []error{cdkx.CheckStackName("team.Ref.StackName", r.StackName)}
	if len(r.Teams) == 0 {
		problems = append(problems, errors.New("team.Ref.Teams must name at least one team, got none"))
	}
	seen := map[string]bool{}
	for _, name := range r.Teams {
		switch {
		case !teamName.MatchString(name):
			problems = append(problems, fmt.Errorf("team.Ref.Teams must be names of teams, lower-case letters, digits and hyphens, got %q", name))
		case seen[name]:
			problems = append(problems, fmt.Errorf("team.Ref.Teams must name each team once, got %q twice", name))
		}
		seen[name] = true
	}
	return errors.Join(problems...)
}
