package environment

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/aws/constructs-go/constructs/v10"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/internal/expect"
)

// scope is a construct without the CDK: its path, its context and its children.
type scope struct {
	constructs.Construct
	node
}

type node struct {
	constructs.Node
	context  map[string]any
	children []constructs.IConstruct
}

func (s scope) Node() constructs.Node { return s.node }

func (n node) Path() *string                      { path := "Shop"; return &path }
func (n node) Children() *[]constructs.IConstruct { return &n.children }
func (n node) SetContext(key *string, value any)  { n.context[*key] = value }
func (n node) TryGetContext(key *string) any      { return n.context[*key] }

// failure is what f panics with, or nil.
func failure(f func()) (err error) {
	defer func() { err, _ = recover().(error) }()
	f()
	return nil
}

// whole is an environment that differs from the zero value in every field.
func whole() Environment {
	return Environment{
		Name: "production",
		Profile: profile.Profile{
			Zones: 2, RedundantEgress: true, MinTasks: 2, Spot: true, CanaryPercent: 3, CanaryBakeMinutes: 4, ZoneRebalancing: true, RetainData: true, DeletionProtection: true, EncryptData: true, SearchLogs: true,
			LogRetentionDays: 5, EncryptLogs: true, ContainerInsights: true, FlowLogs: true, AccessLogs: true, ArchiveEvents: true, EventLogs: true, PinnedImages: true, RuntimeMonitoring: true, RedundantStores: true, Alarms: true,
		},
		Platform: platform.Ref{StackName: "shop-platform", Zones: 1},
		Identity: identity.Ref{StackName: "shop-identity"},
		Teams: team.Ref{StackName: "shop-teams", Teams: []team.Team{
			{Name: "checkout", Email: "checkout@example.com", Webhook: "https://events.example.com/sns"},
			{Name: "platform", TopicARN: "arn:aws:sns:eu-central-1:111122223333:on-call"},
		}},
	}
}

