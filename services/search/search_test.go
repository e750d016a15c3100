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

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/services/internal/awstest"
	"github.com/storefront-cdk/storefront/services/search/api"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// shop is a search and its worker, as they are deployed, and what the tests send to them.
type shop struct {
	*awstest.Client
	t     testing.TB
	stack awstest.Stack
}

// open starts both. Variables are those of a search domain, if there is one.
func open(t *testing.T, variables map[string]string) shop {
	stack := awstest.Deploy(t, "Search")
	maps.Copy(stack.Environment, variables)
	startWorker(t, stack)
	return shop{awstest.Start(t, stack, nil, spec, search), t, stack}
}

func startWorker(t testing.TB, stack awstest.Stack) *awstest.Client {
	return awstest.Start(t, stack, nil, []byte(healthAlone), work)
}

func (s shop) changed(products ...events.Product) {
	for _, p := range products {
		awstest.Deliver(s.t, s.stack, s.stack.Environment["EVENTS_QUEUE_URL"], fmt.Sprint(p.ProductID, p.Version), events.ProductChanged, p)
	}
}

func (s shop) reviewed(reviews ...events.Review) {
	for _, r := range reviews {
		awstest.Deliver(s.t, s.stack, s.stack.Environment["EVENTS_QUEUE_URL"], fmt.Sprint(r.ReviewID, r.Version), events.ReviewPosted, r)
	}
}

func (s shop) find(query string) api.Results {
	s.t.Helper()
	var got api.Results
	s.Get("/search?"+query).Expect(http.StatusOK, &got)
	return got
}

// becomes waits until a search has a result: changes take effect within seconds. A domain does not respond before it has assigned
// the shards of a new index.
func (s shop) becomes(query string, want func(api.Results) bool) {
	s.t.Helper()
	var last awstest.Response
	for end := time.Now().Add(30 * time.Second); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		var got api.Results
		if last = s.Get("/search?" + query); last.Status == http.StatusServiceUnavailable {
			continue
		}
		if last.Expect(http.StatusOK, &got); want(got) {
			return
		}
	}
	s.t.Fatalf("after 30 s /search?%s is still %s", query, last.Body)
}

func ids(results api.Results) []string {
	found := []string{}
	for _, item := range results.Items {
		found = append(found, item.ProductID)
	}
	return found
}

func product(id, name, category string, price int64, description string) events.Product {
	return events.Product{
		ProductID: id, Version: 1, Name: name, Category: category, Price: events.Money{Amount: price, Currency: "EUR"},
		Description: description, Stock: 5, ChangedAt: time.Now().UTC(),
	}
}

func review(id, product string, version int64, stars int) events.Review {
	return events.Review{ReviewID: id, ProductID: product, AuthorID: "u-" + id, Version: version, Stars: stars, PostedAt: time.Now().UTC()}
}

var assortment = []events.Product{
	product("tripod", "Tripod", "Photo", 4999, "Stands firmly, also for heavy cameras."),
	product("reflex", "Reflex Camera", "Photo", 89_900, "Takes sharp photographs."),
	product("instant", "Instant Camera", "Photo", 7999, "Prints each picture at once."),
	product("laptop", "Laptop", "Computers", 129_900, "Light, and quick to start."),
	product("keyboard", "Mechanical Keyboard", "Computers", 7999, "For those who write a lot."),
	product("shoes", "Running Shoes", "Sports", 9999, "Light shoes for long distances."),
	product("racket", "Tennis Racket", "Sports", 5999, "Strung, for beginners."),
	product("skates", "Skates", "Sports", 900, "For the ice."),
}

