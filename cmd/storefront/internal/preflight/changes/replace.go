package changes

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// replacement is a resource that CloudFormation would replace.
type replacement struct {
	stack    *stack
	pair     pair
	property string
	may      bool   // the resource decides
	because  string // the key of the replaced resource that the property refers to, or "" if the property itself changes
	follows  bool   // what the property refers to becomes another resource, which is reported of that
}

func (r *replacement) id() string  { return r.pair.new.LogicalID }
func (r *replacement) key() string { return r.stack.key(r.id()) }

// replacements returns what CloudFormation would replace, by key: where a property changes that only a new resource can
// have, and where such a property refers to what is replaced itself, in this stack or, through an output, in another.
func (w *world) replacements() map[string]*replacement {
	found := map[string]*replacement{}
	for {
		before := len(found)
		for _, s := range w.stacks {
			if s.old == nil {
				continue
			}
			for _, p := range s.pairs() {
				if found[s.key(p.new.LogicalID)] == nil {
					if r := w.replaces(s, p, found); r != nil {
						found[r.key()] = r
					}
				}
			}
		}
		if len(found) == before {
			return found
		}
	}
}

func (w *world) replaces(s *stack, p pair, found map[string]*replacement) *replacement {
	known := schemas[p.new.Type]
	for _, property := range slices.Concat(known.replaces, known.mayReplace) {
		was, is := p.old.Get("Properties."+property), p.new.Get("Properties."+property)
		if was == nil && is == nil {
			continue
		}
		r := &replacement{stack: s, pair: p, property: property, may: !slices.Contains(known.replaces, property)}
		value := w.canonical(s, wanted, is)
		if !same(w.canonical(s, deployed, was), value) {
			r.follows = same(was, is) || w.follows(s, was, is)
			return r
		}
		for _, key := range references(value) {
			if cause := found[key]; cause != nil {
				r.because, r.may = key, r.may || cause.may
				return r
			}
		}
	}
	return nil
}

// follows reports whether a value differs only in that it refers to a resource whose logical ID changes.
func (w *world) follows(s *stack, was, is any) bool {
	old := w.canonical(s, deployed, was)
	if !same(masked(old), masked(w.canonical(s, wanted, is))) {
		return false
	}
	return slices.ContainsFunc(s.removed(), func(r snapshot.Resource) bool {
		_, again := w.sameElsewhere(s, r)
		return again && slices.Contains(references(old), s.key(r.LogicalID))
	})
}

// replaced reports what is replaced in a stack by a change of its own that takes requests or keeps data, or that has such
// a resource replaced with it.
func (w *world) replaced(s *stack, all map[string]*replacement) []finding.Finding {
	var found []finding.Finding
	renamed := len(w.renamed(s)) > 0
	for _, key := range slices.Sorted(maps.Keys(all)) {
		r := all[key]
		if r.stack != s || r.because != "" || r.follows {
			continue
		}
		with := followers(key, all)
		loses := holdsOf(r.pair.new.Type)
		for _, follower := range with {
			loses = max(loses, holdsOf(follower.pair.new.Type))
		}
		// A rule is defined on its new listener before the integrations send requests there. What its weights lose, if
		// anything, is reported by live.weights.
		if loses == nothing || renamed && loses == requests || r.pair.new.Type == ruleType {
			continue
		}
		found = append(found, w.replacedFinding(r, with))
	}
	return found
}

func (w *world) replacedFinding(r *replacement, with []*replacement) finding.Finding {
	kind := r.pair.new.Type
	f := finding.Finding{Check: "replacement", Subject: r.stack.id + " " + r.id(), Status: finding.Refused}
	f.Detail = fmt.Sprintf("%s, for which CloudFormation replaces the %s",
		change(r.property, r.pair.old.Get("Properties."+r.property), r.pair.new.Get("Properties."+r.property)), short(kind))
	if r.may {
		f.Detail = strings.Replace(f.Detail, "CloudFormation replaces", "CloudFormation may replace", 1)
		f.Status = finding.Warning
	}
	name := nameOf(kind)
	if is := r.pair.new.Get("Properties." + name); name != "" && r.property != name && is != nil && same(is, r.pair.old.Get("Properties."+name)) {
		f.Detail += fmt.Sprintf(", which fails, since both have the %s %s", name, shown(is))
		f.Fix = "restore " + r.property + ", or change " + name + " in the same deployment"
		return f
	}
	if consequence := consequences[kind]; consequence != "" {
		f.Detail += ": " + consequence
	}
	if names := losers(with); len(names) > 0 {
		f.Detail += "; and with it " + list(names)
	}
	if holdsOf(kind) == data {
		f.Detail += ": " + fate(r)
		f.Fix = "restore " + r.property + ", or define a second one, copy the data, change the service to use it, and then remove the first"
		return f
	}
	if users := w.users(r.key()); len(users) > 0 {
		f.Detail += "; " + have(users) + " its ID until the next deployment"
	}
	f.Fix = "restore " + r.property + ", or define a second one, deploy everything that uses it, and then remove the first"
	return f
}

func losers(with []*replacement) []string {
	var names []string
	for _, r := range with {
		if holdsOf(r.pair.new.Type) > nothing {
			names = append(names, r.stack.id+" "+r.id())
		}
	}
	return names
}

// fate is what happens to the data of the old resource.
func fate(r *replacement) string {
	if policy, _ := r.pair.new.Raw["UpdateReplacePolicy"].(string); policy == "Retain" || policy == "RetainExceptOnCreate" {
		return "the new one is empty, and the old one stays in the account with its data, in no stack"
	}
	return "the new one is empty, and the old one is deleted with its data"
}

// followers are the resources that are replaced because one is, at any distance.
func followers(key string, all map[string]*replacement) []*replacement {
	var with []*replacement
	for _, next := range slices.Sorted(maps.Keys(all)) {
		if all[next].because == key {
			with = append(with, all[next])
			with = append(with, followers(next, all)...)
		}
	}
	return with
}

// users are the other deployed stacks that read an output in which a resource is.
func (w *world) users(key string) []string {
	var ids []string
	for _, s := range w.stacks {
		if s.old == nil || strings.HasPrefix(key, s.name+"/") {
			continue
		}
		for read := range reads(s.old) {
			p := w.byName(read.stack)
			if p == nil || p.old == nil {
				continue
			}
			value := w.canonical(p, deployed, p.old.Get("Outputs."+read.output+".Value"))
			if slices.Contains(references(value), key) {
				ids = append(ids, s.id)
				break
			}
		}
	}
	return ids
}

// have writes stacks and the verb.
func have(ids []string) string {
	if len(ids) == 1 {
		return ids[0] + " has"
	}
	return list(ids) + " have"
}

// short is the last part of a type: TargetGroup.
func short(resourceType string) string { return resourceType[strings.LastIndex(resourceType, ":")+1:] }
