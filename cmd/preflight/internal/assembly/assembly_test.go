package assembly

import (
	"strings"
	"testing"
)

func TestRead(t *testing.T) {
	a, err := Read("testdata/assembly")
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Stacks) != 2 {
		t.Fatalf("got %d stacks, want 2", len(a.Stacks))
	}
	cart, plain := a.Stacks[0], a.Stacks[1]
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
	if len(cart.BuiltImages) != 1 || cart.BuiltImages[0] != "asset.c" {
		t.Errorf("got %v", cart.BuiltImages)
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
	if err == nil || !strings.HasPrefix(err.Error(), "read cloud assembly: open ") {
		t.Errorf("got %v", err)
	}
}
