package team

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestValidate(t *testing.T) {
	const (
		name    = "Teams[0].Name must be lower-case letters, digits and hyphens between them, starting with a letter, at most 63, got "
		email   = "Teams[0].Email must be an address such as checkout@example.com, got "
		webhook = "Teams[0].Webhook must be an https URL without a password, such as https://events.example.com/sns, got "
		topic   = "Teams[0].TopicARN must be that of a standard topic such as arn:aws:sns:eu-central-1:111122223333:on-call, got "
		mailbox = "checkout@example.com"
	)
	of := func(change func(*Team)) []Team {
		t := Team{Name: "checkout", Email: mailbox}
		change(&t)
		return []Team{t}
	}
	at := func(email string) []Team { return of(func(t *Team) { t.Email = email }) }
	named := func(name string) []Team { return of(func(t *Team) { t.Name = name }) }
	hook := func(url string) []Team { return of(func(t *Team) { t.Webhook = url }) }
	arn := func(arn string) []Team { return []Team{{Name: "checkout", TopicARN: arn}} }
	long := strings.Repeat("t", 63)
	cases := map[string]struct {
		teams []Team
		want  []string
	}{
		"e-mail":                {of(func(*Team) {}), nil},
		"e-mail with a tag":     {at("check.out+pages@mail.shop.example.com"), nil},
		"webhook":               {[]Team{{Name: "checkout", Webhook: "https://events.example.com/sns?key=1"}}, nil},
		"both":                  {hook("https://events.example.com/sns"), nil},
		"topic":                 {arn("arn:aws:sns:eu-central-1:111122223333:on-call"), nil},
		"topic of GovCloud":     {arn("arn:aws-us-gov:sns:us-gov-west-1:111122223333:on_call"), nil},
		"shortest name":         {named("t"), nil},
		"longest name":          {named(long), nil},
		"no teams":              {nil, []string{"Teams must name at least one team, here or in environment.Environment, got none"}},
		"no name":               {named(""), []string{name + `""`}},
		"too long a name":       {named(long + "t"), []string{name + `"` + long + `t"`}},
		"name in uppercase":     {named("Checkout"), []string{name + `"Checkout"`}},
		"name ends with hyphen": {named("team-"), []string{name + `"team-"`}},
		"name starts with one":  {named("1team"), []string{name + `"1team"`}},
		"name of two words":     {named("check out"), []string{name + `"check out"`}},

		"an e-mail that is none": {at("checkout"), []string{email + `"checkout"`}},
		"e-mail without a host":  {at("checkout@"), []string{email + `"checkout@"`}},
		"e-mail on this machine": {at("checkout@localhost"), []string{email + `"checkout@localhost"`}},
		"e-mail with a name":     {at("Checkout <checkout@example.com>"), []string{email + `"Checkout <checkout@example.com>"`}},
		"e-mail with a space":    {at("checkout@example.com "), []string{email + `"checkout@example.com "`}},
		"two e-mails":            {at("a@example.com,b@example.com"), []string{email + `"a@example.com,b@example.com"`}},
		"quoted e-mail":          {at(`"check out"@example.com`), []string{email + `"\"check out\"@example.com"`}},
		"e-mail with two dots":   {at("check..out@example.com"), []string{email + `"check..out@example.com"`}},
		"longest e-mail name":    {at(long + "t@example.com"), nil},
		"too long an e-mail":     {at(long + "tt@example.com"), []string{email + `"` + long + `tt@example.com"`}},
		"too long a host":        {at("a@" + strings.Repeat("example.", 32) + "com"), []string{email + `"a@` + strings.Repeat("example.", 32) + `com"`}},
		"e-mail at an address":   {at("checkout@[192.0.2.1]"), []string{email + `"checkout@[192.0.2.1]"`}},

		"webhook in plain text": {hook("http://events.example.com/sns"), []string{webhook + `"http://events.example.com/sns"`}},
		"webhook with a secret": {hook("https://me:secret@events.example.com/sns"), []string{webhook + `"https://me:secret@events.example.com/sns"`}},
		"too long a webhook":    {hook("https://events.example.com/" + strings.Repeat("s", 2022)), []string{webhook + `"https://events.example.com/` + strings.Repeat("s", 2022) + `"`}},
		"longest webhook":       {hook("https://events.example.com/" + strings.Repeat("s", 2021)), nil},
		"webhook of no host":    {hook("https:///sns"), []string{webhook + `"https:///sns"`}},
		"webhook of one label":  {hook("https://events/sns"), []string{webhook + `"https://events/sns"`}},
		"webhook that is none":  {hook("events.example.com"), []string{webhook + `"events.example.com"`}},
		"webhook out of order":  {hook("https://events.example.com:x/"), []string{webhook + `"https://events.example.com:x/"`}},

		"topic by name":     {arn("on-call"), []string{topic + `"on-call"`}},
		"topic in order":    {arn("arn:aws:sns:eu-central-1:111122223333:on-call.fifo"), []string{topic + `"arn:aws:sns:eu-central-1:111122223333:on-call.fifo"`}},
		"topic of a queue":  {arn("arn:aws:sqs:eu-central-1:111122223333:on-call"), []string{topic + `"arn:aws:sqs:eu-central-1:111122223333:on-call"`}},
		"nobody":            {[]Team{{Name: "checkout"}}, []string{"Teams[0] must have an Email, a Webhook or a TopicARN, got none"}},
		"topic and address": {of(func(t *Team) { t.TopicARN = "arn:aws:sns:eu-central-1:111122223333:on-call" }), []string{"Teams[0] must have either a TopicARN or an Email and a Webhook: subscribe addresses to the topic where it is defined"}},

		"one team twice": {[]Team{{Name: "checkout", Email: mailbox}, {Name: "checkout", Email: mailbox}}, []string{`Teams[1].Name must be unique, got "checkout" twice`}},
		"two teams of one output": {
			[]Team{{Name: "check-1", Email: mailbox}, {Name: "platform", Email: mailbox}, {Name: "check1", Email: mailbox}},
			[]string{`Teams[2].Name must differ from "check-1" by more than hyphens, as both publish Check1PageTopicArn, got "check1"`},
		},
		"two teams of two outputs": {[]Team{{Name: "check-out", Email: mailbox}, {Name: "checkout", Email: mailbox}}, nil},
		"everything": {
			[]Team{{}, {Name: "T", Email: "x", Webhook: "y"}},
			[]string{
				name + `""`, "Teams[0] must have an Email, a Webhook or a TopicARN, got none",
				`Teams[1].Name must be lower-case letters, digits and hyphens between them, starting with a letter, at most 63, got "T"`,
				`Teams[1].Email must be an address such as checkout@example.com, got "x"`,
				`Teams[1].Webhook must be an https URL without a password, such as https://events.example.com/sns, got "y"`,
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			expect.Problems(t, Props{Teams: c.teams}.validate("shop-teams", "", Ref{}), c.want...)
		})
	}
}

