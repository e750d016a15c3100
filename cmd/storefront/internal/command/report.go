package command

import (
	"context"
	"fmt"
	"io"
	"maps"
	"math"
	"net/http"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/cdk"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/emulator"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/target"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/traffic"
)

// report is what sandbox up deployed, and how to call it. Its JSON is what --json writes.
type report struct {
	Account  string        `json:"account"`
	Region   string        `json:"region"`
	Seconds  float64       `json:"seconds"`
	Stacks   []reportStack `json:"stacks"`
	Routes   []reportRoute `json:"routes"`
	Endpoint string        `json:"endpoint,omitempty"` // of the emulator
	// Variables point the AWS CLI and SDKs to the emulator.
	Variables map[string]string `json:"variables,omitempty"`

	settings    []string // the same, in order
	certificate string
	recorded    map[string]int // by type
}

type reportStack struct {
	Name      string           `json:"name"`
	ID        string           `json:"id"`
	Status    string           `json:"status"`
	Unchanged bool             `json:"unchanged"`
	Seconds   float64          `json:"seconds"`
	Resources []reportResource `json:"resources"`
}

type reportResource struct {
	Type       string `json:"type"`
	LogicalID  string `json:"logicalId"`
	PhysicalID string `json:"physicalId"`
	Recorded   bool   `json:"recorded,omitempty"` // whether the emulator has no service for it
}

type reportRoute struct {
	Service  string   `json:"service"`
	Method   string   `json:"method"`
	Path     string   `json:"path"`
	SignedIn bool     `json:"signedIn"`
	Scopes   []string `json:"scopes,omitempty"`
	URL      string   `json:"url,omitempty"` // of a path that matches

	tokens bool // whether a user pool of the app has its tokens
}

func newReport(ctx context.Context, t *target.Target, app *deployed.App, outcomes []cdk.Outcome, took time.Duration) (*report, error) {
	r := &report{Account: app.Account, Region: app.Config.Region, Seconds: seconds(took), Routes: []reportRoute{}, recorded: map[string]int{}}
	var recorded map[string][]string
	if e := t.Emulator; e != nil {
		var err error
		if recorded, err = e.Recorded(ctx); err != nil {
			return nil, err
		}
		r.Endpoint, r.settings, r.certificate, r.Variables = e.Endpoint(), e.Settings(r.Region), e.Certificate(), map[string]string{}
		for _, setting := range r.settings {
			name, value, _ := strings.Cut(setting, "=")
			r.Variables[name] = value
		}
	}
	for _, stack := range app.Stacks {
		s := reportStack{Name: stack.Name, ID: stack.ID, Status: stack.Status}
		for _, outcome := range outcomes {
			if outcome.ID == stack.ID {
				s.Unchanged, s.Seconds = outcome.Unchanged, seconds(outcome.Took)
			}
		}
		for _, each := range stack.Resources {
			only := slices.Contains(recorded[each.Type], each.PhysicalID)
			s.Resources = append(s.Resources, reportResource{each.Type, each.LogicalID, each.PhysicalID, only})
			if only {
				r.recorded[each.Type]++
			}
		}
		slices.SortFunc(s.Resources, func(a, b reportResource) int {
			return strings.Compare(a.Type+" "+a.LogicalID, b.Type+" "+b.LogicalID)
		})
		r.Stacks = append(r.Stacks, s)
	}
	routes, err := traffic.Routes(app)
	if err != nil {
		return r, nil // an API of another app, whose routes are listed where it is deployed
	}
	for _, route := range routes {
		reported := reportRoute{Service: route.Service, Method: route.Method, Path: route.Path, SignedIn: route.SignedIn, Scopes: route.Scopes, tokens: route.Client != ""}
		if t.Emulator != nil {
			reported.URL = t.Emulator.URL(route.API) + route.Example
		}
		r.Routes = append(r.Routes, reported)
	}
	return r, nil
}

