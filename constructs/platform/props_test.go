package platform

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/team"
	"github.com/storefront-cdk/storefront/internal/expect"
)

type certificate struct {
	awscertificatemanager.ICertificate
}

func many(n int) []RateLimit {
	limits := make([]RateLimit, n)
	for i := range limits {
		limits[i] = RateLimit{fmt.Sprint("/", i), 10}
	}
	return limits
}

func TestThrottleDefaults(t *testing.T) {
	for given, want := range map[Throttle]Throttle{
		{}:                             {1000, 2000},
		{RatePerSecond: 50}:            {50, 100},
		{Burst: 10}:                    {1000, 10},
		{RatePerSecond: -1}:            {-1, 0}, // one thing is wrong, not two
		{RatePerSecond: 1 << 62}:       {1 << 62, 1000000},
		{RatePerSecond: 50, Burst: 50}: {50, 50},
	} {
		if got := (Props{Throttle: given}).withDefaults().Throttle; got != want {
			t.Errorf("%+v: got %+v, want %+v", given, got, want)
		}
	}
}

func TestValidate(t *testing.T) {
	const (
		shop, admin = "https://shop.example.com", "https://admin.example.com"
		noOrigins   = "CORS needs AllowOrigins for its other fields to have an effect, got none"
	)
	cases := map[string]struct {
		change func(*Props)
		want   []string
	}{
		"valid":          {func(*Props) {}, nil},
		"no network":     {func(p *Props) { p.VPC = nil }, []string{"VPC is missing: set it, such as to network.New(…).VPC()"}},
		"lowest rate":    {func(p *Props) { p.Throttle.RatePerSecond = 1 }, nil},
		"negative rate":  {func(p *Props) { p.Throttle.RatePerSecond = -1 }, []string{"Throttle.RatePerSecond must be from 0 to 1000000, got -1"}},
		"lowest burst":   {func(p *Props) { p.Throttle.Burst = 1 }, nil},
		"negative burst": {func(p *Props) { p.Throttle.Burst = -1 }, []string{"Throttle.Burst must be from 0 to 1000000, got -1"}},
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
		"cookies of some origins": {func(p *Props) { p.CORS = CORS{AllowOrigins: []string{shop}, AllowCredentials: true} }, nil},
		"cookies of any origin": {
			func(p *Props) { p.CORS = CORS{AllowOrigins: []string{"*"}, AllowCredentials: true} },
			[]string{`CORS.AllowCredentials needs origins by name, got "*"`},
		},
		"cookies of no origin": {func(p *Props) { p.CORS.AllowCredentials = true }, []string{noOrigins}},
		"headers of no origin": {func(p *Props) { p.CORS.AllowHeaders = []string{"x-a"} }, []string{noOrigins}},
		"an age of no origin":  {func(p *Props) { p.CORS.MaxAge = time.Hour }, []string{noOrigins}},
		"an origin twice": {
			func(p *Props) { p.CORS.AllowOrigins = []string{shop, shop} },
			[]string{`CORS.AllowOrigins must name each origin once, got "https://shop.example.com" twice`},
		},
		"what is no origin": {func(p *Props) { p.CORS.AllowOrigins = []string{"ftp://a", "https://a:99999"} }, []string{
			`CORS.AllowOrigins must be origins as browsers send them, such as https://shop.example.com, got "ftp://a"`,
			`CORS.AllowOrigins must be origins as browsers send them, such as https://shop.example.com, got "https://a:99999"`,
		}},
		"headers": {
			func(p *Props) {
				p.CORS = CORS{AllowOrigins: []string{"*"}, AllowHeaders: []string{"*", "authorization"}, ExposeHeaders: []string{"ETag"}, MaxAge: 24 * time.Hour}
			},
			nil,
		},
		"all headers, and cookies": {
			func(p *Props) {
				p.CORS = CORS{AllowOrigins: []string{shop}, AllowHeaders: []string{"*"}, AllowCredentials: true}
			},
			[]string{`CORS.AllowHeaders must be names of headers with AllowCredentials, since browsers then do not accept "*", got ["*"]`},
		},
		"a header twice": {
			func(p *Props) { p.CORS = CORS{AllowOrigins: []string{shop}, ExposeHeaders: []string{"ETag", "etag"}} },
			[]string{`CORS.ExposeHeaders must name each header once, got "etag" twice`},
		},
		"highest rate":  {func(p *Props) { p.Throttle = Throttle{1000000, 1000000} }, nil},
		"too high":      {func(p *Props) { p.Throttle.Burst = 1 << 62 }, []string{"Throttle.Burst must be from 0 to 1000000, got 4611686018427387904"}},
		"rate limits":   {func(p *Props) { p.RateLimits = []RateLimit{{"/login", 10}, {"", 100000000}} }, nil},
		"a path twice":  {func(p *Props) { p.RateLimits = []RateLimit{{"/login", 10}, {"/login", 20}} }, []string{`RateLimits[1].Path "/login" is already limited by RateLimits[0]: keep one`}},
		"too low":       {func(p *Props) { p.RateLimits = []RateLimit{{"/login", 9}} }, []string{"RateLimits[0].Requests must be from 10 to 100000000, got 9"}},
		"a route's key": {func(p *Props) { p.RateLimits = []RateLimit{{"/login/{proxy+}", 10}} }, []string{`RateLimits[0].Path must start with a slash and be the beginning of a path without variables, at most 200 characters, got "/login/{proxy+}"`}},
		"too many":      {func(p *Props) { p.RateLimits = many(51) }, []string{"RateLimits must be at most 50, got 51"}},
		"TLS":           {func(p *Props) { p.TLS = TLS{Certificate: certificate{}, ServerName: "internal.shop.example.com"} }, nil},
		"a wildcard": {
			func(p *Props) { p.TLS = TLS{Certificate: certificate{}, ServerName: "*.example.com"} },
			[]string{`TLS.ServerName must be a domain name of the certificate in lower case, such as internal.shop.example.com, got "*.example.com"`},
		},
		"alarms": {func(p *Props) { p.Alarms = Alarms{profile.On, 1, 1000000000} }, nil},
		"everything": {
			func(p *Props) {
				*p = Props{
					CORS:     CORS{AllowOrigins: []string{"*", "x"}, AllowHeaders: []string{"a b"}, MaxAge: 48 * time.Hour, AllowCredentials: true},
					Throttle: Throttle{-1, -2}, RateLimits: []RateLimit{{}}, TLS: TLS{KeepHTTP: true}, AccessLogs: 3,
					Alarms: Alarms{Enabled: -2, Throttled: -1},
				}
			},
			[]string{
				"VPC is missing: set it, such as to network.New(…).VPC()",
				"Throttle.RatePerSecond must be from 0 to 1000000, got -1",
				"Throttle.Burst must be from 0 to 1000000, got -2",
				`CORS.AllowCredentials needs origins by name, got "*"`,
				`CORS.AllowOrigins must be "*" alone or origins, got ["*" "x"]`,
				`CORS.AllowOrigins must be origins as browsers send them, such as https://shop.example.com, got "x"`,
				`CORS.AllowHeaders must be names of headers, such as X-Request-Id, got "a b"`,
				"CORS.MaxAge must be whole seconds from 0s to 24h0m0s, got 48h0m0s",
				"RateLimits[0].Requests must be from 10 to 100000000, got 0",
				"TLS.Certificate is missing: set it, such as to awscertificatemanager.Certificate_FromCertificateArn(…)",
				`TLS.ServerName must be a domain name of the certificate in lower case, such as internal.shop.example.com, got ""`,
				"AccessLogs must be profile.On or profile.Off, or 0 for the profile's, got 3",
				"Alarms.Enabled must be profile.On or profile.Off, or 0 for the profile's, got -2",
				"Alarms.Throttled must be from 1 to 1000000000, got -1",
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

func TestTLSAgreesWithTheEnvironment(t *testing.T) {
	tls := TLS{Certificate: certificate{}, ServerName: "internal.shop.example.com"}
	both := tls
	both.KeepHTTP = true
	for name, c := range map[string]struct {
		tls  TLS
		ref  Ref
		want []string
	}{
		"no environment":           {tls, Ref{}, nil},
		"neither":                  {TLS{}, Ref{StackName: "shop-platform"}, nil},
		"both":                     {tls, Ref{StackName: "shop-platform", TLS: true}, nil},
		"services not yet":         {both, Ref{StackName: "shop-platform"}, nil},
		"services already":         {both, Ref{StackName: "shop-platform", TLS: true}, nil},
		"the environment alone":    {TLS{}, Ref{StackName: "shop-platform", TLS: true}, []string{"TLS is missing, since Platform.TLS of the environment is set: set Certificate and ServerName, or remove it there"}},
		"services would find none": {tls, Ref{StackName: "shop-platform"}, []string{"TLS needs KeepHTTP until Platform.TLS of the environment is set: services would read a listener for HTTP that does not exist"}},
	} {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.tls.validateFor(c.ref), c.want...) })
	}
}

func TestTheOwnerOfThePlatform(t *testing.T) {
	teams := team.Ref{StackName: "shop-teams", Teams: []team.Team{{Name: "platform", Email: "platform@example.com"}}}
	for name, c := range map[string]struct {
		props    Props
		defaults profile.Profile
		teams    team.Ref
		want     []string
	}{
		"no teams":   {Props{}, profile.Production(), team.Ref{}, nil},
		"a long one": {Props{Owner: strings.Repeat("ä", 256)}, profile.Production(), team.Ref{}, nil},
		"too long":   {Props{Owner: strings.Repeat("ä", 257)}, profile.Production(), team.Ref{}, []string{"Owner must be at most 256 characters, as it is in the descriptions of alarms, got 257"}},
		"two at once": {Props{Alarms: Alarms{Enabled: profile.On}, AccessLogs: profile.Off}, profile.Production(), teams, []string{
			"Alarms.Enabled needs AccessLogs, in which refused requests are counted: set it to profile.On too",
			"Owner is missing: name the team of the environment that answers for the platform",
		}},
		"one of them":   {Props{Owner: "platform"}, profile.Production(), teams, nil},
		"no alarms":     {Props{}, profile.Sandbox(), teams, nil},
		"no logs":       {Props{AccessLogs: profile.Off}, profile.Production(), teams, nil},
		"none":          {Props{}, profile.Production(), teams, []string{"Owner is missing: name the team of the environment that answers for the platform"}},
		"another":       {Props{Owner: "cart"}, profile.Production(), teams, []string{`Owner must be a team that stack shop-teams defines (platform), so that its alarms can notify it, got "cart": name one of them, or add it to the teams`}},
		"alarms of nil": {Props{Alarms: Alarms{Enabled: profile.On}}, profile.Sandbox(), team.Ref{}, []string{"Alarms.Enabled needs AccessLogs, in which refused requests are counted: set it to profile.On too"}},
	} {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.props.validateOwner(c.defaults, c.teams), c.want...) })
	}
}
