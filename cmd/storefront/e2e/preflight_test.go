package e2e

import (
	"bytes"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// preflight runs what storefront preflight runs. It is not required to pass: an emulator lacks some of the APIs, and an account may
// have a line that a person must mend.
func preflight(t *testing.T, s *suite) {
	command := exec.CommandContext(s.ctx, filepath.Join(s.root, "bin", "storefront"), "preflight", s.assembly)
	command.Env = s.target.Environ
	var problems bytes.Buffer
	command.Stderr = &problems
	output, err := command.Output()
	if err != nil && command.ProcessState.ExitCode() != 1 {
		t.Fatalf("%v\n%s%s", err, output, problems.Bytes())
	}
	region := s.config(t, s.assembly).Region
	for _, want := range []string{
		"ok stacks 10 of 10 are deployed in account " + s.target.Account + ", " + region + "\n",
		"\nok bootstrap version ",
		"\nok zones " + region + "a is ",
		"\nok API integrations 13 needed, 13 used, 300 allowed, 287 left\n",
		"\nok changes 10 stacks compared with what is deployed: nothing found\n",
	} {
		if !strings.Contains(oneSpace(string(output)), want) {
			t.Errorf("want %q in\n%s", want, output)
		}
	}
}

// oneSpace joins the columns of each line by one space.
func oneSpace(text string) string {
	var b strings.Builder
	for line := range strings.Lines(text) {
		b.WriteString(strings.Join(strings.Fields(line), " ") + "\n")
	}
	return b.String()
}
