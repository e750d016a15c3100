package network

import (
	"testing"

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
		"sandbox":    {Props{}, profile.Sandbox(), Props{CIDR: "10.0.0.0/16", NAT: NATInstance, NATInstanceAMI: DefaultNATInstanceAMI, NATInstanceType: "t4g.nano"}},
		"production": {Props{}, profile.Production(), Props{CIDR: "10.0.0.0/16", NAT: NATGatewayPerZone}},
		"explicit": {
			Props{CIDR: "10.8.0.0/20", NAT: NoNAT, FlowLogs: profile.Off},
			profile.Production(),
			Props{CIDR: "10.8.0.0/20", NAT: NoNAT, FlowLogs: profile.Off},
		},
		"explicit instance": {
			Props{NAT: NATInstance, NATInstanceAMI: "other", NATInstanceType: "t4g.micro"},
			profile.Production(),
			Props{CIDR: "10.0.0.0/16", NAT: NATInstance, NATInstanceAMI: "other", NATInstanceType: "t4g.micro"},
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
	const cidr = "CIDR must be an IPv4 CIDR block from /16 to /24 without host bits, such as 10.0.0.0/16, got "
	zones := func(letters string) []string {
		var all []string
		for _, letter := range letters {
			all = append(all, "eu-central-1"+string(letter))
		}
		return all
	}
	cases := map[string]struct {
		change func(*Props)
		want   []string
	}{
		"valid":                 {func(*Props) {}, nil},
		"no zone":               {func(p *Props) { p.Zones = nil }, []string{"Zones must name 1 to 6 availability zones, got 0"}},
		"one zone":              {func(p *Props) { p.Zones = zones("a") }, nil},
		"six zones":             {func(p *Props) { p.Zones = zones("abcdef") }, nil},
		"seven zones":           {func(p *Props) { p.Zones = zones("abcdefg") }, []string{"Zones must name 1 to 6 availability zones, got 7"}},
		"repeated zone":         {func(p *Props) { p.Zones = zones("aba") }, []string{`Zones must name each zone once, got "eu-central-1a" twice`}},
		"largest range":         {func(p *Props) { p.CIDR = "172.16.0.0/16" }, nil},
		"smallest range":        {func(p *Props) { p.CIDR = "192.168.7.0/24" }, nil},
		"too large":             {func(p *Props) { p.CIDR = "10.0.0.0/15" }, []string{cidr + `"10.0.0.0/15"`}},
		"too small":             {func(p *Props) { p.CIDR = "10.0.0.0/25" }, []string{cidr + `"10.0.0.0/25"`}},
		"IPv6":                  {func(p *Props) { p.CIDR = "fd00::/16" }, []string{cidr + `"fd00::/16"`}},
		"an address":            {func(p *Props) { p.CIDR = "10.0.0.0" }, []string{cidr + `"10.0.0.0"`}},
		"last NAT":              {func(p *Props) { p.NAT = NATGatewayPerZone }, nil},
		"no such NAT":           {func(p *Props) { p.NAT = 5 }, []string{"NAT must be one of the network package's constants, got 5"}},
		"a negative NAT":        {func(p *Props) { p.NAT = -1 }, []string{"NAT must be one of the network package's constants, got -1"}},
		"no NAT with endpoints": {func(p *Props) { p.NAT, p.Endpoints = NoNAT, TaskEndpoints() }, nil},
		"no NAT without endpoints": {func(p *Props) { p.NAT = NoNAT }, []string{
			"NoNAT requires the Endpoints ecr.api, ecr.dkr, logs, without which no task starts: set Endpoints to network.TaskEndpoints(), got []",
		}},
		"no NAT with some endpoints": {func(p *Props) { p.NAT, p.Endpoints = NoNAT, []Endpoint{Logs, SQS, ECRAPI} }, []string{
			`NoNAT requires the Endpoints ecr.dkr, without which no task starts: set Endpoints to network.TaskEndpoints(), got ["logs" "sqs" "ecr.api"]`,
		}},
		"NAT with endpoints": {func(p *Props) { p.NAT, p.Endpoints = NATGateway, []Endpoint{KMS} }, nil},
		"any endpoint":       {func(p *Props) { p.Endpoints = append(TaskEndpoints(), "bedrock-runtime", "execute-api") }, nil},
		"an endpoint twice":  {func(p *Props) { p.Endpoints = []Endpoint{KMS, Logs, KMS} }, []string{`Endpoints must have each endpoint once, got "kms" twice`}},
		"a gateway endpoint": {func(p *Props) { p.Endpoints = []Endpoint{KMS, "s3"} }, []string{`Endpoints[1] must not be "s3", for which the network has a gateway endpoint, which is free: remove it`}},
		"an endpoint's domain": {func(p *Props) { p.Endpoints = []Endpoint{"Logs", ""} }, []string{
			`Endpoints[0] must be a service's name after com.amazonaws and the region, such as "ecr.api", got "Logs"`,
			`Endpoints[1] must be a service's name after com.amazonaws and the region, such as "ecr.api", got ""`,
		}},
		"another AMI and type": {func(p *Props) {
			p.NATInstanceAMI, p.NATInstanceType = "al2023-ami-ecs-hvm-2023.0.20271231-kernel-6.18-arm64", "c7gn.medium"
		}, nil},
		"an AMI by its ID": {func(p *Props) { p.NATInstanceAMI = "ami-0c2023a1b2c3d4e5f" }, []string{
			`NATInstanceAMI must be a release such as al2023-ami-ecs-hvm-2023.0.20260727-kernel-6.1-arm64, got "ami-0c2023a1b2c3d4e5f"`,
		}},
		"an AMI for another processor": {func(p *Props) {
			p.NATInstanceAMI, p.NATInstanceType = "al2023-ami-ecs-hvm-2023.0.20260727-kernel-6.1-x86_64", "t3.nano"
		}, []string{
			`NATInstanceAMI must be a release such as al2023-ami-ecs-hvm-2023.0.20260727-kernel-6.1-arm64, got "al2023-ami-ecs-hvm-2023.0.20260727-kernel-6.1-x86_64"`,
			`NATInstanceType must be one with an ARM64 processor, such as t4g.micro, got "t3.nano"`,
		}},
		"an instance that is not there": {func(p *Props) {
			p.NAT, p.NATInstanceAMI, p.NATInstanceType = NATGateway, DefaultNATInstanceAMI, "t4g.nano"
		}, []string{
			`NATInstanceAMI needs NAT: network.NATInstance, got "al2023-ami-ecs-hvm-2023.0.20260727-kernel-6.1-arm64" without it`,
			`NATInstanceType needs NAT: network.NATInstance, got "t4g.nano" without it`,
		}},
		"everything": {func(p *Props) { *p = Props{CIDR: "x", NAT: 9, FlowLogs: 3, Endpoints: []Endpoint{"."}} }, []string{
			"Zones must name 1 to 6 availability zones, got 0", cidr + `"x"`, "NAT must be one of the network package's constants, got 9",
			`Endpoints[0] must be a service's name after com.amazonaws and the region, such as "ecr.api", got "."`,
			"FlowLogs must be profile.On or profile.Off, or 0 for the profile's, got 3",
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := Props{Zones: zones("abc")}
			c.change(&p)
			expect.Problems(t, p.withDefaults(profile.Sandbox()).validate("eu-central-1"), c.want...)
		})
	}
}

func TestCheckZones(t *testing.T) {
	const (
		elsewhere = "Zones must be zones in region us-west-2, got "
		token     = "Zones must be names that are known at synthesis, such as eu-central-1a, got a token"
	)
	six := []string{"us-west-2a", "us-west-2b", "us-west-2c", "us-west-2d", "us-west-2e", "us-west-2f"}
	cases := map[string]struct {
		region string
		zones  []string
		want   []string
	}{
		"zones":                      {"us-west-2", []string{"us-west-2a", "us-west-2d"}, nil},
		"local zone":                 {"us-west-2", []string{"us-west-2a", "us-west-2-lax-1a", "us-west-2-lax-1b"}, nil},
		"wavelength zone":            {"us-west-2", []string{"us-west-2-wl1-sfo-wlz-1"}, nil},
		"no zones":                   {"us-west-2", nil, []string{"Zones must name 1 to 6 availability zones, got 0"}},
		"no zones of no region":      {"", nil, []string{"Zones must name 1 to 6 availability zones, got 0"}},
		"six zones":                  {"us-west-2", six, nil},
		"seven zones":                {"us-west-2", append(six, "us-west-2g"), []string{"Zones must name 1 to 6 availability zones, got 7"}},
		"region not known yet":       {"", []string{"us-west-2a", "eu-central-1a"}, nil},
		"twice where it is not":      {"", []string{"us-west-2a", "us-west-2a"}, []string{`Zones must name each zone once, got "us-west-2a" twice`}},
		"no name":                    {"us-west-2", []string{""}, []string{`Zones must be names such as eu-central-1a, got ""`}},
		"no name in no known region": {"", []string{""}, []string{`Zones must be names such as eu-central-1a, got ""`}},
		"a URL in no known region":   {"", []string{"https://us-west-2a"}, []string{`Zones must be names such as eu-central-1a, got "https://us-west-2a"`}},
		"a region as a zone":         {"", []string{"us-west-2"}, []string{`Zones must be names such as eu-central-1a, got "us-west-2"`}},
		"other zones of any region":  {"", []string{"us-gov-west-1a", "us-west-2-lax-1a", "us-east-1-wl1-bos-wlz-1", "mx-central-1c"}, nil},
		"another region":             {"us-west-2", []string{"us-west-1a"}, []string{elsewhere + `"us-west-1a"`}},
		"the region itself":          {"us-west-2", []string{"us-west-2"}, []string{elsewhere + `"us-west-2"`}},
		"region with another digit":  {"us-west-2", []string{"us-west-21a"}, []string{elsewhere + `"us-west-21a"`}},
		"digit instead of a letter":  {"us-west-2", []string{"us-west-29", "us-west-20"}, []string{elsewhere + `"us-west-29"`, elsewhere + `"us-west-20"`}},
		"a token":                    {"us-west-2", []string{"${Token[TOKEN.7]}", "us-west-2b", "${Token[TOKEN.7]}"}, []string{token, token}},
		"the letter alone":           {"us-west-2", []string{"a"}, []string{elsewhere + `"a"`}},
		"everything": {"us-west-2", []string{"us-east-1a", "us-west-2a", "us-east-1a", ""}, []string{
			elsewhere + `"us-east-1a"`,
			`Zones must name each zone once, got "us-east-1a" twice`,
			elsewhere + `"us-east-1a"`,
			`Zones must be names such as eu-central-1a, got ""`,
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { expect.Problems(t, CheckZones("Zones", c.zones, c.region), c.want...) })
	}
}
