package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/storefront-cdk/storefront/services/cart/api"
	catalogapi "github.com/storefront-cdk/storefront/services/catalog/api"
	"github.com/storefront-cdk/storefront/services/internal/awstest"
	"github.com/storefront-cdk/storefront/services/internal/table"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// shop is a cart with a stand-in of the catalog, which sells lamps, chairs and dollars.
type shop struct {
	*awstest.Client
	stack   awstest.Stack
	prices  sync.Map // of catalogapi.Price
	catalog http.HandlerFunc
}

func euros(amount int64) events.Money { return events.Money{Amount: amount, Currency: "EUR"} }

func start(t *testing.T, next func() awstest.Fault) *shop {
	s := &shop{stack: awstest.Deploy(t, "Cart")}
	for _, p := range []catalogapi.Price{
		{ProductID: "lamp", Name: "Lamp", Price: euros(1999), Stock: 3},
		{ProductID: "chair", Name: "Chair", Price: euros(4900), Stock: 50},
		{ProductID: "dollar", Name: "Dollar", Price: events.Money{Amount: 100, Currency: "USD"}, Stock: 50},
	} {
		s.prices.Store(p.ProductID, p)
	}
	s.catalog = func(w http.ResponseWriter, r *http.Request) {
		prices := catalogapi.Prices{Items: []catalogapi.Price{}}
		for _, id := range r.URL.Query()["productId"] {
			if p, ok := s.prices.Load(id); ok {
				prices.Items = append(prices.Items, p.(catalogapi.Price))
			}
		}
		_ = json.NewEncoder(w).Encode(prices)
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { s.catalog(w, r) }))
	t.Cleanup(server.Close)
	seen := s.stack
	if next != nil {
		seen = seen.Failing(next)
	}
	s.Client = awstest.Start(t, seen, map[string]string{"CATALOG_URL": server.URL}, spec, run)
	return s
}

func (s *shop) published(t testing.TB) []events.Checkout {
	return awstest.Outbox[events.Checkout](t, s.stack, s.stack.Environment["ITEMS_TABLE_NAME"], events.CartCheckedOut)
}

func items(c *awstest.Client) []api.Item {
	var cart api.Cart
	c.Get("/cart/items").Expect(http.StatusOK, &cart)
	return cart.Items
}

func put(c *awstest.Client, productID string, quantity int) {
	c.Put("/cart/items/"+productID, api.Quantity{Quantity: quantity}).Expect(http.StatusOK, nil)
}

func TestTheCartOfAUser(t *testing.T) {
	s := start(t, nil)
	s.Get("/cart/items").ExpectProblem(http.StatusUnauthorized, "sign in first")
	anna, ben := s.As("anna"), s.As("ben")
	put(anna, "lamp", 1)
	put(anna, "chair", 4)
	put(anna, "lamp", 2)
	put(ben, "chair", 1)
	if diff := cmp.Diff([]api.Item{{ProductID: "lamp", Quantity: 2}, {ProductID: "chair", Quantity: 4}}, items(anna)); diff != "" {
		t.Errorf("in the order in which products were added (-want +got):\n%s", diff)
	}
	for range 2 {
		anna.Delete("/cart/items/lamp").Expect(http.StatusNoContent, nil)
	}
	if diff := cmp.Diff([]api.Item{{ProductID: "chair", Quantity: 4}}, items(anna)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	anna.Put("/cart/items/chair", api.Quantity{Quantity: 100}).ExpectProblem(http.StatusBadRequest, `"field":"/quantity"`)
	anna.Put("/cart/items/outbox%23c", api.Quantity{Quantity: 1}).ExpectProblem(http.StatusBadRequest, `"field":"productId"`)
}

func TestAMergeCanBeRepeated(t *testing.T) {
	s := start(t, nil)
	anna := s.As("anna")
	put(anna, "lamp", 3)
	put(anna, "chair", 1)
	kept := api.Cart{Items: []api.Item{{ProductID: "lamp", Quantity: 2}, {ProductID: "chair", Quantity: 5}, {ProductID: "dollar", Quantity: 1}}}
	for range 2 {
		var merged api.Cart
		anna.Post("/cart/merge", kept).Expect(http.StatusOK, &merged)
		want := []api.Item{{ProductID: "lamp", Quantity: 3}, {ProductID: "chair", Quantity: 5}, {ProductID: "dollar", Quantity: 1}}
		if diff := cmp.Diff(want, merged.Items); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}

// DynamoDB deletes expired items within days.
func TestWhatHasExpiredIsNotInTheCart(t *testing.T) {
	s := start(t, nil)
	anna := s.As("anna")
	item := key("anna", "lamp")
	item["quantity"], item["expiresAt"] = table.Number(9), table.ExpiresIn(-1)
	_, err := dynamodb.NewFromConfig(s.stack.AWS).PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: aws.String(s.stack.Environment["ITEMS_TABLE_NAME"]), Item: item,
	})
	if err != nil {
		t.Fatal(err)
	}
	if got := items(anna); len(got) > 0 {
		t.Errorf("got %v", got)
	}
	lamp := []api.Item{{ProductID: "lamp", Quantity: 2}}
	anna.Post("/cart/merge", api.Cart{Items: lamp}).Expect(http.StatusOK, nil)
	if diff := cmp.Diff(lamp, items(anna)); diff != "" {
		t.Errorf("after a merge (-want +got):\n%s", diff)
	}
}