// The suite is that of every index.
func suite(t *testing.T, variables map[string]string) {
	s := open(t, variables)
	s.becomes("", func(r api.Results) bool { return r.Total == 0 }) // before anything is known
	s.changed(assortment...)
	s.reviewed(review("r-1", "reflex", 1, 5), review("r-2", "reflex", 1, 4), review("r-3", "instant", 1, 2), review("r-4", "shoes", 1, 4))
	s.becomes("minStars=1", func(r api.Results) bool { return r.Total == 3 && *r.Items[1].Stars == 4.5 })
	s.becomes("", func(r api.Results) bool { return r.Total == len(assortment) })

	cases := map[string]struct {
		query string
		want  []string
	}{
		"a word":                                {"q=laptop", []string{"laptop"}},
		"a word in capitals":                    {"q=LAPTOP", []string{"laptop"}},
		"a plural":                              {"q=laptops", []string{"laptop"}},
		"a letter too few":                      {"q=lptop", []string{"laptop"}},
		"two wrong letters":                     {"q=keybuord", []string{"keyboard"}},
		"a wrong letter in each word":           {"q=tenis+rackett", []string{"racket"}},
		"all words are needed":                  {"q=running+camera", []string{}},
		"the beginning of a word":               {"q=mech", []string{"keyboard"}},
		"a word, and the beginning of another":  {"q=instant+cam", []string{"instant"}},
		"a name comes before a description":     {"q=camera&category=Photo&minPrice=4000&maxPrice=9000", []string{"instant", "tripod"}},
		"a word of the description":             {"q=distances", []string{"shoes"}},
		"a category":                            {"q=photo&sort=name", []string{"instant", "reflex", "tripod"}},
		"words that say nothing are left out":   {"q=shoes+for+the", []string{"shoes"}},
		"nothing like it":                       {"q=xylophone", []string{}},
		"signs that mean something in a query":  {`q=%2B"laptop"~*(:`, []string{"laptop"}},
		"by category":                           {"category=Sports&sort=name", []string{"shoes", "skates", "racket"}},
		"a category in another case is another": {"category=sports", []string{}},
		"by price":                              {"minPrice=5999&maxPrice=9999&sort=priceAscending", []string{"racket", "instant", "keyboard", "shoes"}},
		"by the lowest price":                   {"minPrice=89901", []string{"laptop"}},
		"by stars":                              {"minStars=4&sort=stars", []string{"reflex", "shoes"}},
		"by all":                                {"q=light&category=Sports&minPrice=1000&minStars=4", []string{"shoes"}},
		"the highest price first":               {"category=Photo&sort=priceDescending", []string{"reflex", "instant", "tripod"}},
		"equal prices in the order of their ID": {"minPrice=7999&maxPrice=7999&sort=priceDescending", []string{"instant", "keyboard"}},
		"stars, and those without at the end":   {"category=Photo&sort=stars", []string{"reflex", "instant", "tripod"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			s := shop{s.In(t), t, s.stack}
			if diff := cmp.Diff(c.want, ids(s.find(c.query))); diff != "" {
				t.Errorf("/search?%s (-want +got):\n%s", c.query, diff)
			}
		})
	}
	t.Run("items", func(t *testing.T) {
		stars := 4.5
		want := api.Item{
			ProductID: "reflex", Name: "Reflex Camera", Category: "Photo", Price: events.Money{Amount: 89_900, Currency: "EUR"},
			Stock: 5, Reviews: 2, Stars: &stars,
		}
		if diff := cmp.Diff([]api.Item{want}, s.find("q=reflex").Items); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
		if got := s.find("q=laptop").Items[0]; got.Reviews != 0 || got.Stars != nil {
			t.Errorf("got %+v, want no stars without reviews", got)
		}
	})
	t.Run("facets", func(t *testing.T) { facets(t, s) })
	t.Run("pages", func(t *testing.T) { pages(t, s) })
	t.Run("suggestions", func(t *testing.T) { suggestions(t, s) })
	t.Run("what changes", func(t *testing.T) { changes(t, s) })
}

