// Package scaffold writes the files that an app begins with, and those of a service that is added to it. They belong to the user
// from then on: nothing here reads them again but the list of services.
package scaffold

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"go/format"
	"io/fs"
	"path"
	"regexp"
	"strings"
	"text/template"
)

// The modules that an app requires.
const (
	Library = "github.com/storefront-cdk/storefront"
	Tool    = Library + "/cmd/storefront"
)

// App is a new app of one service in two environments, sandbox and production.
type App struct {
	// Module is the path of the app's Go module.
	Module string
	// Name is the first part of each stack's name.
	Name string
	// Service is the first service.
	Service Service
	// Region is that of both environments, one of [Regions].
	Region string
}

var (
	modulePath = regexp.MustCompile(`^[A-Za-z0-9_~-][A-Za-z0-9._~-]*(/[A-Za-z0-9_~-][A-Za-z0-9._~-]*)*$`)
	appName    = regexp.MustCompile(`^[a-z][a-z0-9-]{0,31}$`)
)

// Validate returns one error that lists every problem, each as the flag that it is of.
func (a App) Validate() error {
	return errors.Join(CheckModule(a.Module), CheckName(a.Name), CheckRegion(a.Region))
}

// CheckModule returns an error unless a Go module can have the path.
func CheckModule(module string) error {
	if !modulePath.MatchString(module) || strings.Contains(module, "..") || strings.HasSuffix(module, ".") || strings.Contains(module, "./") {
		return fmt.Errorf("--module must be the path of a Go module, such as github.com/acme/menu, got %q", module)
	}
	if module == Library || strings.HasPrefix(module, Library+"/") {
		return fmt.Errorf("--module must be a path of your own, such as github.com/acme/menu, got %q, which is the library's", module)
	}
	return nil
}

// CheckName returns an error unless an app can have the name.
func CheckName(name string) error {
	if !appName.MatchString(name) {
		return fmt.Errorf("--name must be lower-case letters, digits and hyphens, starting with a letter, at most 32, got %q", name)
	}
	return nil
}

// NameOf returns the name of an app in a Go module, or "app" if its path has none.
func NameOf(module string) string {
	base := path.Base(module)
	if version.MatchString(base) && strings.Contains(module, "/") {
		base = path.Base(path.Dir(module))
	}
	name := strings.Trim(strings.Join(words(base), "-"), "-")
	name = strings.TrimLeft(strings.ToLower(name), "0123456789-")
	if len(name) > 32 {
		name = name[:32]
	}
	if CheckName(name) != nil {
		return "app"
	}
	return name
}

var version = regexp.MustCompile(`^v[0-9]+$`)

// File is a file of an app.
type File struct {
	Path string // from the root of the app, with slashes
	Text []byte
	// About is what it is for, in a few words. A file without it is of interest to programs only.
	About string
}

// Files returns the files of an app, but those that Go and its own tests write: go.mod, go.sum and the golden templates.
func (a App) Files() ([]File, error) {
	service, err := a.Service.file("main", "platform")
	if err != nil {
		return nil, err
	}
	files := []File{
		{Path: "main.go", About: "the app: its environments and its services"},
		service,
		{Path: "main_test.go", About: "compares the templates with those in testdata/golden"},
		{Path: "README.md", About: "what is here, and what to do next"},
		{Path: "Makefile", About: "the commands, one line each"},
		{Path: ".github/workflows/ci.yml", About: "what GitHub runs before a change is merged"},
		{Path: "cdk.json", About: "how the CDK CLI runs the app, and the feature flags that the CDK recommends"},
		{Path: "package.json", About: "pins the CDK CLI and the Node.js that runs it"},
		{Path: "package-lock.json"},
		{Path: ".npmrc"},
		{Path: ".gitignore"},
	}
	for n := range files {
		if files[n].Text != nil {
			continue
		}
		if files[n].Text, err = render(files[n].Path, a); err != nil {
			return nil, err
		}
	}
	return files, nil
}

// Zones are the availability zones of an environment with as many of them, as Go text.
func (a App) Zones(count int) string { return zones(a.Region, count) }

//go:embed templates
var templates embed.FS

// render executes the template of a file. The name of a template has dot- for a leading dot, since Git reads a .gitignore
// wherever it is, and .tmpl at its end, since Go reads a go.mod and a main.go.
func render(file string, data any) ([]byte, error) {
	name := "templates/" + strings.Replace("/"+file, "/.", "/dot-", 1)[1:] + ".tmpl"
	text, err := fs.ReadFile(templates, name)
	if err != nil {
		return nil, err
	}
	// Two characters that neither Make nor GitHub nor a composite literal of Go have.
	parsed, err := template.New(name).Delims("[[", "]]").Parse(string(text))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	if err := parsed.Execute(&out, data); err != nil {
		return nil, err
	}
	if path.Ext(file) == ".go" {
		return format.Source(out.Bytes())
	}
	return out.Bytes(), nil
}
