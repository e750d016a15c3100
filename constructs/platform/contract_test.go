package platform

import (
	"testing"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestRefValidate(t *testing.T) {
	cases := map[string]struct {
		ref  Ref
		want []string
	}{
		"name alone":    {Ref{StackName: "shop-platform"}, nil},
		"one zone":      {Ref{StackName: "shop-platform", Zones: 1}, nil},
		"six zones":     {Ref{StackName: "shop-platform", Zones: 6}, nil},
		"seven zones":   {Ref{StackName: "shop-platform", Zones: 7}, []string{"Platform.Zones must be from 1 to 6, got 7"}},
		"fewer than no": {Ref{StackName: "shop-platform", Zones: -1}, []string{"Platform.Zones must be from 1 to 6, got -1"}},
		"no name":       {Ref{}, []string{"Platform.StackName is missing: name the stack that publishes the contract"}},
		"both": {Ref{StackName: "shop platform", Zones: 9}, []string{
			`Platform.StackName must be a letter, then letters, digits and hyphens, at most 128 in all, got "shop platform"`,
			"Platform.Zones must be from 1 to 6, got 9",
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.ref.Validate(), c.want...) })
	}
}

func TestRefTakesItsZonesFromTheProfile(t *testing.T) {
	for given, want := range map[int]int{0: 3, 2: 2} {
		if got := (Ref{StackName: "shop-platform", Zones: given}).withDefaults(profile.Production()); got != (Ref{StackName: "shop-platform", Zones: want}) {
			t.Errorf("%d zones: got %+v", given, got)
		}
	}
}

// Other apps read the numbered outputs by these names, too.
func TestNumberedOutputs(t *testing.T) {
	if got := numbered(OutputZone, 1) + " " + numbered(OutputPrivateSubnetID, 12); got != "AvailabilityZone1 PrivateSubnetId12" {
		t.Errorf("got %s", got)
	}
}
