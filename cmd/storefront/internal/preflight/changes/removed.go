package changes

import (
	"fmt"
	"slices"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// retained reports whether CloudFormation keeps a deployed resource that is not in the new template.
func retained(r snapshot.Resource) bool {
	policy, _ := r.Raw["DeletionPolicy"].(string)
	return policy == "Retain" || policy == "RetainExceptOnCreate"
}

// gone reports what disappears from a template: what stays in the account with no stack, what is deleted with its data,
// and what cannot be deleted, since it is used by what stays.
func (w *world) gone(s *stack) []finding.Finding {
	var found []finding.Finding
	var kept, deleted []string
	removed := s.removed()
	for _, r := range removed {
		if retained(r) {
			found = append(found, w.usedByRetained(s, r, removed)...)
		}
		switch _, again := w.sameElsewhere(s, r); {
		case again:
			// It is reported as moved.
		case retained(r):
			kept = append(kept, called(r))
		case holdsOf(r.Type) == data:
			deleted = append(deleted, called(r))
		}
	}
	if len(kept) > 0 {
		found = append(found, finding.Finding{
			Check: "retained", Subject: s.id + " " + list(kept), Status: finding.Warning,
			Detail: "is no longer in the template: it stays in the account, in no stack, at the same cost",
			Fix:    "delete it by hand once its data is not needed; cdk import adds it to a stack again",
		})
	}
	if len(deleted) > 0 {
		found = append(found, finding.Finding{
			Check: "deletion", Subject: s.id + " " + list(deleted), Status: finding.Warning,
			Detail: "is no longer in the template: it is deleted with its data",
			Fix:    "to keep it, first deploy it with Retain: profile.On, then remove it",
		})
	}
	return found
}

// sameElsewhere returns the logical ID of a resource that only the new template has and that has the properties of one
// that only the deployed template has: the two are one resource whose logical ID changes.
func (w *world) sameElsewhere(s *stack, removed snapshot.Resource) (id string, is bool) {
	was := text(masked(w.canonical(s, deployed, removed.Get("Properties"))))
	for _, added := range s.added() {
		if added.Type == removed.Type && text(masked(w.canonical(s, wanted, added.Get("Properties")))) == was {
			return added.LogicalID, true
		}
	}
	return "", false
}

// masked is a canonical value without the keys of the resources that it refers to.
func masked(value any) any {
	switch value := value.(type) {
	case map[string]any:
		if _, is := value["Ref"].(string); is {
			return "Ref"
		}
		all := make(map[string]any, len(value))
		for key, entry := range value {
			all[key] = masked(entry)
		}
		return all
	case []any:
		all := make([]any, len(value))
		for i, entry := range value {
			all[i] = masked(entry)
		}
		return all
	}
	return value
}

// moved reports resources whose logical ID changes, with what they have: CloudFormation creates a second one and deletes
// the first. What cannot be there twice is reported as a collision.
func (w *world) moved(s *stack, holders map[string]holder) []finding.Finding {
	var found []finding.Finding
	for _, r := range s.removed() {
		id, again := w.sameElsewhere(s, r)
		loses := holdsOf(r.Type)
		if !again || loses == nothing {
			continue
		}
		if is, _ := s.resource(wanted, id); holders[w.identity(s, wanted, is)] != (holder{}) {
			continue
		}
		f := finding.Finding{Check: "logical ID", Subject: s.id + " " + r.LogicalID, Status: finding.Refused}
		f.Fix = "keep its ID and those of the constructs in which it is defined"
		switch {
		case loses == data && retained(r):
			f.Detail = fmt.Sprintf("becomes %s, a new and empty %s; the old one stays in the account outside any stack, with its data", id, short(r.Type))
		case loses == data:
			f.Detail = fmt.Sprintf("becomes %s, a new and empty %s; the old one is deleted with its data", id, short(r.Type))
		default:
			f.Detail = "becomes another resource: CloudFormation creates a second one and deletes the first, and requests that still go to the first fail"
		}
		found = append(found, f)
	}
	return found
}

func (w *world) usedByRetained(s *stack, keeper snapshot.Resource, removed []snapshot.Resource) []finding.Finding {
	uses := references(w.canonical(s, deployed, keeper.Get("Properties")))
	var found []finding.Finding
	for _, r := range removed {
		if retained(r) || !slices.Contains(uses, s.key(r.LogicalID)) {
			continue
		}
		f := finding.Finding{
			Check: "deletion", Subject: s.id + " " + r.LogicalID, Status: finding.Refused,
			Detail: fmt.Sprintf("is deleted while %s, which is retained, uses it: the deletion fails, and the %s stays in no stack", called(keeper), short(r.Type)),
			Fix:    fmt.Sprintf("first deploy it with the DeletionPolicy Retain, like %s, then remove both", keeper.LogicalID),
		}
		if r.Type == "AWS::KMS::Key" {
			f.Detail = fmt.Sprintf("is deleted while %s, which is retained, is encrypted with it: its data can no longer be read", called(keeper))
		}
		found = append(found, f)
	}
	return found
}

// retyped reports logical IDs whose type changes, which CloudFormation refuses.
func (w *world) retyped(s *stack) []finding.Finding {
	var found []finding.Finding
	for _, is := range s.new.Resources("") {
		if was, both := s.resource(deployed, is.LogicalID); both && was.Type != is.Type {
			found = append(found, finding.Finding{
				Check: "type", Subject: s.id + " " + is.LogicalID, Status: finding.Refused,
				Detail: fmt.Sprintf("changes its type from %s to %s, which CloudFormation refuses", was.Type, is.Type),
				Fix:    "give the construct another ID",
			})
		}
	}
	return found
}
