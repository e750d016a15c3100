package test

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
)

// users is an identity in a stack of eu-central-1.
func users(t *testing.T, props identity.Props) snapshot.Template {
	t.Helper()
	return synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, environment.Environment{Profile: profile.Sandbox(), Platform: platform.Ref{StackName: "shop-platform"}})
		stack := awscdk.NewStack(app, jsii.String("Shop"), &awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String("eu-central-1")}})
		identity.New(stack, "Identity", props)
	}).templates["Shop"]
}

func TestEmailsFromSES(t *testing.T) {
	pool := users(t, identity.Props{Email: identity.Email{
		From: "no-reply@shop.example.com", Name: "Shop", ReplyTo: "help@example.org", Domain: "shop.example.com",
	}}).One(t, "AWS::Cognito::UserPool")
	expect(t, "Shop", pool, map[string]any{
		"EmailConfiguration.EmailSendingAccount":    "DEVELOPER",
		"EmailConfiguration.From":                   "Shop <no-reply@shop.example.com>",
		"EmailConfiguration.ReplyToEmailAddress":    "help@example.org",
		"EmailConfiguration.SourceArn.Fn::Join.1.4": ":identity/shop.example.com",
	})
	expect(t, "Shop", users(t, identity.Props{}).One(t, "AWS::Cognito::UserPool"), map[string]any{
		"EmailConfiguration": nil, "UserPoolTier": nil, "UserPoolAddOns": nil,
	})
}

func TestThreatProtection(t *testing.T) {
	const attachment = "AWS::Cognito::UserPoolRiskConfigurationAttachment"
	reporting := users(t, identity.Props{Plan: identity.Plus, ThreatProtection: identity.ReportThreats})
	expect(t, "Shop", reporting.One(t, "AWS::Cognito::UserPool"), map[string]any{
		"UserPoolTier": "PLUS", "UserPoolAddOns.AdvancedSecurityMode": "AUDIT",
	})
	if got := reporting.Resources(attachment); len(got) > 0 {
		t.Error("what only reports also acts")
	}
	blocking := users(t, identity.Props{Plan: identity.Plus, ThreatProtection: identity.BlockThreats})
	expect(t, "Shop", blocking.One(t, "AWS::Cognito::UserPool"), map[string]any{"UserPoolAddOns.AdvancedSecurityMode": "ENFORCED"})
	const takeover = "AccountTakeoverRiskConfiguration.Actions."
	expect(t, "Shop", blocking.One(t, attachment), map[string]any{
		"ClientId": "ALL", "CompromisedCredentialsRiskConfiguration.Actions.EventAction": "BLOCK",
		takeover + "LowAction": nil, takeover + "MediumAction.EventAction": "MFA_IF_CONFIGURED", takeover + "HighAction.EventAction": "BLOCK",
	})
	without := users(t, identity.Props{Plan: identity.Plus, ThreatProtection: identity.BlockThreats, MFA: identity.NoMFA})
	expect(t, "Shop", without.One(t, attachment), map[string]any{takeover + "MediumAction": nil})
}

// Cognito does not change these of a pool that exists: an update that does is refused, or replaces the pool with its users.
func TestNoPropOfAnIdentityChangesWhatIsFixed(t *testing.T) {
	fixed := func(props identity.Props) map[string]any {
		pool := users(t, props).One(t, "AWS::Cognito::UserPool")
		values := map[string]any{"LogicalID": pool.LogicalID}
		for _, name := range []string{"AliasAttributes", "Schema", "UsernameAttributes", "UsernameConfiguration", "UserPoolName"} {
			values[name] = pool.Get("Properties." + name)
		}
		return values
	}
	want := fixed(identity.Props{})
	for name, props := range map[string]identity.Props{
		"email":      {Email: identity.Email{From: "no-reply@shop.example.com"}},
		"plan":       {Plan: identity.Plus, ThreatProtection: identity.BlockThreats},
		"MFA":        {MFA: identity.MFARequired},
		"no MFA":     {MFA: identity.NoMFA},
		"no sign-up": {DisableSelfSignUp: true},
		"retained":   {Retain: profile.On},
	} {
		if diff := cmp.Diff(want, fixed(props)); diff != "" {
			t.Errorf("%s:\n%s", name, diff)
		}
	}
}

func TestAllProblemsOfAnIdentityComeAtOnce(t *testing.T) {
	panics(t, func() {
		stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Shop"), nil)
		identity.New(stack, "Identity", identity.Props{MFA: 9, Email: identity.Email{From: "no-reply@shop.example.com"}})
	},
		`Shop/Identity: the environment names no Platform: set it in environment.Environment, such as platform.Ref{StackName: "shop-platform"}`,
		"Shop/Identity: MFA must be one of the identity package's constants, got 9",
		"Shop/Identity: Email.Region is missing, since the stack has no region: set it, or that of the stack",
	)
}
