package main

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// writePage writes what was measured between the markers of the page, and draws the chart. What was not measured is a dash.
func (b *bench) writePage(r *results) error {
	page := filepath.Join(b.root, "docs", "benchmarks.md")
	text, err := os.ReadFile(page)
	if err != nil {
		return err
	}
	written, err := fill(string(text), map[string]string{
		"machine":  r.machine(),
		"times":    r.times(),
		"one":      r.one(),
		"process":  r.process(),
		"where":    r.where(),
		"profile":  r.profile(),
		"contents": r.contents(),
		"synth":    r.synth(),
		"test":     r.test(),
		"clone":    r.clones(),
		"growth":   r.growth(),
		"switches": r.switches(),
	})
	if err != nil {
		return fmt.Errorf("docs/benchmarks.md: %w", err)
	}
	return errors.Join(
		os.WriteFile(page, []byte(written), 0o644),                                      //nolint:gosec // a page of the repository
		os.WriteFile(filepath.Join(b.root, "docs", "benchmarks.svg"), r.chart(), 0o644), //nolint:gosec // likewise
	)
}

var block = regexp.MustCompile(`(?s)(<!-- measured: (\w+) -->\n).*?(<!-- end -->)`)

// fill replaces what is between each marker and the next end.
func fill(page string, blocks map[string]string) (string, error) {
	missing := maps.Clone(blocks)
	var unknown error
	filled := block.ReplaceAllStringFunc(page, func(found string) string {
		part := block.FindStringSubmatch(found)
		text, known := blocks[part[2]]
		if !known {
			unknown = fmt.Errorf("the marker %q is unknown: use one of %s", part[2], strings.Join(slices.Sorted(maps.Keys(blocks)), ", "))
		}
		delete(missing, part[2])
		return part[1] + "\n" + text + "\n" + part[3]
	})
	if len(missing) > 0 {
		return "", fmt.Errorf("it must have the markers of all that is measured, lacks %s", strings.Join(slices.Sorted(maps.Keys(missing)), ", "))
	}
	return filled, unknown
}

// table is a table of Markdown. All columns but the first have numbers.
type table struct {
	header []string
	rows   [][]string
}

// String leaves out the rows of what is not measured.
func (t table) String() string {
	t.rows = slices.DeleteFunc(slices.Clone(t.rows), func(row []string) bool {
		return !slices.ContainsFunc(row[1:], func(cell string) bool { return cell != none })
	})
	if len(t.rows) == 0 {
		return "Not measured yet.\n"
	}
	lines := []string{
		"| " + strings.Join(t.header, " | ") + " |",
		"|---|" + strings.Repeat("---:|", len(t.header)-1),
	}
	for _, row := range t.rows {
		lines = append(lines, "| "+strings.Join(row, " | ")+" |")
	}
	return strings.Join(lines, "\n") + "\n"
}

const none = "–"

// number formats with the digits that mean something.
func number(value float64) string {
	switch {
	case value == 0:
		return none
	case value < 10:
		return fmt.Sprintf("%.2f", value)
	case value < 100:
		return fmt.Sprintf("%.1f", value)
	}
	return fmt.Sprintf("%.0f", value)
}

func (r *results) machine() string {
	if r.Commit == "" {
		return "Nothing is measured yet: run `make bench` on a machine that does nothing else.\n"
	}
	v := r.Versions
	others := 0.0
	for _, pairs := range r.Pairs {
		if len(pairs) > 0 {
			others = max(others, summarize(slices.Clone(pairs)).Others)
		}
	}
	return fmt.Sprintf(`| | |
|---|---|
| measured | from %s on, of commit %s |
| machine | %s |
| other programs | used at most %.0f %% of the machine during a run |
| both | Node.js %s, aws-cdk-lib %s, constructs %s |
| Go | jsii's runtime %s |
| TypeScript | %s, compiled before |
`, r.Began, r.Commit, r.Machine, 100*others, v["Node.js"], v["aws-cdk-lib"], v["constructs"], v["jsii"], v["TypeScript"])
}

// figures returns what was measured of a scenario.
func (r *results) figures(s scenario) (figures, bool) {
	pairs := r.Pairs[s.String()]
	if len(pairs) == 0 {
		return figures{}, false
	}
	return summarize(slices.Clone(pairs)), true
}

