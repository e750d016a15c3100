package stacks

import (
	"net/http"

	"github.com/storefront-cdk/storefront/constructs/app"
)

// Storefront returns the storefront. To add a service, add one file and one line here.
func Storefront() app.App {
	return app.App{
		Name:         "storefront",
		Environments: environments(),
		Identity:     defineIdentity,
		Services: []app.Service{
			{ID: "Photos", Define: definePhotos},
			{ID: "Reviews", Define: defineReviews},
			{ID: "Catalog", Define: defineCatalog},
			{ID: "Cart", Define: defineCart},
			{ID: "Orders", Define: defineOrders},
			{ID: "Recommendations", Define: defineRecommendations},
			{ID: "Search", Define: defineSearch},
			{ID: "Login", Define: defineLogin},
		},
	}
}

// reading contains the methods that change nothing.
var reading = []string{http.MethodGet, http.MethodHead}