// write writes the report as text or as JSON.
func (r *report) write(p place, o upOptions) error {
	if o.json {
		return writeJSON(p.out, r)
	}
	var b strings.Builder
	r.stacks(&b, o.verbose)
	switch {
	case r.Endpoint == "" && os.Getenv(target.EndpointVariable) != "":
		fmt.Fprintf(&b, "\n%s sandbox down with the same variables destroys it.\n", called())
	case r.Endpoint == "":
		fmt.Fprintf(&b, "\n%s sandbox down with the same variables destroys it. Until then it costs money.\n", called())
	default:
		r.call(&b, o.verbose)
		r.lookAround(&b)
	}
	_, err := io.WriteString(p.out, b.String())
	return err
}

// stacks writes a line for each stack, and one for each resource if they are wanted.
func (r *report) stacks(b *strings.Builder, verbose bool) {
	rows, resources, unchanged := [][]string{{"stack", "status", "resources", "seconds"}}, 0, 0
	for _, stack := range r.Stacks {
		status := stack.Status
		if stack.Unchanged {
			status = "no changes"
			unchanged++
		}
		resources += len(stack.Resources)
		rows = append(rows, []string{stack.Name, status, fmt.Sprint(len(stack.Resources)), fmt.Sprintf("%.1f", stack.Seconds)})
	}
	lines := columns(rows)
	b.WriteString("\n" + lines[0])
	for n, stack := range r.Stacks {
		b.WriteString(lines[n+1])
		if !verbose {
			continue
		}
		for _, each := range stack.Resources {
			mark := " "
			if each.Recorded {
				mark = "*"
			}
			fmt.Fprintf(b, "  %s %-45s  %-45s  %s\n", mark, each.Type, each.LogicalID, each.PhysicalID)
		}
	}
	what := ""
	if unchanged == len(r.Stacks) {
		what = ", nothing changed"
	}
	fmt.Fprintf(b, "\n%d stacks, %d resources in account %s, %s, after %.0f s%s\n", len(r.Stacks), resources, r.Account, r.Region, r.Seconds, what)
	if len(r.recorded) == 0 {
		return
	}
	total := 0
	for _, number := range r.recorded {
		total += number
	}
	if !verbose {
		fmt.Fprintf(b, "%d of them are only recorded, since %s has no service for their types; -v lists all.\n", total, emulator.Name)
		return
	}
	fmt.Fprintf(b, "\n* only recorded, since %s has no service for it:\n", emulator.Name)
	for _, kind := range slices.Sorted(maps.Keys(r.recorded)) {
		fmt.Fprintf(b, "  %3d  %s\n", r.recorded[kind], kind)
	}
}

// call writes a command for each public route, and for a signed-in one with a token.
func (r *report) call(b *strings.Builder, verbose bool) {
	if len(r.Routes) == 0 {
		return
	}
	b.WriteString("\nThe API. A stand-in answers the requests of each service until a program registers as its target:\n\n")
	curl := "curl --cacert " + shown(r.certificate)
	var signedIn []reportRoute
	for _, route := range r.Routes {
		switch {
		case route.SignedIn:
			signedIn = append(signedIn, route)
		case verbose || !r.twin(route):
			fmt.Fprintf(b, "  %s\n", command(curl, route))
		}
	}
	with := func(flag string) string {
		return curl + fmt.Sprintf(" -H \"Authorization: Bearer $(%s sandbox token%s)\"", called(), flag)
	}
	withToken, withAccess, left := with(""), with(" --access"), 0
	first := true
	for _, route := range signedIn {
		switch {
		case verbose && route.tokens && slices.Contains(route.Scopes, traffic.AccessTokenScope):
			fmt.Fprintf(b, "  %s\n", command(withAccess, route))
		case !route.tokens || len(route.Scopes) > 0:
			left++
		case first || verbose:
			fmt.Fprintf(b, "  %s\n", command(withToken, route))
			first = false
		default:
			left++
		}
	}
	if left > 0 && !verbose {
		fmt.Fprintf(b, "\n%d more routes are for signed-in users; -v lists those that take a token of this tool.\n", left)
	}
}

