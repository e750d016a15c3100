package cdk

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
)

// The CLI runs the program only when it is compiled, whatever the path, and the first error of both is returned.
func TestSynthesizeCompilesWhileTheCLIStarts(t *testing.T) {
	const (
		program = "package main\n\nfunc main() { println(\"the new program\") }\n"
		// It finds the command behind --app, and ends as the CLI does if that fails.
		cli = `#!/bin/sh
while [ "$1" != --app ]; do shift; done
sh -c "$2" || { echo "$2: Subprocess exited with error $?"; exit 1; }
`
	)
	for name, test := range map[string]struct{ program, cli, printed, failed string }{
		"in order":               {program, cli, "the new program\n", ""},
		"a program that fails":   {strings.Replace(program, "println", "panic", 1), cli, "panic: the new program\n", ErrApp.Error()},
		"that does not compile":  {"package main\n\nfunc main() { quit() }\n", cli, "", "the app does not compile (go build .)"},
		"no CLI":                 {program, "", "", "is missing: name aws-cdk in devDependencies of package.json"},
		"a CLI that fails first": {program, "#!/bin/sh\necho no\nexit 1\n", "no\n", ErrApp.Error()},
	} {
		t.Run(name, func(t *testing.T) {
			p := &project.Project{Root: filepath.Join(t.TempDir(), "it's a shop"), App: "go run ."}
			files := map[string]string{"go.mod": "module shop\n", "main.go": test.program}
			if test.cli != "" {
				files["node_modules/.bin/cdk"] = test.cli
			}
			for file, text := range files {
				path := filepath.Join(p.Root, file)
				if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(path, []byte(text), 0o700); err != nil { //nolint:gosec // some are programs
					t.Fatal(err)
				}
			}
			var printed strings.Builder
			err := Synthesize(t.Context(), p, "cdk.out", nil, &printed)
			if got := printed.String(); !strings.HasPrefix(got, test.printed) || test.printed == "" && got != "" {
				t.Errorf("it printed %q, want %q", got, test.printed)
			}
			if (err == nil) != (test.failed == "") || err != nil && !strings.Contains(err.Error(), test.failed) {
				t.Errorf("got the error %v, want %q", err, test.failed)
			}
		})
	}
}

// What the app prints is shown, and nothing of the CLI's own.
func TestCopyShowsWhatTheAppPrints(t *testing.T) {
	for name, test := range map[string]struct {
		printed, want string
		any           bool
		status        string
	}{
		"nothing":                  {"", "", false, ""},
		"only the CLI":             {"\nSuccessfully synthesized to /shop/cdk.out\nSupply a stack id (Cart) to display its template.\n", "", false, ""},
		"a warning":                {"[Warning at /Cart] old\n\nSuccessfully synthesized to /shop/cdk.out\n", "[Warning at /Cart] old\n\n", true, ""},
		"a problem":                {"\nName is missing\n/shop/.cache/app: Subprocess exited with error 1\n\n", "Name is missing\n", true, "1"},
		"without a line break":     {"Name is missing/shop/.cache/app: Subprocess exited with error 1\n", "Name is missing\n", true, "1"},
		"nothing, and a status":    {"/shop/.cache/app: Subprocess exited with error 3\n", "", false, "3"},
		"nothing, and no stacks":   {"ENOENT: no such file or directory, open '/shop/cdk.out/manifest.json'\n", "the app has written no stacks: its main function must end with app.Synth(nil), or with what calls it\n", true, ""},
		"the end of another's app": {"./shop: Subprocess exited with error 1\n", "./shop: Subprocess exited with error 1\n", true, ""},
	} {
		t.Run(name, func(t *testing.T) {
			output := lines{app: regexp.MustCompile(`^(.*)/shop/\.cache/app: Subprocess exited with error (\d+)$`)}
			var got strings.Builder
			output.copy(t.Context(), strings.NewReader(test.printed), &got)
			if got.String() != test.want || output.any != test.any || output.status != test.status {
				t.Errorf("got %q, any %t, status %q, want %q, %t, %q", got.String(), output.any, output.status, test.want, test.any, test.status)
			}
		})
	}
}
