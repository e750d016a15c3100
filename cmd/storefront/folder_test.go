package main

import (
	"os/exec"
	"strings"
	"testing"
)

// The clinic is a folder of this repository, whose node_modules is in the root. Commands leave nothing that git sees.
func TestAnAppInAFolderOfARepository(t *testing.T) {
	const clinic = "../../examples/clinic"
	status := func() string {
		command := exec.CommandContext(t.Context(), "git", "status", "--porcelain", "--", ".")
		command.Dir = clinic
		output, err := command.Output()
		if err != nil {
			t.Fatal(err)
		}
		return string(output)
	}
	before := status()
	for _, test := range []struct {
		args []string
		want string
	}{
		{[]string{"synth", "--env", "production", "--only", "patients"}, "1 stack, 33 resources"},
		{[]string{"test"}, "ok"},
		{[]string{"graph", "--env", "production", "--check"}, ""}, // the pages that its tests make of golden templates
		{[]string{"graph", "--env", "production", "--only", "reminders", "--json"}, `"publishers": []`},
	} {
		command := exec.CommandContext(t.Context(), program, test.args...)
		command.Dir, command.Env = clinic, environment()
		output, err := command.CombinedOutput()
		if err != nil || !strings.Contains(string(output), test.want) {
			t.Errorf("storefront %s: %v\n%s", strings.Join(test.args, " "), err, output)
		}
	}
	if after := status(); after != before {
		t.Errorf("git status was\n%s\nand is\n%s", before, after)
	}
}
