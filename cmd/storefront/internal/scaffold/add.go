package scaffold

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/format"
	"go/parser"
	"go/token"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
)

// Addition is a service that is added to an app.
type Addition struct {
	// Dir is the folder of the package with the list of services, and File the file of the new service in it.
	Dir, File string
	// List is the file with the list, or empty if there is not one list that is written as []app.Service{…}.
	List string
	// Line is the line of the service in that list.
	Line string
}

// AddService adds a service to the app in a module, given the root of the module and the folder of the app's main package in it:
// its file, and its line in the list of services, which is the one composite literal of the type []app.Service in that package
// and those of the module that it imports. If there is none, or several, it writes the file into the folder of the app, and the
// caller says which line to add. It returns one error that lists every clash. With an error it has written nothing.
func AddService(root, main string, service Service, owner string) (Addition, error) {
	dir := filepath.Join(root, main)
	packages, err := parse(root, dir)
	if err != nil {
		return Addition{}, err
	}
	of, literal, file := theList(packages)
	if of == nil {
		of = packages[dir]
	}
	if err := of.clashes(service, literal); err != nil {
		return Addition{}, err
	}
	added := Addition{Dir: of.dir, Line: fmt.Sprintf("{ID: %q, Define: %s}", service.ID, service.Define())}
	written, err := service.file(of.name, owner)
	if err != nil {
		return Addition{}, err
	}
	added.File = filepath.Join(of.dir, written.Path)
	var list []byte
	if literal != nil {
		if len(literal.Elts) > 0 && positional(literal.Elts[0]) {
			added.Line = fmt.Sprintf("{%q, %s}", service.ID, service.Define())
		}
		added.List = file
		list, err = insert(of.text[file], of.files.Position(literal.Lbrace).Offset, literal, of.files, added.Line)
		if err != nil {
			return Addition{}, err
		}
	}
	if err := writeFile(added.File, written.Text); err != nil || literal == nil {
		return added, err
	}
	if err := os.WriteFile(file, list, 0o644); err != nil { //nolint:gosec // the file exists
		return Addition{}, errors.Join(err, os.Remove(added.File))
	}
	return added, nil
}

// pkg is a package of an app, without its tests.
type pkg struct {
	dir, name string
	files     *token.FileSet
	parsed    map[string]*ast.File
	text      map[string][]byte
}

// parse reads the package in a folder, and those of the module that it imports, by folder.
func parse(root, main string) (map[string]*pkg, error) {
	module := ""
	if text, err := os.ReadFile(filepath.Join(root, goMod)); err == nil {
		if match := moduleLine.FindSubmatch(text); match != nil {
			module = string(match[1])
		}
	}
	packages := map[string]*pkg{}
	for next := []string{main}; len(next) > 0; next = next[1:] {
		dir := next[0]
		if packages[dir] != nil {
			continue
		}
		files, err := project.Glob(dir, "*.go")
		if err != nil {
			return nil, err
		}
		packages[dir] = &pkg{dir: dir, files: token.NewFileSet(), parsed: map[string]*ast.File{}, text: map[string][]byte{}}
		for _, file := range files {
			if strings.HasSuffix(file, "_test.go") {
				continue
			}
			if err := packages[dir].add(file); err != nil {
				return nil, err
			}
			for _, imported := range packages[dir].parsed[file].Imports {
				if below, ok := strings.CutPrefix(strings.Trim(imported.Path.Value, "\"`"), module+"/"); ok && module != "" {
					next = append(next, filepath.Join(root, filepath.FromSlash(below)))
				}
			}
		}
	}
	if len(packages[main].parsed) == 0 {
		return nil, fmt.Errorf("%s has no Go files: run this in the repository of an app", main)
	}
	return packages, nil
}

var moduleLine = regexp.MustCompile(`(?m)^module\s+"?([^\s"]+)`)

func (p *pkg) add(file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	parsed, err := parser.ParseFile(p.files, file, text, parser.ParseComments|parser.SkipObjectResolution)
	if err != nil {
		return fmt.Errorf("fix what Go cannot read first: %w", err)
	}
	p.name, p.parsed[file], p.text[file] = parsed.Name.Name, parsed, text
	return nil
}

// theList returns the only list of services in the packages, its package and its file, or nil.
func theList(packages map[string]*pkg) (of *pkg, list *ast.CompositeLit, in string) {
	found := 0
	for _, p := range packages {
		for file, parsed := range p.parsed {
			name := importedAs(parsed, Library+"/constructs/app")
			ast.Inspect(parsed, func(n ast.Node) bool {
				literal, ok := n.(*ast.CompositeLit)
				if ok && name != "" && isSlice(literal.Type, name, "Service") {
					found++
					of, list, in = p, literal, file
				}
				return true
			})
		}
	}
	if found != 1 {
		return nil, nil, ""
	}
	return of, list, in
}

// importedAs returns the name by which a file imports a package, or nothing.
func importedAs(file *ast.File, path string) string {
	for _, imported := range file.Imports {
		if imported.Path.Value != strconv.Quote(path) {
			continue
		}
		if imported.Name != nil {
			return imported.Name.Name
		}
		return path[strings.LastIndex(path, "/")+1:]
	}
	return ""
}

// isSlice reports whether a type is []pkg.name.
func isSlice(expression ast.Expr, pkg, name string) bool {
	slice, ok := expression.(*ast.ArrayType)
	if !ok || slice.Len != nil {
		return false
	}
	selector, ok := slice.Elt.(*ast.SelectorExpr)
	if !ok || selector.Sel.Name != name {
		return false
	}
	of, ok := selector.X.(*ast.Ident)
	return ok && of.Name == pkg
}

