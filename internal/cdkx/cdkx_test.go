package cdkx

import (
	"strings"
	"testing"
	"time"
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

func TestPascal(t *testing.T) {
	for name, want := range map[string]string{
		"checkout": "Checkout", "team-a": "TeamA", "x-2-y": "X2Y", "a": "A", "shop-myPlatform": "ShopMyPlatform", "": "",
		"double--hyphen": "DoubleHyphen", "ends-": "Ends", "-begins": "Begins",
	} {
		if got := Pascal(name); got != want {
			t.Errorf("%q: got %q, want %q", name, got, want)
		}
	}
}

func TestWords(t *testing.T) {
	for d, want := range map[time.Duration]string{
		time.Second: "1s", 1500 * time.Millisecond: "1.5s", 10 * time.Minute: "10m", 2 * time.Hour: "2h", 90 * time.Second: "1m30s",
		90 * time.Minute: "90m", 25 * time.Hour: "25h", time.Hour + time.Second: "1h0m1s", 30 * time.Second: "30s",
	} {
		if got := Words(d); got != want {
			t.Errorf("%s: got %s, want %s", d, got, want)
		}
	}
}

func TestWholeSeconds(t *testing.T) {
	const wrong = "Delay must be whole seconds from 1s to 1m0s, got "
	for d, want := range map[time.Duration]string{
		time.Second: "", time.Minute: "", 30 * time.Second: "",
		0: wrong + "0s", -time.Second: wrong + "-1s", 1500 * time.Millisecond: wrong + "1.5s", 61 * time.Second: wrong + "1m1s",
	} {
		got := ""
		if err := CheckSeconds("Delay", d, time.Second, time.Minute); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%s: got %q, want %q", d, got, want)
		}
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
