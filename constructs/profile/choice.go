package profile

import "fmt"

// Choice is a switch whose zero value leaves the decision to the profile. A switch that no profile decides is a bool
// that is named for what it turns off, such as DisableSelfSignUp, or one of the values of an enumeration, such as NoMFA.
type Choice int

// The choices.
const (
	ByProfile Choice = iota
	On
	Off
)

// Or returns the choice, or fallback, the profile's, if it is zero.
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

// Check returns an error if the choice is invalid. Its message begins with field.
func (c Choice) Check(field string) error {
	if c < ByProfile || c > Off {
		return fmt.Errorf("%s must be profile.On or profile.Off, or 0 for the profile's, got %d", field, c)
	}
	return nil
}
