// Package changes compares the stacks of a cloud assembly with what is deployed under their names, and finds what AWS
// would refuse, or do and lose requests or data. It only reads.
package changes

import (
	"context"
	"fmt"
	"maps"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/assembly"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// Check compares the stacks, which are those of one region, with what is deployed there. It returns what is wrong, by stack,
// in the order of deployment, after one line with the number of stacks compared.
func Check(ctx context.Context, config aws.Config, stacks []assembly.Stack) []finding.Finding {
	l := &live{world: world{stacks: ordered(stacks)}, config: config, formation: cloudformation.NewFromConfig(config)}
	if f := l.read(ctx); f != nil {
		return []finding.Finding{*f}
	}
	found := l.compare()
	l.rules(ctx, found)
	l.routes(ctx, found)
	findings := []finding.Finding{{Check: "changes", Detail: l.summary(found)}}
	for _, s := range l.stacks {
		findings = append(findings, merged(found[s])...)
	}
	return findings
}

// live is a world that is read from an account.
type live struct {
	world
	config    aws.Config
	formation *cloudformation.Client
}

func (l *live) summary(found map[*stack][]finding.Finding) string {
	compared, fresh := 0, 0
	for _, s := range l.stacks {
		if s.old == nil {
			fresh++
		} else {
			compared++
		}
	}
	text := fmt.Sprintf("%d stacks compared with what is deployed", compared)
	if compared == 1 {
		text = "1 stack compared with what is deployed"
	}
	if fresh > 0 {
		text += fmt.Sprintf(", %d new", fresh)
	}
	for _, all := range found {
		if len(all) > 0 {
			return text
		}
	}
	return text + ": nothing found"
}

// ordered returns the stacks in the order of deployment: each after those that it depends on.
func ordered(all []assembly.Stack) []*stack {
	byID := map[string]assembly.Stack{}
	for _, s := range all {
		byID[s.ID] = s
	}
	done := map[string]*stack{}
	var order []*stack
	var visit func(id string)
	visit = func(id string) {
		from, known := byID[id]
		if !known || done[id] != nil {
			return
		}
		s := &stack{id: id, name: from.Name, new: from.Template, newTags: from.Tags}
		done[id] = s
		for _, dependency := range from.Dependencies {
			visit(dependency)
			if before := done[dependency]; before != nil {
				s.before = append(append(s.before, dependency), before.before...)
			}
		}
		order = append(order, s)
	}
	for _, s := range all {
		visit(s.ID)
	}
	return order
}

// read reads what is deployed. It returns a finding if it could not.
func (l *live) read(ctx context.Context) *finding.Finding {
	l.outputs = map[string]map[string]string{}
	pages := cloudformation.NewDescribeStacksPaginator(l.formation, &cloudformation.DescribeStacksInput{})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return unknown("cloudformation:DescribeStacks", err)
		}
		for _, from := range page.Stacks {
			if empty(from.StackStatus) {
				continue
			}
			name := aws.ToString(from.StackName)
			l.outputs[name] = map[string]string{}
			for _, output := range from.Outputs {
				l.outputs[name][aws.ToString(output.OutputKey)] = aws.ToString(output.OutputValue)
			}
			if s := l.byName(name); s != nil {
				s.oldTags = map[string]string{}
				for _, tag := range from.Tags {
					s.oldTags[aws.ToString(tag.Key)] = aws.ToString(tag.Value)
				}
			}
		}
	}
	for _, s := range l.stacks {
		if s.oldTags == nil {
			continue
		}
		if f := l.readStack(ctx, s); f != nil {
			return f
		}
	}
	return l.readOthers(ctx)
}

// empty reports whether a stack of this status has no resources.
func empty(status types.StackStatus) bool {
	switch status {
	case types.StackStatusReviewInProgress, types.StackStatusRollbackComplete, types.StackStatusDeleteComplete:
		return true
	}
	return false
}

func (l *live) readStack(ctx context.Context, s *stack) *finding.Finding {
	text, err := l.template(ctx, s.name)
	if err == nil {
		s.old, err = snapshot.Parse(text)
	}
	if err != nil {
		return unknown("cloudformation:GetTemplate of "+s.name, err)
	}
	s.physical = map[string]string{}
	pages := cloudformation.NewListStackResourcesPaginator(l.formation, &cloudformation.ListStackResourcesInput{StackName: &s.name})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return unknown("cloudformation:ListStackResources", err)
		}
		for _, r := range page.StackResourceSummaries {
			s.physical[aws.ToString(r.LogicalResourceId)] = aws.ToString(r.PhysicalResourceId)
		}
	}
	return nil
}

// template returns the template of a deployed stack as it was submitted.
func (l *live) template(ctx context.Context, name string) ([]byte, error) {
	got, err := l.formation.GetTemplate(ctx, &cloudformation.GetTemplateInput{StackName: &name, TemplateStage: types.TemplateStageOriginal})
	if err != nil {
		return nil, err
	}
	return []byte(aws.ToString(got.TemplateBody)), nil
}

// readOthers reads the templates of other apps, if an output goes that one of them may read. It leaves out those that are
// not JSON, which the CDK did not write.
func (l *live) readOthers(ctx context.Context) *finding.Finding {
	if !slices.ContainsFunc(l.stacks, func(s *stack) bool { return s.old != nil && s.takesAway() }) {
		return nil
	}
	l.others = map[string]snapshot.Template{}
	for _, name := range slices.Sorted(maps.Keys(l.outputs)) {
		if l.byName(name) != nil {
			continue
		}
		text, err := l.template(ctx, name)
		if err != nil {
			return unknown("cloudformation:GetTemplate of "+name, err)
		}
		if template, err := snapshot.Parse(text); err == nil {
			l.others[name] = template
		}
	}
	return nil
}

// value returns the deployed value of a property: what a Ref or the output of a stack is, or "" if that is not deployed.
func (l *live) value(s *stack, property any) string {
	switch property := property.(type) {
	case string:
		return property
	case map[string]any:
		if id, is := property["Ref"].(string); is {
			return s.physical[id]
		}
		producer, output := assembly.OutputOf(property)
		return l.outputs[producer][output]
	}
	return ""
}

// unknown returns the finding of a comparison whose action failed.
func unknown(action string, err error) *finding.Finding {
	f := finding.Failed("changes", action, err)
	return &f
}
