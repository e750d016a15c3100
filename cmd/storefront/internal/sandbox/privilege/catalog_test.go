package privilege

import (
	"regexp"
	"slices"
	"testing"
)

// No action of an access is also an attack: one of the two lists would be wrong.
func TestAttacksAreNoUses(t *testing.T) {
	action := regexp.MustCompile(`^[a-z0-9-]+:[A-Z][A-Za-z]+$`)
	for kind, list := range attacks {
		for _, attack := range list {
			if !action.MatchString(attack) {
				t.Errorf("%s: want an action such as dynamodb:GetItem, got %q", kind, attack)
			}
			for access, allowed := range accesses[kind] {
				if slices.Contains(allowed, attack) {
					t.Errorf("%s: %s is an attack and part of %s", kind, attack, access)
				}
			}
		}
		if !slices.IsSorted(list) {
			t.Errorf("%s: want the attacks sorted, got %v", kind, list)
		}
	}
}

func TestReadWriteIsBoth(t *testing.T) {
	read, _ := table.allows("Read")
	write, _ := table.allows("Write")
	both, ok := table.allows("ReadWrite")
	if !ok || !slices.Equal(both, slices.Concat(read, write)) || len(read) == 0 || len(write) == 0 {
		t.Errorf("got %v, want %v and %v", both, read, write)
	}
	for _, unknown := range []string{"", "Delete", "AdministerUsers"} {
		if got, ok := table.allows(unknown); ok {
			t.Errorf("%q of a table: got %v, want none", unknown, got)
		}
	}
	if got, ok := pool.allows("ReadWrite"); ok {
		t.Errorf("ReadWrite of a pool: got %v, want none", got)
	}
	if actions, ok := pool.allows("AdministerUsers"); !ok || len(actions) == 0 {
		t.Error("AdministerUsers of a pool: got none")
	}
}

func TestPartition(t *testing.T) {
	for region, want := range map[string]string{"eu-central-1": "aws", "cn-north-1": "aws-cn", "us-gov-west-1": "aws-us-gov"} {
		if got := partition(region); got != want {
			t.Errorf("%s: got %s, want %s", region, got, want)
		}
	}
}
