// Package contract tests whether services keep what their OpenAPI documents say, with a pinned Schemathesis: it sends requests that
// are as a document describes them, and others that are not, and validates each response.
package contract

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	_ "embed"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/progress"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/python"
)

//go:embed requirements.txt
var requirements []byte

// The variables that the hooks and the settings of a repository may use.
const (
	URLVariable   = "SHOP_URL"
	TokenVariable = "SHOP_TOKEN"
)

// examples is the number of generated requests to an operation, beside those that its document gives and those at the limits of
// its parameters.
const examples = 5

// Options are what is tested, and where.
type Options struct {
	Project *project.Project
	// Dir is the folder of the reports. It is emptied.
	Dir string
	// Documents are OpenAPI documents by the name of what they describe.
	Documents map[string]string
	// URL is where the API is, and Token that of a new user.
	URL, Token string
	// Tell shows the progress.
	Tell io.Writer
}

// Operation is how often an operation was called, by the kind of response.
type Operation struct {
	Service   string `json:"service"`
	Operation string `json:"operation"` // GET /cart/items
	Succeeded int    `json:"succeeded"` // 2xx and 3xx
	Refused   int    `json:"refused"`   // 4xx
	Failed    int    `json:"failed"`    // 5xx, and no response
}

// Finding is what is wrong with the contract of a service.
type Finding struct {
	Service string `json:"service"`
	Text    string `json:"text"`
}

// Run calls every operation. The requests are the same each time, but for what the services have given to earlier ones.
func Run(ctx context.Context, options Options) ([]Operation, []Finding, error) {
	environment := python.Environment{
		Dir: options.Project.Cache("contract"), Requirements: requirements, For: "Schemathesis", Tell: options.Tell,
	}
	if err := environment.Install(ctx); err != nil {
		return nil, nil, err
	}
	var operations []Operation
	var findings []Finding
	for _, service := range slices.Sorted(maps.Keys(options.Documents)) {
		called, found, err := options.test(ctx, environment, service)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", service, err)
		}
		operations, findings = append(operations, called...), append(findings, found...)
	}
	return operations, findings, nil
}

// test tests one service.
func (o Options) test(ctx context.Context, environment python.Environment, service string) ([]Operation, []Finding, error) {
	defer progress.New(o.Tell).Begin("calling the operations of %s", service)()
	// A folder of its own, in which Schemathesis finds nothing of the run before and leaves what it has found.
	folder := filepath.Join(o.Dir, service)
	if err := errors.Join(os.RemoveAll(folder), os.MkdirAll(folder, 0o700)); err != nil {
		return nil, nil, err
	}
	report := filepath.Join(folder, "report.ndjson")
	args := []string{environment.Program("schemathesis")}
	if settings := filepath.Join(o.Project.Root, "schemathesis.toml"); exists(settings) {
		args = append(args, "--config-file", settings)
	}
	// By its Python: the program's first line has the path of that, which is another one once the repository has been moved.
	command := o.Project.Command(ctx, environment.Program("python"), append(args, "run", o.Documents[service],
		"--url", o.URL, "--generation-deterministic", "--max-examples", strconv.Itoa(examples), "--phases", "examples,coverage,fuzzing",
		"--continue-on-failure", "--max-redirects", "0", "--no-color", "--report", "ndjson", "--report-ndjson-path", report,
		// A method that a path lacks is 404 at an API Gateway without a route for it, and 405 at a service with one.
		"--exclude-checks", "unsupported_method")...)
	command.Dir = folder
	command.Env = append(command.Env, "PYTHONPATH="+o.Project.Root, URLVariable+"="+o.URL, TokenVariable+"="+o.Token, "PYTHONDONTWRITEBYTECODE=1", "PYTHONUTF8=1", "COLUMNS=130")
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	err := project.Run(command)
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return nil, nil, context.Cause(ctx)
	case err != nil && (!errors.As(err, &exit) || exit.ExitCode() != 1): // which is that it has found something
		return nil, nil, fmt.Errorf("schemathesis: %w\n%s", err, bytes.TrimSpace(output.Bytes()))
	}
	var findings []Finding
	if err != nil {
		findings = append(findings, Finding{service, found(output.String())})
	}
	file, err := os.Open(report)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = file.Close() }()
	operations, missing, err := count(file)
	if err != nil {
		return nil, nil, fmt.Errorf("%s: %w", report, err)
	}
	for n := range operations {
		operations[n].Service = service
		if operations[n].Succeeded == 0 {
			findings = append(findings, Finding{service, operations[n].Operation +
				" never succeeded: give it an example that does, in " + filepath.Base(o.Documents[service]) + " or by a hook in schemathesis.toml"})
		}
	}
	if missing > 0 {
		findings = append(findings, Finding{service, fmt.Sprintf("%d operations were not called", missing)})
	}
	return operations, findings, nil
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// found is the part of the output with what was found, without the progress before it and the statistics behind it.
func found(output string) string {
	for _, heading := range []string{"= ERRORS =", "= FAILURES ="} {
		if at := strings.Index(output, heading); at >= 0 {
			output = output[strings.LastIndex(output[:at], "\n")+1:]
			break
		}
	}
	for _, heading := range []string{"= WARNINGS =", "= SUMMARY ="} {
		if at := strings.Index(output, heading); at >= 0 {
			output = output[:strings.LastIndex(output[:at], "\n")+1]
		}
	}
	return strings.TrimSpace(output)
}

// scenario is the part of Schemathesis's report about some requests to an operation.
type scenario struct {
	LoadingFinished *struct {
		Statistic struct{ Operations struct{ Selected int } }
	}
	ScenarioFinished *struct {
		Recorder struct {
			Label string // GET /cart/items
			Cases map[string]struct {
				Value struct{ Method, Path string }
			}
			Interactions map[string]struct {
				Response *struct {
					Status int `json:"status_code"`
				}
			}
		}
	}
}

// count returns the operations of a report, and how many it lacks. A request with a method that the path does not have, which is
// recorded with those of an operation, does not count.
func count(report io.Reader) (operations []Operation, missing int, err error) {
	all := map[string]*Operation{}
	decoder := json.NewDecoder(bufio.NewReader(report))
	for {
		var s scenario
		if err := decoder.Decode(&s); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, 0, err
		}
		if s.LoadingFinished != nil {
			missing = s.LoadingFinished.Statistic.Operations.Selected
		}
		if s.ScenarioFinished == nil {
			continue
		}
		r := s.ScenarioFinished.Recorder
		if all[r.Label] == nil {
			all[r.Label] = &Operation{Operation: r.Label}
		}
		for id, interaction := range r.Interactions {
			sent := r.Cases[id].Value
			if sent.Method+" "+sent.Path != r.Label {
				continue
			}
			switch response := interaction.Response; {
			case response == nil || response.Status >= 500:
				all[r.Label].Failed++
			case response.Status >= 400:
				all[r.Label].Refused++
			default:
				all[r.Label].Succeeded++
			}
		}
	}
	for _, one := range all {
		operations = append(operations, *one)
	}
	slices.SortFunc(operations, func(a, b Operation) int { return cmp.Compare(path(a), path(b)) })
	return operations, missing - len(operations), nil
}

// path is an operation with its path first, to sort by.
func path(of Operation) string {
	method, path, _ := strings.Cut(of.Operation, " ")
	return path + " " + method
}
