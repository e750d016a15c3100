// Package summary is what synth prints of an assembly: its stacks, each after those that it depends on, with how close every
// template is to CloudFormation's limits of 500 resources and 1 MB; and the routes of its API.
package summary

import (
	"cmp"
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/assembly"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// Summary is what synth --json prints.
type Summary struct {
	// Stacks are in the order in which they can be deployed.
	Stacks []Stack `json:"stacks"`
	// Routes are those of HTTP APIs, by path and method.
	Routes []Route `json:"routes"`
}

// Stack is one stack.
type Stack struct {
	ID        string   `json:"id"`      // in the CDK CLI
	Name      string   `json:"name"`    // in CloudFormation
	Account   string   `json:"account"` // empty: that of the credentials
	Region    string   `json:"region"`  // empty: that of the SDK's configuration
	Template  string   `json:"template"`
	Resources int      `json:"resources"`
	Bytes     int      `json:"bytes"`     // of the template
	DependsOn []string `json:"dependsOn"` // names, sorted; some may be in another app
}

// Route is one route of an HTTP API.
type Route struct {
	Method  string   `json:"method"`
	Path    string   `json:"path"`
	Access  string   `json:"access"` // "public", "signed in", or "IAM"
	Scopes  []string `json:"scopes,omitempty"`
	Service string   `json:"service,omitempty"` // that gets the requests, unless it is no service of this library
	Stack   string   `json:"stack"`             // ID
}

// Of returns the summary of an assembly in a folder, which its user calls shown.
func Of(dir, shown string) (Summary, error) {
	stacks, err := assembly.Read(dir)
	if err != nil {
		return Summary{}, err
	}
	names := map[string]string{}
	for _, s := range stacks {
		names[s.ID] = s.Name
	}
	s := Summary{Stacks: []Stack{}, Routes: []Route{}}
	for _, from := range inOrder(stacks, names) {
		s.Stacks = append(s.Stacks, Stack{
			ID: from.ID, Name: from.Name, Account: from.Account, Region: from.Region, Template: filepath.Join(shown, from.File),
			Resources: len(from.Template.Resources("")), Bytes: from.Size, DependsOn: dependencies(from, names),
		})
		s.Routes = append(s.Routes, Routes(from)...)
	}
	slices.SortFunc(s.Routes, func(a, b Route) int {
		return cmp.Or(cmp.Compare(a.Path, b.Path), cmp.Compare(a.Method, b.Method), cmp.Compare(a.Stack, b.Stack))
	})
	return s, nil
}

// Routes returns the routes of a stack and of those nested in it.
func Routes(of assembly.Stack) []Route {
	var found []Route
	for _, template := range of.Templates() {
		found = append(found, routes(of.ID, template)...)
	}
	return found
}

// Callers are who may call the route: anyone, or users with a scope.
func (r Route) Callers() string {
	if len(r.Scopes) == 0 {
		return r.Access
	}
	return r.Access + ", scope " + strings.Join(r.Scopes, " or ")
}

// dependencies are the names of the stacks that are deployed before one, and of those whose outputs it reads.
func dependencies(of assembly.Stack, names map[string]string) []string {
	found := readBy(of.Template)
	for _, id := range of.Dependencies {
		found = append(found, names[id])
	}
	slices.Sort(found)
	return slices.Compact(found)
}

// readBy returns the names of the stacks whose outputs a template reads. They may be in another assembly, since a weak
// reference has only the stack's name.
func readBy(template snapshot.Template) []string {
	names := []string{}
	template.Walk(func(path string, value any) {
		if strings.HasSuffix(path, "Fn::GetStackOutput.StackName") {
			names = append(names, fmt.Sprint(value))
		}
	})
	return names
}

// inOrder sorts stacks by name, each after its dependencies.
func inOrder(stacks []assembly.Stack, names map[string]string) []assembly.Stack {
	byName := map[string]assembly.Stack{}
	sorted := slices.SortedFunc(slices.Values(stacks), func(a, b assembly.Stack) int { return cmp.Compare(a.Name, b.Name) })
	for _, s := range sorted {
		byName[s.Name] = s
	}
	var ordered []assembly.Stack
	seen := map[string]bool{}
	var visit func(s assembly.Stack)
	visit = func(s assembly.Stack) {
		if seen[s.ID] {
			return
		}
		seen[s.ID] = true
		for _, name := range dependencies(s, names) {
			if before, here := byName[name]; here {
				visit(before)
			}
		}
		ordered = append(ordered, s)
	}
	for _, s := range sorted {
		visit(s)
	}
	return ordered
}

func routes(stack string, template snapshot.Template) []Route {
	services := map[string]string{} // by the logical IDs of their integrations
	for _, r := range template.Resources("AWS::ApiGatewayV2::Integration") {
		parameters, _ := r.Get("Properties.RequestParameters").(map[string]any)
		services[r.LogicalID], _ = parameters["overwrite:header.x-microservice"].(string)
	}
	var found []Route
	for _, r := range template.Resources("AWS::ApiGatewayV2::Route") {
		key, _ := r.Get("Properties.RouteKey").(string)
		method, path, ok := strings.Cut(key, " ")
		if !ok { // $default
			method, path = "ANY", key
		}
		route := Route{Method: method, Path: path, Access: access(r), Stack: stack}
		scopes, _ := r.Get("Properties.AuthorizationScopes").([]any)
		for _, scope := range scopes {
			route.Scopes = append(route.Scopes, fmt.Sprint(scope))
		}
		target, _ := r.Get("Properties.Target.Fn::Join.1").([]any)
		for _, part := range target {
			reference, _ := part.(map[string]any)
			if id, ok := reference["Ref"].(string); ok {
				route.Service = services[id]
			}
		}
		found = append(found, route)
	}
	return found
}

func access(route snapshot.Resource) string {
	switch kind := route.Get("Properties.AuthorizationType"); kind {
	case nil, "NONE":
		return "public"
	case "AWS_IAM":
		return "IAM"
	default: // JWT, or CUSTOM: a Lambda authorizer
		return "signed in"
	}
}

// StackTable is the stacks as a table, whose last line calls the folder of the templates shown.
func (s Summary) StackTable(shown string) string {
	rows, resources := [][]string{{"stack", "name", "resources of 500", "KB of 1024", "depends on"}}, 0
	for _, stack := range s.Stacks {
		rows = append(rows, []string{
			stack.ID, stack.Name, fmt.Sprint(stack.Resources), fmt.Sprint((stack.Bytes + 1023) / 1024), cmp.Or(strings.Join(stack.DependsOn, ", "), "-"),
		})
		resources += stack.Resources
	}
	return table(rows, 2, 3) + fmt.Sprintf("\n%s, %s; templates in %s\n", count(len(s.Stacks), "stack"), count(resources, "resource"),
		filepath.Join(shown, "*.template.json"))
}

// RouteTable is the routes as a table.
func (s Summary) RouteTable() string {
	rows := [][]string{{"method", "path", "access", "service", "stack"}}
	for _, r := range s.Routes {
		rows = append(rows, []string{r.Method, r.Path, r.Callers(), cmp.Or(r.Service, "-"), r.Stack})
	}
	return table(rows) + fmt.Sprintf("\n%s\n", count(len(s.Routes), "route"))
}

// table aligns the columns of rows, some of them to the right.
func table(rows [][]string, right ...int) string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for i, cell := range row {
			widths[i] = max(widths[i], len(cell))
		}
	}
	var b strings.Builder
	for _, row := range rows {
		line := ""
		for i, cell := range row {
			width := widths[i]
			if !slices.Contains(right, i) {
				width = -width
			}
			line += fmt.Sprintf("%*s  ", width, cell)
		}
		b.WriteString(strings.TrimRight(line, " ") + "\n")
	}
	return b.String()
}

func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}
