package identity

import (
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/constructs-go/constructs/v10"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// The outputs that make up the contract. Names are public: a change breaks every app that reads them.
const (
	OutputAuthorizerID = "AuthorizerId"
	OutputUserPoolID   = "UserPoolId"
	OutputClientID     = "UserPoolClientId"
)

// Ref is an identity as other stacks know it: by the stack that publishes its contract.
type Ref struct {
	// StackName is the name of the identity's stack. Required.
	StackName string
}

// AuthorizerID names the authorizer that lets signed-in callers pass on a route of the platform's API.
func (r Ref) AuthorizerID() string { return *cdkx.Read(r.StackName, OutputAuthorizerID) }

// Validate says what is wrong with the reference, or returns nil.
func (r Ref) Validate() error { return cdkx.CheckStackName("Identity.StackName", r.StackName) }

// CheckFrom says what is wrong with the reference when scope reads it, or returns nil: an identity is in another stack.
func (r Ref) CheckFrom(scope constructs.Construct) error {
	return cdkx.CheckOtherStack("Identity.StackName", r.StackName, scope)
}

// MFA is whether users confirm their sign-in with a code of an authenticator app.
type MFA int

// The choices of MFA.
const (
	MFAOptional MFA = iota
	MFARequired
	MFAOff
)

// Props say how the identity differs from its defaults.
type Props struct {
	// API is the platform's HTTP API, which the authorizer belongs to. Required.
	API awsapigatewayv2.IHttpApi
	// MFA is whether users confirm their sign-in with an authenticator app. If zero, each user decides.
	MFA MFA
	// DisableSelfSignUp leaves it to administrators to create users.
	DisableSelfSignUp bool
	// SessionLength is how long a refresh token lasts, in whole minutes from 60 minutes to ten years. If zero, 30
	// days. Access tokens always last an hour.
	SessionLength time.Duration
	// Retain keeps the users when the stack is deleted, and protects the pool from deletion. If zero, the profile's:
	// on in production.
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
	if p.API == nil {
		problems = append(problems, errors.New("API is missing: give the platform's, such as platform.Import(…).API()"))
	}
	if p.MFA < MFAOptional || p.MFA > MFAOff {
		problems = append(problems, fmt.Errorf("MFA must be one of the identity package's constants, got %d", p.MFA))
	}
	if p.SessionLength < accessTokenLength || p.SessionLength > maxSessionLength || p.SessionLength%time.Minute != 0 {
		problems = append(problems, fmt.Errorf("SessionLength must be whole minutes from 1h to ten years, got %s", p.SessionLength))
	}
	return errors.Join(problems...)
}
