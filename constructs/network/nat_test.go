package network

import (
	"os/exec"
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/constructs/profile"
)

func TestUserData(t *testing.T) {
	got := userData("10.8.0.0/16", "https://example.com/signal?a=1&b=2")
	for _, want := range []string{
		"#!/bin/bash\nvpc='10.8.0.0/16'\nsignal_url='https://example.com/signal?a=1&b=2'\n",
		"net.ipv4.ip_forward = 1",
		"--source $vpc ! --destination $vpc --jump MASQUERADE",
		"systemctl enable nat", // survives a reboot
		"WantedBy=multi-user.target",
		"Restart=on-failure",
		"signal SUCCESS",
		"signal FAILURE",
		"--retry 60",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("the user data has no %q", want)
		}
	}
	for _, never := range []string{"dnf", "yum", "${"} { // it installs nothing, and is no template
		if strings.Contains(got, never) {
			t.Errorf("the user data has %q", never)
		}
	}
	if !strings.HasPrefix(got, "#!/bin/bash\n") || len(got) > 16*1024 {
		t.Errorf("cloud-init runs no script that begins with %.12q and has %d bytes", got, len(got))
	}
	check := exec.Command("bash", "-n")
	check.Stdin = strings.NewReader(got)
	if output, err := check.CombinedOutput(); err != nil {
		t.Errorf("bash: %v\n%s", err, output)
	}
}

// Nothing but these replaces the instance, and each of them does, since a running one would not take it over.
func TestTheNATInstanceIsReplacedByItsOwnProps(t *testing.T) {
	id := func(change func(*Props)) string {
		p := Props{Zones: []string{"eu-central-1a"}, NAT: NATInstance}
		change(&p)
		return natInstanceID(p.withDefaults(profile.Sandbox()))
	}
	before := id(func(*Props) {})
	for name, change := range map[string]func(*Props){
		"AMI":  func(p *Props) { p.NATInstanceAMI = "other" },
		"type": func(p *Props) { p.NATInstanceType = "t4g.micro" },
		"CIDR": func(p *Props) { p.CIDR = "10.8.0.0/16" },
	} {
		if id(change) == before {
			t.Errorf("another %s does not replace the instance", name)
		}
	}
	for name, change := range map[string]func(*Props){
		"zone":      func(p *Props) { p.Zones = append(p.Zones, "eu-central-1b") },
		"endpoint":  func(p *Props) { p.Endpoints = TaskEndpoints() },
		"flow logs": func(p *Props) { p.FlowLogs = profile.On },
	} {
		if id(change) != before {
			t.Errorf("another %s replaces the instance", name)
		}
	}
}
