package test

import (
	"fmt"
	"go/doc"
	"go/parser"
	"go/token"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// Examples that need the CDK's runtime have no output, so go test compiles them and no more. These tests run them all in one
// program, which also synthesizes what they define.

// recordsApps stands beside each copy of an example, which makes its apps with it.
const recordsApps = `
package %s

import "github.com/aws/aws-cdk-go/awscdk/v2"

var Apps []awscdk.App

func newApp() awscdk.App {
	app := awscdk.NewApp(nil)
	Apps = append(Apps, app)
	return app
}

// Run takes the place of os.Exit(app.Run(shop)), which ends the program.
func run(shop interface{ Define(awscdk.App) error }) {
	if err := shop.Define(newApp()); err != nil {
		panic(err)
	}
}
`

// recording makes an example define its apps with newApp and run.
var recording = strings.NewReplacer("awscdk.NewApp(nil)", "newApp()", "os.Exit(app.Run(shop))", "run(shop)", "\t\"os\"\n", "")

// silentExamples are the examples without output below constructs, by the file that has them.
func silentExamples(t *testing.T) map[string][]string {
	t.Helper()
	files, err := filepath.Glob("../constructs/*/example_test.go")
	if err != nil {
		t.Fatal(err)
	}
	silent := map[string][]string{}
	for _, file := range files {
		parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.ParseComments)
		if err != nil {
			t.Fatal(err)
		}
		for _, example := range doc.Examples(parsed) {
			if example.Output == "" && !example.EmptyOutput {
				silent[file] = append(silent[file], "Example"+strings.TrimPrefix(example.Name, "_"))
			}
		}
	}
	return silent
}

// writeExamples writes the program into the folder examples of a module.
func writeExamples(t *testing.T, module string) {
	t.Helper()
	var imports, calls strings.Builder
	silent := silentExamples(t)
	for n, file := range slices.Sorted(maps.Keys(silent)) {
		text := string(read(t, filepath.Dir(file), filepath.Base(file)))
		of := filepath.Base(filepath.Dir(file))
		name := "examples_of_" + of
		text = strings.Replace(text, "package "+of+"_test", "package "+name, 1)
		write(t, filepath.Join(module, "examples", of, "example.go"), recording.Replace(text))
		write(t, filepath.Join(module, "examples", of, "apps.go"), fmt.Sprintf(recordsApps, name))
		fmt.Fprintf(&imports, "\te%d %q\n", n, "example.com/elsewhere/examples/"+of)
		for _, example := range silent[file] {
			fmt.Fprintf(&calls, "\trun(%q, e%d.%s, &e%d.Apps)\n", of+"."+example, n, example, n)
		}
	}
	write(t, filepath.Join(module, "examples", "main.go"), fmt.Sprintf(runsExamples, imports.String(), calls.String()))
}

const runsExamples = `package main

import (
	"fmt"
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/synth"

%s)

func main() {
%s	jsii.Close()
	os.Exit(status)
}

var status int

func run(name string, example func(), apps *[]awscdk.App) {
	*apps = nil
	stacks := 0
	err := synth.Try(func() error {
		example()
		for _, app := range *apps {
			stacks += len(*app.Synth(nil).Stacks())
		}
		return nil
	})
	if err == nil && stacks == 0 {
		err = fmt.Errorf("it defines no stack")
	}
	if err != nil {
		fmt.Fprintf(os.Stderr, "%%s: %%v\n", name, err)
		status = 1
		return
	}
	fmt.Println(name)
}
`

func TestProgramOfExamples(t *testing.T) {
	skipInShort(t)
	count := 0
	for _, examples := range silentExamples(t) {
		count += len(examples)
	}
	if count < 10 {
		t.Errorf("only %d examples were found", count)
	}
	_, stderr, status := run(t, outside(t)+"examples", nil)
	if status != 0 {
		t.Errorf("exit status %d\n%s", status, stderr)
	}
}
