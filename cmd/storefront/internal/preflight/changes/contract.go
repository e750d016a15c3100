package changes

import (
	"iter"
	"maps"
	"slices"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/assembly"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// read is one output that a template reads.
type read struct{ stack, output string }

// reads returns the outputs of this region that a template reads with Fn::GetStackOutput.
func reads(t snapshot.Template) iter.Seq[read] {
	all := map[read]bool{}
	t.Walk(func(_ string, value any) {
		if producer, output := assembly.OutputOf(value); producer != "" {
			all[read{producer, output}] = true
		}
	})
	return maps.Keys(all)
}

// absence is what one stack should give and will not.
type absence struct {
	outputs, readers []string // the readers are IDs of stacks
	first            *stack   // the first of the readers
}

// absences returns the outputs that stacks read and that will not be there when they are deployed, by the stack that should give
// them.
func (w *world) absences() map[string]*absence {
	all := map[string]*absence{}
	for _, s := range w.stacks {
		for r := range reads(s.new) {
			if w.gives(s, r) {
				continue
			}
			if all[r.stack] == nil {
				all[r.stack] = &absence{first: s}
			}
			a := all[r.stack]
			if !slices.Contains(a.outputs, r.output) {
				a.outputs = append(a.outputs, r.output)
			}
			if !slices.Contains(a.readers, s.id) {
				a.readers = append(a.readers, s.id)
			}
		}
	}
	for _, a := range all {
		slices.Sort(a.outputs)
	}
	return all
}

// unread reports outputs that are read and not given: where the stack that should give them is in the assembly, with that
// stack, otherwise with the first that reads them.
func (w *world) unread(s *stack, all map[string]*absence) []finding.Finding {
	var found []finding.Finding
	for _, producer := range slices.Sorted(maps.Keys(all)) {
		a, p := all[producer], w.byName(producer)
		if p != s && (p != nil || a.first != s) {
			continue
		}
		f := finding.Finding{Check: "output", Subject: list(a.readers), Status: finding.Refused}
		_, live := w.outputs[producer]
		given := p != nil && !slices.ContainsFunc(a.outputs, func(o string) bool { return p.new.Get("Outputs."+o) == nil })
		f.Detail = "reads "
		if len(a.readers) > 1 {
			f.Detail = "read "
		}
		f.Detail += list(a.outputs) + " of " + producer
		switch {
		case given:
			f.Detail += ", which is not deployed, and which no dependency deploys first"
			f.Fix = "cdk deploy " + p.id + ", and add the dependency with AddStackDependency"
		case p != nil:
			f.Subject, f.Detail = p.id+" "+list(a.outputs), "is no longer an output, and is read by "+list(a.readers)+", whose deployments fail"
			f.Fix = "keep the output until no stack reads it"
		case live:
			f.Detail += ", whose deployed version does not have the output"
			f.Fix = "deploy " + producer + " first, from a version of its app that has the output"
		default:
			f.Detail += ", which is not deployed in this account and region"
			f.Fix = "deploy " + producer + " first"
		}
		found = append(found, f)
	}
	return found
}

// gives reports whether an output is there when a stack is deployed: a stack that is deployed before it gives it, or the
// deployed version of one that is not, and it stays.
func (w *world) gives(s *stack, r read) bool {
	_, live := w.outputs[r.stack][r.output]
	p := w.byName(r.stack)
	if p == nil {
		return live
	}
	return p.new.Get("Outputs."+r.output) != nil && (live || slices.Contains(s.before, p.id))
}

// taken reports outputs that go while the deployed stack of another app reads them, and outputs whose value becomes another
// resource while the old one goes, although stacks have its ID.
func (w *world) taken(s *stack, all map[string]*replacement) []finding.Finding {
	var found []finding.Finding
	moved := map[string][]string{} // outputs by the stacks that have the old value
	for _, output := range slices.Sorted(maps.Keys(s.old.Outputs())) {
		path := "Outputs." + output + ".Value"
		if s.new.Get(path) == nil {
			for _, other := range w.othersThatRead(read{s.name, output}) {
				found = append(found, finding.Finding{
					Check: "output", Subject: s.id + " " + output, Status: finding.Refused,
					Detail: "is no longer an output, and is read by the deployed stack " + other + " of another app, whose next deployment fails",
					Fix:    "keep the output until " + other + " no longer reads it",
				})
			}
			continue
		}
		was := w.canonical(s, deployed, s.old.Get(path))
		if same(was, w.canonical(s, wanted, s.new.Get(path))) || !w.goes(was, all) {
			continue
		}
		if users := w.readers(s, output); len(users) > 0 {
			key := have(users)
			moved[key] = append(moved[key], output)
		}
	}
	for _, users := range slices.Sorted(maps.Keys(moved)) {
		found = append(found, finding.Finding{
			Check: "output", Subject: s.id + " " + list(moved[users]), Status: finding.Refused,
			Detail: "becomes the ID of another resource, and the old resource is deleted, while " + users + " the old ID until the next deployment: requests fail until then",
			Fix:    "keep the old resource until all of them have been deployed with the new ID, then remove it",
		})
	}
	return found
}

// goes reports whether a canonical value refers to a resource that the new template does not have. One that is replaced is
// reported as such.
func (w *world) goes(value any, all map[string]*replacement) bool {
	return slices.ContainsFunc(references(value), func(key string) bool {
		if all[key] != nil {
			return false
		}
		for _, s := range w.stacks {
			if slices.ContainsFunc(s.removed(), func(r snapshot.Resource) bool { return s.key(r.LogicalID) == key }) {
				return true
			}
		}
		return false
	})
}

// readers are the other deployed stacks of the assembly that read an output.
func (w *world) readers(p *stack, output string) []string {
	var ids []string
	for _, s := range w.stacks {
		if s.old == nil || s == p {
			continue
		}
		for r := range reads(s.old) {
			if r == (read{p.name, output}) {
				ids = append(ids, s.id)
				break
			}
		}
	}
	return ids
}

func (w *world) othersThatRead(r read) []string {
	var names []string
	for _, name := range slices.Sorted(maps.Keys(w.others)) {
		for other := range reads(w.others[name]) {
			if other == r {
				names = append(names, name)
				break
			}
		}
	}
	return names
}

// takesAway reports whether any output of a deployed stack is not in its new template.
func (s *stack) takesAway() bool {
	for output := range s.old.Outputs() {
		if s.new.Get("Outputs."+output) == nil {
			return true
		}
	}
	return false
}