func (f figures) row(name string) []string {
	return []string{
		name, number(f.Go.Wall), number(f.TypeScript.Wall), "**" + number(f.Wall) + "**", number(f.Go.CPU), number(f.TypeScript.CPU),
		"**" + number(f.CPU) + "**", number(f.Go.PeakMiB), number(f.TypeScript.PeakMiB), fmt.Sprint(f.Pairs),
	}
}

func header(of string) []string {
	return []string{
		of, "Go, s", "TypeScript, s", "ratio", "Go, CPU s", "TypeScript, CPU s", "ratio of CPU", "Go, MiB", "TypeScript, MiB", "pairs",
	}
}

func (r *results) times() string {
	var all []string
	for _, validated := range []bool{false, true} {
		for _, environment := range environments {
			t := table{header: header("services")}
			for _, size := range sizes {
				s := scenario{Fleet: size.fleet, Environment: environment, Validated: validated}
				name := fmt.Sprint(s.services())
				if s.Fleet == 0 {
					name += ", the storefront"
				}
				if f, measured := r.figures(s); measured {
					t.rows = append(t.rows, f.row(name))
				}
			}
			validation := "without the CDK's validation"
			if validated {
				validation = "with the CDK's validation"
			}
			all = append(all, fmt.Sprintf("**%s, %s**\n\n%s", environment, validation, t))
		}
	}
	return strings.Join(all, "\n")
}

func (r *results) one() string {
	t := table{header: header("`only=`")}
	for n, name := range []string{"cart, of the storefront", "one cart of 500"} {
		if f, measured := r.figures(oneOf[n]); measured {
			t.rows = append(t.rows, f.row(name))
		}
	}
	return t.String()
}

func (r *results) process() string {
	t := table{header: header("services")}
	for _, each := range inOneProcess {
		if f, measured := r.figures(each.scenario); measured {
			t.rows = append(t.rows, f.row(fmt.Sprintf("%d, %s", each.Fleet, each.Environment)))
		}
	}
	return t.String()
}

// where returns which process the CPU time is of, as far as that could be measured.
func (r *results) where() string {
	t := table{header: []string{
		"services", "the Go program, CPU s", "its Node.js, CPU s", "TypeScript, CPU s", "ratio", "ratio if the Go program took nothing",
	}}
	for _, s := range []scenario{
		{Fleet: 1, Environment: "sandbox"},
		{Environment: "sandbox"},
		{Fleet: switched, Environment: "sandbox", OneProcess: true},
		{Fleet: switched, Environment: "production", OneProcess: true},
	} {
		f, measured := r.figures(s)
		if !measured || f.Go.First == 0 { // where there is no /proc
			continue
		}
		rest := f.Go.CPU - f.Go.First
		t.rows = append(t.rows, []string{
			fmt.Sprintf("%d, %s", s.services(), s.Environment), number(f.Go.First), number(rest), number(f.TypeScript.CPU),
			"**" + number(f.CPU) + "**", number(rest / f.TypeScript.CPU),
		})
	}
	return t.String()
}

// profile returns what the processes of Node.js do, behind the Go program and as the twin.
func (r *results) profile() string {
	t := table{header: []string{"part", "Go, ms", "TypeScript, ms"}}
	inBoth := [2]profile{r.Profiles[profileName(inGo, switched)], r.Profiles[profileName(inTypeScript, switched)]}
	for _, part := range inBoth[0].names() {
		t.rows = append(t.rows, []string{part, number(1000 * inBoth[0][part]), number(1000 * inBoth[1][part])})
	}
	return t.String()
}

func (r *results) contents() string {
	t := table{header: []string{"", "sandbox", "production"}}
	row := func(name string, of func(environment string) string) {
		t.rows = append(t.rows, []string{name, of("sandbox"), of("production")})
	}
	row("requests to jsii for a further service", func(environment string) string { return fmt.Sprint(r.Requests[environment]) })
	for _, l := range languages {
		row(fmt.Sprintf("templates of the storefront in %s, KiB", l), func(environment string) string {
			return number(float64(r.Templates[environment][l]) / 1024)
		})
	}
	for _, l := range languages {
		row(fmt.Sprintf("CPU of a further service in %s, ms", l), func(environment string) string { return r.further(l, environment) })
	}
	cached, plain := r.run(compileCache), none
	if f, measured := r.figures(scenario{Environment: "sandbox"}); measured {
		plain = number(f.TypeScript.Wall)
	}
	return t.String() + fmt.Sprintf("\nThe twin of the storefront in the sandbox takes %s s with `NODE_COMPILE_CACHE`, and %s s as it is.\n", cached, plain)
}

