package account

import (
	"net/http"
	"testing"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/preflight/need"
)

func TestUnfit(t *testing.T) {
	for name, test := range map[string]struct {
		region, id string
		need       need.Need
		want       string
	}{
		"us-east-1's zone without VPC links": {
			"us-east-1", "use1-az3", need.Need{Zones: []string{"a"}, VPCLinkZones: []string{"a"}}, "is use1-az3 in this account, which has no VPC links of HTTP APIs",
		},
		"the same without a VPC link":        {"us-east-1", "use1-az3", need.Need{Zones: []string{"a"}, TaskZones: []string{"a"}}, ""},
		"Tokyo's zone without Fargate":       {"ap-northeast-1", "apne1-az3", need.Need{Zones: []string{"a"}, TaskZones: []string{"a"}}, "is apne1-az3 in this account, which has no Fargate"},
		"a zone that is not used":            {"us-east-1", "use1-az3", need.Need{}, "lacks VPC links or Fargate"},
		"every zone of the sandbox's region": {"us-east-2", "use2-az3", need.Need{Zones: []string{"a"}, VPCLinkZones: []string{"a"}, TaskZones: []string{"a"}}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			l := look{Account: Account{Environment: need.Environment{Region: test.region}}, need: test.need}
			if got := l.unfit("a", test.id); got != test.want {
				t.Errorf("got %q, want %q", got, test.want)
			}
		})
	}
}

func TestNoZoneIsFit(t *testing.T) {
	none := func(*http.Request) (*http.Response, error) {
		return respond("text/xml", "<DescribeAvailabilityZonesResponse><availabilityZoneInfo/></DescribeAvailabilityZonesResponse>"), nil
	}
	l := look{
		Account: Account{Config: config(none), Environment: need.Environment{Region: "eu-west-3"}},
		need:    need.Need{Zones: []string{"eu-west-3b"}, VPCLinkZones: []string{"eu-west-3b"}},
	}
	got := l.zones(t.Context())
	const want = "set the environment's Region to another: this account has no zone in eu-west-3 that supports all of it"
	if len(got) != 1 || got[0].Fix != want {
		t.Errorf("got %+v, want the fix %q", got, want)
	}
}

func TestPlaceholder(t *testing.T) {
	for address, want := range map[string]bool{
		"media@example.com": true, "a@mail.example.org": true, "a@shop.test": true, "a@localhost": true, "a@Example.COM": true,
		"media@shop.io": false, "a@notexample.com": false, "a@example.io": false,
	} {
		if got := placeholder(address); got != want {
			t.Errorf("%s: got %v, want %v", address, got, want)
		}
	}
}
