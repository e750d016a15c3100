package identity

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Email is a sender in Amazon SES, whose identity must be verified and out of SES's sandbox before the first user signs up.
// Cognito sends with its service-linked role for emails, which the first deployment creates.
//
// Source: https://docs.aws.amazon.com/cognito/latest/developerguide/user-pool-email.html
type Email struct {
	// From is the address of the sender, such as "no-reply@shop.example.com". Required.
	From string
	// Name is the name of the sender, such as "Shop". If empty, none.
	Name string
	// ReplyTo is the address to which users reply. If empty, From.
	ReplyTo string
	// Domain is the domain that is verified in SES, that of From. If empty, the address itself is verified.
	Domain string
	// Region is the region of the identity in SES. If empty, that of the stack.
	Region string
	// ConfigurationSet is the name of SES's configuration set, for the events of bounces and complaints. If empty, none.
	ConfigurationSet string
}

var (
	address          = regexp.MustCompile(`^[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@([A-Za-z0-9]([A-Za-z0-9-]{0,61}[A-Za-z0-9])?\.)+[A-Za-z]{2,63}$`)
	senderName       = regexp.MustCompile(`^[^\x00-\x1f<>]{0,128}$`)
	regionName       = regexp.MustCompile(`^[a-z]{2,4}(-[a-z]+)+-\d$`)
	configurationSet = regexp.MustCompile(`^[A-Za-z0-9_-]{1,64}$`)
)

func (e Email) validate() error {
	if e == (Email{}) {
		return nil
	}
	var problems []error
	add := func(format string, values ...any) { problems = append(problems, fmt.Errorf(format, values...)) }
	if !address.MatchString(e.From) {
		add("Email.From must be the address of the sender, such as no-reply@shop.example.com, got %q", e.From)
	}
	if !senderName.MatchString(e.Name) {
		add("Email.Name must be a name without <, > and line breaks, at most 128 characters, got %q", e.Name)
	}
	if e.ReplyTo != "" && !address.MatchString(e.ReplyTo) {
		add("Email.ReplyTo must be an address, such as help@shop.example.com, got %q", e.ReplyTo)
	}
	if _, domain, _ := strings.Cut(e.From, "@"); domain != "" && e.Domain != "" && e.Domain != domain {
		add("Email.Domain must be that of From (%s), got %q", domain, e.Domain)
	}
	if e.Region != "" && !regionName.MatchString(e.Region) {
		add("Email.Region must be a region such as eu-central-1, got %q", e.Region)
	}
	if e.ConfigurationSet != "" && !configurationSet.MatchString(e.ConfigurationSet) {
		add("Email.ConfigurationSet must be the name of a configuration set: letters, digits, hyphens and underscores, at most 64, got %q", e.ConfigurationSet)
	}
	return errors.Join(problems...)
}

// validateFor requires a region, which is part of the identity's ARN.
func (e Email) validateFor(region string, unresolved bool) error {
	if e != (Email{}) && e.Region == "" && (unresolved || region == "") {
		return errors.New("Email.Region is missing, since the stack has no region: set it, or that of the stack")
	}
	return nil
}

// sender returns nil for Cognito's own.
func (e Email) sender() awscognito.UserPoolEmail {
	if e == (Email{}) {
		return nil
	}
	return awscognito.UserPoolEmail_WithSES(&awscognito.UserPoolSESOptions{
		FromEmail:            &e.From,
		FromName:             cdkx.OptionalString(e.Name),
		ReplyTo:              cdkx.OptionalString(e.ReplyTo),
		SesVerifiedDomain:    cdkx.OptionalString(e.Domain),
		SesRegion:            cdkx.OptionalString(e.Region),
		ConfigurationSetName: cdkx.OptionalString(e.ConfigurationSet),
	})
}
