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
		from    = "no-reply@shop.example.com"
		sender  = "Email.From must be the address of the sender, such as no-reply@shop.example.com, got "
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
		"an address in SES":     {func(p *Props) { p.Email.From = from }, nil},
		"all of an email": {func(p *Props) {
			p.Email = Email{from, "Shop, the best", "help@example.org", "shop.example.com", "eu-west-1", "bounces"}
		}, nil},
		"no address":         {func(p *Props) { p.Email.Name = "Shop" }, []string{sender + `""`}},
		"a name and address": {func(p *Props) { p.Email.From = "Shop <" + from + ">" }, []string{sender + `"Shop <no-reply@shop.example.com>"`}},
		"no address, domain": {func(p *Props) { p.Email = Email{Domain: "example.com"} }, []string{sender + `""`}},
		"another domain":     {func(p *Props) { p.Email = Email{From: from, Domain: "example.com"} }, []string{`Email.Domain must be that of From (shop.example.com), got "example.com"`}},
		"a broken email": {
			func(p *Props) { p.Email = Email{from, "a\nb", "x", "", "Frankfurt", "a b"} },
			[]string{
				`Email.Name must be a name without <, > and line breaks, at most 128 characters, got "a\nb"`,
				`Email.ReplyTo must be an address, such as help@shop.example.com, got "x"`,
				`Email.Region must be a region such as eu-central-1, got "Frankfurt"`,
				`Email.ConfigurationSet must be the name of a configuration set: letters, digits, hyphens and underscores, at most 64, got "a b"`,
			},
		},
		"a plan":             {func(p *Props) { p.Plan = Lite }, nil},
		"no such plan":       {func(p *Props) { p.Plan = "plus" }, []string{`Plan must be identity.Lite, Essentials or Plus, got "plus"`}},
		"threats":            {func(p *Props) { p.Plan, p.ThreatProtection = Plus, BlockThreats }, nil},
		"threats unpaid for": {func(p *Props) { p.ThreatProtection = ReportThreats }, []string{`ThreatProtection needs Plan identity.Plus, which costs 0.02 USD for each active user and month, got ""`}},
		"no such protection": {func(p *Props) { p.Plan, p.ThreatProtection = Plus, "x" }, []string{`ThreatProtection must be identity.ReportThreats or BlockThreats, got "x"`}},
		"everything": {func(p *Props) {
			*p = Props{MFA: 7, SessionLength: time.Minute, Email: Email{From: "a"}, Plan: "free", Retain: -1}
		}, []string{
			"MFA must be one of the identity package's constants, got 7",
			session + "1m0s",
			sender + `"a"`,
			`Plan must be identity.Lite, Essentials or Plus, got "free"`,
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

func TestEmailNeedsARegion(t *testing.T) {
	const missing = "Email.Region is missing, since the stack has no region: set it, or that of the stack"
	email := Email{From: "no-reply@shop.example.com"}
	expect.Problems(t, Email{}.validateFor("", true))
	expect.Problems(t, email.validateFor("eu-central-1", false))
	expect.Problems(t, email.validateFor("${Token[AWS.Region.4]}", true), missing)
	email.Region = "eu-west-1"
	expect.Problems(t, email.validateFor("${Token[AWS.Region.4]}", true))
}
