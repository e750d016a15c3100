package profile

import (
	"encoding/json"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestValidate(t *testing.T) {
	const days = "Profile.LogRetentionDays must be one of [1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653], got "
	cases := map[string]struct {
		change func(*Profile)
		want   []string
	}{
		"valid":                {func(*Profile) {}, nil},
		"two zones":            {func(p *Profile) { p.Zones = 2 }, nil},
		"one zone":             {func(p *Profile) { p.Zones = 1 }, []string{"Profile.Zones must be from 2 to 6, got 1"}},
		"six zones":            {func(p *Profile) { p.Zones = 6 }, nil},
		"no zone":              {func(p *Profile) { p.Zones = 0 }, []string{"Profile.Zones must be from 2 to 6, got 0"}},
		"seven zones":          {func(p *Profile) { p.Zones = 7 }, []string{"Profile.Zones must be from 2 to 6, got 7"}},
		"one task":             {func(p *Profile) { p.MinTasks = 1 }, nil},
		"no task":              {func(p *Profile) { p.MinTasks = 0 }, []string{"Profile.MinTasks must be from 1 to 20000, got 0"}},
		"a canary of 1 %":      {func(p *Profile) { p.CanaryPercent = 1 }, nil},
		"a canary of 99 %":     {func(p *Profile) { p.CanaryPercent = 99 }, nil},
		"a negative canary":    {func(p *Profile) { p.CanaryPercent = -1 }, []string{"Profile.CanaryPercent must be from 1 to 99, or 0 for rolling deployments, got -1"}},
		"a canary of all":      {func(p *Profile) { p.CanaryPercent = 100 }, []string{"Profile.CanaryPercent must be from 1 to 99, or 0 for rolling deployments, got 100"}},
		"no canary":            {func(p *Profile) { p.CanaryPercent, p.CanaryBakeMinutes = 0, 0 }, nil},
		"bake without canary":  {func(p *Profile) { p.CanaryPercent = 0 }, []string{"Profile.CanaryBakeMinutes needs CanaryPercent, got 5 without it"}},
		"canary without bake":  {func(p *Profile) { p.CanaryBakeMinutes = 0 }, []string{"Profile.CanaryBakeMinutes must be from 1 to 990, got 0"}},
		"bake at the least":    {func(p *Profile) { p.CanaryBakeMinutes = 1 }, nil},
		"bake at the most":     {func(p *Profile) { p.CanaryBakeMinutes = 990 }, nil},
		"bake beyond the most": {func(p *Profile) { p.CanaryBakeMinutes = 991 }, []string{"Profile.CanaryBakeMinutes must be from 1 to 990, got 991"}},
		"a day of logs":        {func(p *Profile) { p.LogRetentionDays = 1 }, nil},
		"ten years of logs":    {func(p *Profile) { p.LogRetentionDays = 3653 }, nil},
		"a number of no days":  {func(p *Profile) { p.LogRetentionDays = 2 }, []string{days + "2"}},
		"negative days":        {func(p *Profile) { p.LogRetentionDays = -7 }, []string{days + "-7"}},
		"more than ten years":  {func(p *Profile) { p.LogRetentionDays = 3654 }, []string{days + "3654"}},
		"nothing set": {func(p *Profile) { *p = Profile{} }, []string{
			"Profile.Zones must be from 2 to 6, got 0", "Profile.MinTasks must be from 1 to 20000, got 0", days + "0",
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := Production()
			c.change(&p)
			expect.Problems(t, p.Validate(), c.want...)
		})
	}
}

func TestShippedProfilesAreValid(t *testing.T) {
	expect.Problems(t, Sandbox().Validate())
	expect.Problems(t, Production().Validate())
}

// The tree keeps a profile as JSON: a field that is not written is lost on the way to a construct.
func TestProfilesSurviveTheTree(t *testing.T) {
	for _, want := range []Profile{Sandbox(), Production()} {
		encoded, err := json.Marshal(want)
		if err != nil {
			t.Fatal(err)
		}
		var got Profile
		if err := json.Unmarshal(encoded, &got); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("profile (-want +got):\n%s", diff)
		}
	}
}

func TestAChoiceComesBeforeTheProfile(t *testing.T) {
	cases := map[string]struct {
		choice   Choice
		fallback bool
		want     bool
	}{
		"zero where the profile is on":  {0, true, true},
		"zero where the profile is off": {0, false, false},
		"on where the profile is on":    {On, true, true},
		"on where the profile is off":   {On, false, true},
		"off where the profile is on":   {Off, true, false},
		"off where the profile is off":  {Off, false, false},
	}
	for name, c := range cases {
		if got := c.choice.Or(c.fallback); got != c.want {
			t.Errorf("%s: got %t", name, got)
		}
	}
}

func TestChoices(t *testing.T) {
	const want = "Retain must be profile.On or profile.Off, or 0 for the profile's, got "
	for choice, problem := range map[Choice]string{ByProfile: "", On: "", Off: "", 3: want + "3", -1: want + "-1"} {
		t.Run(fmt.Sprint(int(choice)), func(t *testing.T) { expect.Problems(t, choice.Check("Retain"), problem) })
	}
}

// The profile names numbers of days without the CDK, and the CDK has a constant for each.
func TestEachLogRetentionIsOneOfTheCDK(t *testing.T) {
	for days := range 4000 {
		if valid, known := slices.Contains(logRetentions, days), cdkx.LogRetention(days) != ""; valid != known {
			t.Errorf("%d days are valid: %t, and known to the CDK: %t", days, valid, known)
		}
	}
}

// What the shipped profiles say is what the policy tests hold every stack to, so it is said once more here.
func TestShippedProfilesArePinned(t *testing.T) {
	if got, want := Sandbox(), (Profile{Zones: 2, MinTasks: 1, Spot: true, LogRetentionDays: 7}); got != want {
		t.Errorf("Sandbox is %+v, want %+v", got, want)
	}
	want := Profile{
		Zones: 3, RedundantEgress: true, MinTasks: 2, CanaryPercent: 10, CanaryBakeMinutes: 5, ZoneRebalancing: true, RetainData: true, DeletionProtection: true, SearchLogs: true,
		LogRetentionDays: 90, EncryptLogs: true, ContainerInsights: true, FlowLogs: true, AccessLogs: true, ArchiveEvents: true, EventLogs: true, RedundantStores: true,
		Alarms: true,
	}
	if got := Production(); got != want {
		t.Errorf("Production is %+v, want %+v", got, want)
	}
}

// The page has a row for each field, with the values of the shipped profiles.
func TestThePageListsEveryField(t *testing.T) {
	page, err := os.ReadFile("../../docs/environments.md")
	if err != nil {
		t.Fatal(err)
	}
	text := func(value reflect.Value) string {
		if value.Kind() == reflect.Bool {
			return map[bool]string{false: "off", true: "on"}[value.Bool()]
		}
		return fmt.Sprint(value)
	}
	sandbox, production := reflect.ValueOf(Sandbox()), reflect.ValueOf(Production())
	for n := range sandbox.NumField() {
		row := fmt.Sprintf("\n| `%s` | %s | %s | ", sandbox.Type().Field(n).Name, text(sandbox.Field(n)), text(production.Field(n)))
		if !strings.Contains(string(page), row) {
			t.Errorf("docs/environments.md has no row %s", row[1:])
		}
	}
}