func TestACartHasAtMost50Products(t *testing.T) {
	s := start(t, nil)
	var many api.Cart
	for n := range 50 {
		many.Items = append(many.Items, api.Item{ProductID: fmt.Sprint("p-", n), Quantity: 1})
		s.prices.Store(fmt.Sprint("p-", n), catalogapi.Price{ProductID: fmt.Sprint("p-", n), Price: euros(1), Stock: 1})
	}
	anna := s.As("anna")
	anna.Post("/cart/merge", many).Expect(http.StatusOK, nil)
	anna.Put("/cart/items/lamp", api.Quantity{Quantity: 1}).ExpectProblem(http.StatusConflict, "at most 50 products")
	put(anna, "p-7", 1)
	anna.With("Idempotency-Key", "purchase-1").Post("/cart/checkout", nil).Expect(http.StatusOK, nil)
	if left := items(anna); len(left) > 0 {
		t.Errorf("the cart has %v", left)
	}
}

func TestACheckoutIsAnEventWithThePricesOfTheCatalog(t *testing.T) {
	s := start(t, nil)
	anna := s.As("anna").With("Idempotency-Key", "purchase-1")
	put(anna, "lamp", 2)
	put(anna, "chair", 1)
	var first, again api.Checkout
	anna.Post("/cart/checkout", nil).Expect(http.StatusOK, &first)
	put(anna, "chair", 1)
	anna.Post("/cart/checkout", nil).Expect(http.StatusOK, &again)
	if diff := cmp.Diff(first, again); diff != "" || first.Total != euros(8898) {
		t.Errorf("got %+v, and again (-first +again):\n%s", first, diff)
	}
	if diff := cmp.Diff([]api.Item{{ProductID: "chair", Quantity: 1}}, items(anna)); diff != "" {
		t.Errorf("what was added since stays (-want +got):\n%s", diff)
	}
	want := []events.Checkout{{CheckoutID: first.CheckoutID, UserID: "anna", Total: euros(8898), Lines: []events.Line{
		{ProductID: "lamp", Name: "Lamp", Quantity: 2, UnitPrice: euros(1999)},
		{ProductID: "chair", Name: "Chair", Quantity: 1, UnitPrice: euros(4900)},
	}}}
	got := s.published(t)
	if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(events.Checkout{}, "CheckedOutAt")); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if age := time.Since(got[0].CheckedOutAt); age < 0 || age > time.Minute {
		t.Errorf("checkedOutAt is %s ago", age)
	}
	anna.With("Idempotency-Key", "purchase-2").Post("/cart/checkout", nil).Expect(http.StatusOK, &again)
	if again.CheckoutID == first.CheckoutID {
		t.Error("a second purchase has the ID of the first")
	}
}

func TestWhatCannotBeBought(t *testing.T) {
	s := start(t, nil)
	anna := s.As("anna").With("Idempotency-Key", "purchase-1")
	anna.Post("/cart/checkout", nil).ExpectProblem(http.StatusConflict, "the cart is empty")
	s.As("anna").Post("/cart/checkout", nil).ExpectProblem(http.StatusBadRequest, `"field":"Idempotency-Key"`)
	put(anna, "lamp", 4)
	put(anna, "gone", 1)
	put(anna, "chair", 1)
	put(anna, "dollar", 1)
	refused := anna.Post("/cart/checkout", nil)
	refused.ExpectProblem(http.StatusConflict, `"field":"lamp","detail":"3 are left, and the cart has 4"`)
	refused.ExpectProblem(http.StatusConflict, `"field":"gone","detail":"it is not sold any more: remove it"`)
	refused.ExpectProblem(http.StatusConflict, `"field":"dollar","detail":"its price is in USD`)
	for _, id := range []string{"lamp", "gone", "dollar"} {
		anna.Delete("/cart/items/"+id).Expect(http.StatusNoContent, nil)
	}
	anna.Post("/cart/checkout", api.Agreement{Total: &events.Money{Amount: 4800, Currency: "EUR"}}).ExpectProblem(http.StatusConflict, "the total is 4900 EUR now, and not 4800 EUR")
	if got := s.published(t); len(got) > 0 {
		t.Errorf("got %+v, want no checkout", got)
	}
	agreed := euros(4900)
	anna.Post("/cart/checkout", api.Agreement{Total: &agreed}).Expect(http.StatusOK, nil)
}

