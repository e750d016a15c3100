package test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// goFiles parses the Go files below a folder of the module, without its tests.
func goFiles(t *testing.T, folder string) map[string]*ast.File {
	t.Helper()
	files := map[string]*ast.File{}
	err := filepath.WalkDir(filepath.Join("..", folder), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || filepath.Ext(path) != ".go" || strings.HasSuffix(path, "_test.go") {
			return err
		}
		files[path], err = parser.ParseFile(token.NewFileSet(), path, nil, 0)
		return err
	})
	if err != nil || len(files) == 0 {
		t.Fatalf("%d Go files below %s: %v", len(files), folder, err)
	}
	return files
}

func TestEveryPackageTellsItsStory(t *testing.T) {
	for path := range goFiles(t, "constructs") {
		if _, err := os.Stat(filepath.Join(filepath.Dir(path), "doc.go")); err != nil {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// What a user fills in is plain values: nobody has to take the address of a literal.
func TestNoFieldOfPropsIsAPointer(t *testing.T) {
	seen := 0
	for path, file := range goFiles(t, "constructs") {
		ast.Inspect(file, func(node ast.Node) bool {
			spec, ok := node.(*ast.TypeSpec)
			if !ok || !spec.Name.IsExported() {
				return true
			}
			fields, ok := spec.Type.(*ast.StructType)
			if !ok {
				return true
			}
			for _, field := range fields.Fields.List {
				for _, name := range field.Names {
					if !name.IsExported() {
						continue
					}
					seen++
					ast.Inspect(field.Type, func(node ast.Node) bool {
						if _, pointer := node.(*ast.StarExpr); pointer {
							t.Errorf("%s: %s.%s has a pointer in its type", path, spec.Name, name)
						}
						return true
					})
				}
			}
			return true
		})
	}
	if seen < 50 {
		t.Errorf("only %d fields were looked at", seen)
	}
}

// Every choice of a user's is checked: profile.Choice(7) would otherwise be the profile's without a word.
func TestEveryChoiceIsChecked(t *testing.T) {
	choices, checks := map[string]string{}, map[string]bool{}
	for path, file := range goFiles(t, "constructs") {
		folder := filepath.Dir(path)
		ast.Inspect(file, func(node ast.Node) bool {
			switch node := node.(type) {
			case *ast.Field:
				if of, ok := node.Type.(*ast.SelectorExpr); ok && of.Sel.Name == "Choice" {
					for _, name := range node.Names {
						if other := choices[folder+" "+name.Name]; other != "" {
							t.Errorf("%s: the choice %s has the name of one in %s, so that a check of one seems to be one of both", path, name.Name, other)
						}
						choices[folder+" "+name.Name] = path
					}
				}
			case *ast.CallExpr:
				if check, ok := node.Fun.(*ast.SelectorExpr); ok && check.Sel.Name == "Check" {
					if field, ok := check.X.(*ast.SelectorExpr); ok {
						checks[folder+" "+field.Sel.Name] = true
					}
				}
			}
			return true
		})
	}
	if len(choices) < 9 {
		t.Errorf("only %d choices were looked at", len(choices))
	}
	for field, path := range choices {
		if !checks[field] {
			t.Errorf("%s: nothing calls Check of the field%s", path, strings.TrimPrefix(field, filepath.Dir(path)))
		}
	}
}

// The storefront is composition: what a resource looks like is decided in constructs.
func TestStacksAreComposition(t *testing.T) {
	const cdk = "github.com/aws/aws-cdk-go/awscdk/v2"
	allowed := map[string]bool{"App": true, "Environment": true, "NewStack": true, "Stack": true, "StackProps": true, "Tags_Of": true}
	for path, file := range goFiles(t, "stacks") {
		for _, spec := range file.Imports {
			if name := strings.Trim(spec.Path.Value, `"`); strings.HasPrefix(name, cdk+"/") {
				t.Errorf("%s imports %s", path, name)
			}
		}
		ast.Inspect(file, func(node ast.Node) bool {
			if selector, ok := node.(*ast.SelectorExpr); ok {
				if from, ok := selector.X.(*ast.Ident); ok && from.Name == "awscdk" && !allowed[selector.Sel.Name] {
					t.Errorf("%s uses awscdk.%s", path, selector.Sel.Name)
				}
			}
			return true
		})
	}
}

// A file is read at one sitting, a function at one look.
func TestFilesAndFunctionsStayShort(t *testing.T) {
	const mostLines, mostOfAFunction = 300, 60
	files := token.NewFileSet()
	for path := range goFiles(t, "constructs") {
		file, err := parser.ParseFile(files, path, nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		if lines := files.File(file.Pos()).LineCount(); lines > mostLines {
			t.Errorf("%s has %d lines, more than %d", path, lines, mostLines)
		}
		for _, declared := range file.Decls {
			function, ok := declared.(*ast.FuncDecl)
			if !ok {
				continue
			}
			if lines := files.Position(function.End()).Line - files.Position(function.Pos()).Line + 1; lines > mostOfAFunction {
				t.Errorf("%s: %s has %d lines, more than %d", path, function.Name.Name, lines, mostOfAFunction)
			}
		}
	}
}

func TestAServiceIsShort(t *testing.T) {
	if lines := strings.Count(string(read(t, "..", "stacks/cart.go")), "\n"); lines > 40 {
		t.Errorf("stacks/cart.go has %d lines, more than 40", lines)
	}
}

// The clinic is what a service and an app cost in a repository of one's own.
func TestTheClinicIsShort(t *testing.T) {
	limits := map[string]int{"main.go": 40, "main_test.go": 12}
	for _, service := range regexp.MustCompile(`Define: define(\w+)`).FindAllStringSubmatch(string(read(t, "../examples/clinic", "main.go")), -1) {
		limits[strings.ToLower(service[1])+".go"] = 45
	}
	if len(limits) != 2+8 {
		t.Errorf("the clinic has %d services, want 8", len(limits)-2)
	}
	for file, limit := range limits {
		if lines := strings.Count(string(read(t, "../examples/clinic", file)), "\n"); lines > limit {
			t.Errorf("examples/clinic/%s has %d lines, more than %d", file, lines, limit)
		}
	}
}

// The README shows the cart service as it is.
func TestTheREADMEShowsTheCart(t *testing.T) {
	_, after, _ := strings.Cut(string(read(t, "..", "README.md")), "```go\n")
	shown, _, found := strings.Cut(after, "```")
	if !found {
		t.Fatal("the README shows no Go")
	}
	file := strings.Join(strings.Fields(string(read(t, "..", "stacks/cart.go"))), " ")
	var lines []string
	for line := range strings.Lines(shown) {
		code, _, _ := strings.Cut(line, " // ")
		lines = append(lines, strings.Fields(code)...)
	}
	if code := strings.Join(lines, " "); !strings.Contains(file, code) {
		t.Errorf("the README shows\n%s\nwhich is not in stacks/cart.go", code)
	}
}
