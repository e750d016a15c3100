package test

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/snapshot"
)

// cdkContext is what cdk.json sets.
func cdkContext(t *testing.T) map[string]any {
	t.Helper()
	return contextIn(t, "..")
}

func contextIn(t *testing.T, folder string) map[string]any {
	t.Helper()
	var cdk struct{ Context map[string]any }
	if err := json.Unmarshal(read(t, folder, "cdk.json"), &cdk); err != nil {
		t.Fatal(err)
	}
	return cdk.Context
}

func TestSlowFeatureFlagsChangeNothingUnsaid(t *testing.T) {
	skipInShort(t)
	flags := cdkContext(t)
	found := map[string]string{}
	for environment, plain := range environments(t) {
		flags["env"] = environment
		flagged := storefront(t, flags)
		for stack, template := range plain.templates {
			diff := snapshot.Diff(withSortedSets(template), withSortedSets(flagged.templates[stack]))
			for line := range strings.Lines(diff) {
				found[flagDifference(t, template, line)] = stack + ": " + strings.TrimSpace(line)
			}
		}
	}
	for line := range strings.Lines(string(read(t, "testdata", "flags.golden"))) {
		if line = strings.TrimSpace(line); line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		difference, _, reasoned := strings.Cut(line, ": @")
		if _, there := found[difference]; !there || !reasoned {
			t.Errorf("testdata/flags.golden: the line %q names no difference and the flag that makes it", line)
		}
		delete(found, difference)
	}
	for difference, example := range found {
		t.Errorf("a flag changes %s, as in\n%s\nadd it to testdata/flags.golden with the reason", difference, example)
	}
}

var indexes = regexp.MustCompile(`\.[0-9→]+\b`)

// flagDifference is a line of a difference without what is a matter of one resource alone: its type, and the property
// without indexes and without the intrinsic function below it.
func flagDifference(t *testing.T, template snapshot.Template, line string) string {
	t.Helper()
	path, _, _ := strings.Cut(line, ": ")
	parts := strings.SplitN(path, ".", 4)
	if len(parts) < 4 || parts[0] != "Resources" || parts[2] != "Properties" {
		return path
	}
	property, _, _ := strings.Cut(parts[3], ".Fn::")
	return fmt.Sprint(template.Get("Resources."+parts[1]+".Type"), " ", indexes.ReplaceAllString(property, ""))
}

// withSortedSets is a copy of the template in which the actions and resources of each statement, which are sets, are in
// order.
func withSortedSets(template snapshot.Template) snapshot.Template {
	sorted := template.Normalize()
	sorted.Walk(func(path string, value any) {
		if list, ok := value.([]any); ok && (strings.HasSuffix(path, ".Action") || strings.HasSuffix(path, ".Resource")) {
			slices.SortFunc(list, func(a, b any) int { return strings.Compare(fmt.Sprint(a), fmt.Sprint(b)) })
		}
	})
	return sorted
}

// The flags of cdk.json are the recommended ones of the CDK that go.mod names, all of them and at its values.
func TestEveryRecommendedFlagIsSet(t *testing.T) {
	recommended := recommendedFlags(t)
	for _, folder := range []string{"..", "../examples/clinic"} {
		context := contextIn(t, folder)
		for _, flag := range slices.Sorted(maps.Keys(recommended)) {
			if !cmp.Equal(context[flag], recommended[flag]) {
				t.Errorf("%s/cdk.json sets %s to %v, the CDK recommends %v", folder, flag, context[flag], recommended[flag])
			}
		}
	}
}

// recommendedFlags reads them from the JavaScript that the CDK's Go module carries.
func recommendedFlags(t *testing.T) map[string]any {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/aws/aws-cdk-go/awscdk/v2").Output()
	if err != nil {
		t.Fatal(err)
	}
	archives, err := filepath.Glob(filepath.Join(strings.TrimSpace(string(dir)), "jsii", "*.tgz"))
	if err != nil || len(archives) != 1 {
		t.Fatalf("the CDK's module has the archives %q: %v", archives, err)
	}
	file, err := os.Open(archives[0])
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		t.Fatal(err)
	}
	for archive := tar.NewReader(unzipped); ; {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) {
			t.Fatalf("%s has no recommended-feature-flags.json", archives[0])
		}
		if err != nil {
			t.Fatal(err)
		}
		if entry.Name == "package/recommended-feature-flags.json" {
			var flags map[string]any
			if err := json.NewDecoder(archive).Decode(&flags); err != nil {
				t.Fatal(err)
			}
			return flags
		}
	}
}
