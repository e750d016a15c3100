package profile

import "fmt"

// Choice is a switch whose zero value leaves the decision to the profile. A switch that no profile decides is a bool
// named for what it takes away, such as DisableSelfSignUp.
type Choice int

// The choices.
const (
	ByProfile Choice = iota
	On
	Off
)

// Or resolves the choice, where fallback is what the profile says.
func (c Choice) Or(fallback bool) bool {
	switch c {
	case On:
		return true
	case Off:
		return false
	default:
		return fallback
	}
}

// Check returns what is wrong with the choice that field gives, or nil.
func (c Choice) Check(field string) error {
	if c < ByProfile || c > Off {
		return fmt.Errorf("%s must be profile.On or profile.Off, or 0 for the profile's, got %d", field, c)
	}
	return nil
}
