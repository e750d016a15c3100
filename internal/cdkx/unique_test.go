package cdkx

import (
	"strings"
	"testing"
)

func TestStems(t *testing.T) {
	for path, want := range map[string]string{
		"Availability/Cache": "availability-cache-",
		"Cart/Prices":        "cart-prices-",
		"A":                  "a-",
		"9Lives/Cache":       "lives-cache-",
		"Größe":              "gre-",
		"Ω":                  "x-",
		"Recommendations/ScoresByProductAndCustomer":  "recommendations-scores-",
		"Recommendation/Scored-x/by":                  "recommendation-scored-",
		strings.Repeat("Long", 50) + "/" + "Cache":    "long-long-long-long-lo-",
		strings.Repeat("a", 21) + "/" + "OfTwoParts":  strings.Repeat("a", 21) + "-",
		strings.Repeat("Ab/", 8) + "/" + "OfTwoParts": "ab-ab-ab-ab-ab-ab-ab-a-",
	} {
		got := stem(path, "")
		if !strings.HasPrefix(got, want) || len(got) != len(want)+digits {
			t.Errorf("%s: got %s, want %s and %d digits", path, got, want, digits)
		}
		if whole := got + "-" + strings.Repeat("f", digits); len(whole) > maxName {
			t.Errorf("%s: %s has %d characters", path, whole, len(whole))
		}
		if got == stem(path, "other") || got == stem(path+"2", "") {
			t.Errorf("%s: another cache has the name %s, too", path, got)
		}
		if got != stem(path, "") {
			t.Errorf("%s: its name is %s and then %s", path, got, stem(path, ""))
		}
	}
}
