package changes

import (
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
)

// compare returns what is wrong with the new templates, by stack, in the order of deployment. It reads nothing.
func (w *world) compare() map[*stack][]finding.Finding {
	replacements, holders, absences := w.replacements(), w.identities(), w.absences()
	found := map[*stack][]finding.Finding{}
	for _, s := range w.stacks {
		found[s] = slices.Concat(w.unread(s, absences), w.collisions(s, holders))
		if s.old != nil { // otherwise everything in it is new
			found[s] = slices.Concat(found[s],
				w.renamed(s),
				w.retyped(s),
				w.replaced(s, replacements),
				w.moved(s, holders),
				w.tables(s),
				w.userPools(s),
				w.health(s),
				w.gone(s),
				w.taken(s, replacements),
			)
		}
		found[s] = merged(found[s])
	}
	return found
}

// merged joins findings that differ in their subject alone, such as those of the two target groups of a service.
func merged(all []finding.Finding) []finding.Finding {
	var found []finding.Finding
	at := map[finding.Finding]int{}
	for _, f := range all {
		key := f
		key.Subject = ""
		if i, known := at[key]; known {
			_, name, _ := strings.Cut(f.Subject, " ")
			found[i].Subject += ", " + name
			continue
		}
		at[key] = len(found)
		found = append(found, f)
	}
	return found
}
