package store

import "testing"

func TestUnsupported(t *testing.T) {
	for want, err := range map[string]error{
		`access must be Read, got "Write"`:                        Unsupported(Write, Read),
		`access must be Read or Write or ReadWrite, got "Delete"`: Unsupported("Delete", Read, Write, ReadWrite),
		`access must be AdministerUsers, got ""`:                  Unsupported("", "AdministerUsers"),
	} {
		if err.Error() != want {
			t.Errorf("got %q, want %q", err, want)
		}
	}
}
