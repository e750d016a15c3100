package doctor

import (
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
)

// root is this repository, which has nothing to find.
const root = "../../../.."

// app is a repository in which nothing is to be found: the files of this one that doctor reads.
func app(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for _, file := range []string{"go.mod", "go.sum", "cdk.json", "package-lock.json", ".gitignore"} {
		text, err := os.ReadFile(filepath.Join(root, file))
		if err != nil {
			t.Fatal(err)
		}
		write(t, filepath.Join(dir, file), string(text))
	}
	write(t, filepath.Join(dir, "node_modules", "aws-cdk", "package.json"), `{"devDependencies": {"@aws-cdk/cloud-assembly-schema": ">=55.5.0"}}`)
	node := filepath.Join(dir, "node_modules", ".bin", "node")
	write(t, node, "#!/bin/sh\necho v24.21.0\n")
	if err := os.Chmod(node, 0o700); err != nil { //nolint:gosec // it is to be run
		t.Fatal(err)
	}
	git(t, dir, "init", "--quiet")
	return dir
}

func git(t *testing.T, dir string, args ...string) {
	t.Helper()
	command := exec.Command("git", args...)
	command.Dir = dir
	if output, err := command.CombinedOutput(); err != nil {
		t.Fatalf("git %v: %v\n%s", args, err, output)
	}
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// replace replaces text in a file.
func replace(t *testing.T, file, old, by string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), old) {
		t.Fatalf("%s has no %q", file, old)
	}
	write(t, file, strings.ReplaceAll(string(text), old, by))
}

// found are the findings that are not OK, a line each.
func found(t *testing.T, dir string) string {
	t.Helper()
	p, err := project.Find(dir)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for _, f := range Run(t.Context(), p) {
		if f.Status != finding.OK {
			lines = append(lines, f.Status.String()+" "+f.Check+": "+f.Detail+" | "+strings.ReplaceAll(f.Fix, "\n", "; "))
		}
	}
	return strings.ReplaceAll(strings.Join(lines, "\n"), dir, "DIR")
}

