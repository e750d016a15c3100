package cdkx

import (
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/internal/place"
)

// OptionalString returns nil for an empty string, so that the CDK applies its own default.
func OptionalString(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}

// OptionalNumber returns nil for zero, so that the CDK applies its own default.
func OptionalNumber(n int) *float64 {
	if n == 0 {
		return nil
	}
	return jsii.Number(n)
}

// OptionalBool returns nil for false, so that the template does not have the property.
func OptionalBool(b bool) *bool {
	if !b {
		return nil
	}
	return &b
}

// OptionalStrings returns nil for an empty list: the CDK treats it differently from an absent one.
func OptionalStrings(values []string) *[]*string {
	if len(values) == 0 {
		return nil
	}
	return jsii.Strings(values...)
}

// seconds is the key of a duration that an app shares.
type seconds time.Duration

// Seconds converts d, which its caller has checked to be whole seconds, for a construct in scope.
func Seconds(scope constructs.IConstruct, d time.Duration) awscdk.Duration {
	return place.Shared(scope, seconds(d), func() awscdk.Duration { return awscdk.Duration_Seconds(jsii.Number(d.Seconds())) })
}

// CheckSeconds returns an error if a duration is not whole seconds within bounds. Its message begins with field.
func CheckSeconds(field string, d, least, most time.Duration) error {
	if d < least || d > most || d%time.Second != 0 {
		return fmt.Errorf("%s must be whole seconds from %s to %s, got %s", field, least, most, d)
	}
	return nil
}

// CheckWithin returns an error if a number is out of bounds. Its message begins with field.
func CheckWithin(field string, n, least, most int) error {
	if n < least || n > most {
		return fmt.Errorf("%s must be from %d to %d, got %d", field, least, most, n)
	}
	return nil
}

// Minutes converts d, which its caller has checked to be whole minutes.
func Minutes(d time.Duration) awscdk.Duration {
	return awscdk.Duration_Minutes(jsii.Number(d.Minutes()))
}

// OptionalDays returns nil for zero, so that the CDK applies its own default.
func OptionalDays(days int) awscdk.Duration {
	if days == 0 {
		return nil
	}
	return awscdk.Duration_Days(jsii.Number(days))
}

// Words formats a duration without trailing zero units: 10m0s is 10m.
func Words(d time.Duration) string {
	switch {
	case d%time.Hour == 0:
		return fmt.Sprintf("%dh", d/time.Hour)
	case d%time.Minute == 0:
		return fmt.Sprintf("%dm", d/time.Minute)
	}
	return d.String()
}

// Same reports whether two values are the same in the template of scope. Two tokens may differ and resolve to the same
// value.
func Same(scope constructs.IConstruct, a, b any) bool {
	if reflect.DeepEqual(a, b) {
		return true
	}
	one, other := fmt.Sprintf("%#v", a), fmt.Sprintf("%#v", b)
	if !strings.Contains(one, "${Token[") || !strings.Contains(other, "${Token[") {
		return false
	}
	stack := place.Of(scope).Stack().CDK
	return reflect.DeepEqual(stack.Resolve(one), stack.Resolve(other))
}
