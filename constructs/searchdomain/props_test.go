package searchdomain

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestDefaults(t *testing.T) {
	cases := map[string]struct {
		props   Props
		profile profile.Profile
		want    Props
	}{
		"sandbox":    {Props{}, profile.Sandbox(), Props{InstanceType: "t3.small.search", VolumeGiB: 20}},
		"production": {Props{}, profile.Production(), Props{InstanceType: "m7g.medium.search", VolumeGiB: 20}},
		"explicit": {
			Props{InstanceType: "r7g.large.search", VolumeGiB: 100, Retain: profile.Off},
			profile.Production(),
			Props{InstanceType: "r7g.large.search", VolumeGiB: 100, Retain: profile.Off},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, c.props.withDefaults(c.profile)); diff != "" {
				t.Errorf("props (-want +got):\n%s", diff)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	const (
		instanceType = "InstanceType must be one that OpenSearch Service has for data nodes, such as r7g.large.search, got "
		volume       = "VolumeGiB must be from 10 to 100 with InstanceType t3.small.search, got "
		another      = ": choose another, such as r7g.large.search"
	)
	cases := map[string]struct {
		change func(*Props)
		want   []string
	}{
		"valid":                    {func(*Props) {}, nil},
		"the platform's network":   {func(p *Props) { p.VPC = nil }, nil},
		"another instance":         {func(p *Props) { p.InstanceType = "or1.16xlarge.search" }, nil},
		"no such family":           {func(p *Props) { p.InstanceType = "x9.large.search" }, []string{instanceType + `"x9.large.search"`}},
		"no such size":             {func(p *Props) { p.InstanceType = "m5.16xlarge.search" }, []string{instanceType + `"m5.16xlarge.search"`}},
		"disks of its own":         {func(p *Props) { p.InstanceType = "im4gn.large.search" }, []string{`InstanceType "im4gn.large.search" has disks of its own and takes no EBS volume` + another}},
		"no gp3 volumes":           {func(p *Props) { p.InstanceType = "t2.small.search" }, []string{`InstanceType "t2.small.search" is of a previous generation and takes no gp3 volume` + another}},
		"a warm node":              {func(p *Props) { p.InstanceType = "ultrawarm1.medium.search" }, []string{`InstanceType "ultrawarm1.medium.search" is for warm nodes and not for data nodes` + another}},
		"an instance of EC2":       {func(p *Props) { p.InstanceType = "r7g.large" }, []string{instanceType + `"r7g.large"`}},
		"an old-fashioned one":     {func(p *Props) { p.InstanceType = "r7g.large.elasticsearch" }, []string{instanceType + `"r7g.large.elasticsearch"`}},
		"an instance in uppercase": {func(p *Props) { p.InstanceType = "R7G.large.search" }, []string{instanceType + `"R7G.large.search"`}},
		"smallest volume":          {func(p *Props) { p.VolumeGiB = 10 }, nil},
		"too small a volume":       {func(p *Props) { p.VolumeGiB = 9 }, []string{volume + "9"}},
		"largest volume":           {func(p *Props) { p.VolumeGiB = 100 }, nil},
		"largest volume of all":    {func(p *Props) { p.InstanceType, p.VolumeGiB = "r7g.large.search", 24576 }, nil},
		"too large a volume":       {func(p *Props) { p.VolumeGiB = 101 }, []string{volume + "101"}},
		"too large for any": {
			func(p *Props) { p.InstanceType, p.VolumeGiB = "r7g.large.search", 24577 },
			[]string{"VolumeGiB must be from 10 to 24576 with InstanceType r7g.large.search, got 24577"},
		},
		"retained": {func(p *Props) { p.Retain = profile.On }, nil},
		"everything": {
			func(p *Props) { *p = Props{InstanceType: "x", VolumeGiB: -1, Retain: 3} },
			[]string{instanceType + `"x"`, "Retain must be profile.On or profile.Off, or 0 for the profile's, got 3"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := Props{VPC: struct{ awsec2.IVpc }{}}
			c.change(&p)
			expect.Problems(t, p.withDefaults(profile.Sandbox()).validate(), c.want...)
		})
	}
}
