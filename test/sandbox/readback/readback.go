// Package readback proves that a deployed storefront is what its templates asked for. It reads every resource back
// through the API of its own service and compares each property of the template with what that service says.
//
//	report, err := readback.Check(ctx, storefront, nil)
//	if err != nil {
//		return err
//	}
//	for _, finding := range report.Findings {
//		fmt.Println(finding)
//	}
//
// CloudFormation's own word, that a resource is CREATE_COMPLETE, is not believed: a provisioner that takes a property
// and does nothing with it says so too.
//
// # How
//
// For each type there is a reader, which gives the resource in the form that a template has. One comparison serves all
// types: it takes the template's properties, with their expressions resolved in the deployed stack, and asks for each
// whether the reader gave the same. A type without a reader, and a property that a reader does not give, are findings.
// Where the plain comparison would be wrong, because a service keeps no order or a policy has many forms, [rules] says
// so, each with its reason.
//
// So that no comparison passes by looking away, each property of the template is also compared with another value, which
// must be found.
//
// The outputs of a stack are compared too: others go by them.
//
// What no template asks for is found where it would do harm: rules of a security group, routes of an API, rules of a
// listener, policies of a role, routes of a route table.
package readback

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/storefront-cdk/storefront/test/sandbox/deployed"
)

// Finding is one property that is not as the template asked.
type Finding struct {
	Stack, LogicalID, Type string
	Property               string // such as "ContainerDefinitions[app].Environment[PORT].Value"; empty: the whole resource
	Want, Got              string // as JSON, or "nothing"
}

// String says it in one line.
func (f Finding) String() string {
	property := f.Property
	if property != "" {
		property += ": "
	}
	return fmt.Sprintf("%s: %s (%s): %swant %s, got %s", f.Stack, f.LogicalID, f.Type, property, f.Want, f.Got)
}

// Exception is a property that what is behind the endpoint is known not to keep. It is exact: another answer than the
// one written here is a finding as ever.
type Exception struct {
	Type     string
	Property string // with [] for the elements of a list; whatever is beneath it is meant too; empty: the whole resource
	Got      string // the start of what is told instead, as JSON; empty: nothing
	Why      string
}

// String names what is excepted.
func (e Exception) String() string {
	if e.Property == "" {
		return e.Type
	}
	return e.Type + " " + e.Property
}

func (e Exception) covers(f Finding) bool {
	if e.Type != f.Type {
		return false
	}
	rest, beneath := strings.CutPrefix(pattern(f.Property), e.Property)
	if !beneath || rest != "" && e.Property != "" && !strings.HasPrefix(rest, ".") && !strings.HasPrefix(rest, "[") {
		return false
	}
	if e.Got == "" {
		return f.Got == shown(nothing{})
	}
	return strings.HasPrefix(f.Got, e.Got)
}

// Report is what a check came to.
type Report struct {
	Resources int
	Compared  int                 // properties, to the last scalar
	Changed   int                 // properties that were changed on the template's side, to see that it is found
	Skipped   map[Exception]int   // properties that an exception covers, and those that no API tells of
	Types     map[string]struct{} // seen in the templates
	Findings  []Finding
}

// Check compares every resource of every stack. It returns an error if it could not ask, as when credentials expire.
func Check(ctx context.Context, storefront *deployed.Storefront, exceptions []Exception) (*Report, error) {
	c := &check{
		account:    newAccount(storefront),
		exceptions: exceptions,
		report:     &Report{Skipped: map[Exception]int{}, Types: map[string]struct{}{}},
	}
	for _, stack := range storefront.Stacks {
		for _, asked := range stack.Template.Resources("") {
			if err := c.resource(ctx, stack, asked.LogicalID, asked.Type, asked.Get("Properties")); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", stack.Name, asked.LogicalID, err)
			}
		}
		if err := c.outputs(ctx, stack); err != nil {
			return nil, fmt.Errorf("%s: outputs: %w", stack.Name, err)
		}
	}
	if err := c.strangers(ctx); err != nil {
		return nil, err
	}
	return c.report, nil
}

// Unneeded returns the exceptions that no report needed: what they are about is repaired, or no template has it.
func Unneeded(exceptions []Exception, reports ...*Report) []Exception {
	return slices.DeleteFunc(slices.Clone(exceptions), func(e Exception) bool {
		return slices.ContainsFunc(reports, func(r *Report) bool { return r.Skipped[e] > 0 })
	})
}