func TestDefaults(t *testing.T) {
	if diff := cmp.Diff(Environment{Profile: profile.Production()}, Environment{}.withDefaults()); diff != "" {
		t.Errorf("defaults (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff(whole(), whole().withDefaults()); diff != "" {
		t.Errorf("nothing to be filled in (-want +got):\n%s", diff)
	}
}

func TestValidate(t *testing.T) {
	const (
		name  = "Environment.Name must be lower-case letters, digits and hyphens, starting with a letter, at most 32, got "
		stack = ".StackName is missing: name the stack that publishes the contract"
	)
	long := strings.Repeat("e", 32)
	for name, c := range map[string]struct {
		change func(*Environment)
		want   []string
	}{
		"whole":                {func(*Environment) {}, nil},
		"nothing":              {func(e *Environment) { *e = Environment{} }, nil},
		"shortest name":        {func(e *Environment) { e.Name = "e" }, nil},
		"longest name":         {func(e *Environment) { e.Name = long }, nil},
		"name with digits":     {func(e *Environment) { e.Name = "review-12" }, nil},
		"too long a name":      {func(e *Environment) { e.Name = long + "e" }, []string{name + `"` + long + `e"`}},
		"name in uppercase":    {func(e *Environment) { e.Name = "Production" }, []string{name + `"Production"`}},
		"name of a digit":      {func(e *Environment) { e.Name = "1" }, []string{name + `"1"`}},
		"name of a hyphen":     {func(e *Environment) { e.Name = "-" }, []string{name + `"-"`}},
		"name of two lines":    {func(e *Environment) { e.Name = "production\n" }, []string{name + `"production\n"`}},
		"profile":              {func(e *Environment) { e.Profile.MinTasks = 0 }, []string{"Profile.MinTasks must be from 1 to 20000, got 0"}},
		"platform of no stack": {func(e *Environment) { e.Platform = platform.Ref{Zones: 2} }, []string{"Platform" + stack}},
		"identity of no stack": {func(e *Environment) { e.Identity.StackName = "shop.identity" }, []string{
			`Identity.StackName must be a letter, then letters, digits and hyphens, at most 128 in all, got "shop.identity"`,
		}},
		"teams of no stack":    {func(e *Environment) { e.Teams.StackName = "" }, []string{"Teams" + stack}},
		"teams without a list": {func(e *Environment) { e.Teams.Teams = nil }, nil},
		"a team alone":         {func(e *Environment) { e.Teams.Teams[0].Name = "Checkout" }, []string{`Teams.Teams[0].Name must be lower-case letters, digits and hyphens between them, starting with a letter, at most 63, got "Checkout"`}},
		"everything": {
			func(e *Environment) {
				*e = Environment{
					Name: "E", Profile: profile.Profile{Zones: 2, MinTasks: 1, LogRetentionDays: 1, CanaryPercent: 100},
					Platform: platform.Ref{Zones: 9}, Identity: identity.Ref{StackName: "_"}, Teams: team.Ref{StackName: "_"},
				}
			},
			[]string{
				"Profile.CanaryPercent must be from 1 to 99, or 0 for rolling deployments, got 100",
				name + `"E"`,
				"Platform" + stack, "Platform.Zones must be from 1 to 6, got 9",
				`Identity.StackName must be a letter, then letters, digits and hyphens, at most 128 in all, got "_"`,
				`Teams.StackName must be a letter, then letters, digits and hyphens, at most 128 in all, got "_"`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			e := whole()
			c.change(&e)
			expect.Problems(t, e.Validate(), c.want...)
		})
	}
}

func TestSetAndOf(t *testing.T) {
	app := scope{node: node{context: map[string]any{}}}
	if diff := cmp.Diff(Environment{Profile: profile.Production()}, Of(app)); diff != "" {
		t.Errorf("where none was set (-want +got):\n%s", diff)
	}
	Set(app, whole())
	if diff := cmp.Diff(whole(), Of(app)); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	Set(app, Environment{Name: "review"})
	if diff := cmp.Diff(Environment{Name: "review", Profile: profile.Production()}, Of(app)); diff != "" {
		t.Errorf("without a profile (-want +got):\n%s", diff)
	}
	if got := profile.Of(app); got != profile.Production() {
		t.Errorf("the profile is %+v", got)
	}
}

func TestSetAndOfRefuse(t *testing.T) {
	late := scope{node: node{context: map[string]any{}, children: []constructs.IConstruct{scope{}}}}
	expect.Problems(t, failure(func() { Set(late, whole()) }), "Shop: the environment must be set before anything is defined in its scope, got it after Shop")
	wrong := scope{node: node{context: map[string]any{}}}
	expect.Problems(t, failure(func() { Set(wrong, Environment{Name: "E", Platform: platform.Ref{Zones: 7}}) }),
		`Shop: Environment.Name must be lower-case letters, digits and hyphens, starting with a letter, at most 32, got "E"`,
		"Shop: Platform.StackName is missing: name the stack that publishes the contract", "Shop: Platform.Zones must be from 1 to 6, got 7")
	if len(late.context) > 0 || len(wrong.context) > 0 {
		t.Errorf("set all the same: %v, %v", late.context, wrong.context)
	}
	by := func(context string) scope {
		return scope{node: node{context: map[string]any{"storefront:environment": context}}}
	}
	both := scope{node: node{context: map[string]any{}, children: []constructs.IConstruct{scope{}}}}
	expect.Problems(t, failure(func() { Set(both, Environment{Name: "E"}) }),
		`Shop: Environment.Name must be lower-case letters, digits and hyphens, starting with a letter, at most 32, got "E"`,
		"Shop: the environment must be set before anything is defined in its scope, got it after Shop")
	expect.Problems(t, failure(func() { Of(by("{}")) }), "Shop: Profile.Zones must be from 2 to 6, got 0", "Shop: Profile.MinTasks must be from 1 to 20000, got 0",
		"Shop: Profile.LogRetentionDays must be one of [1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653], got 0")
	expect.Problems(t, failure(func() { Of(by("production")) }),
		`Shop: context "storefront:environment" must be set with environment.Set: invalid character 'p' looking for beginning of value`)
	expect.Problems(t, failure(func() { Of(by(`{"Profile":{"Zones":9,"MinTasks":1,"LogRetentionDays":1}}`)) }), "Shop: Profile.Zones must be from 2 to 6, got 9")
}

// The tree keeps an environment as JSON: a field that is not written is lost on the way to a construct. Each package reads
// its own part, by the name of the field.
func TestEnvironmentsSurviveTheTree(t *testing.T) {
	encoded, err := json.Marshal(whole())
	if err != nil {
		t.Fatal(err)
	}
	var got Environment
	var ofProfile struct{ Profile profile.Profile }
	var ofPlatform struct{ Platform platform.Ref }
	var ofIdentity struct{ Identity identity.Ref }
	var ofTeams struct{ Teams team.Ref }
	for _, part := range []any{&got, &ofProfile, &ofPlatform, &ofIdentity, &ofTeams} {
		if err := json.Unmarshal(encoded, part); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff(whole(), got); diff != "" {
		t.Errorf("environment (-want +got):\n%s", diff)
	}
	parts := Environment{Name: "production", Profile: ofProfile.Profile, Platform: ofPlatform.Platform, Identity: ofIdentity.Identity, Teams: ofTeams.Teams}
	if diff := cmp.Diff(whole(), parts); diff != "" {
		t.Errorf("its parts (-want +got):\n%s", diff)
	}
}
