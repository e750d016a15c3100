package identity

import (
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"

	"github.com/storefront-cdk/storefront/constructs/profile"
)

// MFA sets whether users sign in with a second factor, a code from an authenticator app.
type MFA int

// The MFA settings.
const (
	MFAOptional MFA = iota
	MFARequired
	NoMFA
)

// Props configure an identity. All are optional.
type Props struct {
	// API is the HTTP API to which the authorizer belongs. If nil, that of the environment's platform.
	API awsapigatewayv2.IHttpApi
	// MFA sets whether users sign in with a second factor, a code from an authenticator app. If zero, each user
	// decides.
	MFA MFA
	// Email is the sender of the emails to users. If zero, Cognito's own address, which sends at most 50 emails a day: enough
	// to try the sign-up, and not for production.
	Email Email
	// Plan is Cognito's feature plan. If empty, [Essentials] for a new pool.
	Plan Plan
	// ThreatProtection sets what happens to sign-ins that Cognito classifies as a risk. It requires the plan
	// [Plus]. If empty, nothing.
	ThreatProtection ThreatProtection
	// DisableSelfSignUp allows only administrators to create users.
	DisableSelfSignUp bool
	// SessionLength is how long a refresh token is valid, in whole minutes from 60 minutes to ten years. If zero, 30
	// days. Access tokens and ID tokens are always valid for one hour.
	SessionLength time.Duration
	// Retain keeps the user pool when the stack is deleted. If zero, the profile decides: on in production. A user pool
	// that is retained has deletion protection if the profile has DeletionProtection.
	Retain profile.Choice
}

const (
	defaultSessionLength = 30 * 24 * time.Hour
	maxSessionLength     = 10 * 365 * 24 * time.Hour
	accessTokenLength    = time.Hour
)

func (p Props) withDefaults() Props {
	if p.SessionLength == 0 {
		p.SessionLength = defaultSessionLength
	}
	return p
}

func (p Props) validate() error {
	var problems []error
	if p.MFA < MFAOptional || p.MFA > NoMFA {
		problems = append(problems, fmt.Errorf("MFA must be one of the identity package's constants, got %d", p.MFA))
	}
	if p.SessionLength < accessTokenLength || p.SessionLength > maxSessionLength || p.SessionLength%time.Minute != 0 {
		problems = append(problems, fmt.Errorf("SessionLength must be whole minutes from 1h to ten years, got %s", p.SessionLength))
	}
	return errors.Join(append(problems, p.Email.validate(), p.validatePlan(), p.Retain.Check("Retain"))...)
}
