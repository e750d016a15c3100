package shop

import (
	"fmt"
	"net/http"
	"testing"
	"time"
)

// testTour does what a shopper does, from the first page to the recommendation.
func testTour(t *testing.T) {
	needs(t, "login", "catalog", "cart", "orders")
	products := want(t, http.StatusOK, "", http.MethodGet, "/catalog/products?limit=100", nil)
	if len(products.items()) < 50 {
		t.Fatalf("want the 54 products of the seed, got %d", len(products.items()))
	}
	first, second := products.text("items.0.productId"), products.text("items.1.productId")
	want(t, http.StatusUnauthorized, "", http.MethodGet, "/cart/items", nil)
	user := signUp(t)

	t.Run("an identity that a client sends is removed", func(t *testing.T) {
		got := want(t, http.StatusOK, user, http.MethodGet, "/orders/mine", nil, "X-User-Id", "somebody-else")
		if len(got.items()) != 0 {
			t.Errorf("got the orders of somebody else: %s", got)
		}
	})

	t.Run("cart, checkout, order", func(t *testing.T) {
		want(t, http.StatusOK, user, http.MethodPost, "/cart/merge", map[string]any{"items": []map[string]any{{"productId": first, "quantity": 2}}})
		want(t, http.StatusOK, user, http.MethodPut, "/cart/items/"+second, map[string]int{"quantity": 1})
		key := fmt.Sprintf("tour-%d", time.Now().UnixNano())
		bought := want(t, http.StatusOK, user, http.MethodPost, "/cart/checkout", map[string]any{}, "Idempotency-Key", key)
		again := want(t, http.StatusOK, user, http.MethodPost, "/cart/checkout", map[string]any{}, "Idempotency-Key", key)
		if bought.text("checkoutId") == "" || again.text("checkoutId") != bought.text("checkoutId") {
			t.Errorf("want the same checkout twice, got %s and %s", bought, again)
		}
		eventually(t, "the order", func() error {
			got, err := ask(user, http.MethodGet, "/orders/mine", nil)
			if err == nil && len(got.items()) != 1 {
				err = fmt.Errorf("want one order, got %s", got)
			}
			return err
		})
		if got := want(t, http.StatusOK, user, http.MethodGet, "/cart/items", nil); len(got.items()) != 0 {
			t.Errorf("the cart still has %s", got)
		}
	})

	t.Run("a review changes the average", func(t *testing.T) {
		needs(t, "reviews")
		before := want(t, http.StatusOK, "", http.MethodGet, "/reviews/"+first+"/summary", nil)
		want(t, http.StatusCreated, user, http.MethodPut, "/reviews/"+first, map[string]any{"stars": 1, "title": "Broke at once"})
		after := want(t, http.StatusOK, "", http.MethodGet, "/reviews/"+first+"/summary", nil)
		if before.value("average") == after.value("average") {
			t.Errorf("want another average than %s", after)
		}
	})

	t.Run("a misspelt word finds the product", func(t *testing.T) {
		needs(t, "search", "indexer")
		eventually(t, "the laptop", func() error {
			got, err := ask("", http.MethodGet, "/search?q=labtop", nil)
			if err == nil && (got.status != http.StatusOK || got.text("items.0.productId") != "laptop") {
				err = fmt.Errorf("want laptop first, got %s", got)
			}
			return err
		})
	})

	t.Run("photos are there, with their credit", func(t *testing.T) {
		needs(t, "photos")
		got := want(t, http.StatusOK, "", http.MethodGet, "/photos/laptop", nil)
		if got.text("items.0.credit") != "Photo by Derick David on Unsplash" {
			t.Fatalf("got %s", got)
		}
		path := "/photos/laptop/" + got.text("items.0.photoId") + "/small"
		if file := want(t, http.StatusOK, "", http.MethodGet, path, nil); len(file.body) < 1000 {
			t.Errorf("want a photo, got %d bytes", len(file.body))
		}
	})

	t.Run("bought together, after the schedule", func(t *testing.T) {
		needs(t, "recommendations")
		// What one person has bought together says nothing about others.
		for range 2 {
			buy(t, signUp(t), first, second)
		}
		eventually(t, "the product that was bought with it", func() error {
			if _, err := tool("run", "task", "recommendations/rebuild"); err != nil {
				return err
			}
			time.Sleep(2 * time.Second) // in which each task loads the new model
			got, err := ask("", http.MethodGet, "/recommendations/"+first, nil)
			if err != nil {
				return err
			}
			for n := range got.items() {
				if got.text(fmt.Sprintf("items.%d.productId", n)) == second {
					return nil
				}
			}
			return fmt.Errorf("want %s, got %s", second, got)
		})
	})
}

// buy buys products, one of each.
func buy(t *testing.T, user string, products ...string) {
	t.Helper()
	for _, id := range products {
		want(t, http.StatusOK, user, http.MethodPut, "/cart/items/"+id, map[string]int{"quantity": 1})
	}
	key := fmt.Sprintf("tour-%d", time.Now().UnixNano())
	want(t, http.StatusOK, user, http.MethodPost, "/cart/checkout", map[string]any{}, "Idempotency-Key", key)
}