// check is one check under way.
type check struct {
	*account
	exceptions []Exception
	report     *Report
}

func (c *check) resource(ctx context.Context, stack *deployed.Stack, id, kind string, asked any) error {
	c.report.Resources++
	c.report.Types[kind] = struct{}{}
	finding := Finding{Stack: stack.Name, LogicalID: id, Type: kind}
	found, exists := stack.Resources[id]
	if !exists {
		finding.Want, finding.Got = "the resource", "nothing"
		c.add(finding)
		return nil
	}
	reader, known := readers[kind]
	if !known {
		finding.Want, finding.Got = "a reader of this type in readers.go", "nothing"
		c.add(finding)
		return nil
	}
	resolved, err := c.storefront.Resolve(ctx, stack, asked)
	if err != nil {
		if !isAnswer(err) {
			return err
		}
		finding.Want, finding.Got = "expressions that resolve", err.Error()
		c.add(finding)
		return nil
	}
	want, _ := resolved.(properties)
	got, err := reader(ctx, c.account, resource{Resource: found, asked: want})
	if err != nil {
		if !isAnswer(err) {
			return err
		}
		finding.Want, finding.Got = "the resource", err.Error()
		c.add(finding)
		return nil
	}
	compared := compare(kind, want, got)
	c.report.Compared += len(compared.compared)
	for _, path := range compared.untold {
		c.report.Skipped[Exception{Type: kind, Property: path, Why: ruleOf(kind, path).why}]++
	}
	if len(compared.differences) == 0 {
		changed, unseen := blind(kind, want, got)
		c.report.Changed += changed
		for _, path := range unseen {
			finding.Property, finding.Want, finding.Got = path, "a comparison that sees another value", "one that takes any"
			c.add(finding)
		}
	}
	for _, d := range compared.differences {
		finding.Property, finding.Want, finding.Got = d.path, shown(d.want), shown(d.got)
		c.add(finding)
	}
	return nil
}

// outputs compares what a stack tells others: another stack that was deployed before a change may go by it.
func (c *check) outputs(ctx context.Context, stack *deployed.Stack) error {
	asked := stack.Template.Outputs()
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		c.report.Compared++
		finding := Finding{Stack: stack.Name, LogicalID: name, Type: "output"}
		want, err := c.storefront.Resolve(ctx, stack, asked[name])
		if err != nil && !isAnswer(err) {
			return err
		}
		got, exists := stack.Outputs[name]
		switch {
		case err != nil:
			finding.Want, finding.Got = "expressions that resolve", err.Error()
		case !exists:
			finding.Want, finding.Got = shown(want), shown(nothing{})
		case !same(want, got):
			finding.Want, finding.Got = shown(want), shown(got)
		default:
			continue
		}
		c.add(finding)
	}
	return nil
}

// add reports a finding, unless an exception covers it.
func (c *check) add(f Finding) {
	for _, e := range c.exceptions {
		if e.covers(f) {
			c.report.Skipped[e]++
			return
		}
	}
	c.report.Findings = append(c.report.Findings, f)
}

// isAnswer tells what a service answered from a service that could not be asked: the one is a finding, the other ends
// the check.
func isAnswer(err error) bool {
	var answer smithy.APIError
	if errors.As(err, &answer) {
		return !slices.Contains([]string{"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}, answer.ErrorCode())
	}
	var absent absentError
	var unresolved *deployed.UnresolvedError
	return errors.As(err, &absent) || errors.As(err, &unresolved)
}

// absentError says that a service does not know a resource.
type absentError string

func (e absentError) Error() string { return string(e) }

// Numbers returns what was compared, and what was skipped and why, a line each.
func (r *Report) Numbers() []string {
	skipped := 0
	for _, count := range r.Skipped {
		skipped += count
	}
	lines := []string{fmt.Sprintf("%d resources of %d types read back, %d properties compared (%d of the templates', each also with another value, which was found), %d skipped",
		r.Resources, len(r.Types), r.Compared, r.Changed, skipped)}
	order := func(a, b Exception) int { return strings.Compare(a.String(), b.String()) }
	for _, e := range slices.SortedFunc(maps.Keys(r.Skipped), order) {
		lines = append(lines, fmt.Sprintf("skipped %d times: %s: %s", r.Skipped[e], e, e.Why))
	}
	return lines
}
