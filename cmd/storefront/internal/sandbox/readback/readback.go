// Package readback proves that a deployed storefront has the properties of its templates. It reads every resource back and
// compares each property of the template with the one that the API returns.
//
//	report, err := readback.Check(ctx, storefront, readback.Options{})
//	if err != nil {
//		return err
//	}
//	for _, finding := range report.Findings {
//		fmt.Println(finding)
//	}
//
// CREATE_COMPLETE is not enough: CloudFormation also reports it for a property that was accepted and had no effect.
//
// # How
//
// An account is read through Cloud Control, which returns resources of all types in the form of a template. Types that it
// does not read have a reader, which calls the API of the service; so have the types whose service an emulator has. What an
// emulator only recorded is compared with the record: that proves that the template's expressions resolved, and the report
// counts it separately. A type that nothing reads is in the report, too.
//
// One comparison serves all types: it takes the template's properties, with their expressions resolved in the deployed
// stack. A property that is not returned is a finding. Where the plain comparison would be wrong, the type's schema says so,
// or [rules], each with its reason.
//
// To prove that no comparison passes with any value, each property of the template is also compared with another value,
// which must be found.
//
// The outputs of a stack are compared too, since other stacks use them.
//
// What no template has is found where it does harm: rules of a security group, routes of an API, rules of a listener,
// policies of a role, routes of a route table.
package readback

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/smithy-go"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// Finding is one property that differs from the template.
type Finding struct {
	Stack, LogicalID, Type string
	Property               string // such as "ContainerDefinitions[app].Environment[PORT].Value"; empty: the whole resource
	Want, Got              string // as JSON, or "nothing"
}

// String returns one line.
func (f Finding) String() string {
	property := f.Property
	if property != "" {
		property += ": "
	}
	return fmt.Sprintf("%s: %s (%s): %swant %s, got %s", f.Stack, f.LogicalID, f.Type, property, f.Want, f.Got)
}

// Options is what differs between an emulator and an account.
type Options struct {
	// CloudControlRecords is whether Cloud Control only returns what CloudFormation passed to it, as an emulator's does.
	// Then readers are used where there are any. Otherwise Cloud Control is used where it reads the type.
	CloudControlRecords bool
}

// Report is the result of a check.
type Report struct {
	Read     map[string]int // resources by type, read through the API of a service
	Recorded map[string]int // resources by type, compared with a record
	Unread   map[string]int // resources by type that neither a reader nor Cloud Control reads
	Compared int            // scalar properties of resources that were read back, and outputs
	InRecord int            // scalar properties that were compared with a record
	Changed  int            // properties of templates that were also compared with another value
	Skipped  map[string]int // properties that no API returns, with the reason
	Findings []Finding
}

