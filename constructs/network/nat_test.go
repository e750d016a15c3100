package network

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
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

// The user data runs here with a root folder of its own, and commands that are recorded.
func TestWhatTheUserDataDoes(t *testing.T) {
	for name, test := range map[string]struct {
		systemctl, status, reason string
		restarts                  int
	}{
		"it works":                 {"exit 0", "SUCCESS", "forwards for 10.8.0.0/16", 1},
		"it works the second time": {`[ "$1" != restart ] || [ "$(grep -c 'systemctl restart' "$root/calls")" -gt 1 ]`, "SUCCESS", "forwards for 10.8.0.0/16", 2},
		"it never works":           {`[ "$1" != restart ]`, "FAILURE", "NAT instance i-0123 cannot forward: see aws ec2 get-console-output --instance-id i-0123", 10},
		"there is no Docker":       {`[ "$1" != disable ]`, "SUCCESS", "forwards for 10.8.0.0/16", 1},
	} {
		t.Run(name, func(t *testing.T) {
			root := t.TempDir()
			for _, folder := range []string{"bin", "run", "etc/sysctl.d", "etc/systemd/system", "usr/local/sbin", "var/lib/cloud/data"} {
				if err := os.MkdirAll(filepath.Join(root, folder), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			write := func(file, text string) {
				t.Helper()
				if err := os.WriteFile(filepath.Join(root, file), []byte(text), 0o755); err != nil {
					t.Fatal(err)
				}
			}
			for command, does := range map[string]string{"systemctl": test.systemctl, "curl": "exit 0", "journalctl": "exit 0", "sleep": "exit 0"} {
				write("bin/"+command, "#!/bin/bash\necho \""+command+" $*\" >>\"$root/calls\"\n"+does+"\n")
			}
			write("var/lib/cloud/data/instance-id", "i-0123\n")
			text := userData("10.8.0.0/16", "https://example.com/signal?a=1&b=2")
			for _, folder := range []string{"/run/", "/etc/", "/var/lib/", "/usr/local/sbin/nat\n", ">/usr/local/sbin/", " /usr/local/sbin/"} {
				text = strings.ReplaceAll(text, folder, strings.Replace(folder, "/", root+"/", 1))
			}
			script := exec.Command("bash")
			script.Stdin = strings.NewReader(text)
			script.Env = append(os.Environ(), "root="+root, "PATH="+filepath.Join(root, "bin")+":"+os.Getenv("PATH"))
			output, err := script.CombinedOutput()
			if failed := err != nil; failed != (test.status == "FAILURE") {
				t.Errorf("the script ends with %v\n%s", err, output)
			}
			read := func(file string) string {
				text, err := os.ReadFile(filepath.Join(root, file))
				if err != nil {
					t.Error(err)
				}
				return string(text)
			}
			var signal map[string]string
			if err := json.Unmarshal([]byte(read("run/nat-signal.json")), &signal); err != nil {
				t.Fatal(err)
			}
			if want := map[string]string{"Status": test.status, "Reason": test.reason, "UniqueId": "i-0123", "Data": "none"}; !maps.Equal(signal, want) {
				t.Errorf("it signals %v, want %v", signal, want)
			}
			calls := read("calls")
			if got := strings.Count(calls, "systemctl restart nat\n"); got != test.restarts {
				t.Errorf("it tried %d times, want %d", got, test.restarts)
			}
			if !strings.Contains(calls, "--request PUT --header Content-Type: --data-binary @"+root+"/run/nat-signal.json https://example.com/signal?a=1&b=2\n") {
				t.Errorf("it signals by none of\n%s", calls)
			}
			const rule = "iptables --wait --table nat --append POSTROUTING --source 10.8.0.0/16 ! --destination 10.8.0.0/16 --jump MASQUERADE\n"
			if nat := read("usr/local/sbin/nat"); !strings.HasPrefix(nat, "#!/bin/bash\nset -euo pipefail\n") || !strings.HasSuffix(nat, rule) || !strings.Contains(nat, `echo 0 >"$redirects"`) {
				t.Errorf("at each boot it runs\n%s", nat)
			}
			if unit := read("etc/systemd/system/nat.service"); !strings.Contains(unit, "/usr/local/sbin/nat\n") {
				t.Errorf("the unit is\n%s", unit)
			}
		})
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
