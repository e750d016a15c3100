package problem

import (
	"fmt"
	"math"
	"reflect"
	"regexp"
	"strings"
)

// Plain returns an error if a value is, or contains, a token of the CDK: a placeholder for a value that exists only in the
// deployment, such as the region of a stack without one. Its message begins with field. It is for values that no other check
// would reject and that become part of a name or of a decision in Go. [Problem.Error] rewrites the messages of other checks.
func Plain[T ~string | ~int | ~int64 | ~float64](field string, value T) error {
	if !isToken(reflect.ValueOf(value)) {
		return nil
	}
	return fmt.Errorf("%s must be known before the deployment, got %s", field, token+remedy)
}

const (
	token  = "a token of the CDK"
	remedy = ": a token has no value before the deployment, so write the value itself"
)

// isToken recognizes the forms in which the CDK encodes a token: in a string, as an element of a list, and as a float64 that
// no calculation has, which is the smallest int if it is converted.
func isToken(value reflect.Value) bool {
	switch value.Kind() {
	case reflect.String:
		return strings.Contains(value.String(), "${Token[") || strings.Contains(value.String(), "#{Token[")
	case reflect.Float64:
		const tokenBits = 0xFBFF // the first two bytes
		return math.Float64bits(value.Float())>>48 == tokenBits
	}
	return value.Int() == math.MinInt64
}

// encodedToken matches, in a message, a quoted text that contains a token, a token alone, and the numbers and the duration
// that a token is.
var encodedToken = regexp.MustCompile(`"(?:[^"\\]|\\.)*[$#]\{Token\[[^\]]*\]\}(?:[^"\\]|\\.)*"|[$#]\{Token\[[^\]]*\]\}` +
	`|-1\.888\d*e\+289|-9223372036854775808|-2562047h47m16\.854775808s`)

// withoutTokens replaces the tokens in a line by what they are, and adds what to write.
func withoutTokens(line string) string {
	if plain := encodedToken.ReplaceAllString(line, token); plain != line {
		return plain + remedy
	}
	return line
}