func facets(t *testing.T, s shop) {
	number := func(n int64) *int64 { return &n }
	cases := map[string]struct {
		query string
		want  api.Facets
	}{
		"of all": {"", api.Facets{
			Category: []api.CategoryCount{{Value: "Photo", Count: 3}, {Value: "Sports", Count: 3}, {Value: "Computers", Count: 2}},
			Price: []api.PriceCount{
				{Min: 0, Max: number(999), Count: 1},
				{Min: 2500, Max: number(4999), Count: 1},
				{Min: 5000, Max: number(9999), Count: 4},
				{Min: 50_000, Count: 2},
			},
			Stars: []api.StarsCount{{Min: 4, Count: 2}, {Min: 3, Count: 2}, {Min: 2, Count: 3}, {Min: 1, Count: 3}},
		}},
		// A facet has what its own filter leaves out, and not what the others do.
		"with filters": {"category=Photo&minStars=4", api.Facets{
			Category: []api.CategoryCount{{Value: "Photo", Count: 1}, {Value: "Sports", Count: 1}},
			Price:    []api.PriceCount{{Min: 50_000, Count: 1}},
			Stars:    []api.StarsCount{{Min: 4, Count: 1}, {Min: 3, Count: 1}, {Min: 2, Count: 2}, {Min: 1, Count: 2}},
		}},
		"of nothing": {"q=xylophone", api.Facets{
			Category: []api.CategoryCount{}, Price: []api.PriceCount{},
			Stars: []api.StarsCount{{Min: 4}, {Min: 3}, {Min: 2}, {Min: 1}},
		}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := s.find(c.query)
			if diff := cmp.Diff(c.want, got.Facets); diff != "" {
				t.Errorf("/search?%s (-want +got):\n%s", c.query, diff)
			}
		})
	}
}