// Check compares every resource of every stack. It returns an error if it cannot call a service, as when credentials expire.
func Check(ctx context.Context, storefront *deployed.App, options Options) (*Report, error) {
	c := &check{
		account: newAccount(storefront),
		options: options,
		report:  &Report{Read: map[string]int{}, Recorded: map[string]int{}, Unread: map[string]int{}, Skipped: map[string]int{}},
	}
	for _, stack := range storefront.Stacks {
		for _, asked := range stack.Template.Resources("") {
			created, err := storefront.Creates(ctx, stack, asked)
			if err != nil {
				return nil, fmt.Errorf("%s: %s: %w", stack.Name, asked.LogicalID, err)
			}
			if !created {
				continue
			}
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

// withoutAPI are types whose resources only CloudFormation has, with the reason. That the stack has them is checked.
var withoutAPI = map[string]string{
	"AWS::CloudFormation::WaitCondition":       "it is over when the stack is complete",
	"AWS::CloudFormation::WaitConditionHandle": "it is a URL for a signal",
}

// check is the state of one check.
type check struct {
	*account
	options Options
	report  *Report
}

func (c *check) resource(ctx context.Context, stack *deployed.Stack, id, kind string, asked any) error {
	finding := Finding{Stack: stack.Name, LogicalID: id, Type: kind}
	found, exists := stack.Resources[id]
	if !exists {
		finding.Want, finding.Got = "the resource", "nothing"
		c.add(finding)
		return nil
	}
	if why, none := withoutAPI[kind]; none {
		c.report.Skipped[kind+": "+why]++
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
	if want == nil {
		want = properties{}
	}
	got, m, err := c.read(ctx, stack, resource{Resource: found, asked: want})
	if got == nil && err == nil {
		return nil
	}
	if err != nil {
		if !isAnswer(err) {
			return err
		}
		finding.Want, finding.Got = "the resource", err.Error()
		c.add(finding)
		return nil
	}
	compared := compare(kind, m, want, got)
	if c.options.CloudControlRecords && m.cloudControl {
		c.report.InRecord += len(compared.compared)
	} else {
		c.report.Compared += len(compared.compared)
	}
	for _, path := range compared.untold {
		why := cmp.Or(ruleOf(kind, path).why, "write-only")
		c.report.Skipped[kind+" "+pattern(path)+": "+why]++
	}
	if len(compared.differences) == 0 {
		changed, unseen := blind(kind, m, want, got)
		c.report.Changed += changed
		for _, path := range unseen {
			finding.Property, finding.Want, finding.Got = path, "a comparison that finds another value", "one that passes with any"
			c.add(finding)
		}
	}
	for _, d := range compared.differences {
		finding.Property, finding.Want, finding.Got = d.path, shown(d.want), shown(d.got)
		c.add(finding)
	}
	return nil
}

// read reads a resource and counts it in the report. It returns nil and no error if nothing reads its type.
func (c *check) read(ctx context.Context, stack *deployed.Stack, r resource) (properties, marks, error) {
	reader, known := readers[r.Type]
	byReader := known && (c.options.CloudControlRecords || slices.Contains(mixed, r.Type))
	var got properties
	var err error
	var unsupported *deployed.UnsupportedError
	if !byReader {
		got, err = c.storefront.Properties(ctx, stack, r.Resource)
		byReader = known && errors.As(err, &unsupported)
	}
	switch {
	case byReader:
		c.report.Read[r.Type]++
		q := &query{account: c.account, ctx: ctx}
		return reader(q, r), marks{}, q.err
	case errors.As(err, &unsupported):
		c.report.Unread[r.Type]++
		return nil, marks{}, nil
	case c.options.CloudControlRecords:
		c.report.Recorded[r.Type]++
	default:
		c.report.Read[r.Type]++
	}
	if err != nil {
		return nil, marks{}, err
	}
	schema, err := c.storefront.Schema(ctx, r.Type)
	if err != nil {
		return nil, marks{}, err
	}
	return got, marksOf(schema), nil
}

// outputs compares the outputs of a stack, which other stacks use.
func (c *check) outputs(ctx context.Context, stack *deployed.Stack) error {
	asked := stack.Template.Outputs()
	for _, name := range slices.Sorted(maps.Keys(asked)) {
		if wanted, err := c.storefront.HasOutput(ctx, stack, name); err != nil || !wanted {
			if err != nil {
				return err
			}
			continue
		}
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

func (c *check) add(f Finding) { c.report.Findings = append(c.report.Findings, f) }

// isAnswer reports whether an error is a service's response about a resource, which is a finding. Any other error ends the
// check.
func isAnswer(err error) bool {
	var answer smithy.APIError
	if errors.As(err, &answer) {
		return !slices.Contains([]string{"ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "UnrecognizedClientException"}, answer.ErrorCode())
	}
	var absent absentError
	var unresolved *deployed.UnresolvedError
	return errors.As(err, &absent) || errors.As(err, &unresolved)
}

// absentError reports a resource that a service does not have.
type absentError string

func (e absentError) Error() string { return string(e) }

// Numbers returns what was compared and what was not, one line each.
func (r *Report) Numbers() []string {
	read, _ := count(r.Read)
	recorded, types := count(r.Recorded)
	lines := []string{fmt.Sprintf("%d resources of %d types read back, %d properties compared", read, len(r.Read), r.Compared)}
	if recorded > 0 {
		lines = append(lines, fmt.Sprintf("%d more resources not read back, but %d properties compared with the record of what was deployed: %s", recorded, r.InRecord, types))
	}
	lines = append(lines, fmt.Sprintf("%d of the templates' properties also compared with another value, each of which was found", r.Changed))
	if total, types := count(r.Unread); total > 0 {
		lines = append(lines, fmt.Sprintf("%d more resources not compared, since neither a reader nor Cloud Control reads their types: %s", total, types))
	}
	if total, names := count(r.Skipped); total > 0 {
		lines = append(lines, fmt.Sprintf("%d properties skipped, since no API returns them: %s", total, names))
	}
	return lines
}

// count returns the sum of the numbers, and all of them with their names.
func count(numbers map[string]int) (total int, names string) {
	var all []string
	for _, name := range slices.Sorted(maps.Keys(numbers)) {
		total += numbers[name]
		all = append(all, fmt.Sprintf("%d %s", numbers[name], name))
	}
	return total, strings.Join(all, ", ")
}
