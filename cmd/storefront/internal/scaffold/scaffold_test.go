package scaffold

import (
	"bytes"
	"encoding/json"
	"fmt"
	"go/format"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/preflight/account"
)

func menu(t *testing.T) App {
	t.Helper()
	service, err := NewService("Menu")
	if err != nil {
		t.Fatal(err)
	}
	return App{Module: "example.com/menu", Name: "menu", Service: service, Region: "eu-central-1"}
}

// The files of an app are as they were reviewed, one after the other in one file. SNAPSHOT_UPDATE=1 rewrites it.
func TestFiles(t *testing.T) {
	files, err := menu(t).Files()
	if err != nil {
		t.Fatal(err)
	}
	var all bytes.Buffer
	for _, file := range files {
		fmt.Fprintf(&all, "-- %s --\n%s", file.Path, file.Text)
	}
	golden := filepath.Join("testdata", "menu.txt")
	if os.Getenv("SNAPSHOT_UPDATE") == "1" {
		if err := os.WriteFile(golden, all.Bytes(), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(golden)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), all.String()); diff != "" {
		t.Errorf("(-want +got):\n%s\nif this is intended, run the test again with SNAPSHOT_UPDATE=1 and commit the file", diff)
	}
}

func TestEveryFile(t *testing.T) {
	for _, region := range Regions() {
		app := menu(t)
		app.Region = region
		files, err := app.Files()
		if err != nil {
			t.Fatal(err)
		}
		for _, file := range files {
			text := string(file.Text)
			if strings.Contains(text, "[[") || strings.Contains(text, "<no value>") {
				t.Errorf("%s has what was to be filled in:\n%s", file.Path, text)
			}
			if !strings.HasSuffix(text, "\n") || strings.Contains(text, `"resolved"`) {
				t.Errorf("%s has no last line end, or where a package was fetched from", file.Path)
			}
			if filepath.Ext(file.Path) != ".go" {
				continue
			}
			if formatted, err := format.Source(file.Text); err != nil || !bytes.Equal(formatted, file.Text) {
				t.Errorf("%s is not formatted: %v", file.Path, err)
			}
			if lines := strings.Count(text, "\n"); lines > 30 {
				t.Errorf("%s has %d lines, and 30 are enough", file.Path, lines)
			}
		}
	}
}

// What the storefront pins and sets, an app does. A test of the library holds the storefront's flags to those that the CDK recommends.
func TestSettingsAreTheStorefronts(t *testing.T) {
	files, err := menu(t).Files()
	if err != nil {
		t.Fatal(err)
	}
	texts := map[string][]byte{}
	for _, file := range files {
		texts[file.Path] = file.Text
	}
	ours := func(file string) []byte {
		text, err := os.ReadFile(filepath.Join("..", "..", "..", "..", file))
		if err != nil {
			t.Fatal(err)
		}
		return text
	}
	decoded := func(text []byte) map[string]any {
		var object map[string]any
		if err := json.Unmarshal(text, &object); err != nil {
			t.Fatal(err)
		}
		delete(object, "name")
		delete(object, "watch") // the storefront has folders that an app does not have
		if packages, ok := object["packages"].(map[string]any); ok {
			delete(packages[""].(map[string]any), "name")
		}
		return object
	}
	for _, file := range []string{"cdk.json", "package.json", "package-lock.json"} {
		if diff := cmp.Diff(decoded(ours(file)), decoded(texts[file])); diff != "" {
			t.Errorf("%s (-the storefront's +an app's):\n%s", file, diff)
		}
	}
	if diff := cmp.Diff(string(ours(".npmrc")), string(texts[".npmrc"])); diff != "" {
		t.Errorf(".npmrc (-the storefront's +an app's):\n%s", diff)
	}
	if !strings.Contains(string(ours("go.mod")), "\ngo "+goVersion+"\n") {
		t.Errorf("the library needs another version of Go than %s, with which an app begins", goVersion)
	}
}

// An app can be created for exactly those regions in which a platform can be deployed, in as many zones as support it.
func TestRegions(t *testing.T) {
	supported := account.VPCLinkZones()
	for _, region := range Regions() {
		if got := len(supported[region]); got < len(letters[region]) {
			t.Errorf("%s has VPC links in %d zones, not in %d", region, got, len(letters[region]))
		}
		delete(supported, region)
	}
	for region := range supported {
		t.Errorf("%s has VPC links, and no app can be created for it", region)
	}
	for region, want := range map[string]string{
		"eu-central-1":   `[]string{"eu-central-1a", "eu-central-1b", "eu-central-1c"}`,
		"ap-northeast-1": `[]string{"ap-northeast-1a", "ap-northeast-1c", "ap-northeast-1d"}`,
		"ca-central-1":   `[]string{"ca-central-1a", "ca-central-1b"}`,
		"eu-west-3":      `[]string{"eu-west-3a", "eu-west-3c"}`,
	} {
		if got := zones(region, 3); got != want {
			t.Errorf("%s has the zones %s, want %s", region, got, want)
		}
	}
}