func TestRun(t *testing.T) {
	taken, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = taken.Close() }()
	_, port, _ := net.SplitHostPort(taken.Addr().String())
	in := func(file string) func(string) string {
		return func(dir string) string { return filepath.Join(dir, file) }
	}
	remove := func(file string) func(*testing.T, string) {
		return func(t *testing.T, dir string) {
			if err := os.RemoveAll(filepath.Join(dir, file)); err != nil {
				t.Fatal(err)
			}
		}
	}
	set := func(name, value string) func(*testing.T, string) {
		return func(t *testing.T, _ string) { t.Setenv(name, value) }
	}
	change := func(file, old, by string) func(*testing.T, string) {
		return func(t *testing.T, dir string) { replace(t, in(file)(dir), old, by) }
	}
	for name, test := range map[string]struct {
		change func(*testing.T, string)
		want   string // or the start of it, before …
	}{
		"nothing": {func(*testing.T, string) {}, ""},
		"flags that are not set": {
			func(t *testing.T, dir string) {
				replace(t, in("cdk.json")(dir), `    "@aws-cdk/core:explicitStackTags": true,`+"\n", "")
				replace(t, in("cdk.json")(dir), `"@aws-cdk/core:strictCfnValidateErrors": true`, `"@aws-cdk/core:strictCfnValidateErrors": false`)
			},
			`warning feature flags: cdk.json leaves out 1 of 89 that the CDK recommends for a new app | add them to "context" in cdk.json; ` +
				`in an app that is deployed, one by one, since some change resources:;   "@aws-cdk/core:explicitStackTags": true,`,
		},
		"no lock file": {remove("package-lock.json"), "warning Node.js: …"},
		"nothing is installed": {
			remove("node_modules"), "warning Node.js: 24.21.0 is pinned and not installed yet; …",
		},
		"another Node.js is installed": {
			change("node_modules/.bin/node", "24.21.0", "24.20.0"), "warning Node.js: 24.21.0 is pinned, and v24.20.0 is installed | storefront setup",
		},
		"a Node.js of no pin": {change("package-lock.json", `"node_modules/node"`, `"node_modules/other"`), "warning Node.js: …"},
		"a misnumbered CDK CLI": {
			change("package-lock.json", `"version": "2.1148.1"`, `"version": "3.0.0"`),
			"MISSING CDK CLI: 3.0.0 is pinned, and 2.x is wanted: a version 3 is misnumbered | npm install --save-dev --save-exact aws-cdk@2",
		},
		"a CDK CLI that is too old": {
			change("node_modules/aws-cdk/package.json", "55.5.0", "54.2.0"),
			"MISSING CDK CLI: 2.1148.1, with the library v2.276.0: it reads assemblies of schema 54, and the library writes schema 55 | npm install …",
		},
		"no CDK": {
			change("go.mod", "aws-cdk-go/awscdk/v2", "aws-cdk-go/awscdk/v3"), "unknown feature flags: the app's module does not have github.com/aws/aws-cdk-go/awscdk/v2, or it is not downloaded yet | go mod download …",
		},
		"folders that Go reads": {
			change("go.mod", "\t./node_modules\n", ""),
			"warning go.mod: does not ignore node_modules: go test ./... reads the Go files in there | add to go.mod: ignore ./node_modules",
		},
		"folders that git adds": {
			change(".gitignore", "cdk.out/\n", ""),
			`MISSING .gitignore: does not have cdk.out/: a commit would take thousands of files with it | printf 'cdk.out/\n' >> .gitignore`,
		},
		"folders that are committed": {
			func(t *testing.T, dir string) {
				write(t, in("cdk.out/a.json")(dir), "{}")
				git(t, dir, "add", "--force", "cdk.out", "node_modules")
			},
			"MISSING committed files: 3 in node_modules, cdk.out, which any machine can make again | git rm -r --quiet --cached node_modules cdk.out",
		},
		"no repository of git": {remove(".git"), ""},
		"a port in use": {
			set("SANDBOX_PORT", port),
			"warning sandbox port: " + port + " of 127.0.0.1 is in use, by a sandbox of yours or another program | set SANDBOX_PORT to another one, or leave it out for a free one",
		},
		"not a port": {
			set("SANDBOX_PORT", "0"), `MISSING sandbox port: SANDBOX_PORT must be a port, 1 to 65535, or empty for a free one, got "0" | unset SANDBOX_PORT`,
		},
		"no package cache": {
			set("JSII_RUNTIME_PACKAGE_CACHE", "disabled"),
			"warning jsii package cache: JSII_RUNTIME_PACKAGE_CACHE=disabled turns it off: without it each synthesis and each test takes about 4 times as long | unset JSII_RUNTIME_PACKAGE_CACHE",
		},
		"a package cache that cannot be": {
			set("JSII_RUNTIME_PACKAGE_CACHE_ROOT", "/dev/null/cache"), "MISSING jsii package cache: /dev/null is not writable: the CDK cannot start | …",
		},
	} {
		t.Run(name, func(t *testing.T) {
			dir := app(t)
			test.change(t, dir)
			want, more := strings.CutSuffix(test.want, "…")
			if got := found(t, dir); got != want && (!more || !strings.HasPrefix(got, want)) {
				t.Errorf("got\n%s\nwant\n%s", got, test.want)
			}
		})
	}
}

// Without programs each is a finding, and nothing ends the run.
func TestRunOnABareMachine(t *testing.T) {
	t.Setenv("PATH", t.TempDir())
	var lines []string
	for _, f := range Run(t.Context(), nil) {
		if f.Status != finding.OK {
			lines = append(lines, f.Status.String()+" "+f.Check)
		}
	}
	if got, want := strings.Join(lines, ", "), "MISSING Go, MISSING npm, MISSING Node.js, MISSING Python, warning git"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}
