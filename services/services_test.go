// Package services has the programs of the storefront's services, each in a folder that has the name of its image.
package services

import (
	"os/exec"
	"strings"
	"testing"
)

// The CDK is for synthesis. With it, a program would be 100 MB larger and start Node.js.
func TestNoProgramHasTheCDK(t *testing.T) {
	listed, err := exec.Command("go", "list", "-deps", "./...").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, listed)
	}
	all := strings.Fields(string(listed))
	if len(all) < 100 {
		t.Fatalf("only %d packages are listed", len(all))
	}
	for _, path := range all {
		if strings.Contains(path, "aws-cdk") || strings.Contains(path, "jsii") || strings.Contains(path, "aws/constructs-go") {
			t.Errorf("a program depends on %s: see go mod why %s", path, path)
		}
	}
}
