package identity

import (
	"errors"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscognito"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Plan is a feature plan of Cognito, by which it charges for each user who is active in a month. A change is made in place.
//
// Source: https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-sign-in-feature-plans.html
type Plan string

// The feature plans.
const (
	// Lite has everything that this package defines except threat protection, for 0.0055 USD a user; the first 10,000 are free.
	Lite Plan = "LITE"
	// Essentials adds sign-in without a password and custom claims, for 0.015 USD a user; the first 10,000 are free.
	Essentials Plan = "ESSENTIALS"
	// Plus adds threat protection, for 0.02 USD a user from the first.
	Plus Plan = "PLUS"
)

// ThreatProtection sets what happens to sign-ins with credentials that have leaked elsewhere, or from a device and an
// address that the user does not have. Cognito recognizes leaked passwords only where it gets the password, so not where a
// browser authenticates with SRP. A service with [AdministerUsers] passes the caller's address, from the header x-client-ip,
// as ContextData of AdminInitiateAuth; else all sign-ins seem to come from the service.
type ThreatProtection string

// The settings of threat protection.
const (
	// ReportThreats publishes metrics, and changes no sign-in. Start with it, for two weeks or so.
	ReportThreats ThreatProtection = "REPORT"
	// BlockThreats rejects leaked passwords and sign-ins of high risk, and requires the second factor of users who have one at
	// medium risk.
	BlockThreats ThreatProtection = "BLOCK"
)

func (p Props) validatePlan() error {
	var problems []error
	switch p.Plan {
	case "", Lite, Essentials, Plus:
	default:
		problems = append(problems, fmt.Errorf("Plan must be identity.Lite, Essentials or Plus, got %q", p.Plan))
	}
	switch p.ThreatProtection {
	case "":
	case ReportThreats, BlockThreats:
		if p.Plan != Plus {
			problems = append(problems, fmt.Errorf("ThreatProtection needs Plan identity.Plus, which costs 0.02 USD for each active user and month, got %q", p.Plan))
		}
	default:
		problems = append(problems, fmt.Errorf("ThreatProtection must be identity.ReportThreats or BlockThreats, got %q", p.ThreatProtection))
	}
	return errors.Join(problems...)
}

// addRisks sets how Cognito responds to risks, which it would otherwise only report.
func addRisks(scope constructs.Construct, pool awscognito.UserPool, props Props) {
	if props.ThreatProtection != BlockThreats {
		return
	}
	act := func(action string) *awscognito.CfnUserPoolRiskConfigurationAttachment_AccountTakeoverActionTypeProperty {
		return &awscognito.CfnUserPoolRiskConfigurationAttachment_AccountTakeoverActionTypeProperty{
			EventAction: jsii.String(action), Notify: jsii.Bool(false),
		}
	}
	medium := act("MFA_IF_CONFIGURED")
	if props.MFA == NoMFA {
		medium = nil
	}
	awscognito.NewCfnUserPoolRiskConfigurationAttachment(scope, jsii.String("Risks"), &awscognito.CfnUserPoolRiskConfigurationAttachmentProps{
		UserPoolId: pool.UserPoolId(),
		ClientId:   jsii.String("ALL"),
		CompromisedCredentialsRiskConfiguration: &awscognito.CfnUserPoolRiskConfigurationAttachment_CompromisedCredentialsRiskConfigurationTypeProperty{
			Actions: &awscognito.CfnUserPoolRiskConfigurationAttachment_CompromisedCredentialsActionsTypeProperty{EventAction: jsii.String("BLOCK")},
		},
		AccountTakeoverRiskConfiguration: &awscognito.CfnUserPoolRiskConfigurationAttachment_AccountTakeoverRiskConfigurationTypeProperty{
			Actions: &awscognito.CfnUserPoolRiskConfigurationAttachment_AccountTakeoverActionsTypeProperty{
				MediumAction: medium, HighAction: act("BLOCK"),
			},
		},
	})
}
