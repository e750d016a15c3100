package doctor

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/featureflag"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/jsonfile"
)

// made are the folders that the tool and the CDK write.
var made = []string{"node_modules", "cdk.out", ".cache"}

func (d *doctor) app() finding.Finding {
	const check = "app"
	if strings.HasPrefix(d.project.App, "go run ") {
		return ok(check, d.project.App+" in "+d.project.Root)
	}
	return ok(check, d.project.App+" in "+d.project.Root+": it is run as it is, and not compiled first")
}

// pinned is the version of an npm package in package-lock.json, or nothing.
func (d *doctor) pinned(name string) string {
	var lock struct {
		Packages map[string]struct{ Version string }
	}
	if jsonfile.Read(filepath.Join(d.project.Pinned(), "package-lock.json"), &lock) != nil {
		return ""
	}
	return lock.Packages["node_modules/"+name].Version
}

var (
	majorOfRange  = regexp.MustCompile(`\d+`)
	schemaLibrary = regexp.MustCompile(`^github\.com/cdklabs/cloud-assembly-schema-go/awscdkcloudassemblyschema/v(\d+)$`)
)

// cdk compares the CLI with the library: the CLI must be able to read the assembly that the library writes.
func (d *doctor) cdk() finding.Finding {
	const check = "CDK CLI"
	remedy := "npm install --save-dev --save-exact aws-cdk@2"
	version := d.pinned("aws-cdk")
	switch {
	case version == "":
		return missing(check, "package-lock.json pins no aws-cdk", remedy)
	case !strings.HasPrefix(version, "2."):
		return missing(check, version+" is pinned, and 2.x is wanted: a version 3 is misnumbered", remedy)
	}
	var installed struct {
		DevDependencies map[string]string
	}
	file := filepath.Join(d.project.Pinned(), "node_modules", "aws-cdk", "package.json")
	if err := jsonfile.Read(file, &installed); errors.Is(err, os.ErrNotExist) {
		return warning(check, version+" is pinned and not installed yet", "storefront setup")
	} else if err != nil {
		return missing(check, err.Error(), "remove node_modules, and run storefront setup")
	}
	library, schema := "", ""
	for _, required := range d.required() {
		if required.Path == cdkModule {
			library = required.Version
		}
		if match := schemaLibrary.FindStringSubmatch(required.Path); match != nil {
			schema = match[1]
		}
	}
	reads := majorOfRange.FindString(installed.DevDependencies["@aws-cdk/cloud-assembly-schema"])
	detail := fmt.Sprintf("%s, with the library %s", version, library)
	if number(reads) > 0 && number(reads) < number(schema) {
		return missing(check, fmt.Sprintf("%s: it reads assemblies of schema %s, and the library writes schema %s", detail, reads, schema), remedy)
	}
	return ok(check, detail)
}

func number(text string) int {
	var n int
	_, _ = fmt.Sscan(text, &n)
	return n
}

const cdkModule = "github.com/aws/aws-cdk-go/awscdk/v2"

type requirement struct{ Path, Version string }

// goMod is what go.mod says.
func (d *doctor) goMod() (mod struct {
	Require []requirement
	Ignore  []struct{ Path string }
}, err error,
) {
	text, err := d.output("go", "mod", "edit", "-json")
	if err == nil {
		err = json.Unmarshal([]byte(text), &mod)
	}
	return mod, err
}

func (d *doctor) required() []requirement {
	mod, _ := d.goMod()
	return mod.Require
}