// The teams are named in the props, or in the environment, which its services read.
func TestTeamsAndTheEnvironment(t *testing.T) {
	const (
		arn   = "arn:aws:sns:eu-central-1:111122223333:on-call"
		twice = "Teams must be set once: remove them here or from environment.Environment"
	)
	checkout, platform := Team{Name: "checkout", Email: "checkout@example.com"}, Team{Name: "platform", TopicARN: arn}
	both := []Team{checkout, platform}
	cases := map[string]struct {
		region      string
		teams       []Team
		environment Ref
		used, want  []string
	}{
		"in the props":             {"eu-central-1", both, Ref{}, []string{"checkout", "platform"}, nil},
		"in the environment":       {"eu-central-1", nil, Ref{"shop-teams", both}, []string{"checkout", "platform"}, nil},
		"a stack alone":            {"eu-central-1", []Team{checkout}, Ref{StackName: "shop-teams"}, []string{"checkout"}, nil},
		"of another stack":         {"eu-central-1", []Team{checkout}, Ref{"other-teams", both}, []string{"checkout"}, nil},
		"those of another stack":   {"eu-central-1", nil, Ref{"other-teams", both}, nil, []string{"Teams must name at least one team, since those of the environment are of stack other-teams and not of shop-teams, got none"}},
		"in both":                  {"eu-central-1", []Team{checkout}, Ref{"shop-teams", both}, []string{"checkout"}, []string{twice}},
		"in both, the same":        {"eu-central-1", both, Ref{"shop-teams", both}, []string{"checkout", "platform"}, []string{twice}},
		"nowhere":                  {"eu-central-1", nil, Ref{StackName: "shop-teams"}, nil, []string{"Teams must name at least one team, here or in environment.Environment, got none"}},
		"region not known":         {"", both, Ref{}, []string{"checkout", "platform"}, nil},
		"another region":           {"us-east-1", both, Ref{}, []string{"checkout", "platform"}, []string{`Teams[1].TopicARN must be of the stack's region, us-east-1, as alarms cannot notify a topic of another, got "` + arn + `"`}},
		"the environment's region": {"us-east-1", nil, Ref{"shop-teams", both}, []string{"checkout", "platform"}, []string{`Teams[1].TopicARN must be of the stack's region, us-east-1, as alarms cannot notify a topic of another, got "` + arn + `"`}},
		"wrong, and of another region": {"us-east-1", []Team{{Name: "Platform", TopicARN: arn}, {Name: "media", TopicARN: "on-call"}}, Ref{}, []string{"Platform", "media"}, []string{
			`Teams[0].Name must be lower-case letters, digits and hyphens between them, starting with a letter, at most 63, got "Platform"`,
			`Teams[1].TopicARN must be that of a standard topic such as arn:aws:sns:eu-central-1:111122223333:on-call, got "on-call"`,
			`Teams[0].TopicARN must be of the stack's region, us-east-1, as alarms cannot notify a topic of another, got "` + arn + `"`,
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			props := Props{Teams: c.teams}
			expect.Problems(t, props.validate("shop-teams", c.region, c.environment), c.want...)
			var used []string
			for _, team := range props.withDefaults("shop-teams", c.environment).Teams {
				used = append(used, team.Name)
			}
			if diff := cmp.Diff(c.used, used); diff != "" {
				t.Errorf("teams (-want +got):\n%s", diff)
			}
		})
	}
}