// twin reports whether a route is much like another one, which is listed: HEAD beside GET, and all below a path beside the path.
func (r *report) twin(route reportRoute) bool {
	return slices.ContainsFunc(r.Routes, func(other reportRoute) bool {
		sameMethod := other.Method == route.Method
		return other.Service == route.Service && !other.SignedIn &&
			(other.Path == route.Path && route.Method == http.MethodHead && other.Method == http.MethodGet ||
				sameMethod && route.Path == other.Path+"/{proxy+}")
	})
}

// command is the curl command that calls a route.
func command(curl string, route reportRoute) string {
	switch route.Method {
	case http.MethodGet, "ANY":
	case http.MethodHead:
		curl += " --head"
	default:
		curl += " -X " + route.Method
	}
	return fmt.Sprintf("%s %s   # %s", curl, literal(route.URL), route.Service)
}

// lookAround writes the variables that point programs to the emulator, and what to do next.
func (r *report) lookAround(b *strings.Builder) {
	fmt.Fprintf(b, "\n%s listens on %s, on this machine only. The AWS CLI 2 and any SDK call it with:\n\n", emulator.Name, r.Endpoint)
	for _, setting := range r.settings {
		fmt.Fprintf(b, "  export %s\n", setting)
	}
	fmt.Fprintf(b, "\n%s sandbox up deploys what you change; %s sandbox down destroys the stacks and stops it.\n", called(), called())
}

// called is how the program was called: in the repository of an app it is a tool of Go, which runs from the build cache.
func called() string {
	if strings.Contains(os.Args[0], "go-build") {
		return "go tool storefront"
	}
	return os.Args[0]
}

// gone is what sandbox down destroyed. Its JSON is what --json writes.
type gone struct {
	Seconds float64     `json:"seconds"`
	Stacks  []goneStack `json:"stacks"`

	note string
}

type goneStack struct {
	Name      string  `json:"name"`
	ID        string  `json:"id"`
	Status    string  `json:"status"`
	Resources int     `json:"resources"`
	Seconds   float64 `json:"seconds"`
}

func (g *gone) add(stack *deployed.Stack, status string, took time.Duration) {
	g.Stacks = append(g.Stacks, goneStack{stack.Name, stack.ID, status, len(stack.Template.Resources("")), seconds(took)})
}

func (g *gone) has(stack *deployed.Stack) bool {
	return slices.ContainsFunc(g.Stacks, func(s goneStack) bool { return s.Name == stack.Name })
}

func (g *gone) String() string {
	rows, resources := [][]string{{"stack", "status", "resources", "seconds"}}, 0
	for _, stack := range g.Stacks {
		resources += stack.Resources
		rows = append(rows, []string{stack.Name, stack.Status, fmt.Sprint(stack.Resources), fmt.Sprintf("%.1f", stack.Seconds)})
	}
	text := "\n" + strings.Join(columns(rows), "") + fmt.Sprintf("\n%d stacks, %d resources, after %.0f s\n", len(g.Stacks), resources, g.Seconds)
	if g.note != "" {
		text += g.note + "\n"
	}
	return text
}

// columns returns a line for each row, the first two columns to the left and the others to the right.
func columns(rows [][]string) []string {
	widths := make([]int, len(rows[0]))
	for _, row := range rows {
		for n, cell := range row {
			widths[n] = max(widths[n], len(cell))
		}
	}
	var lines []string
	for _, row := range rows {
		var cells []string
		for n, cell := range row {
			width := widths[n]
			if n < 2 {
				width = -width
			}
			cells = append(cells, fmt.Sprintf("%*s", width, cell))
		}
		lines = append(lines, strings.TrimRight(strings.Join(cells, "  "), " ")+"\n")
	}
	return lines
}

func seconds(took time.Duration) float64 { return math.Round(took.Seconds()*10) / 10 }