// flags are the recommended ones that cdk.json does not set. What it sets to another value is the app's choice.
func (d *doctor) flags() finding.Finding {
	const check = "feature flags"
	dir, err := d.output("go", "list", "-m", "-f", "{{.Dir}}", cdkModule)
	if err != nil || dir == "" {
		return finding.Finding{
			Check: check, Status: finding.Unknown, Detail: "the app's module does not have " + cdkModule + ", or it is not downloaded yet",
			Fix: "go mod download " + cdkModule,
		}
	}
	recommended, err := featureflag.Recommended(dir)
	var settings struct{ Context map[string]any }
	if err == nil {
		err = jsonfile.Read(filepath.Join(d.project.Root, "cdk.json"), &settings)
	}
	if err != nil {
		return finding.Finding{Check: check, Status: finding.Unknown, Detail: err.Error()}
	}
	var unset []string
	for _, flag := range slices.Sorted(maps.Keys(recommended)) {
		if _, set := settings.Context[flag]; !set {
			value, _ := json.Marshal(recommended[flag])
			unset = append(unset, fmt.Sprintf("  %q: %s,", flag, value))
		}
	}
	if len(unset) == 0 {
		return ok(check, fmt.Sprintf("cdk.json sets all %d that the CDK recommends", len(recommended)))
	}
	return warning(check, fmt.Sprintf("cdk.json leaves out %d of %d that the CDK recommends for a new app", len(unset), len(recommended)),
		"add them to \"context\" in cdk.json; in an app that is deployed, one by one, since some change resources:\n"+strings.Join(unset, "\n"))
}

func (d *doctor) lock() finding.Finding {
	const check = "package-lock.json"
	folder := d.project.Pinned()
	if _, err := os.Stat(filepath.Join(folder, "package-lock.json")); err != nil {
		return missing(check, "is missing: it pins the CDK CLI and Node.js", "npm install, and commit package-lock.json")
	}
	return ok(check, "in "+folder)
}

// goModIgnore finds folders of other people's Go files that ./... would match: aws-cdk has templates of Go apps, which do not
// compile.
func (d *doctor) goModIgnore() finding.Finding {
	const check = "go.mod"
	mod, err := d.goMod()
	if err != nil {
		return finding.Finding{Check: check, Status: finding.Unknown, Detail: err.Error()}
	}
	var ignored, left []string
	for _, each := range mod.Ignore {
		ignored = append(ignored, strings.TrimPrefix(each.Path, "./"))
	}
	for _, folder := range []string{"cdk.out", "node_modules"} { // Go ignores names that begin with a dot
		if !slices.Contains(ignored, folder) {
			left = append(left, folder)
		}
	}
	if len(left) == 0 {
		return ok(check, "ignores cdk.out and node_modules")
	}
	return warning(check, "does not ignore "+strings.Join(left, " and ")+": go test ./... reads the Go files in there",
		"add to go.mod: ignore ./"+strings.Join(left, "\nadd to go.mod: ignore ./"))
}

// gitIgnore finds folders that the next commit would have.
func (d *doctor) gitIgnore() finding.Finding {
	const check = ".gitignore"
	if _, err := d.output("git", "rev-parse", "--git-dir"); err != nil {
		return finding.Finding{} // no repository of git
	}
	var left []string
	for _, folder := range made {
		command := exec.CommandContext(d.ctx, "git", "check-ignore", "--quiet", "--no-index", folder+"/x") //nolint:gosec // a name of ours
		command.Dir = d.root()
		if command.Run() != nil {
			left = append(left, folder+"/")
		}
	}
	if len(left) == 0 {
		return ok(check, "has "+strings.Join(made, ", "))
	}
	return missing(check, "does not have "+strings.Join(left, ", ")+": a commit would take thousands of files with it",
		"printf '"+strings.Join(left, `\n`)+`\n' >> .gitignore`)
}

// committed finds files of those folders that are committed already.
func (d *doctor) committed() finding.Finding {
	const check = "committed files"
	var found []string
	total := 0
	for _, folder := range made {
		text, err := d.output("git", "ls-files", "--", folder)
		if err != nil {
			return finding.Finding{}
		}
		if text != "" {
			total += strings.Count(text, "\n") + 1
			found = append(found, folder)
		}
	}
	if total == 0 {
		return ok(check, "none of "+strings.Join(made, ", "))
	}
	return missing(check, fmt.Sprintf("%d in %s, which any machine can make again", total, strings.Join(found, ", ")),
		"git rm -r --quiet --cached "+strings.Join(found, " "))
}
