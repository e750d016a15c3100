package scaffold

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// Service is a service by its two names.
type Service struct {
	ID   string // of its construct and its stack, such as OrderHistory
	Name string // in paths, stack names and only=, such as order-history
}

var serviceID = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)

// maxName is the most characters of a microservice's name, which becomes a DNS label.
const maxName = 63

// NewService returns a service by either of its names.
func NewService(name string) (Service, error) {
	s := Service{ID: pascal(name)}
	s.Name = strings.ToLower(strings.Join(words(s.ID), "-"))
	switch {
	case !serviceID.MatchString(s.ID):
		return s, fmt.Errorf("a service must have a name of letters and digits, starting with a letter, such as Menu or order-history, got %q", name)
	case slices.Contains([]string{"platform", "identity", "teams"}, s.Name):
		return s, fmt.Errorf("a service must not have the name of a stack that services share, Platform, Identity or Teams, got %q: choose another", name)
	case s.ID == "Main":
		return s, fmt.Errorf("a service must not be named %q, since main.go is the app's: choose another", name)
	case len(s.Name) > maxName:
		return s, fmt.Errorf("a service must have a name of at most %d characters, got %d: %q", maxName, len(s.Name), s.Name)
	}
	return s, nil
}

// owner is the value of a tag, as the library checks it.
var owner = regexp.MustCompile(`^[\p{L}\p{Z}\p{N}_.:/=+@-]{1,256}$`)

// CheckOwner returns an error unless a service can have the team as its owner.
func CheckOwner(team string) error {
	if !owner.MatchString(team) || strings.HasPrefix(strings.ToLower(team), "aws:") {
		return fmt.Errorf("--owner must be 1 to 256 letters, digits, spaces and _.:/=+@-, and not begin with aws:, got %q", team)
	}
	return nil
}

// File is the name of the file of the service. It has no underscore: Go compiles load_test.go only for tests, and
// sign_windows.go only for Windows.
func (s Service) File() string { return strings.ToLower(s.ID) + ".go" }

// Define is the name of the function that defines the service.
func (s Service) Define() string { return "define" + s.ID }

// file returns the file of the service in a package.
func (s Service) file(pkg, owner string) (File, error) {
	text, err := render("service.go", map[string]any{"Package": pkg, "Owner": owner, "Service": s})
	return File{s.File(), text, "the service " + s.ID}, err
}

// pascal joins words with a capital each: "order-history" becomes "OrderHistory", and "FAQ" stays.
func pascal(name string) string {
	var b strings.Builder
	for word := range strings.FieldsFuncSeq(name, func(r rune) bool { return r == '-' || r == '_' || r == ' ' }) {
		b.WriteString(strings.ToUpper(word[:1]) + word[1:])
	}
	return b.String()
}

// camel is a name as a Go variable: "OrderHistory" becomes "orderHistory", and "FAQItems" becomes "faqItems".
func camel(id string) string {
	all := words(id)
	for n, word := range all {
		if word = strings.ToLower(word); n > 0 {
			word = strings.ToUpper(word[:1]) + word[1:]
		}
		all[n] = word
	}
	return strings.Join(all, "")
}
