package assembly

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	stacks, err := Read("testdata/assembly")
	if err != nil {
		t.Fatal(err)
	}
	if len(stacks) != 2 {
		t.Fatalf("got %d stacks, want 2", len(stacks))
	}
	cart, plain := stacks[0], stacks[1]
	if cart.ID != "Cart" || cart.Name != "shop-cart" || cart.Account != "111122223333" || cart.Region != "eu-central-1" {
		t.Errorf("got %+v", cart)
	}
	if cart.BootstrapVersion != 6 || cart.BootstrapParameter != "/cdk-bootstrap/hnb659fds/version" ||
		cart.DeployRole != "arn:${AWS::Partition}:iam::111122223333:role/deploy" {
		t.Errorf("got %+v", cart)
	}
	if got := cart.Resources("AWS::SQS::Queue"); len(got) != 2 || got[1].LogicalID != "Inner" {
		t.Errorf("got %v, want the queue of the stack and that of its nested stack", got)
	}
	if len(cart.Dependencies) != 1 || cart.Dependencies[0] != "Plain" || cart.Tags["owner"] != "checkout" {
		t.Errorf("got %v and %v, want the stack before it, and its tags", cart.Dependencies, cart.Tags)
	}
	if plain.Name != "Plain" || plain.Account != "" || plain.Region != "" {
		t.Errorf("got %+v, want a stack of any account and region", plain)
	}
}

func TestReadFails(t *testing.T) {
	_, err := Read(t.TempDir())
	if err == nil || !strings.HasPrefix(err.Error(), "read cloud assembly: open ") || !strings.HasSuffix(err.Error(), ": run go tool storefront synth first, or cdk synth") {
		t.Errorf("got %v", err)
	}
}

// An assembly that has itself or its parent nested in it would be read without end.
func TestReadAnAssemblyInItself(t *testing.T) {
	for _, directory := range []string{".", "..", "a/../.."} {
		dir := t.TempDir()
		manifest := `{"artifacts": {"Prod": {"type": "cdk:cloud-assembly", "properties": {"directoryName": "` + directory + `"}}}}`
		if err := os.WriteFile(filepath.Join(dir, "manifest.json"), []byte(manifest), 0o600); err != nil {
			t.Fatal(err)
		}
		_, err := Read(dir)
		if err == nil || !strings.Contains(err.Error(), `artifact "Prod" must be a directory below that of the manifest, got "`) {
			t.Errorf("%s: got %v", directory, err)
		}
	}
}
