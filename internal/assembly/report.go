package assembly

import (
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The reports that the validation of an app of package app has, in their order, and whether each looks at the stacks in the order
// of their deployment, or in that of their definition.
var plugins = []struct {
	name     string
	deployed bool
}{
	{"CloudFormation Validate", true},
	{"Construct Annotations", false},
}

// The lists of a report. What is suppressed was acknowledged.
const (
	violations = "violations"
	suppressed = "suppressedViolations"
	constructs = "violatingConstructs"
)

// mergeReports merges the reports of the validation, of which a part that has nothing to validate has none.
func (a App) mergeReports(parts []object) (json.RawMessage, error) {
	const key = "pluginReports"
	if err := alike(parts, key); err != nil {
		return nil, err
	}
	byPlugin := map[string][]object{}
	for _, part := range parts {
		reports, err := elements(part.get(key))
		if err != nil {
			return nil, err
		}
		for _, report := range reports {
			byPlugin[report.text("pluginName")] = append(byPlugin[report.text("pluginName")], report)
		}
	}
	var merged []json.RawMessage
	for _, plugin := range plugins {
		reports := byPlugin[plugin.name]
		delete(byPlugin, plugin.name)
		if len(reports) == 0 {
			continue
		}
		order := a.Stacks
		if plugin.deployed {
			order = a.Deployed()
		}
		report, err := a.mergeReport(reports, order)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", plugin.name, err)
		}
		merged = append(merged, report)
	}
	for name := range byPlugin {
		return nil, fmt.Errorf("it has the report of %q", name)
	}
	return parts[0].with(key, array(merged, 1)).write(0), nil
}

func (a App) mergeReport(reports []object, order []string) (json.RawMessage, error) {
	var found [2][]finding
	for _, report := range reports {
		if report.text("conclusion") != "success" {
			return nil, errors.New("the validation has failed")
		}
		for n, key := range []string{violations, suppressed} {
			all, err := findings(report.get(key), key, order)
			if err != nil {
				return nil, err
			}
			found[n] = append(found[n], all...)
		}
	}
	shells := make([]object, len(reports))
	for n, report := range reports {
		shells[n] = report.without(violations).without(suppressed)
	}
	if err := alike(shells, ""); err != nil {
		return nil, err
	}
	if len(found[0]) > 0 && a.PrintsReport {
		return nil, errors.New("the app prints what the validation has found")
	}
	heads := map[string]string{}
	for _, one := range found[0] {
		if other, known := heads[one.rule]; known && other != one.head {
			return nil, errors.New("a finding has two forms")
		}
		heads[one.rule] = one.head
	}
	merged := shells[0]
	first := firsts(found[0], found[1])
	for n, key := range []string{violations, suppressed} {
		list, err := join(found[n], first)
		if err != nil {
			return nil, err
		}
		if n == 0 || len(list) > 0 {
			merged = append(merged, member{key, array(list, 3)})
		}
	}
	return merged.write(2), nil
}

// finding is what the validation says of several constructs.
type finding struct {
	fields     object
	rule       string // what the validation groups it by
	head       string // all that it says of its constructs together
	list       string // that it is in, of its part, and where
	index      int
	constructs []located
}

// located is a construct by the place of its stack.
type located struct {
	stack int
	text  json.RawMessage
}

// first returns the place of the first of the stacks.
func (f finding) first() int { return f.constructs[0].stack }

func findings(list json.RawMessage, key string, order []string) ([]finding, error) {
	if list == nil {
		return nil, nil
	}
	all, err := elements(list)
	if err != nil {
		return nil, err
	}
	found := make([]finding, len(all))
	for n, fields := range all {
		f := finding{
			fields: fields, list: key, index: n, head: string(fields.without(constructs).write(-1)),
			rule: fields.text("ruleName") + "\n" + fields.text("severity") + "\n" + fields.text("customSeverity") + "\n" + fields.text("description"),
		}
		violating, err := elements(fields.get(constructs))
		if err != nil {
			return nil, err
		}
		var texts []json.RawMessage
		if err := json.Unmarshal(fields.get(constructs), &texts); err != nil {
			return nil, err
		}
		for m, construct := range violating {
			id, _, _ := strings.Cut(construct.text("constructPath"), "/")
			stack := slices.Index(order, id)
			if stack < 0 {
				return nil, fmt.Errorf("%s is in no stack of a service", construct.text("constructPath"))
			}
			f.constructs = append(f.constructs, located{stack, texts[m]})
		}
		if len(f.constructs) == 0 {
			return nil, fmt.Errorf("%s names no construct", f.rule)
		}
		if !slices.IsSortedFunc(f.constructs, func(x, y located) int { return cmp.Compare(x.stack, y.stack) }) {
			return nil, errors.New("the stacks of a part are validated in another order")
		}
		found[n] = f
	}
	return found, nil
}

// firsts returns by its rule what the validation finds first.
func firsts(lists ...[]finding) map[string]finding {
	all := map[string]finding{}
	for _, list := range lists {
		for _, f := range list {
			if other, known := all[f.rule]; !known || cmp.Or(cmp.Compare(f.first(), other.first()), cmp.Compare(f.index, other.index)) < 0 {
				all[f.rule] = f
			}
		}
	}
	return all
}

// join groups findings as the validation of all stacks does: in the order in which it sees the first construct of each rule, by
// the stacks, and then within a stack, which the list of its part has.
func join(all []finding, firstOfRule map[string]finding) ([]json.RawMessage, error) {
	byHead := map[string]finding{}
	for _, f := range all {
		group, known := byHead[f.head]
		if !known {
			byHead[f.head] = f
			continue
		}
		joined := slices.Concat(group.constructs, f.constructs)
		slices.SortStableFunc(joined, func(x, y located) int { return cmp.Compare(x.stack, y.stack) })
		if f.first() < group.first() {
			group = f
		}
		group.constructs = joined
		byHead[f.head] = group
	}
	groups := make([]finding, 0, len(byHead))
	for _, group := range byHead {
		groups = append(groups, group)
	}
	slices.SortFunc(groups, func(x, y finding) int {
		of, other := firstOfRule[x.rule], firstOfRule[y.rule]
		return cmp.Or(cmp.Compare(of.first(), other.first()), cmp.Compare(of.index, other.index), cmp.Compare(x.first(), y.first()), cmp.Compare(x.index, y.index))
	})
	texts := make([]json.RawMessage, len(groups))
	for n, group := range groups {
		if n > 0 {
			of, before := firstOfRule[group.rule], firstOfRule[groups[n-1].rule]
			if of.first() == before.first() && of.list != before.list {
				return nil, errors.New("a finding is suppressed in one stack and not in another")
			}
		}
		list := make([]json.RawMessage, len(group.constructs))
		for m, construct := range group.constructs {
			list[m] = construct.text
		}
		texts[n] = group.fields.with(constructs, array(list, 5)).write(4)
	}
	return texts, nil
}

// elements parses an array of objects.
func elements(list json.RawMessage) ([]object, error) {
	var texts []json.RawMessage
	if err := json.Unmarshal(list, &texts); err != nil {
		return nil, err
	}
	all := make([]object, len(texts))
	for n, text := range texts {
		var err error
		if all[n], err = parse(text); err != nil {
			return nil, err
		}
	}
	return all, nil
}
