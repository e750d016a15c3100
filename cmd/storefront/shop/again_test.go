package shop

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"
	eventbridgetypes "github.com/aws/aws-sdk-go-v2/service/eventbridge/types"
	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

// sources are the publishers of the events in outboxes.
var sources = map[string]string{
	"CartCheckedOut": "storefront.cart", "OrderPlaced": "storefront.orders", "ProductChanged": "storefront.catalog",
	"ReviewPosted": "storefront.reviews", "PhotoUploaded": "storefront.photos",
}

// published is an event as a pipe puts it on the bus. The detail is in base64.
type published struct{ id, kind, detail string }

func publish(id, kind string, detail any) published {
	text, err := json.Marshal(detail)
	if err != nil {
		panic(err)
	}
	return published{id, kind, base64.StdEncoding.EncodeToString(text)}
}

// publishedSoFar are the events in the outboxes of all tables.
func publishedSoFar(t *testing.T) []published {
	t.Helper()
	client := dynamodb.NewFromConfig(root())
	var all []published
	tables := dynamodb.NewListTablesPaginator(client, &dynamodb.ListTablesInput{})
	for tables.HasMorePages() {
		names, err := tables.NextPage(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, name := range names.TableNames {
			items := dynamodb.NewScanPaginator(client, &dynamodb.ScanInput{TableName: &name})
			for items.HasMorePages() {
				some, err := items.NextPage(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				for _, item := range some.Items {
					kind, of := item["outboxType"].(*types.AttributeValueMemberS)
					detail, has := item["outboxDetail"].(*types.AttributeValueMemberS)
					if of && has {
						all = append(all, published{fmt.Sprintf("again-%d", len(all)), kind.Value, detail.Value})
					}
				}
			}
		}
	}
	return all
}

// sendEvents puts events on the bus, in their order.
func sendEvents(t *testing.T, all []published) {
	t.Helper()
	client := eventbridge.NewFromConfig(root())
	buses, err := client.ListEventBuses(t.Context(), &eventbridge.ListEventBusesInput{})
	if err != nil {
		t.Fatal(err)
	}
	at := slices.IndexFunc(buses.EventBuses, func(b eventbridgetypes.EventBus) bool { return aws.ToString(b.Name) != "default" })
	if at < 0 {
		t.Fatal("the shop has no event bus")
	}
	for some := range slices.Chunk(all, 10) {
		var entries []eventbridgetypes.PutEventsRequestEntry
		for _, e := range some {
			source, known := sources[e.kind]
			if !known {
				t.Fatalf("who publishes %s? Add it to sources", e.kind)
			}
			detail, err := json.Marshal(map[string]any{"outbox": map[string]string{"id": e.id, "sequence": "1", "detail": e.detail}})
			if err != nil {
				t.Fatal(err)
			}
			entries = append(entries, eventbridgetypes.PutEventsRequestEntry{
				EventBusName: buses.EventBuses[at].Name, Source: &source, DetailType: aws.String(e.kind), Detail: aws.String(string(detail)),
			})
		}
		got, err := client.PutEvents(t.Context(), &eventbridge.PutEventsInput{Entries: entries})
		if err != nil || got.FailedEntryCount > 0 {
			t.Fatalf("put events: %+v, %v", got, err)
		}
	}
}

// state is what the API shows of everything that events change, by request.
func state(t *testing.T, events []published) map[string]any {
	t.Helper()
	if _, err := tool("run", "task", "recommendations/rebuild"); err != nil {
		t.Fatal(err)
	}
	time.Sleep(2 * time.Second) // in which each task loads the new model, and searches the latest documents
	seen := map[string]any{}
	keep := func(what string, got answer, err error) {
		t.Helper()
		if err != nil || got.status != http.StatusOK {
			t.Fatalf("%s: %s, %v", what, got, err)
		}
		seen[what] = got.value("")
	}
	get := func(path string) answer {
		got, err := ask("", http.MethodGet, path, nil)
		keep(path, got, err)
		return got
	}
	products := get("/catalog/products?limit=100")
	get("/search?limit=100&sort=name")
	for n := range products.items() {
		id := products.text(fmt.Sprintf("items.%d.productId", n))
		for _, path := range []string{"/reviews/" + id + "/summary", "/recommendations/" + id, "/recommendations/liked?productId=" + id, "/photos/" + id} {
			get(path)
		}
	}
	orders, carts := tasksOf(t, "orders")[0], tasksOf(t, "cart")[0]
	for _, e := range events {
		if e.kind != "CartCheckedOut" {
			continue
		}
		text, err := base64.StdEncoding.DecodeString(e.detail)
		if err != nil {
			t.Fatal(err)
		}
		user := answer{body: text}.text("userId")
		got, err := orders.ask(user, http.MethodGet, "/orders/mine?limit=100", nil)
		keep("the orders of "+user, got, err)
		got, err = carts.ask(user, http.MethodGet, "/cart/items", nil)
		keep("the cart of "+user, got, err)
	}
	return seen
}

// testEventsAgain sends all events that were ever published again, each twice and in any order, and among them new ones that come
// as often and as wrongly. The former change nothing, and of the latter there is what there is if each comes once and in order.
func testEventsAgain(t *testing.T) {
	needs(t, "catalog", "cart", "indexer", "orders", "photos", "recommendations", "reviews", "search")
	drained(t)
	events := publishedSoFar(t)
	before := state(t, events)
	for kind := range sources {
		if !slices.ContainsFunc(events, func(e published) bool { return e.kind == kind }) {
			t.Errorf("the shop has published no %s", kind)
		}
	}

	name := fmt.Sprintf("again-%d", time.Now().UnixNano())
	checkout, product, review := fresh(name)
	all := slices.Concat(events, []published{checkout}, product, review)
	all = slices.Concat(all, all)
	seed := rand.Uint64() //nolint:gosec // nobody can use it
	t.Logf("%d events, each twice, in an order of the seed %d", len(all)/2, seed)
	rand.New(rand.NewPCG(seed, seed)).Shuffle(len(all), func(a, b int) { all[a], all[b] = all[b], all[a] }) //nolint:gosec // nobody can use it
	sendEvents(t, all)
	drained(t)

	orders, err := tasksOf(t, "orders")[0].ask(name, http.MethodGet, "/orders/mine", nil)
	if err != nil || len(orders.items()) != 1 {
		t.Errorf("want one order of the checkout that came twice, got %s, %v", orders, err)
	}
	found := func() answer {
		t.Helper()
		return want(t, http.StatusOK, "", http.MethodGet, "/search?q="+name, nil)
	}
	eventually(t, "the latest version of the product", func() error {
		got := found()
		if len(got.items()) != 1 || got.value("items.0.price.amount") != 500.0 || got.value("items.0.stars") != 3.0 || got.value("items.0.reviews") != 1.0 {
			return fmt.Errorf("want one at the price 500 of version 5, with the 3 stars of version 3 of one review, got %s", got)
		}
		return nil
	})
	sendEvents(t, []published{
		publish("withdrawn", "ProductChanged", version(name, 6, true)),
		publish("withdrawn", "ReviewPosted", map[string]any{
			"reviewId": name, "productId": name, "authorId": name, "version": 4, "stars": 1, "title": "", "text": "", "withdrawn": true, "postedAt": time.Now().UTC(),
		}),
	})
	eventually(t, "the product is withdrawn", func() error {
		if got := found(); len(got.items()) > 0 {
			return fmt.Errorf("got %s", got)
		}
		return nil
	})
	sendEvents(t, slices.Concat(product, review)) // the old after the new
	drained(t)
	if diff := cmp.Diff(before, state(t, events), cmpopts.EquateApprox(0, 0.001)); diff != "" { // orders lose weight as they age
		t.Errorf("the events that came again have changed something (-before +after):\n%s", diff)
	}
}

// fresh are a checkout of a user, five versions of a product that the catalog does not know, and three of a review of it.
func fresh(name string) (checkout published, product, review []published) {
	price := map[string]any{"amount": 100, "currency": "EUR"}
	checkout = publish("checkout", "CartCheckedOut", map[string]any{
		"checkoutId": name, "userId": name, "total": price, "checkedOutAt": time.Now().UTC(),
		"lines": []any{map[string]any{"productId": name, "name": name, "quantity": 1, "unitPrice": price}},
	})
	for n := 1; n <= 5; n++ {
		product = append(product, publish(fmt.Sprint("product-", n), "ProductChanged", version(name, n, false)))
	}
	for n := 1; n <= 3; n++ {
		review = append(review, publish(fmt.Sprint("review-", n), "ReviewPosted", map[string]any{
			"reviewId": name, "productId": name, "authorId": name, "version": n, "stars": n, "title": "t", "text": "t", "postedAt": time.Now().UTC(),
		}))
	}
	return checkout, product, review
}

// version is a version of a product, whose price is a hundred times the version.
func version(name string, n int, withdrawn bool) map[string]any {
	return map[string]any{
		"productId": name, "version": n, "name": name, "description": name, "category": "again", "price": map[string]any{"amount": 100 * n, "currency": "EUR"},
		"stock": 1, "withdrawn": withdrawn, "changedAt": time.Now().UTC(),
	}
}