func pages(t *testing.T, s shop) {
	var all []string
	for path := "sort=name&limit=3"; path != ""; {
		got := s.find(path)
		if all = append(all, ids(got)...); got.Total != len(assortment) || len(got.Items) > 3 {
			t.Fatalf("/search?%s: %d of %d", path, len(got.Items), got.Total)
		}
		path = ""
		if got.NextCursor != nil {
			path = "sort=name&limit=3&cursor=" + *got.NextCursor
		}
	}
	if diff := cmp.Diff(ids(s.find("sort=name")), all); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func suggestions(t *testing.T, s shop) {
	cases := map[string][]string{
		"rac":         {"Tennis Racket"},
		"spo":         {"Sports", "Running Shoes", "Skates", "Tennis Racket"},
		"instant cam": {"Instant Camera"},
		"laptpo":      {"Laptop"},
		"xylo":        {},
		" ":           {},
	}
	for typed, want := range cases {
		got := s.find("suggest=true&category=Photo&q=" + url.QueryEscape(typed)).Suggestions
		if got == nil {
			t.Fatalf("%q: no suggestions", typed)
		}
		if slices.Sort((*got)[min(1, len(*got)):]); !slices.Equal(want, *got) {
			t.Errorf("%q: got %q, want %q", typed, *got, want)
		}
	}
	if got := s.find("q=rac"); got.Suggestions != nil {
		t.Errorf("got %v, want no suggestions", *got.Suggestions)
	}
}

// Events arrive in any order, and more than once.
func changes(t *testing.T, s shop) {
	s.reviewed(review("r-9", "late", 1, 3)) // before its product
	second := product("late", "Late Kettle", "Kitchen", 3000, "")
	second.Version = 2
	s.changed(second, product("late", "Early Kettle", "Kitchen", 2000, ""), second)
	s.becomes("q=kettle", func(r api.Results) bool { return r.Total == 1 && r.Items[0].Reviews == 1 })

	last := review("r-9", "late", 3, 5)
	s.reviewed(last, review("r-9", "late", 2, 1), last, review("r-10", "late", 1, 4))
	s.becomes("q=kettle", func(r api.Results) bool { return r.Items[0].Reviews == 2 && *r.Items[0].Stars == 4.5 })
	if got := s.find("q=kettle").Items[0]; got.Name != "Late Kettle" || got.Price.Amount != 3000 {
		t.Errorf("got %+v, want the second version", got)
	}

	gone := review("r-9", "late", 4, 0)
	gone.Withdrawn = true
	s.reviewed(gone, last)
	s.becomes("q=kettle", func(r api.Results) bool { return r.Items[0].Reviews == 1 && *r.Items[0].Stars == 4 })

	withdrawn := second
	withdrawn.Version, withdrawn.Withdrawn = 3, true
	s.changed(withdrawn)
	s.becomes("q=kettle", func(r api.Results) bool { return r.Total == 0 })
	s.changed(second)
	s.reviewed(review("r-11", "late", 1, 5))
	again := product("other", "Other Kettle", "Kitchen", 100, "")
	s.changed(again)
	s.becomes("q=kettle", func(r api.Results) bool { return r.Total == 1 && r.Items[0].ProductID == "other" })

	withdrawn.Version, withdrawn.Withdrawn = 4, false
	s.changed(withdrawn)
	s.becomes("q=late+kettle", func(r api.Results) bool { return r.Total == 1 && r.Items[0].Reviews == 2 })
}

func TestInMemory(t *testing.T) { suite(t, nil) }

// A task that starts reads all documents before it takes requests.
func TestATaskStartsWithAllDocuments(t *testing.T) {
	s := open(t, nil)
	var many []events.Product
	for n := range 300 {
		many = append(many, product(fmt.Sprintf("p-%03d", n), fmt.Sprint("Thing ", n), "Things", int64(n), strings.Repeat("useful ", 500)))
	}
	s.changed(many...)
	s.becomes("", func(r api.Results) bool { return r.Total == len(many) })
	another := shop{awstest.Start(t, s.stack, nil, spec, search), t, s.stack}
	if got := another.find("q=thing&limit=1"); got.Total != len(many) {
		t.Errorf("got %d documents, want %d", got.Total, len(many))
	}
}

// Reviews of one product at the same time are all counted.
func TestReviewsAtTheSameTime(t *testing.T) {
	s := open(t, nil)
	startWorker(t, s.stack)
	s.changed(assortment[0])
	for n := range 40 {
		r := review(fmt.Sprint("r-", n), assortment[0].ProductID, 1, 1+n%5)
		s.reviewed(r, r)
	}
	s.becomes("", func(r api.Results) bool { return r.Total == 1 && r.Items[0].Reviews == 40 && *r.Items[0].Stars == 3 })
}

// A worker has no operations, but whoever runs it can ask whether it works.
func TestAWorkerRespondsToHealthChecks(t *testing.T) {
	worker := startWorker(t, awstest.Deploy(t, "Search"))
	worker.Get("/health").Expect(http.StatusOK, nil)
	worker.Get("/search").ExpectProblem(http.StatusNotFound, "there is no /search")
}

func TestRequestsThatAreNotValid(t *testing.T) {
	s := awstest.Start(t, awstest.Deploy(t, "Search"), nil, spec, search)
	for query, want := range map[string]string{
		"limit=0":                       `"field":"limit"`,
		"limit=101":                     `"field":"limit"`,
		"sort=best":                     `"field":"sort"`,
		"minStars=6":                    `"field":"minStars"`,
		"minPrice=cheap":                `"field":"minPrice"`,
		"minPrice=-1":                   `"field":"minPrice"`,
		"minPrice=2&maxPrice=1":         "minPrice must be at most maxPrice, 1, got 2",
		"q=" + strings.Repeat("a", 201): `"field":"q"`,
		"cursor=LTE":                    "cursor must be the nextCursor of the page before",
		"cursor=none":                   "cursor must be the nextCursor of the page before",
	} {
		t.Run(query[:min(len(query), 30)], func(t *testing.T) {
			s.In(t).Get("/search?"+query).ExpectProblem(http.StatusBadRequest, want)
		})
	}
}
