package expect

import (
	"math"
	"math/rand"
	"reflect"
	"regexp"
	"strings"
	"testing"
)

// Wild returns a random value: in structs about half of the exported fields are set, to values that are common, at a limit, or
// far beyond any. Strings are some of the words, or of those that often break a program. The values that r returns for a seed
// are always the same.
func Wild[T any](r *rand.Rand, words ...string) T {
	var value T
	fill(r, reflect.ValueOf(&value).Elem(), append(words, wildWords...))
	return value
}

var (
	wildNumbers = []int64{
		1, 2, 3, 5, 7, 10, 60, 90, 99, 100, 101, 365, 1000, 100_000, 100_001, 1_000_000_000, 60_000_000_000, 300_000_000_000, 86_400_000_000_000,
		-1, -2, -60, -1_000_000_000, math.MinInt32, math.MaxInt32, math.MaxInt64, math.MinInt64, math.MinInt64 + 1, 1 << 62,
	}
	wildFloats = []float64{
		0.5, 1, 5, 60, 80, 99.9, 100, 1e15, 1e20, 1e108, 1e109, math.MaxFloat64, math.SmallestNonzeroFloat64, -1, -1e300, math.Inf(1), math.Inf(-1), math.NaN(),
	}
	wildWords = []string{
		"a", "A", "Cart", "cart", "the cart", "cart-api", "-", ".", "Cart/Api", "${Token[AWS.Region.4]}", "#{Token[TOKEN.9]}", "%s%d%!", "a\nb", "\x00", "\xff",
		"Größe", strings.Repeat("x", 300), "<script>", "__proto__", "100", "{}", "*",
	}
)

func fill(r *rand.Rand, value reflect.Value, words []string) {
	switch value.Kind() {
	case reflect.Bool:
		value.SetBool(r.Intn(2) == 0)
	case reflect.Int, reflect.Int64:
		value.SetInt(wildNumbers[r.Intn(len(wildNumbers))])
	case reflect.Float64:
		value.SetFloat(wildFloats[r.Intn(len(wildFloats))])
	case reflect.String:
		value.SetString(words[r.Intn(len(words))])
	case reflect.Array:
		for n := range value.Len() {
			fill(r, value.Index(n), words)
		}
	case reflect.Slice:
		value.Set(reflect.MakeSlice(value.Type(), r.Intn(4), 4))
		for n := range value.Len() {
			fill(r, value.Index(n), words)
		}
	case reflect.Map:
		value.Set(reflect.MakeMap(value.Type()))
		if r.Intn(3) == 0 { // a map may contain its own type
			key, of := reflect.New(value.Type().Key()).Elem(), reflect.New(value.Type().Elem()).Elem()
			fill(r, key, words)
			fill(r, of, words)
			value.SetMapIndex(key, of)
		}
	case reflect.Struct:
		for n := range value.NumField() {
			if value.Field(n).CanSet() && r.Intn(2) == 0 {
				fill(r, value.Field(n), words)
			}
		}
	}
}

var (
	// aField begins the line of a problem.
	aField = regexp.MustCompile(`^[A-Z][A-Za-z]*(\.[A-Z][A-Za-z]*|\[("[^\n]*"|\d+)\])*\b`)
	// aRemedy matches a part of each problem: what is right, what is missing, or what to do.
	aRemedy = regexp.MustCompile(`\b(must|is missing|needs?|requires?|excludes?|add it|name it|remove|choose|set|raise|give each|put the|let the second)\b`)
)

// Explained requires that each line of err, if there is one, begins with a field and has what to write instead.
func Explained(t testing.TB, err error) {
	t.Helper()
	if err == nil {
		return
	}
	for line := range strings.SplitSeq(err.Error(), "\n") {
		if !aField.MatchString(line) || !aRemedy.MatchString(line) {
			t.Errorf("no field at the beginning, or no remedy: %q", line)
		}
	}
}
