package main

import (
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/services/catalog/api"
	"github.com/storefront-cdk/storefront/services/internal/awstest"
	"github.com/storefront-cdk/storefront/services/internal/table"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// start runs a catalog of no products, of which admin is an administrator.
func start(t *testing.T) (catalog, admin *awstest.Client, stack awstest.Stack) {
	stack = awstest.Deploy(t, "Catalog")
	catalog = awstest.Start(t, stack, nil, spec, run)
	_, err := dynamodb.NewFromConfig(stack.AWS).PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: aws.String(stack.Environment["PRODUCTS_TABLE_NAME"]), Item: table.Item{"productId": table.Text("administrator#admin")},
	})
	if err != nil {
		t.Fatal(err)
	}
	return catalog, catalog.As("admin"), stack
}

var lamp = api.Description{Name: "Lamp", Description: "Gives light", Category: "Home", Price: events.Money{Amount: 1999, Currency: "EUR"}, Stock: 3}

func TestAProductIsAddedChangedAndWithdrawn(t *testing.T) {
	catalog, admin, stack := start(t)
	catalog.Get("/catalog/products/lamp").ExpectProblem(http.StatusNotFound, "there is no product lamp")

	var added, changed, got events.Product
	tag := admin.Put("/catalog/products/lamp", lamp).Expect(http.StatusOK, &added).Header.Get("ETag")
	admin.Put("/catalog/products/lamp", lamp).ExpectProblem(http.StatusConflict, "send its ETag as If-Match")

	cheaper := lamp
	cheaper.Price.Amount = 999
	admin.With("If-Match", tag).Put("/catalog/products/lamp", cheaper).Expect(http.StatusOK, &changed)
	admin.With("If-Match", tag).Put("/catalog/products/lamp", lamp).ExpectProblem(http.StatusPreconditionFailed, "version 1 of product lamp is not the current one")
	catalog.Get("/catalog/products/lamp").Expect(http.StatusOK, &got)
	if diff := cmp.Diff(changed, got); diff != "" || got.Version != 2 || got.Price.Amount != 999 {
		t.Errorf("got %+v, %s", got, diff)
	}

	withdrawn := cheaper
	withdrawn.Withdrawn = true
	admin.With("If-Match", `"2"`).Put("/catalog/products/lamp", withdrawn).Expect(http.StatusOK, nil)
	catalog.Get("/catalog/products/lamp").Expect(http.StatusOK, &got)
	if !got.Withdrawn || got.Category != "Home" || got.Version != 3 {
		t.Errorf("got %+v, want it withdrawn from Home", got)
	}
	if ids := list(catalog, "?category=Home"); len(ids) > 0 {
		t.Errorf("a withdrawn product is listed: %v", ids)
	}

	published := map[int64]events.Product{}
	for _, p := range awstest.Outbox[events.Product](t, stack, stack.Environment["PRODUCTS_TABLE_NAME"], events.ProductChanged) {
		published[p.Version] = p
	}
	if diff := cmp.Diff(map[int64]events.Product{1: added, 2: changed, 3: got}, published); diff != "" {
		t.Errorf("each change is an event (-want +got):\n%s", diff)
	}
}

func TestOnlyAnAdministratorChangesProducts(t *testing.T) {
	catalog, _, _ := start(t)
	catalog.Put("/catalog/products/lamp", lamp).ExpectProblem(http.StatusUnauthorized, "sign in first")
	catalog.As("somebody").Put("/catalog/products/lamp", lamp).ExpectProblem(http.StatusForbidden, "only an administrator")
	catalog.As("somebody").Post("/catalog/import", api.Import{Products: []api.ImportedProduct{imported("lamp", lamp)}}).ExpectProblem(http.StatusForbidden, "only an administrator")
}

func TestListsAreReadPageByPage(t *testing.T) {
	catalog, admin, _ := start(t)
	var all api.Import
	want := map[string][]string{}
	for n := range 25 {
		product := lamp
		product.Category = []string{"Home", "Garden & Terrace"}[n%2]
		id := fmt.Sprintf("p-%02d", n)
		all.Products = append(all.Products, imported(id, product))
		want[product.Category] = append(want[product.Category], id)
	}
	var done api.Imported
	admin.Post("/catalog/import", all).Expect(http.StatusOK, &done)
	if done != (api.Imported{Added: 25}) {
		t.Errorf("got %+v", done)
	}
	for category, ids := range want {
		if diff := cmp.Diff(ids, list(catalog, "?limit=5&category="+url.QueryEscape(category))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", category, diff)
		}
	}
	everything := list(catalog, "?limit=7")
	slices.Sort(everything)
	if diff := cmp.Diff(slices.Sorted(slices.Values(slices.Concat(slices.Collect(maps.Values(want))...))), everything); diff != "" {
		t.Errorf("all (-want +got):\n%s", diff)
	}
	var counted api.Categories
	catalog.Get("/catalog/categories").Expect(http.StatusOK, &counted)
	if diff := cmp.Diff([]api.Category{{Name: "Garden & Terrace", Products: 12}, {Name: "Home", Products: 13}}, counted.Items); diff != "" {
		t.Errorf("categories (-want +got):\n%s", diff)
	}

	// A cursor of another category does not leave the category.
	var home api.ProductPage
	catalog.Get("/catalog/products?category=Home&limit=5").Expect(http.StatusOK, &home)
	catalog.Get("/catalog/products?category=Attic&cursor="+*home.NextCursor).Expect(http.StatusOK, &home)
	if len(home.Items) > 0 {
		t.Errorf("got %+v", home.Items)
	}
	catalog.Get("/catalog/products?cursor=none").ExpectProblem(http.StatusBadRequest, "cursor must be the nextCursor of the page before")
}