// A stack has at most 200 outputs and 500 resources.
func TestAsManyTeamsAsFitIntoAStack(t *testing.T) {
	many := func(count int, of Team) (teams []Team) {
		for n := range count {
			of.Name = fmt.Sprint("team-a", n)
			teams = append(teams, of)
		}
		return teams
	}
	topic := Team{TopicARN: "arn:aws:sns:eu-central-1:111122223333:on-call"}
	mail := Team{Email: "team@example.com"}
	both := Team{Email: "team@example.com", Webhook: "https://events.example.com/sns"}
	const second = ": define some in a second stack, and name it in the environment of their services"
	expect.Problems(t, Props{Teams: many(100, topic)}.validate("shop-teams", "", Ref{}))
	expect.Problems(t, Props{Teams: many(101, topic)}.validate("shop-teams", "", Ref{}),
		"Teams must be at most 100, as each has two of the 200 outputs of a stack, got 101"+second)
	expect.Problems(t, Ref{StackName: "shop-teams", Teams: many(101, topic)}.Validate(),
		"Teams.Teams must be at most 100, as each has two of the 200 outputs of a stack, got 101"+second)
	expect.Problems(t, Props{Teams: many(82, mail)}.validate("shop-teams", "", Ref{}))
	expect.Problems(t, Props{Teams: many(83, mail)}.validate("shop-teams", "", Ref{}),
		"Teams must define at most 500 resources, the limit of a stack, got 501: define some of the teams in a second stack, and name it in the environment of their services")
	expect.Problems(t, Props{Teams: many(56, both)}.validate("shop-teams", "", Ref{}),
		"Teams must define at most 500 resources, the limit of a stack, got 507: define some of the teams in a second stack, and name it in the environment of their services")
}

// Other stacks read these.
func TestOutputs(t *testing.T) {
	for name, want := range map[string]string{"checkout": "CheckoutPageTopicArn", "team-a": "TeamAPageTopicArn", "x-2-y": "X2YPageTopicArn"} {
		if got := pageOutput(name); got != want {
			t.Errorf("%s: got %s, want %s", name, got, want)
		}
	}
	if got := informOutput("team-a"); got != "TeamAInformTopicArn" {
		t.Errorf("got %s", got)
	}
}

func TestRefValidate(t *testing.T) {
	media := Team{Name: "media", Email: "media@example.com"}
	cases := map[string]struct {
		ref  Ref
		want []string
	}{
		"valid":         {Ref{"shop-teams", []Team{media, {Name: "checkout", Email: "checkout@example.com"}}}, nil},
		"without teams": {Ref{StackName: "shop-teams"}, nil},
		"nothing":       {Ref{}, []string{"Teams.StackName is missing: name the stack that publishes the contract"}},
		"twice":         {Ref{"shop-teams", []Team{media, media}}, []string{`Teams.Teams[1].Name must be unique, got "media" twice`}},
		"no address":    {Ref{"shop-teams", []Team{{Name: "media"}}}, []string{"Teams.Teams[0] must have an Email, a Webhook or a TopicARN, got none"}},
		"both": {Ref{"shop teams", []Team{{Name: "Media", Email: "media@example.com"}}}, []string{
			`Teams.StackName must be a letter, then letters, digits and hyphens, at most 128 in all, got "shop teams"`,
			`Teams.Teams[0].Name must be lower-case letters, digits and hyphens between them, starting with a letter, at most 63, got "Media"`,
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.ref.Validate(), c.want...) })
	}
}

func TestCheckOwner(t *testing.T) {
	teams := Ref{"shop-teams", []Team{{Name: "checkout"}, {Name: "media"}}}
	expect.Problems(t, teams.CheckOwner("media"))
	for _, owner := range []string{"growth", "Media", ""} {
		expect.Problems(t, teams.CheckOwner(owner),
			`Owner must be a team that stack shop-teams defines (checkout, media), so that its alarms can notify it, got "`+owner+`": name one of them, or add it to the teams`)
	}
	unknown := Ref{StackName: "shop-teams"}
	expect.Problems(t, unknown.CheckOwner("growth"))
}
