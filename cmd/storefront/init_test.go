package main

import (
	"archive/zip"
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"
)

// The modules of this repository that are published, by their folder.
var modules = map[string]string{
	"github.com/storefront-cdk/storefront":                "",
	"github.com/storefront-cdk/storefront/cmd/storefront": "cmd/storefront/",
}

// publish publishes this working copy to a module proxy in a folder. It returns its version, and the environment in which go
// uses the proxy, and after it the one that is configured.
func publish(t *testing.T) (version string, environ []string) {
	t.Helper()
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	random := make([]byte, 6)
	_, _ = rand.Read(random)
	now := time.Now().UTC()
	version = fmt.Sprintf("v0.0.0-%s-%s", now.Format("20060102150405"), hex.EncodeToString(random))
	files := strings.Fields(output(t, root, nil, "git", "ls-files", "--cached", "--others", "--exclude-standard"))
	files = slices.DeleteFunc(files, func(file string) bool {
		_, err := os.Stat(filepath.Join(root, file))
		return err != nil
	})
	proxy := t.TempDir()
	for module, folder := range modules {
		dir := filepath.Join(proxy, module, "@v")
		if err := os.MkdirAll(dir, 0o700); err != nil {
			t.Fatal(err)
		}
		archive(t, filepath.Join(dir, version+".zip"), module+"@"+version, root, folder, files)
		info := fmt.Appendf(nil, `{"Version": %q, "Time": %q}`, version, now.Format(time.RFC3339))
		mod, err := os.ReadFile(filepath.Join(root, folder, "go.mod"))
		if err != nil {
			t.Fatal(err)
		}
		for file, text := range map[string][]byte{version + ".info": info, "../@latest": info, version + ".mod": mod, "list": nil} {
			if err := os.WriteFile(filepath.Join(dir, file), text, 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Cleanup(func() { forget(t, version) })
	settings := strings.Split(strings.TrimSpace(output(t, root, nil, "go", "env", "GOPROXY", "GOFLAGS")), "\n")
	return version, environment("GOPROXY=file://"+proxy+","+settings[0], "GONOSUMDB="+path.Dir("github.com/storefront-cdk/storefront")+"/*",
		"GOFLAGS="+strings.Join(append(settings[1:], "-modcacherw"), " "), "GOWORK=off")
}

// archive writes the files of a module as a module proxy serves them: those below its folder, but those of other modules.
func archive(t *testing.T, file, prefix, root, folder string, files []string) {
	t.Helper()
	var other []string
	for _, of := range files {
		if dir := path.Dir(of) + "/"; path.Base(of) == "go.mod" && dir != "./" && dir != folder {
			other = append(other, dir)
		}
	}
	var zipped bytes.Buffer
	writer := zip.NewWriter(&zipped)
	for _, of := range files {
		inside := func(dir string) bool { return strings.HasPrefix(of, dir) && dir != folder }
		if !strings.HasPrefix(of, folder) || slices.ContainsFunc(other, inside) {
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, of))
		if err != nil {
			t.Fatal(err)
		}
		entry, err := writer.Create(prefix + "/" + strings.TrimPrefix(of, folder))
		if err == nil {
			_, err = entry.Write(text)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	if err := writer.Close(); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, zipped.Bytes(), 0o600); err != nil {
		t.Fatal(err)
	}
}

// forget removes a version of the modules from the cache of Go.
func forget(t *testing.T, version string) {
	t.Helper()
	cache := strings.TrimSpace(output(t, ".", nil, "go", "env", "GOMODCACHE"))
	for module := range modules {
		kept, err := filepath.Glob(filepath.Join(cache, "cache", "download", module, "@v", version+".*"))
		if err != nil {
			t.Error(err)
		}
		for _, made := range append(kept, filepath.Join(cache, module+"@"+version)) {
			if err := os.RemoveAll(made); err != nil {
				t.Error(err)
			}
		}
	}
}

// output runs a program and returns its standard output. It must exit with status 0.
func output(t *testing.T, dir string, environ []string, name string, args ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.WithoutCancel(t.Context()), 8*time.Minute)
	defer cancel()
	command := exec.CommandContext(ctx, name, args...)
	var stdout, all bytes.Buffer
	command.Dir, command.Env, command.Stdout, command.Stderr = dir, environ, io.MultiWriter(&stdout, &all), &all
	if err := command.Run(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, all.String())
	}
	return stdout.String()
}

// A user has an empty folder, and from then on what init has written: no file of it is his own work, every command of it passes,
// and Git ignores what they write.
func TestARepositoryOfOnesOwn(t *testing.T) {
	version, environ := publish(t)
	// Not as a make within a make, which names the folder and takes the outer one's settings.
	environ = append(environ, "MAKEFLAGS=", "MAKELEVEL=", "MAKEOVERRIDES=")
	environ = append(environ, "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
	parent := t.TempDir()
	dir := filepath.Join(parent, "menu")
	in := func(name string, args ...string) string {
		t.Helper()
		return output(t, dir, environ, name, args...)
	}
	changed := func(want ...string) {
		t.Helper()
		got := strings.TrimSuffix(in("git", "status", "--porcelain", "--untracked-files=all"), "\n")
		if got != strings.Join(want, "\n") {
			t.Errorf("git status has\n%s\nwant\n%s", got, strings.Join(want, "\n"))
		}
	}

	start := time.Now()
	said := output(t, parent, environ, "go", "run", "github.com/storefront-cdk/storefront/cmd/storefront@"+version,
		"init", "--module", "example.com/menu", "--service", "Menu", "--region", "eu-central-1", "menu")
	if !strings.HasSuffix(said, "# all of it, deployed to an emulator on this machine\n") {
		t.Errorf("init printed\n%s", said)
	}
	in("git", "init", "-q")
	in("git", "add", ".")
	in("git", "commit", "-qm", "menu")
	table := in("make", "synth")
	in("make", "test")
	t.Logf("init, synth and test took %.0f s", time.Since(start).Seconds())
	if page, err := os.ReadFile(filepath.Join("..", "..", "docs", "first-service.md")); err != nil || !strings.Contains(string(page), "```\n"+table+"```\n") {
		t.Errorf("docs/first-service.md does not have what make synth prints: %v\n%s", err, table)
	}
	if table := in("make", "synth", "only=menu", "env=production"); !strings.Contains(table, "menu-production-menu ") || strings.Contains(table, "platform ") {
		t.Errorf("make synth only=menu env=production printed\n%s", table)
	}
	in("make", "help")
	in("go", "vet", "./...")
	in("go", "mod", "tidy", "-diff")
	if unformatted := in("gofmt", "-l", "main.go", "menu.go", "main_test.go"); unformatted != "" {
		t.Errorf("gofmt would change %s", unformatted)
	}
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	in("go", "tool", "-modfile="+filepath.Join(root, "tools", "go.mod"), "golangci-lint", "run", "--allow-parallel-runners", "--config", filepath.Join(root, ".golangci.yml"))
	changed("")

	in("go", "tool", "storefront", "add", "service", "order-history")
	changed(" M main.go", "?? orderhistory.go", "?? testdata/golden/production/OrderHistory.json", "?? testdata/golden/sandbox/OrderHistory.json")
	for _, kind := range []string{"table", "queue"} {
		paste(t, filepath.Join(dir, "orderhistory.go"), in("go", "tool", "storefront", "add", kind, kind+"OfOrders"))
	}
	in("go", "tool", "storefront", "test", "--update")
	in("go", "tool", "storefront", "test")
	golden, err := os.ReadFile(filepath.Join(dir, "testdata", "golden", "sandbox", "OrderHistory.json"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"AWS::DynamoDB::GlobalTable", "AWS::SQS::Queue", `"TABLE_OF_ORDERS_TABLE_NAME"`, `"QUEUE_OF_ORDERS_QUEUE_URL"`} {
		if !bytes.Contains(golden, []byte(want)) {
			t.Errorf("the service has no %s", want)
		}
	}
}

// paste puts the code that add prints into the file of a service, as it says.
func paste(t *testing.T, file, printed string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var lines []string
	for line := range strings.Lines(printed) {
		if strings.HasPrefix(line, "\t") {
			lines = append(lines, line)
		}
	}
	if len(lines) != 4 {
		t.Fatalf("add printed other code than an import, a variable and two lines:\n%s", printed)
	}
	code := string(text)
	code = strings.Replace(code, "import (\n", "import (\n"+lines[0], 1)
	if before, _, ok := strings.Cut(lines[1], "…"); ok && !strings.Contains(code, before) {
		code = strings.Replace(code, "\tmicroservice.New(", before, 1)
	}
	code = strings.TrimSuffix(code, "}\n") + lines[2] + lines[3] + "}\n"
	if err := os.WriteFile(file, []byte(code), 0o600); err != nil {
		t.Fatal(err)
	}
}

// The other ways to begin: in a module that has the tool already, and with a copy of the library.
func TestInitInAModule(t *testing.T) {
	version, environ := publish(t)
	dir := t.TempDir()
	output(t, dir, environ, "go", "mod", "init", "git.example.com/acme/menu-api")
	output(t, dir, environ, "go", "get", "-tool", "github.com/storefront-cdk/storefront/cmd/storefront@"+version)
	output(t, dir, environ, "go", "tool", "storefront", "init", "--service", "Menu", "--region", "us-west-1")
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	if err != nil || !bytes.Contains(mod, []byte("\n\tgithub.com/storefront-cdk/storefront "+version+"\n")) || bytes.Contains(mod, []byte("replace")) {
		t.Errorf("go.mod does not require the library at the tool's version: %v\n%s", err, mod)
	}
	output(t, dir, environ, "go", "tool", "storefront", "test")
}

func TestInitWithACopyOfTheLibrary(t *testing.T) {
	parent := t.TempDir()
	output(t, parent, environment(), program, "init", "--module", "example.com/menu", "--service", "Menu", "--region", "ca-central-1", "--library", filepath.Join(mustWork(t), "..", ".."), "menu")
	dir := filepath.Join(parent, "menu")
	output(t, dir, environment(), "go", "tool", "storefront", "synth", "--env", "production")
	output(t, dir, environment(), "go", "tool", "storefront", "test")
}

func mustWork(t *testing.T) string {
	t.Helper()
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	return dir
}
