package privilege

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// Declaration is one call of Uses in the source of a stack: what a service said that it does with a store.
type Declaration struct {
	Service     string // the construct ID of the service, such as "Cart"
	Package     string // the store's, such as "table"
	Store       string // the construct ID of the store, such as "Items", or "" for one that is imported
	Access      string // such as "ReadWrite"
	Conditional bool   // inside an if: not every environment has it
	At          string // file:line
}

// Declared reads the calls of Uses out of the Go source in a folder. A call that it cannot read is an error, since a
// declaration that is passed over would make a grant look like nobody's.
func Declared(dir string) ([]Declaration, error) {
	files := token.NewFileSet()
	var all []Declaration
	err := filepath.WalkDir(dir, func(file string, entry fs.DirEntry, err error) error {
		switch {
		case err != nil:
			return err
		case entry.IsDir() && file != dir:
			return fs.SkipDir
		case !strings.HasSuffix(file, ".go") || strings.HasSuffix(file, "_test.go"):
			return nil
		}
		parsed, err := parser.ParseFile(files, file, nil, parser.SkipObjectResolution)
		if err != nil {
			return err
		}
		for _, declaration := range parsed.Decls {
			function, ok := declaration.(*ast.FuncDecl)
			if !ok || function.Body == nil {
				continue
			}
			found, err := declaredIn(function, imports(parsed), files)
			if err != nil {
				return err
			}
			all = append(all, found...)
		}
		return nil
	})
	if err == nil && len(all) == 0 {
		err = fmt.Errorf("%s: no call of Uses: name the folder of the stacks' source", dir)
	}
	return all, err
}

// imports gives the last element of a package's path by the name that a file has for it.
func imports(file *ast.File) map[string]string {
	names := map[string]string{}
	for _, spec := range file.Imports {
		imported, err := strconv.Unquote(spec.Path.Value)
		if err != nil {
			continue // does not parse either
		}
		name := path.Base(imported)
		if spec.Name != nil {
			name = spec.Name.Name
		}
		names[name] = path.Base(imported)
	}
	return names
}

// made is a construct that a function made: the package of its New, and its ID.
type made struct{ from, id string }

func declaredIn(function *ast.FuncDecl, packages map[string]string, files *token.FileSet) ([]Declaration, error) {
	constructs := map[string]made{}
	var branches []*ast.IfStmt
	var all []Declaration
	var problem error
	ast.Inspect(function.Body, func(node ast.Node) bool {
		switch node := node.(type) {
		case *ast.IfStmt:
			branches = append(branches, node)
		case *ast.AssignStmt:
			for i, value := range node.Rhs {
				name, ok := node.Lhs[i].(*ast.Ident)
				if construct, isOne := construct(value, packages); ok && isOne {
					constructs[name.Name] = construct
				}
			}
		case *ast.CallExpr:
			method, ok := node.Fun.(*ast.SelectorExpr)
			if !ok || method.Sel.Name != "Uses" || problem != nil {
				return true
			}
			declaration, err := declaration(method.X, node.Args, constructs, packages)
			at := files.Position(node.Pos())
			declaration.At = fmt.Sprintf("%s:%d", filepath.Base(at.Filename), at.Line)
			declaration.Conditional = slices.ContainsFunc(branches, func(branch *ast.IfStmt) bool {
				return branch.Pos() <= node.Pos() && node.End() <= branch.End()
			})
			if err != nil {
				problem = fmt.Errorf("%s: Uses: %w", declaration.At, err)
				return false
			}
			all = append(all, declaration)
		}
		return true
	})
	return all, problem
}

// construct reads table.New(cart, "Items", …), and identity.Import(stack, …), which has no ID.
func construct(value ast.Expr, packages map[string]string) (made, bool) {
	call, ok := value.(*ast.CallExpr)
	if !ok {
		return made{}, false
	}
	function, ok := call.Fun.(*ast.SelectorExpr)
	if !ok {
		return made{}, false
	}
	from, ok := function.X.(*ast.Ident)
	if !ok || packages[from.Name] == "" {
		return made{}, false
	}
	switch function.Sel.Name {
	case "Import":
		return made{from: packages[from.Name]}, true
	case "New":
		if len(call.Args) < 2 {
			return made{}, false
		}
		if literal, ok := call.Args[1].(*ast.BasicLit); ok && literal.Kind == token.STRING {
			id, err := strconv.Unquote(literal.Value)
			return made{from: packages[from.Name], id: id}, err == nil
		}
	}
	return made{}, false
}

func declaration(on ast.Expr, args []ast.Expr, constructs map[string]made, packages map[string]string) (Declaration, error) {
	resolve := func(value ast.Expr) (made, bool) {
		if name, ok := value.(*ast.Ident); ok {
			construct, known := constructs[name.Name]
			return construct, known
		}
		return construct(value, packages)
	}
	service, ok := resolve(on)
	if !ok || service.from != "microservice" {
		return Declaration{}, fmt.Errorf("cannot tell which service: assign it from microservice.New in the same function")
	}
	if len(args) != 2 {
		return Declaration{}, fmt.Errorf("wants a store and an access, got %d arguments", len(args))
	}
	store, ok := resolve(args[0])
	if !ok {
		return Declaration{}, fmt.Errorf("cannot tell which store: assign it from its New in the same function")
	}
	access, ok := args[1].(*ast.SelectorExpr)
	if !ok {
		return Declaration{}, fmt.Errorf("cannot tell which access: write it as table.ReadWrite")
	}
	return Declaration{Service: service.id, Package: store.from, Store: store.id, Access: access.Sel.Name}, nil
}