func TestAnImportCanBeRepeated(t *testing.T) {
	_, admin, stack := start(t)
	all := api.Import{Products: []api.ImportedProduct{imported("lamp", lamp), imported("chair", lamp)}}
	var done api.Imported
	admin.Post("/catalog/import", all).Expect(http.StatusOK, &done)
	all.Products[1].Stock = 9
	admin.Post("/catalog/import", all).Expect(http.StatusOK, &done)
	if done != (api.Imported{Changed: 1, Unchanged: 1}) {
		t.Errorf("got %+v", done)
	}
	if n := len(awstest.Outbox[events.Product](t, stack, stack.Environment["PRODUCTS_TABLE_NAME"], events.ProductChanged)); n != 3 {
		t.Errorf("got %d events, want one for each change", n)
	}
}

func TestPricesLeaveOutWhatIsNotSold(t *testing.T) {
	catalog, admin, _ := start(t)
	gone := lamp
	gone.Withdrawn = true
	admin.Post("/catalog/import", api.Import{Products: []api.ImportedProduct{imported("lamp", lamp), imported("gone", gone)}}).Expect(http.StatusOK, nil)
	var prices api.Prices
	catalog.Get("/catalog/prices?productId=lamp&productId=gone&productId=never&productId=lamp").Expect(http.StatusOK, &prices)
	if diff := cmp.Diff([]api.Price{{ProductID: "lamp", Name: "Lamp", Price: lamp.Price, Stock: 3}}, prices.Items); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestARequestMustBeAsOpenAPIDescribesIt(t *testing.T) {
	catalog, admin, _ := start(t)
	catalog.Get("/catalog/products?limit=1000").ExpectProblem(http.StatusBadRequest, `"field":"limit","detail":"number must be at most 100"`)
	catalog.Get("/catalog/prices").ExpectProblem(http.StatusBadRequest, `"field":"productId"`)
	catalog.Get("/catalog/nothing").ExpectProblem(http.StatusNotFound, "there is no /catalog/nothing")
	catalog.Delete("/catalog/products/lamp").ExpectProblem(http.StatusMethodNotAllowed, "has no DELETE")
	wrong := lamp
	wrong.Price.Currency, wrong.Name = "euros", ""
	response := admin.Put("/catalog/products/lamp", wrong)
	response.ExpectProblem(http.StatusBadRequest, `"field":"/price/currency"`)
	response.ExpectProblem(http.StatusBadRequest, `"field":"/name","detail":"minimum string length is 1"`)
	admin.Put("/catalog/products/lamp", strings.Repeat(" ", 2<<20)).ExpectProblem(http.StatusRequestEntityTooLarge, "at most 1048576 bytes")
}

func TestWhatIsOrderedLeavesTheStockOnce(t *testing.T) {
	catalog, admin, stack := start(t)
	admin.Post("/catalog/import", api.Import{Products: []api.ImportedProduct{imported("lamp", lamp), imported("chair", lamp)}}).Expect(http.StatusOK, nil)
	line := func(id string, quantity int) events.Line {
		return events.Line{ProductID: id, Quantity: quantity, UnitPrice: lamp.Price}
	}
	queue := stack.Environment["EVENTS_QUEUE_URL"]
	for range 3 {
		awstest.Deliver(t, stack, queue, "e-1", events.OrderPlaced, events.Order{OrderID: "o-1", Lines: []events.Line{line("lamp", 1), line("gone", 1), line("chair", 2)}})
	}
	awstest.Deliver(t, stack, queue, "e-2", events.OrderPlaced, events.Order{OrderID: "o-2", Lines: []events.Line{line("chair", 5), line("lamp", 1)}})
	want := map[string]int{"lamp": 1, "chair": 0}
	got := map[string]int{}
	for start := time.Now(); !maps.Equal(got, want) && time.Since(start) < 10*time.Second; time.Sleep(20 * time.Millisecond) {
		var prices api.Prices
		catalog.Get("/catalog/prices?productId=lamp&productId=chair").Expect(http.StatusOK, &prices)
		for _, p := range prices.Items {
			got[p.ProductID] = p.Stock
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("the stock (-want +got):\n%s", diff)
	}
	var last events.Product
	for _, p := range awstest.Outbox[events.Product](t, stack, stack.Environment["PRODUCTS_TABLE_NAME"], events.ProductChanged) {
		if p.ProductID == "lamp" && p.Version > last.Version {
			last = p
		}
	}
	if last.Version != 3 || last.Stock != 1 {
		t.Errorf("the last event of the lamp is %+v, want version 3 with 1 in stock", last)
	}
}

func imported(id string, d api.Description) api.ImportedProduct {
	return api.ImportedProduct{ProductID: id, Name: d.Name, Description: d.Description, Category: d.Category, Price: d.Price, Stock: d.Stock, Withdrawn: d.Withdrawn}
}

// list returns the IDs of all pages.
func list(catalog *awstest.Client, query string) []string {
	var ids []string
	for path := "/catalog/products" + query; path != ""; {
		var got api.ProductPage
		catalog.Get(path).Expect(http.StatusOK, &got)
		for _, p := range got.Items {
			ids = append(ids, p.ProductID)
		}
		path = ""
		if got.NextCursor != nil {
			path = "/catalog/products" + query + "&cursor=" + *got.NextCursor
		}
	}
	return ids
}
