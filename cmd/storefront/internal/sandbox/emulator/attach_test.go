package emulator

import (
	"errors"
	"os"
	"path/filepath"
	"testing"
)

// A repository is moved with the folder of an emulator that has ended.
func TestAttachWhereTheRepositoryWasMoved(t *testing.T) {
	free, err := port(0)
	if err != nil {
		t.Fatal(err)
	}
	was := &Emulator{state: state{Dir: filepath.Join(t.TempDir(), "run"), Port: free}}
	if err := os.MkdirAll(was.Dir, 0o700); err != nil {
		t.Fatal(err)
	}
	if err := was.prepare(); err != nil {
		t.Fatal(err)
	}
	if err := was.write(); err != nil {
		t.Fatal(err)
	}
	moved := filepath.Join(t.TempDir(), "run")
	if err := os.Rename(was.Dir, moved); err != nil {
		t.Fatal(err)
	}
	if _, err := Attach(t.Context(), moved); !errors.Is(err, ErrNotRunning) {
		t.Errorf("got %v, want %v", err, ErrNotRunning)
	}
}
