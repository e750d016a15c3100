// Package services has the programs of the storefront's services, each in a folder that has the name of its image.
package services

import (
	"encoding/json"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

// The CDK is for synthesis. With it, a program would be 100 MB larger and start Node.js.
func TestNoProgramHasTheCDK(t *testing.T) {
	listed, err := exec.Command("go", "list", "-deps", "./...").CombinedOutput()
	if err != nil {
		t.Fatalf("%v\n%s", err, listed)
	}
	all := strings.Fields(string(listed))
	if len(all) < 100 {
		t.Fatalf("only %d packages are listed", len(all))
	}
	for _, path := range all {
		if strings.Contains(path, "aws-cdk") || strings.Contains(path, "jsii") || strings.Contains(path, "aws/constructs-go") {
			t.Errorf("a program depends on %s: see go mod why %s", path, path)
		}
	}
}

// The storefront's environments name an image for each folder with a Dockerfile, and no other.
func TestEachImageOfTheStorefrontHasAFolder(t *testing.T) {
	templates, err := filepath.Glob("../test/testdata/golden/*/*.json")
	if err != nil || len(templates) == 0 {
		t.Fatalf("no golden templates (%v)", err)
	}
	used := map[string]bool{}
	for _, file := range templates {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for _, image := range regexp.MustCompile(`"public\.ecr\.aws/storefront-cdk/([a-z-]+):`).FindAllSubmatch(text, -1) {
			used[string(image[1])] = true
		}
	}
	built := map[string]bool{}
	folders, _ := filepath.Glob("*/Dockerfile")
	for _, file := range folders {
		built[filepath.Dir(file)] = true
	}
	if !maps.Equal(used, built) {
		t.Errorf("the templates use the images of %v, and the folders with a Dockerfile are %v", slices.Sorted(maps.Keys(used)), slices.Sorted(maps.Keys(built)))
	}
}

// named are the blocks of a page that are files, whose names are behind the language.
var named = regexp.MustCompile("(?ms)^```\\w+ (\\S+)\n(.*?)^```$")

// What docs/write-a-service.md writes into the folder wishlist compiles. The folder is an overlay and not on the disk.
func TestTheServiceOfThePageCompiles(t *testing.T) {
	page, err := os.ReadFile("../docs/write-a-service.md")
	if err != nil {
		t.Fatal(err)
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	dir, overlay := t.TempDir(), map[string]string{}
	write := func(name, text string) {
		file := filepath.Join(dir, filepath.Base(name))
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
		overlay[filepath.Join(here, "wishlist", name)] = file
	}
	for _, block := range named.FindAllStringSubmatch(string(page), -1) {
		name, text := block[1], block[2]
		if name == "wishlist_test.go" { // of which the page shows a test, and not the imports
			text = "package main\n\nimport (\n\t\"net/http\"\n\t\"testing\"\n\n" +
				"\t\"github.com/storefront-cdk/storefront/services/internal/awstest\"\n" +
				"\t\"github.com/storefront-cdk/storefront/services/wishlist/api\"\n)\n\n" + text
		}
		write(name, text)
	}
	if len(overlay) != 3 {
		t.Fatalf("the page has %d files, want openapi.yaml, main.go and wishlist_test.go", len(overlay))
	}
	config, err := os.ReadFile("oapi-codegen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	generated := filepath.Join(dir, "api.gen.go")
	write("oapi-codegen.yaml", strings.NewReplacer("api/api.gen.go", generated, "../overlay.yaml", "overlay.yaml").Replace(string(config)))
	run(t, "go", "tool", "-modfile=../tools/go.mod", "oapi-codegen", "-config", filepath.Join(dir, "oapi-codegen.yaml"), filepath.Join(dir, "openapi.yaml"))
	overlay[filepath.Join(here, "wishlist", "api", "api.gen.go")] = generated
	replaced, err := json.Marshal(map[string]any{"Replace": overlay})
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(dir, "overlay.json")
	if err := os.WriteFile(file, replaced, 0o600); err != nil {
		t.Fatal(err)
	}
	run(t, "go", "test", "-c", "-vet=off", "-o", filepath.Join(dir, "wishlist.test"), "-overlay="+file, "./wishlist")
}

func run(t *testing.T, name string, args ...string) {
	t.Helper()
	if output, err := exec.Command(name, args...).CombinedOutput(); err != nil {
		t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, output)
	}
}
