package test

import (
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/call"
)

// documents are the Markdown files that users read, by their path from the root of the module.
func documents(t *testing.T) map[string]string {
	t.Helper()
	pages := map[string]string{}
	for _, page := range []string{"README.md", "CHANGELOG.md", "examples/clinic/README.md"} {
		pages[page] = string(read(t, "..", page))
	}
	err := filepath.WalkDir(filepath.Join("..", "docs"), func(path string, _ fs.DirEntry, err error) error {
		if err == nil && filepath.Ext(path) == ".md" {
			pages[strings.TrimPrefix(filepath.ToSlash(path), "../")] = string(read(t, "", path))
		}
		return err
	})
	if err != nil || len(pages) < 30 {
		t.Fatalf("%d pages: %v", len(pages), err)
	}
	return pages
}

var (
	fenced = regexp.MustCompile("(?ms)^ *```.*?^ *```$")
	spans  = regexp.MustCompile("`[^`]*`")
	linked = regexp.MustCompile(`\[([^]]*)\]\([^)]*\)`)
	// A link may begin on one line and end on the next, but its target is on one.
	links    = regexp.MustCompile(`\]\(([^)\s]+)\)`)
	headings = regexp.MustCompile(`(?m)^#+ +(.+)$`)
	unnamed  = regexp.MustCompile(`[^\p{L}\p{N}\p{M}\p{Pc} -]`) // what an anchor leaves out of its heading
)

// anchors are the headings of a page, as GitHub names them in links.
func anchors(page string) map[string]bool {
	found := map[string]bool{}
	for _, heading := range headings.FindAllStringSubmatch(fenced.ReplaceAllString(page, ""), -1) {
		text := linked.ReplaceAllString(heading[1], "$1")
		anchor := strings.ReplaceAll(unnamed.ReplaceAllString(strings.ToLower(text), ""), " ", "-")
		if found[anchor] { // a second heading of the same text; a third would need another number
			anchor += "-1"
		}
		found[anchor] = true
	}
	return found
}

func TestLinksOfDocumentsLeadSomewhere(t *testing.T) {
	pages, seen := documents(t), 0
	for name, page := range pages {
		for _, link := range links.FindAllStringSubmatch(spans.ReplaceAllString(fenced.ReplaceAllString(page, ""), ""), -1) {
			if strings.Contains(link[1], "://") {
				continue
			}
			seen++
			file, anchor, hasAnchor := strings.Cut(link[1], "#")
			target := name
			if file != "" {
				target = filepath.ToSlash(filepath.Join(filepath.Dir(name), file))
			}
			if _, err := os.Stat(filepath.Join("..", target)); err != nil {
				t.Errorf("%s: the link %s leads to no file", name, link[1])
			} else if text, known := pages[target]; hasAnchor && (!known || !anchors(text)[anchor]) {
				t.Errorf("%s: the link %s leads to no heading", name, link[1])
			}
		}
	}
	if seen < 200 {
		t.Errorf("only %d links were looked at", seen)
	}
}

func TestTheIndexListsEveryPage(t *testing.T) {
	pages := documents(t)
	for name := range pages {
		path, ok := strings.CutPrefix(name, "docs/")
		if ok && path != "README.md" && !strings.Contains(pages["docs/README.md"], "]("+path+")") {
			t.Errorf("docs/README.md does not list %s", path)
		}
	}
}

// section is what is in a page after a text, and before the next empty line.
func section(t *testing.T, page, after string) string {
	t.Helper()
	_, rest, found := strings.Cut(page, after)
	rest, _, _ = strings.Cut(rest, "\n\n")
	if !found || rest == "" {
		t.Fatalf("a page has nothing after %q", after)
	}
	return rest
}

var counted = regexp.MustCompile("( and )?(?:([0-9]+) × )?`([^`]+)`")

// The README counts the resources of the cart by their types: "2 × `AWS::IAM::Role` and `Policy`" are two of each.
func TestTheREADMECountsTheResourcesOfTheCart(t *testing.T) {
	want, sum := map[string]int{}, 0
	for _, resource := range environments(t)["sandbox"].templates["Cart"].Resources("") {
		want[resource.Type]++
		sum++
	}
	readme := documents(t)["README.md"]
	if text := fmt.Sprintf("became the %d resources of `cdk.out/Cart.template.json`", sum); !strings.Contains(readme, text) {
		t.Errorf("the README does not say %q", text)
	}
	got := map[string]int{}
	for row := range strings.Lines(section(t, readme, "| resources | what they are |\n|---|---|\n")) {
		group, count := "", 1
		for _, named := range counted.FindAllStringSubmatch(strings.Split(row, "|")[1], -1) {
			if named[1] == "" {
				count = 1
			}
			if named[2] != "" {
				count, _ = strconv.Atoi(named[2])
			}
			if at := strings.LastIndex(named[3], "::"); at > 0 {
				group = named[3][:at+2]
			}
			got[group+strings.TrimPrefix(named[3], group)] += count
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the README's table of the cart's resources (-template +README):\n%s", diff)
	}
}

// docs/resources-and-cost.md has the number of resources of each stack that is shipped, and their sums.
func TestThePageCountsTheResources(t *testing.T) {
	table := section(t, documents(t)["docs/resources-and-cost.md"], "| stack | sandbox | production | what |\n|---|---|---|---|\n")
	sums, rows := map[string]int{}, map[string]bool{}
	for line := range strings.Lines(table) {
		cells := strings.Split(strings.ReplaceAll(line, "*", ""), "|")
		stack := strings.TrimSpace(cells[1])
		for n, environment := range []string{"sandbox", "production"} {
			count := len(environments(t)[environment].templates[stack].Resources(""))
			if stack == "in all" {
				count = sums[environment]
			}
			sums[environment] += count
			if got := strings.Replace(strings.TrimSpace(cells[2+n]), "none", "0", 1); got != fmt.Sprint(count) {
				t.Errorf("%s of %s: the page has %s resources, the templates have %d", stack, environment, got, count)
			}
		}
		rows[stack] = true
	}
	for environment, a := range environments(t) {
		for stack := range a.templates {
			if !rows[stack] {
				t.Errorf("%s of %s is not on the page", stack, environment)
			}
		}
	}
	if !rows["in all"] {
		t.Error("the page has no sums")
	}
}

// docs/contract.md has each output of the platform's and the identity's templates, and of a callable service.
func TestThePageOfTheContractIsComplete(t *testing.T) {
	page := documents(t)["docs/contract.md"]
	for _, output := range []string{call.OutputSecurityGroupID, call.OutputPort, call.OutputURL} {
		if !strings.Contains(page, "`"+output+"`") {
			t.Errorf("docs/contract.md does not have %s of a callable service", output)
		}
	}
	for environment, a := range environments(t) {
		for _, stack := range []string{"Platform", "Identity"} {
			outputs, _ := a.templates[stack].Get("Outputs").(map[string]any)
			if len(outputs) == 0 {
				t.Errorf("%s of %s publishes nothing", stack, environment)
			}
			for output := range outputs {
				// Zones and subnets are numbered, and the page has the first two of each.
				if !strings.Contains(page, "`"+output+"`") && !strings.Contains(page, "`"+strings.TrimRight(output, "123456")+"1`") {
					t.Errorf("docs/contract.md does not have %s of %s", output, stack)
				}
			}
		}
	}
}
