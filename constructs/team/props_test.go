package team

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestValidate(t *testing.T) {
	const (
		name    = "Teams[0].Name must be lower-case letters, digits and hyphens between them, starting with a letter, at most 63, got "
		email   = "Teams[0].Email must be an address such as checkout@example.com, got "
		webhook = "Teams[0].Webhook must be an https URL such as https://events.example.com/sns, got "
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
		"no teams":              {nil, []string{"Teams must name at least one team, got none"}},
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
		"e-mail at an address":   {at("checkout@[192.0.2.1]"), []string{email + `"checkout@[192.0.2.1]"`}},

		"webhook in plain text": {hook("http://events.example.com/sns"), []string{webhook + `"http://events.example.com/sns"`}},
		"webhook of no host":    {hook("https:///sns"), []string{webhook + `"https:///sns"`}},
		"webhook of one label":  {hook("https://events/sns"), []string{webhook + `"https://events/sns"`}},
		"webhook that is none":  {hook("events.example.com"), []string{webhook + `"events.example.com"`}},
		"webhook out of order":  {hook("https://events.example.com:x/"), []string{webhook + `"https://events.example.com:x/"`}},

		"topic by name":     {arn("on-call"), []string{topic + `"on-call"`}},
		"topic in order":    {arn("arn:aws:sns:eu-central-1:111122223333:on-call.fifo"), []string{topic + `"arn:aws:sns:eu-central-1:111122223333:on-call.fifo"`}},
		"topic of a queue":  {arn("arn:aws:sqs:eu-central-1:111122223333:on-call"), []string{topic + `"arn:aws:sqs:eu-central-1:111122223333:on-call"`}},
		"nobody":            {[]Team{{Name: "checkout"}}, []string{"Teams[0] must have an Email, a Webhook or a TopicARN: else nobody is told"}},
		"topic and address": {of(func(t *Team) { t.TopicARN = "arn:aws:sns:eu-central-1:111122223333:on-call" }), []string{"Teams[0] must have either a TopicARN or an Email and a Webhook: subscribe addresses to the topic where it is defined"}},

		"one team twice": {[]Team{{Name: "checkout", Email: mailbox}, {Name: "checkout", Email: mailbox}}, []string{`Teams[1].Name must be its own, got "checkout" twice`}},
		"two teams of one output": {
			[]Team{{Name: "check-1", Email: mailbox}, {Name: "platform", Email: mailbox}, {Name: "check1", Email: mailbox}},
			[]string{`Teams[2].Name must differ from "check-1" by more than hyphens, as both publish Check1PageTopicArn, got "check1"`},
		},
		"two teams of two outputs": {[]Team{{Name: "check-out", Email: mailbox}, {Name: "checkout", Email: mailbox}}, nil},
		"everything": {
			[]Team{{}, {Name: "T", Email: "x", Webhook: "y"}},
			[]string{
				name + `""`, "Teams[0] must have an Email, a Webhook or a TopicARN: else nobody is told",
				`Teams[1].Name must be lower-case letters, digits and hyphens between them, starting with a letter, at most 63, got "T"`,
				`Teams[1].Email must be an address such as checkout@example.com, got "x"`,
				`Teams[1].Webhook must be an https URL such as https://events.example.com/sns, got "y"`,
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { expect.Problems(t, Props{Teams: c.teams}.validate(), c.want...) })
	}
}

func TestValidateIn(t *testing.T) {
	const arn = "arn:aws:sns:eu-central-1:111122223333:on-call"
	props := Props{Teams: []Team{{Name: "checkout", Email: "checkout@example.com"}, {Name: "platform", TopicARN: arn}}}
	cases := map[string]struct {
		region string
		set    Ref
		want   []string
	}{
		"as set":           {"eu-central-1", Ref{"shop-teams", []string{"checkout", "platform"}}, nil},
		"fewer set":        {"eu-central-1", Ref{"shop-teams", []string{"platform"}}, nil},
		"none set":         {"eu-central-1", Ref{}, nil},
		"others set":       {"eu-central-1", Ref{"other-teams", []string{"media"}}, nil},
		"region not known": {"", Ref{}, nil},
		"another region": {"us-east-1", Ref{}, []string{
			`Teams[1].TopicARN must be of the stack's region, us-east-1, as alarms reach no topic of another, got "` + arn + `"`,
		}},
		"one more set": {"eu-central-1", Ref{"shop-teams", []string{"media", "platform"}}, []string{
			`Teams must have "media", which team.Set names as one of stack shop-teams, got only checkout, platform: add it, or leave it out of team.Set`,
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { expect.Problems(t, props.validateIn("shop-teams", c.region, c.set), c.want...) })
	}
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
	cases := map[string]struct {
		ref  Ref
		want []string
	}{
		"valid":    {Ref{"shop-teams", []string{"checkout", "media"}}, nil},
		"nothing":  {Ref{}, []string{"team.Ref.StackName is missing: name the stack that publishes the contract", "team.Ref.Teams must name at least one team, got none"}},
		"twice":    {Ref{"shop-teams", []string{"media", "media"}}, []string{`team.Ref.Teams must name each team once, got "media" twice`}},
		"no team":  {Ref{"shop-teams", []string{"Media"}}, []string{`team.Ref.Teams must be names of teams, lower-case letters, digits and hyphens, got "Media"`}},
		"no stack": {Ref{"shop teams", []string{"media"}}, []string{`team.Ref.StackName must be a letter, then letters, digits and hyphens, at most 128 in all, got "shop teams"`}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.ref.Validate(), c.want...) })
	}
}

func TestCheckOwner(t *testing.T) {
	ref := Ref{"shop-teams", []string{"checkout", "media"}}
	expect.Problems(t, ref.CheckOwner("media"))
	for _, owner := range []string{"growth", "Media", ""} {
		expect.Problems(t, ref.CheckOwner(owner),
			`Owner must be a team that stack shop-teams knows (checkout, media), so that its alarms reach somebody, got "`+owner+`": name one of them, or add it to the teams`)
	}
}

// The tree keeps the reference as JSON: a field that is not written is lost on the way to a service.
func TestRefSurvivesTheTree(t *testing.T) {
	want := Ref{"shop-teams", []string{"checkout", "media"}}
	encoded, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	var got Ref
	if err := json.Unmarshal(encoded, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reference (-want +got):\n%s", diff)
	}
}