func TestWithoutTheCatalogNothingIsBought(t *testing.T) {
	s := start(t, nil)
	anna := s.As("anna").With("Idempotency-Key", "purchase-1")
	put(anna, "lamp", 1)
	sells := s.catalog
	var requests atomic.Int64
	for name, down := range map[string]http.HandlerFunc{
		"slow":    func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"broken":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"another": func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) },
	} {
		s.catalog = down
		start := time.Now()
		anna.Post("/cart/checkout", nil).ExpectProblem(http.StatusServiceUnavailable, "nothing was bought, repeat the request later with the same Idempotency-Key")
		if took := time.Since(start); took > catalogAttempts*catalogTimeout+time.Second {
			t.Errorf("with a catalog that is %s it took %s", name, took)
		}
	}
	if len(s.published(t)) > 0 || len(items(anna)) != 1 {
		t.Error("the cart is not as it was")
	}
	s.catalog = func(w http.ResponseWriter, r *http.Request) { // once is not at all
		if requests.Add(1) == 1 {
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		sells(w, r)
	}
	anna.Post("/cart/checkout", nil).Expect(http.StatusOK, nil)
}

func TestCheckoutsAtTheSameMomentBuyOnce(t *testing.T) {
	s := start(t, nil)
	anna := s.As("anna")
	put(anna, "chair", 7)
	var all sync.WaitGroup
	var bought atomic.Int64
	for n := range 8 { // four purchases, each sent twice
		all.Go(func() {
			if anna.With("Idempotency-Key", fmt.Sprint("purchase-", n%4)).Post("/cart/checkout", nil).Status == http.StatusOK {
				bought.Add(1)
			}
		})
	}
	all.Wait()
	if got := s.published(t); len(got) != 1 || bought.Load() < 1 || bought.Load() > 2 {
		t.Errorf("got %d checkouts and %d successes, want one checkout, and its request and the repeated one to succeed", len(got), bought.Load())
	}
}

// A page that has waited for too long repeats a checkout while the first request is still on its way. The second one does not find it,
// and is overtaken by it before its next request to DynamoDB, or before it knows the prices.
func TestACheckoutThatOvertakesItsRepetitionIsItsResponse(t *testing.T) {
	var first func()
	var seen, requests int
	s := start(t, func() awstest.Fault {
		if seen++; first != nil && seen == requests {
			sent := first
			first = nil
			sent()
		}
		return awstest.None
	})
	sells := s.catalog
	for name, overtaken := range map[string]int{"before it reads the cart": 2, "before it knows the prices": 0} {
		t.Run(name, func(t *testing.T) {
			user := s.In(t).As(fmt.Sprint("user-", overtaken)).With("Idempotency-Key", "purchase-1")
			put(user, "chair", 1)
			var one, other api.Checkout
			first = func() { user.Post("/cart/checkout", nil).Expect(http.StatusOK, &one) }
			seen, requests = 0, overtaken
			s.catalog = func(w http.ResponseWriter, r *http.Request) {
				if sent := first; overtaken == 0 && sent != nil {
					first = nil
					sent()
					_, _ = w.Write([]byte(`{"items":[]}`)) // it is not sold any more
					return
				}
				sells(w, r)
			}
			user.Post("/cart/checkout", nil).Expect(http.StatusOK, &other)
			if diff := cmp.Diff(one, other); diff != "" || one.CheckoutID == "" {
				t.Errorf("(-first +second):\n%s", diff)
			}
		})
	}
}

// A page repeats a checkout until it has a response. Whichever request to DynamoDB fails, before or after it has taken effect, the
// cart is bought once.
func TestACheckoutThatFailsAnywhereBuysOnce(t *testing.T) {
	var faults []awstest.Fault
	var lock sync.Mutex
	s := start(t, func() awstest.Fault {
		lock.Lock()
		defer lock.Unlock()
		if len(faults) == 0 {
			return awstest.None
		}
		fault := faults[0]
		faults = faults[1:]
		return fault
	})
	user := 0
	rapid.Check(t, func(r *rapid.T) {
		user++
		name := fmt.Sprint("user-", user)
		c := s.As(name).With("Idempotency-Key", "purchase-1")
		lines := rapid.IntRange(1, 3).Draw(r, "lines")
		for _, id := range []string{"lamp", "chair", "desk"}[:lines] {
			s.prices.Store("desk", catalogapi.Price{ProductID: "desk", Name: "Desk", Price: euros(100), Stock: 9})
			put(c, id, 1)
		}
		lock.Lock()
		faults = rapid.SliceOfN(rapid.SampledFrom([]awstest.Fault{awstest.None, awstest.NotSent, awstest.NoResponse}), 0, 12).Draw(r, "faults")
		lock.Unlock()
		for status := 0; status != http.StatusOK; {
			status = c.Post("/cart/checkout", nil).Status
		}
		lock.Lock()
		faults = nil
		lock.Unlock()
		if left := items(c); len(left) > 0 {
			r.Fatalf("the cart has %v", left)
		}
		var lineCounts []int
		for _, checkout := range s.published(t) {
			if checkout.UserID == name {
				lineCounts = append(lineCounts, len(checkout.Lines))
			}
		}
		if diff := cmp.Diff([]int{lines}, lineCounts); diff != "" {
			r.Fatalf("the lines of the checkouts (-want +got):\n%s", diff)
		}
	})
}
