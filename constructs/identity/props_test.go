package identity

import (
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestDefaults(t *testing.T) {
	for given, want := range map[time.Duration]time.Duration{0: 30 * 24 * time.Hour, time.Hour: time.Hour} {
		if got := (Props{SessionLength: given}).withDefaults().SessionLength; got != want {
			t.Errorf("SessionLength %s: got %s, want %s", given, got, want)
		}
	}
}

func TestValidate(t *testing.T) {
	const (
		session = "SessionLength must be whole minutes from 1h to ten years, got "
		year    = 365 * 24 * time.Hour
	)
	cases := map[string]struct {
		change func(*Props)
		want   []string
	}{
		"valid":                 {func(*Props) {}, nil},
		"the environment's API": {func(p *Props) { p.API = nil }, nil},
		"MFA required":          {func(p *Props) { p.MFA = MFARequired }, nil},
		"no MFA":                {func(p *Props) { p.MFA = NoMFA }, nil},
		"no such MFA":           {func(p *Props) { p.MFA = 3 }, []string{"MFA must be one of the identity package's constants, got 3"}},
		"a negative MFA":        {func(p *Props) { p.MFA = -1 }, []string{"MFA must be one of the identity package's constants, got -1"}},
		"shortest session":      {func(p *Props) { p.SessionLength = time.Hour }, nil},
		"too short a session":   {func(p *Props) { p.SessionLength = 59 * time.Minute }, []string{session + "59m0s"}},
		"longest session":       {func(p *Props) { p.SessionLength = 10 * year }, nil},
		"too long a session":    {func(p *Props) { p.SessionLength = 10*year + time.Minute }, []string{session + "87600h1m0s"}},
		"seconds of a session":  {func(p *Props) { p.SessionLength = time.Hour + time.Second }, []string{session + "1h0m1s"}},
		"time running backward": {func(p *Props) { p.SessionLength = -time.Hour }, []string{session + "-1h0m0s"}},
		"retained":              {func(p *Props) { p.Retain = profile.On }, nil},
		"a choice that is none": {func(p *Props) { p.Retain = 3 }, []string{"Retain must be profile.On or profile.Off, or 0 for the profile's, got 3"}},
		"everything": {func(p *Props) { *p = Props{MFA: 7, SessionLength: time.Minute, Retain: -1} }, []string{
			"MFA must be one of the identity package's constants, got 7",
			session + "1m0s",
			"Retain must be profile.On or profile.Off, or 0 for the profile's, got -1",
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := Props{API: struct{ awsapigatewayv2.IHttpApi }{}}
			c.change(&p)
			expect.Problems(t, p.withDefaults().validate(), c.want...)
		})
	}
}

func TestRefValidate(t *testing.T) {
	expect.Problems(t, Ref{"shop-identity"}.Validate())
	expect.Problems(t, Ref{}.Validate(), "Identity.StackName is missing: name the stack that publishes the contract")
	expect.Problems(t, Ref{"shop_identity"}.Validate(),
		`Identity.StackName must be a letter, then letters, digits and hyphens, at most 128 in all, got "shop_identity"`)
}