func TestNames(t *testing.T) {
	for name, want := range map[string]string{
		"Menu": "Menu menu menu.go", "menu": "Menu menu menu.go",
		"order-history": "OrderHistory order-history orderhistory.go", "orderHistory": "OrderHistory order-history orderhistory.go",
		"OrderHistory": "OrderHistory order-history orderhistory.go", "order_history": "OrderHistory order-history orderhistory.go",
		"FAQ": "FAQ faq faq.go", "LoadTest": "LoadTest load-test loadtest.go", "V2Menu": "V2Menu v2-menu v2menu.go",
		"":                      `a service must have a name of letters and digits, starting with a letter, such as Menu or order-history, got ""`,
		"-":                     `a service must have a name of letters and digits, starting with a letter, such as Menu or order-history, got "-"`,
		"2nd":                   `a service must have a name of letters and digits, starting with a letter, such as Menu or order-history, got "2nd"`,
		"Menü":                  `a service must have a name of letters and digits, starting with a letter, such as Menu or order-history, got "Menü"`,
		"ÄnFang":                `a service must have a name of letters and digits, starting with a letter, such as Menu or order-history, got "ÄnFang"`,
		"../x":                  `a service must have a name of letters and digits, starting with a letter, such as Menu or order-history, got "../x"`,
		"platform":              `a service must not have the name of a stack that services share, Platform, Identity or Teams, got "platform": choose another`,
		"main":                  `a service must not be named "main", since main.go is the app's: choose another`,
		strings.Repeat("a", 64): "a service must have a name of at most 63 characters, got 64: " + `"` + strings.Repeat("a", 64) + `"`,
	} {
		service, err := NewService(name)
		got := strings.Join([]string{service.ID, service.Name, service.File()}, " ")
		if err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: got\n%s\nwant\n%s", name, got, want)
		}
	}
	for module, want := range map[string]string{
		"github.com/acme/menu": "menu", "example.com/menu/v2": "menu", "menu": "menu", "v2": "v2", "github.com/acme/Go_Menu.API": "go-menu-api",
		"example.com/42": "app", "example.com/2fast": "fast", "example.com/-": "app", "example.com/" + strings.Repeat("a", 40): strings.Repeat("a", 32),
	} {
		if got := NameOf(module); got != want {
			t.Errorf("the app of %s is %q, want %q", module, got, want)
		}
	}
}

func TestBadAnswers(t *testing.T) {
	err := App{Module: "a b", Name: "Menu", Region: "eu-centrl-1"}.Validate()
	want := `--module must be the path of a Go module, such as github.com/acme/menu, got "a b"
--name must be lower-case letters, digits and hyphens, starting with a letter, at most 32, got "Menu"
--region must be one with VPC links of HTTP APIs, ` + strings.Join(Regions(), ", ") + `, got "eu-centrl-1"`
	if fmt.Sprint(err) != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
	for _, module := range []string{"", "/a", "a/", "a//b", "a b", "../a", "a/../b", "a.", "a./b", ".a", "https://example.com/a", "github.com/acme/menu@v1", Library, Tool} {
		if CheckModule(module) == nil {
			t.Errorf("%q is the path of a module", module)
		}
	}
	for _, module := range []string{"menu", "github.com/acme/menu", "example.com/Menu_x/v2", "git.example.com/~u/menu", Library + "-menu"} {
		if err := CheckModule(module); err != nil {
			t.Error(err)
		}
	}
}

func TestPaste(t *testing.T) {
	for _, store := range Stores {
		for name, want := range map[string]string{
			"items":    "items := " + store.Kind + `.New(service, "Items"`,
			"Type":     "type" + strings.ToUpper(store.Kind[:1]) + store.Kind[1:] + " := ",
			store.Kind: store.Kind + strings.ToUpper(store.Kind[:1]) + store.Kind[1:] + " := ",
			"FAQItems": "// the permission, and FAQ_ITEMS_" + store.Suffix + " for the application",
		} {
			if text, err := store.Paste(name); err != nil || !strings.Contains(text, want) {
				t.Errorf("%s %s has no %q: %v\n%s", store.Kind, name, want, err, text)
			}
		}
		if _, err := store.Paste("a b/"); err == nil {
			t.Error("there is no problem with that name")
		}
	}
}

func TestPasteOfAQueueHasBothEnds(t *testing.T) {
	for _, store := range Stores {
		text, err := store.Paste("Jobs")
		if got := strings.Contains(text, "queue.Consume instead"); err != nil || got != (store.Kind == "queue") {
			t.Errorf("%s: %v\n%s", store.Kind, err, text)
		}
	}
}
