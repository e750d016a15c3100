package platform

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestThrottleDefaults(t *testing.T) {
	for given, want := range map[Throttle]Throttle{
		{}:                             {1000, 2000},
		{RatePerSecond: 50}:            {50, 100},
		{Burst: 10}:                    {1000, 10},
		{RatePerSecond: -1}:            {-1, 0}, // one thing is wrong, not two
		{RatePerSecond: 50, Burst: 50}: {50, 50},
	} {
		if got := (Props{Throttle: given}).withDefaults().Throttle; got != want {
			t.Errorf("%+v: got %+v, want %+v", given, got, want)
		}
	}
}

func TestValidate(t *testing.T) {
	const shop, admin = "https://shop.example.com", "https://admin.example.com"
	cases := map[string]struct {
		change func(*Props)
		want   []string
	}{
		"valid":          {func(*Props) {}, nil},
		"no network":     {func(p *Props) { p.VPC = nil }, []string{"VPC is missing: set it, such as to network.New(…).VPC()"}},
		"lowest rate":    {func(p *Props) { p.Throttle.RatePerSecond = 1 }, nil},
		"negative rate":  {func(p *Props) { p.Throttle.RatePerSecond = -1 }, []string{"Throttle.RatePerSecond must not be negative, got -1"}},
		"lowest burst":   {func(p *Props) { p.Throttle.Burst = 1 }, nil},
		"negative burst": {func(p *Props) { p.Throttle.Burst = -1 }, []string{"Throttle.Burst must not be negative, got -1"}},
		"origins":        {func(p *Props) { p.CORS.AllowOrigins = []string{shop, admin} }, nil},
		"any origin":     {func(p *Props) { p.CORS.AllowOrigins = []string{"*"} }, nil},
		"any and more": {
			func(p *Props) { p.CORS.AllowOrigins = []string{shop, "*"} },
			[]string{`CORS.AllowOrigins must be "*" alone or origins, got ["https://shop.example.com" "*"]`},
		},
		"no origin at all": {
			func(p *Props) { p.CORS.AllowOrigins = []string{shop, "shop.example.com", ""} },
			[]string{
				`CORS.AllowOrigins must be origins as browsers send them, such as https://shop.example.com, got "shop.example.com"`,
				`CORS.AllowOrigins must be origins as browsers send them, such as https://shop.example.com, got ""`,
			},
		},
		"cookies of some origins": {func(p *Props) { p.CORS = CORS{[]string{shop}, true} }, nil},
		"cookies of any origin":   {func(p *Props) { p.CORS = CORS{[]string{"*"}, true} }, []string{`CORS.AllowCredentials needs origins by name, got "*"`}},
		"cookies of no origin":    {func(p *Props) { p.CORS.AllowCredentials = true }, []string{"CORS.AllowCredentials needs CORS.AllowOrigins, got none"}},
		"everything": {
			func(p *Props) {
				*p = Props{CORS: CORS{[]string{"*", "x"}, true}, Throttle: Throttle{-1, -2}, AccessLogs: 3}
			},
			[]string{
				"VPC is missing: set it, such as to network.New(…).VPC()",
				"Throttle.RatePerSecond must not be negative, got -1",
				"Throttle.Burst must not be negative, got -2",
				`CORS.AllowOrigins must be "*" alone or origins, got ["*" "x"]`,
				`CORS.AllowCredentials needs origins by name, got "*"`,
				`CORS.AllowOrigins must be origins as browsers send them, such as https://shop.example.com, got "x"`,
				"AccessLogs must be profile.On or profile.Off, or 0 for the profile's, got 3",
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := Props{VPC: struct{ awsec2.IVpc }{}}
			c.change(&p)
			expect.Problems(t, p.withDefaults().validate(), c.want...)
		})
	}
}
