package test

import (
	"cmp"
	"errors"
	"fmt"
	"go/ast"
	"go/importer"
	"go/parser"
	"go/scanner"
	"go/token"
	"go/types"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// Every block of Go in the pages is type-checked: as a file, as declarations, as statements, or as the fields and elements of
// the composite literals below. A block may use what other blocks of its page declare, and the names below.

// given are the names that blocks use without declaring them, and their types.
var given = map[string]string{
	"app":   "awscdk.App",
	"stack": "awscdk.Stack",
	"env":   "app.Environment",

	"arn": "string", "zones": "[]string",
	"abandoned": "metric.Metric", "backlog": "scaling.Backlog", "load": "scaling.Load", "policy": "scaling.Policy",
	"cart": "*microservice.Microservice", "reports": "*microservice.Microservice", "worker": "*microservice.Microservice",
	"database": "awssecretsmanager.ISecret", "smokeTest": "awslambda.IFunction",
	"shop": "app.App", "net": "*network.Network", "shared": "*platform.Platform",
	"sandbox": "environment.Environment", "production": "environment.Environment",
	"defineOrders": "func(awscdk.Stack, app.Environment)", "defineWishlist": "func(awscdk.Stack, app.Environment)", "defineShop": "func(awscdk.Stage)",
}

// literals are what a block can be the inside of.
var literals = []string{
	"microservice.Props", "scaling.Policy", "store.Binding", "app.App", "app.Environment",
	"[]app.Service", "[]app.Environment", "map[string]map[string]string",
}

var (
	packageClause = regexp.MustCompile(`(?m)^package .*`)
	declaration   = regexp.MustCompile(`^(//.*\n)*(func|type|var|const) `)
)

// forms are the files that a block may be. It is the only one if the block declares something.
func forms(block string) []string {
	switch {
	case packageClause.MatchString(block):
		return []string{packageClause.ReplaceAllString(block, "package p")}
	case declaration.MatchString(block):
		return []string{"package p\n" + block}
	}
	all := []string{"package p\nfunc _() {\n" + block + "}\n"}
	for _, literal := range literals {
		all = append(all, "package p\nvar _ = "+literal+"{\n"+block+"}\n")
	}
	return all
}

// library are the packages that blocks can import: their paths by name, and their types.
type library struct {
	paths map[string]string
	files *token.FileSet
	types types.Importer
}

func newLibrary(t *testing.T) *library {
	t.Helper()
	list := exec.Command("go", "list", "-export", "-deps", "-f", "{{.Name}} {{.ImportPath}} {{.Export}}",
		"./constructs/...", "./stacks/events", "./examples/recipes/page", "./test/testdata/elsewhere", "testing", "github.com/aws/aws-cdk-go/awscdk/v2/awslambda")
	list.Dir, list.Stderr = "..", os.Stderr
	output, err := list.Output()
	if err != nil {
		t.Fatal(err)
	}
	l := &library{paths: map[string]string{}, files: token.NewFileSet()}
	exports := map[string]string{}
	rank := func(path string) int { // of several packages with one name, the library's come first
		first := []string{"github.com/storefront-cdk/", "github.com/aws/", ""}
		return slices.IndexFunc(first, func(prefix string) bool { return strings.HasPrefix(path, prefix) })
	}
	for line := range strings.Lines(string(output)) {
		fields := strings.Fields(line)
		if len(fields) != 3 || strings.Contains(fields[1], "internal/") || strings.HasSuffix(fields[1], "/jsii") {
			continue
		}
		name, path := fields[0], fields[1]
		exports[path] = fields[2]
		if known, ok := l.paths[name]; !ok || rank(path) < rank(known) {
			l.paths[name] = path
		}
	}
	l.types = importer.ForCompiler(l.files, "gc", func(path string) (io.ReadCloser, error) { return os.Open(exports[path]) })
	return l
}

// has reports whether a selector such as table.New is of a package.
func (l *library) has(name, member string) bool {
	if l.paths[name] == "" {
		return false
	}
	found, err := l.types.Import(l.paths[name])
	return err == nil && found.Scope().Lookup(member) != nil
}

// parse parses a source of package p, and adds the imports of the packages that it names, unless it has imports of its own.
func (l *library) parse(source string) (*ast.File, error) {
	parsed, err := parser.ParseFile(l.files, "", source, parser.SkipObjectResolution)
	if err != nil || len(parsed.Imports) > 0 {
		return parsed, err
	}
	return l.withImports(source, parsed)
}

func (l *library) withImports(source string, parsed *ast.File, more ...string) (*ast.File, error) {
	imports := map[string]bool{}
	ast.Inspect(parsed, func(node ast.Node) bool {
		if selector, ok := node.(*ast.SelectorExpr); ok {
			if x, ok := selector.X.(*ast.Ident); ok && l.has(x.Name, selector.Sel.Name) {
				imports[fmt.Sprintf("import %s %q;", x.Name, l.paths[x.Name])] = true
			}
		}
		return true
	})
	text := strings.Join(slices.AppendSeq(more, maps.Keys(imports)), "")
	return parser.ParseFile(l.files, "", strings.Replace(source, "package p", "package p;"+text, 1), parser.SkipObjectResolution)
}

// names are those that a file declares or imports.
func names(file *ast.File) map[string]bool {
	all := map[string]bool{}
	for _, declared := range file.Decls {
		switch d := declared.(type) {
		case *ast.FuncDecl:
			if d.Recv == nil {
				all[d.Name.Name] = true
			}
		case *ast.GenDecl:
			for _, spec := range d.Specs {
				switch s := spec.(type) {
				case *ast.TypeSpec:
					all[s.Name.Name] = true
				case *ast.ValueSpec:
					for _, name := range s.Names {
						all[name.Name] = true
					}
				case *ast.ImportSpec:
					path, _ := strconv.Unquote(s.Path.Value)
					all[filepath.Base(path)] = true
				}
			}
		}
	}
	delete(all, "_")
	return all
}

// check type-checks a file with others, except those that declare one of its names, and with what is given. It ignores what
// is declared or imported and not used.
func (l *library) check(file *ast.File, others []*ast.File) error {
	own := names(file)
	files := []*ast.File{file}
	for _, other := range others {
		declared := names(other)
		again := func(name string) bool { return own[name] && l.paths[name] == "" }
		if !slices.ContainsFunc(slices.Collect(maps.Keys(declared)), again) {
			files = append(files, other)
			maps.Copy(own, declared)
		}
	}
	extra, err := l.preamble(own)
	if err != nil {
		return err
	}
	var problems []error
	config := types.Config{Importer: l.types, Error: func(err error) {
		if problem := (types.Error{}); !errors.As(err, &problem) || !problem.Soft {
			problems = append(problems, err)
		}
	}}
	_, _ = config.Check("p", l.files, append(files, extra), nil)
	return errors.Join(problems...)
}

// preamble declares what is given, except for some names. The variable app would hide the package app, which it imports by
// another name.
func (l *library) preamble(except map[string]bool) (*ast.File, error) {
	text := "package p\n"
	for _, name := range slices.Sorted(maps.Keys(given)) {
		if !except[name] {
			text += fmt.Sprintf("var %s %s;", name, strings.ReplaceAll(given[name], "app.", "kit."))
		}
	}
	parsed, err := parser.ParseFile(l.files, "", text, parser.SkipObjectResolution)
	if err != nil {
		return nil, err
	}
	return l.withImports(text, parsed, fmt.Sprintf("import kit %q;", l.paths["app"]))
}

// compile returns nil if one of the forms of a block compiles, by itself or with what others declare, and else the shortest
// list of what is wrong.
func (l *library) compile(block string, others []*ast.File) error {
	var shortest error
	for _, form := range forms(block) {
		file, err := l.parse(form)
		if err != nil {
			shortest = cmp.Or(shortest, err)
			continue
		}
		for _, with := range [][]*ast.File{others, nil} {
			problems := l.check(file, with)
			if problems == nil {
				return nil
			}
			if _, unparsed := shortest.(scanner.ErrorList); shortest == nil || unparsed || len(problems.Error()) < len(shortest.Error()) { //nolint:errorlint // it is not wrapped
				shortest = problems
			}
		}
	}
	return shortest
}

func TestBlocksOfDocumentsCompile(t *testing.T) {
	l, count := newLibrary(t), 0
	for name, page := range documents(t) {
		if strings.HasPrefix(name, "docs/recipes/") { // these show files that are compiled
			continue
		}
		blocks := goBlocks.FindAllStringSubmatch(page, -1)
		declaring := make([]*ast.File, len(blocks))
		for n, block := range blocks {
			if all := forms(block[1]); len(all) == 1 {
				declaring[n], _ = l.parse(all[0])
			}
		}
		for n, block := range blocks {
			count++
			others := slices.DeleteFunc(slices.Concat(declaring[:n], declaring[n+1:]), func(file *ast.File) bool { return file == nil })
			if err := l.compile(block[1], others); err != nil {
				t.Errorf("%s has a block that does not compile:\n%s\n%v", name, block[1], err)
			}
		}
	}
	if count < 40 {
		t.Errorf("only %d blocks were found", count)
	}
}
