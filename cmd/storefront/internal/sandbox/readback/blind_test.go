package readback

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestBlind(t *testing.T) {
	const asked = `{"ContainerDefinitions": [{"Name": "app", "Command": ["a", "b"], "Environment": [{"Name": "A", "Value": "1"}]}], "Cpu": 256}`
	want := asProperties(t, asked)
	changed, unseen := blind("AWS::ECS::TaskDefinition", marks{}, want, asProperties(t, asked))
	if changed != 6 || unseen != nil {
		t.Errorf("want 6 changes, all seen, got %d, unseen %q", changed, unseen)
	}
	if diff := cmp.Diff(asProperties(t, asked), want); diff != "" {
		t.Errorf("the changes are undone (-want +got):\n%s", diff)
	}

	// A rule by which the changed value passes.
	const value = "AWS::ECS::TaskDefinition ContainerDefinitions[].Environment[].Value"
	byPath[value] = rule{ending: "~"}
	defer delete(byPath, value)
	_, unseen = blind("AWS::ECS::TaskDefinition", marks{}, want, asProperties(t, asked))
	if diff := cmp.Diff([]string{"ContainerDefinitions[0].Environment[0].Value"}, unseen); diff != "" {
		t.Errorf("unseen (-want +got):\n%s", diff)
	}

	if changed, unseen := blind("AWS::KMS::Key", marks{}, asProperties(t, `{"PendingWindowInDays": 7}`), properties{}); changed != 0 || unseen != nil {
		t.Errorf("want properties that no API returns left out, got %d changes, unseen %q", changed, unseen)
	}
}
