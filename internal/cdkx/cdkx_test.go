package cdkx

import (
	"errors"
	"strings"
	"testing"
)

func TestNamesAreDerivedFromIDs(t *testing.T) {
	for id, want := range map[string][2]string{
		"Cart":         {"cart", "CART"},
		"OrderHistory": {"order-history", "ORDER_HISTORY"},
		"HTTPServer":   {"http-server", "HTTP_SERVER"},
		"Top10Items":   {"top10-items", "TOP10_ITEMS"},
		"by-author":    {"by-author", "BY_AUTHOR"},
		"lower case":   {"lower-case", "LOWER_CASE"},
		"S3":           {"s3", "S3"},
		"":             {"", ""},
	} {
		if got := [2]string{Kebab(id), ScreamingSnake(id)}; got != want {
			t.Errorf("%q: got %q, want %q", id, got, want)
		}
	}
}

func TestAProblemNamesItsPathOnEveryLine(t *testing.T) {
	inner := errors.New("Size.CPU is odd")
	problem := &Problem{Path: "Shop/Cart", Err: errors.Join(inner, errors.New("Owner is missing"))}
	want := "Shop/Cart: Size.CPU is odd\nShop/Cart: Owner is missing"
	if problem.Error() != want {
		t.Errorf("got %q, want %q", problem.Error(), want)
	}
	if got := (&Problem{Err: inner}).Error(); got != "Size.CPU is odd" {
		t.Errorf("an app has no path, got %q", got)
	}
	if !errors.Is(problem, inner) {
		t.Error("errors.Is does not see through a Problem")
	}
}

func TestZeroIsUnset(t *testing.T) {
	if OptionalString("") != nil || OptionalNumber(0) != nil || OptionalStrings(nil) != nil {
		t.Error("a zero value was passed on to the CDK as if it had been chosen")
	}
	if *OptionalString("a") != "a" || *OptionalNumber(2) != 2 || len(*OptionalStrings([]string{"a"})) != 1 {
		t.Error("a value was lost")
	}
}

func TestStackNames(t *testing.T) {
	const malformed = "Platform.StackName must be a letter, then letters, digits and hyphens, at most 128 in all, got "
	long := strings.Repeat("s", 128)
	for name, want := range map[string]string{
		"shop-platform":     "",
		"shop-9b":           "",
		"S":                 "",
		long:                "",
		"":                  "Platform.StackName is missing: name the stack that publishes the contract",
		long + "s":          malformed + `"` + long + `s"`,
		"1shop":             malformed + `"1shop"`,
		"-shop":             malformed + `"-shop"`,
		"shop_platform":     malformed + `"shop_platform"`,
		"shop-platform\n":   malformed + `"shop-platform\n"`,
		"${Token[TOKEN.1]}": malformed + `"${Token[TOKEN.1]}"`,
	} {
		got := ""
		if err := CheckStackName("Platform.StackName", name); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}
