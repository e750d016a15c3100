package service

import (
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestRef(t *testing.T) {
	long := strings.Repeat("a", 63)
	for name, c := range map[string]struct {
		ref  Ref
		want []string
	}{
		"a service":       {Ref{"shop-production-reviews", "reviews"}, nil},
		"the longest":     {Ref{"shop", long}, nil},
		"one of a letter": {Ref{"s", "a"}, nil},
		"nothing": {Ref{}, []string{
			"StackName is missing: name the stack that publishes the contract",
			`Name must be lower-case letters, digits and hyphens between them, starting with a letter, got ""`,
		}},
		"both are wrong": {Ref{"shop_reviews", "Reviews-"}, []string{
			`StackName must be a letter, then letters, digits and hyphens, at most 128 in all, got "shop_reviews"`,
			`Name must be lower-case letters, digits and hyphens between them, starting with a letter, got "Reviews-"`,
		}},
		"too long": {Ref{"shop", long + "a"}, []string{`Name must be at most 63 characters, as it becomes a DNS label, got 64: "` + long + `a"`}},
	} {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.ref.Validate(), c.want...) })
	}
	if got := (Ref{Name: "order-history"}).Variable(); got != "ORDER_HISTORY_URL" {
		t.Errorf("the variable is %s", got)
	}
}