// positional reports whether an element of a list has its fields without their names.
func positional(element ast.Expr) bool {
	literal, ok := element.(*ast.CompositeLit)
	if !ok || len(literal.Elts) == 0 {
		return false
	}
	_, named := literal.Elts[0].(*ast.KeyValueExpr)
	return !named
}

// clashes lists what the package has already of what a service adds to it.
func (p *pkg) clashes(service Service, list *ast.CompositeLit) error {
	var problems []error
	if list != nil {
		for _, element := range list.Elts {
			if id, ok := idOf(element); ok && strings.EqualFold(strings.Join(words(id), "-"), service.Name) {
				problems = append(problems, fmt.Errorf("the app has a service %s, at %s: choose another name", id, p.at(element.Pos())))
			}
		}
	}
	file := filepath.Join(p.dir, service.File())
	if _, err := os.Stat(file); err == nil {
		problems = append(problems, fmt.Errorf("%s exists: choose another name, or rename the file", p.relative(file)))
	}
	for _, parsed := range p.parsed {
		for _, declared := range parsed.Decls {
			if function, ok := declared.(*ast.FuncDecl); ok && function.Recv == nil && function.Name.Name == service.Define() {
				problems = append(problems, fmt.Errorf("%s is declared at %s: choose another name, or rename the function", service.Define(), p.at(function.Pos())))
			}
		}
	}
	return errors.Join(problems...)
}

// idOf returns the ID of an element of the list, if it is a text.
func idOf(element ast.Expr) (string, bool) {
	literal, ok := element.(*ast.CompositeLit)
	if !ok || len(literal.Elts) == 0 {
		return "", false
	}
	value := literal.Elts[0]
	for _, field := range literal.Elts {
		if named, ok := field.(*ast.KeyValueExpr); ok {
			if key, ok := named.Key.(*ast.Ident); ok && key.Name == "ID" {
				value = named.Value
			}
		}
	}
	text, ok := value.(*ast.BasicLit)
	if !ok || text.Kind != token.STRING {
		return "", false
	}
	id, err := strconv.Unquote(text.Value)
	return id, err == nil
}

func (p *pkg) at(pos token.Pos) string {
	position := p.files.Position(pos)
	return fmt.Sprintf("%s:%d", p.relative(position.Filename), position.Line)
}

func (p *pkg) relative(file string) string {
	if relative, err := filepath.Rel(p.dir, file); err == nil {
		return relative
	}
	return file
}

// insert adds an element at the end of a list in a file, in the form that the list has: on one line, or a line each. A file that
// is formatted stays so, and of any other file no other line changes.
func insert(text []byte, opening int, list *ast.CompositeLit, files *token.FileSet, element string) ([]byte, error) {
	closing := files.Position(list.Rbrace).Offset
	oneLine := files.Position(list.Lbrace).Line == files.Position(list.Rbrace).Line
	var out []byte
	switch {
	case len(list.Elts) == 0 && oneLine:
		out = slices.Concat(text[:opening+1], []byte("\n"+element+",\n"), text[closing:])
	case oneLine:
		end := files.Position(list.Elts[len(list.Elts)-1].End()).Offset
		out = slices.Concat(text[:end], []byte(", "+element), text[end:])
	default:
		line := bytes.LastIndexByte(text[:closing], '\n') + 1
		if len(bytes.TrimSpace(text[line:closing])) > 0 { // the last element ends on the line of the brace
			end := files.Position(list.Elts[len(list.Elts)-1].End()).Offset
			out = slices.Concat(text[:end], []byte(", "+element), text[end:])
			break
		}
		indent := append(slices.Clone(text[line:closing]), '\t')
		out = slices.Concat(text[:line], indent, []byte(element+",\n"), text[line:])
	}
	formatted, err := format.Source(out)
	if err != nil {
		return nil, err
	}
	if was, err := format.Source(text); err == nil && bytes.Equal(was, text) {
		return formatted, nil
	}
	return out, nil
}

// AcceptService writes the golden templates of a service that was added, and of no other, by the test of the package that has
// the list of services. It returns their files: none if the package has no golden templates.
func AcceptService(ctx context.Context, at *project.Project, dir string, service Service, tell io.Writer) ([]string, error) {
	before, err := project.Glob(dir, goldenFiles)
	if err != nil || len(before) == 0 {
		return nil, err
	}
	kept := map[string][]byte{}
	for _, file := range before {
		if kept[file], err = os.ReadFile(file); err != nil {
			return nil, err
		}
	}
	relative, err := filepath.Rel(at.Root, dir)
	if err != nil {
		return nil, err
	}
	if err := at.Install(ctx, tell); err != nil {
		return nil, err
	}
	failed := Place{Tell: tell}.accept(ctx, at, relative)
	// The test has accepted every other difference too, which no one has reviewed.
	for file, text := range kept {
		if err := os.WriteFile(file, text, 0o644); err != nil { //nolint:gosec // the file exists
			return nil, err
		}
	}
	if failed != nil {
		return nil, fmt.Errorf("the service is in the app, and its golden templates could not be made: %w", failed)
	}
	after, err := project.Glob(dir, goldenFiles)
	if err != nil {
		return nil, err
	}
	var of []string
	for _, file := range after {
		if filepath.Base(file) == service.ID+".json" {
			of = append(of, file)
		} else if _, was := kept[file]; !was {
			if err := os.Remove(file); err != nil {
				return nil, err
			}
		}
	}
	return of, nil
}
