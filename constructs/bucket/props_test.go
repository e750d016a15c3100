package bucket

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestDefaults(t *testing.T) {
	cases := map[string]struct{ props, want Props }{
		"zero":          {Props{}, Props{}},
		"versioned":     {Props{Versioned: true}, Props{Versioned: true, PreviousVersionDays: 30}},
		"explicit days": {Props{Versioned: true, PreviousVersionDays: 1}, Props{Versioned: true, PreviousVersionDays: 1}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := c.props.withDefaults()
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("props (-want +got):\n%s", diff)
			}
			expect.Problems(t, got.validate())
		})
	}
}

func TestValidate(t *testing.T) {
	rules := func(all ...Rule) Props { return Props{Lifecycle: all} }
	cases := map[string]struct {
		props Props
		want  []string
	}{
		"negative version days":    {Props{Versioned: true, PreviousVersionDays: -1}, []string{"PreviousVersionDays must not be negative, got -1"}},
		"version days unversioned": {Props{PreviousVersionDays: 1}, []string{"PreviousVersionDays needs Versioned, got 1 without it"}},
		"negative, unversioned":    {Props{PreviousVersionDays: -1}, []string{"PreviousVersionDays must not be negative, got -1"}},

		"rule that does nothing": {rules(Rule{Prefix: "logs/"}), []string{"Lifecycle[0] does nothing: set InfrequentAccessAfterDays or ExpireAfterDays"}},
		"earliest expiry":        {rules(Rule{ExpireAfterDays: 1}), nil},
		"negative expiry":        {rules(Rule{ExpireAfterDays: -1}), []string{"Lifecycle[0].ExpireAfterDays must not be negative, got -1"}},
		"earliest move":          {rules(Rule{InfrequentAccessAfterDays: 30}), nil},
		"move too early":         {rules(Rule{InfrequentAccessAfterDays: 29}), []string{"Lifecycle[0].InfrequentAccessAfterDays must be at least 30, got 29"}},
		"negative move":          {rules(Rule{InfrequentAccessAfterDays: -1}), []string{"Lifecycle[0].InfrequentAccessAfterDays must be at least 30, got -1"}},
		"moved for a day":        {rules(Rule{InfrequentAccessAfterDays: 30, ExpireAfterDays: 31}), nil},
		"expires before it moves": {
			rules(Rule{InfrequentAccessAfterDays: 30, ExpireAfterDays: 1}),
			[]string{"Lifecycle[0].ExpireAfterDays must be more than InfrequentAccessAfterDays (30), got 1"},
		},
		"expires as it moves": {
			rules(Rule{InfrequentAccessAfterDays: 30, ExpireAfterDays: 30}),
			[]string{"Lifecycle[0].ExpireAfterDays must be more than InfrequentAccessAfterDays (30), got 30"},
		},

		"days beyond S3": {
			Props{Versioned: true, PreviousVersionDays: 1 << 31, Lifecycle: []Rule{{ExpireAfterDays: 1 << 40}, {InfrequentAccessAfterDays: 1 << 31}}},
			[]string{
				"PreviousVersionDays must be at most 2147483647, got 2147483648",
				"Lifecycle[0] must have at most 2147483647 days, got 1099511627776",
				"Lifecycle[1] must have at most 2147483647 days, got 2147483648",
			},
		},
		"the most days":   {Props{Versioned: true, PreviousVersionDays: 1<<31 - 1, Lifecycle: []Rule{{ExpireAfterDays: 1<<31 - 1}}}, nil},
		"too many rules":  {rules(slices.Repeat([]Rule{{ExpireAfterDays: 1}}, 999)...), []string{"Lifecycle must have at most 998 rules, got 999"}},
		"prefix too long": {rules(Rule{Prefix: strings.Repeat("p", 1025), ExpireAfterDays: 1}), []string{"Lifecycle[0].Prefix must be at most 1024 bytes, got 1025"}},

		"origins":    {Props{UploadOrigins: []string{"https://shop.example.com", "https://*.example.com"}}, nil},
		"any origin": {Props{UploadOrigins: []string{"*"}}, nil},
		"origins that no browser sends, and one twice": {
			Props{UploadOrigins: []string{"ftp://a", "https://a:99999", "https://b", "https://b"}},
			[]string{
				`UploadOrigins must be origins as browsers send them, such as https://shop.example.com, got "ftp://a"`,
				`UploadOrigins must be origins as browsers send them, such as https://shop.example.com, got "https://a:99999"`,
				`UploadOrigins must name each origin once, got "https://b" twice`,
			},
		},
		"no origin": {Props{UploadOrigins: []string{"shop.example.com"}}, []string{
			`UploadOrigins must be origins as browsers send them, such as https://shop.example.com, got "shop.example.com"`,
		}},

		"everything": {
			Props{
				PreviousVersionDays: 9,
				Lifecycle:           []Rule{{ExpireAfterDays: 1}, {}, {InfrequentAccessAfterDays: 20, ExpireAfterDays: 10}, {InfrequentAccessAfterDays: 3, ExpireAfterDays: -4}},
				UploadOrigins:       []string{"https://"},
				Retain:              3,
			},
			[]string{
				"PreviousVersionDays needs Versioned, got 9 without it",
				"Lifecycle[1] does nothing: set InfrequentAccessAfterDays or ExpireAfterDays",
				"Lifecycle[2].InfrequentAccessAfterDays must be at least 30, got 20",
				"Lifecycle[2].ExpireAfterDays must be more than InfrequentAccessAfterDays (20), got 10",
				"Lifecycle[3].InfrequentAccessAfterDays must be at least 30, got 3",
				"Lifecycle[3].ExpireAfterDays must not be negative, got -4",
				`UploadOrigins must be origins as browsers send them, such as https://shop.example.com, got "https://"`,
				"Retain must be profile.On or profile.Off, or 0 for the profile's, got 3",
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.props.withDefaults().validate(), c.want...) })
	}
}