// further returns the CPU time that each further service of a fleet takes.
func (r *results) further(l language, environment string) string {
	one, measured := r.figures(scenario{Fleet: 1, Environment: environment})
	many, too := r.figures(scenario{Fleet: switched, Environment: environment, OneProcess: true})
	switch {
	case !measured || !too:
		return none
	case l == inGo:
		return number(1000 * (many.Go.CPU - one.Go.CPU) / (switched - 1))
	}
	return number(1000 * (many.TypeScript.CPU - one.TypeScript.CPU) / (switched - 1))
}

// run returns the median time of a command.
func (r *results) run(name string) string { return number(r.seconds(name)) }

func (r *results) seconds(name string) float64 {
	var walls []float64
	for _, s := range r.Runs[name] {
		walls = append(walls, s.Wall)
	}
	if len(walls) == 0 {
		return 0
	}
	return median(walls)
}

func (r *results) synth() string {
	app, _ := r.figures(scenario{Environment: "sandbox"})
	validated, _ := r.figures(scenario{Environment: "sandbox", Validated: true})
	all, build := r.seconds(makeSynth), r.seconds(makeBuild)
	t := table{header: []string{"part of `make synth`", "s"}, rows: [][]string{
		{"`go build` of what has not changed, while the CDK's command line starts", number(build)},
		{"the app", number(app.Go.Wall)},
		{"the CDK's validation", number(validated.Go.Wall - app.Go.Wall)},
		{"the rest: the CDK's command line, with `go build`, and the tool", number(all - validated.Go.Wall)},
		{"all", number(all)},
	}}
	return t.String()
}

func (r *results) test() string {
	t := table{header: []string{"part of `make test`", "s"}}
	for _, part := range testParts {
		t.rows = append(t.rows, []string{strings.TrimPrefix(part.name, "make test: "), r.run(part.name)})
	}
	return t.String()
}

func (r *results) clones() string {
	return table{header: []string{"from `git clone` to the first assembly", "s"}, rows: [][]string{
		{"`make synth`", r.run(cloneInGo)},
		{"the twin: `npm ci`, `tsc`, `cdk synth`", r.run(cloneInTypeScript)},
	}}.String()
}

func (r *results) growth() string {
	var sizes []int
	for _, services := range profiled {
		if len(r.Profiles[profileName(inTypeScript, services)]) > 0 {
			sizes = append(sizes, services)
		}
	}
	if len(sizes) == 0 {
		return table{header: []string{"part", "ms"}}.String()
	}
	of := func(services int) profile { return r.Profiles[profileName(inTypeScript, services)] }
	t := table{header: []string{"part of the twin's time, ms a service"}}
	for _, size := range sizes {
		t.header = append(t.header, fmt.Sprintf("%d services", size))
	}
	row := func(name string, value func(profile) float64) {
		cells := []string{name}
		for _, size := range sizes {
			cells = append(cells, number(1000*value(of(size))/float64(size)))
		}
		t.rows = append(t.rows, cells)
	}
	for _, part := range of(sizes[len(sizes)-1]).names() {
		row(part, func(p profile) float64 { return p[part] })
	}
	row("all", profile.total)
	return t.String()
}

func (r *results) switches() string {
	t := table{header: []string{"without", "Go, CPU s", "TypeScript, CPU s", "Go, saved", "TypeScript, saved"}}
	base, measured := r.figures(scenario{Fleet: switched, Environment: "sandbox", OneProcess: true})
	if !measured {
		return t.String()
	}
	saved := func(before, after float64) string { return fmt.Sprintf("%.0f %%", 100*(1-after/before)) }
	t.rows = append(t.rows, []string{"nothing", number(base.Go.CPU), number(base.TypeScript.CPU), "", ""})
	for _, name := range switchNames {
		f, measured := r.figures(scenario{Fleet: switched, Environment: "sandbox", OneProcess: true, Without: name})
		if !measured {
			continue
		}
		row := []string{name, number(f.Go.CPU), number(f.TypeScript.CPU), saved(base.Go.CPU, f.Go.CPU), saved(base.TypeScript.CPU, f.TypeScript.CPU)}
		if name == constructTree || name == creationStacks {
			row[1], row[3] = none, none // the library has no such switch, or has it off
		}
		t.rows = append(t.rows, row)
	}
	return t.String()
}
