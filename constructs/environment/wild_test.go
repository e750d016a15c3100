package environment

import (
	"math/rand"
	"testing"

	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestWildEnvironments(t *testing.T) {
	r := rand.New(rand.NewSource(9))
	for range 4000 {
		e := expect.Wild[Environment](r, "production", "shop-platform")
		expect.Explained(t, e.Validate())
		expect.Explained(t, e.Profile.Validate())
	}
}
