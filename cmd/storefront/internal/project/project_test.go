package project

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// In a repository of several projects the lock file may be above the app, and nothing above the repository counts.
func TestPinned(t *testing.T) {
	for name, test := range map[string]struct {
		files []string
		want  string
	}{
		"beside cdk.json":                  {files: []string{"home/repo/.git/HEAD", "home/repo/apps/clinic/package-lock.json", "home/repo/package-lock.json"}, want: "home/repo/apps/clinic"},
		"above cdk.json":                   {files: []string{"home/repo/.git/HEAD", "home/repo/package-lock.json"}, want: "home/repo"},
		"the nearest":                      {files: []string{"home/repo/.git/HEAD", "home/repo/apps/package-lock.json", "home/repo/package-lock.json"}, want: "home/repo/apps"},
		"a worktree, whose .git is a file": {files: []string{"home/repo/.git", "home/repo/package-lock.json"}, want: "home/repo"},
		"above the repository":             {files: []string{"home/repo/.git/HEAD", "home/package-lock.json"}, want: "home/repo/apps/clinic"},
		"without a repository":             {files: []string{"home/package-lock.json"}, want: "home/repo/apps/clinic"},
		"none":                             {files: []string{"home/repo/.git/HEAD"}, want: "home/repo/apps/clinic"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			write(t, filepath.Join(dir, "home/repo/apps/clinic/cdk.json"), `{"app": "go run ."}`)
			for _, file := range test.files {
				write(t, filepath.Join(dir, file), "")
			}
			p, err := Find(filepath.Join(dir, "home/repo/apps/clinic"))
			if err != nil {
				t.Fatal(err)
			}
			want := filepath.Join(dir, test.want)
			if got := p.Pinned(); got != want {
				t.Errorf("Pinned() = %s, want %s", got, want)
			}
			bin := filepath.Join(want, "node_modules", ".bin")
			if got, want := p.Bin("cdk"), filepath.Join(bin, "cdk"); got != want {
				t.Errorf("Bin(cdk) = %s, want %s", got, want)
			}
			if path := "PATH=" + bin + string(os.PathListSeparator); !hasPrefix(p.Environ(), path) {
				t.Errorf("no variable of the environment begins with %s", path)
			}
		})
	}
}

func hasPrefix(values []string, prefix string) bool {
	for _, value := range values {
		if strings.HasPrefix(value, prefix) {
			return true
		}
	}
	return false
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}
