package graph

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/assembly"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// shop is an app of four services, as records in its templates, in an order that is not that of the page.
var shop = map[string]string{
	"Search": `{"Metadata": {"storefront:service:search": {"Path": "Search/Search", "Stack": "shop-search", "Owner": "discovery", "Environment": "production",
		"Uses": [{"Store": "Search/Search/Events", "Type": "subscription.Subscription", "Access": "Consume", "Variables": ["EVENTS_QUEUE_URL"]}],
		"Subscribes": [{"Source": "partner", "DetailType": "Priced", "Schema": {"type": "object"}}, {"Source": "shop.reviews", "DetailType": "ReviewPosted.v2"}]}},
		"Resources": {}}`,
	"Reviews": `{"Metadata": {"storefront:service:reviews": {"Path": "Reviews/Reviews", "Stack": "shop-reviews", "Owner": "community", "Environment": "production",
		"Callable": true, "Uses": [
			{"Store": "Reviews/Reviews/Items", "Type": "table.Table", "Access": "ReadWrite", "Variables": ["ITEMS_TABLE_NAME"]},
			{"Store": "publication.Publication", "Type": "publication.Publication", "Access": "Publish", "Variables": ["EVENT_BUS_NAME"]},
			{"Store": "main.parameter", "Type": "main.parameter", "Access": "Read"}],
		"Publishes": [
			{"Source": "shop.reviews", "DetailType": "ReviewDeleted", "Schema": {"type": "object"}},
			{"Source": "shop.reviews", "DetailType": "ReviewPosted.v2", "Forms": ["Outbox"], "Schema": {"type": "object", "properties": {"stars": {"type": "integer"}}}}]}},
		"Resources": {
			"ReviewsNightlySchedule0123ABCD": {"Type": "AWS::Scheduler::Schedule", "Properties": {"ScheduleExpression": "cron(0 3 * * ? *)", "ScheduleExpressionTimezone": "Europe/Berlin"}},
			"ReviewsPurgeSchedule0123ABCD": {"Type": "AWS::Scheduler::Schedule", "Properties": {"ScheduleExpression": "rate(1 hour)", "State": "DISABLED"}},
			"OtherSchedule0123ABCD": {"Type": "AWS::Scheduler::Schedule", "Properties": {"ScheduleExpression": "rate(1 hour)"}},
			"In": {"Type": "AWS::ApiGatewayV2::Integration", "Properties": {"RequestParameters": {"overwrite:header.x-microservice": "reviews"}}},
			"A": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"RouteKey": "GET /reviews", "Target": {"Fn::Join": ["", ["integrations/", {"Ref": "In"}]]}}},
			"B": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"RouteKey": "GET /reviews/{proxy+}", "Target": {"Fn::Join": ["", ["integrations/", {"Ref": "In"}]]}}},
			"C": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"RouteKey": "POST /reviews", "AuthorizationType": "JWT", "AuthorizationScopes": ["reviews/write"], "Target": {"Fn::Join": ["", ["integrations/", {"Ref": "In"}]]}}},
			"D": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"RouteKey": "HEAD /reviews", "Target": {"Fn::Join": ["", ["integrations/", {"Ref": "In"}]]}}},
			"E": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"RouteKey": "HEAD /reviews/{proxy+}", "Target": {"Fn::Join": ["", ["integrations/", {"Ref": "In"}]]}}},
			"F": {"Type": "AWS::ApiGatewayV2::Route", "Properties": {"RouteKey": "OPTIONS /reviews"}}}}`,
	"Cart": `{"Metadata": {"storefront:service:cart": {"Path": "Cart/Cart", "Stack": "shop-cart", "Owner": "checkout", "Environment": "production", "Uses": [],
		"Calls": [{"Service": "reviews", "Stack": "shop-reviews", "Variables": ["REVIEWS_URL"]}, {"Service": "tax", "Stack": "erp-tax", "Variables": ["TAX_URL"]}]}},
		"Resources": {}}`,
	"Login":    `{"Metadata": {"storefront:service:login": {"Path": "Login/Login", "Owner": "accounts \"one\"", "Environment": "production", "Uses": []}}, "Resources": {}}`,
	"Platform": `{"Resources": {}}`,
}

func read(t *testing.T, only ...string) *Graph {
	t.Helper()
	var stacks []assembly.Stack
	for id, text := range shop { // in any order
		template, err := snapshot.Parse([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if len(only) == 0 || strings.Contains(fmt.Sprint(only), id) {
			stacks = append(stacks, assembly.Stack{ID: id, Template: template})
		}
	}
	g, err := Of(stacks)
	if err != nil {
		t.Fatal(err)
	}
	return g
}

const page = `# Who calls whom?

§storefront graph§ writes this page from the templates of production. Do not edit it. What each role may do is in [least-privilege.md](least-privilege.md).

§§§mermaid
flowchart LR
  s0["cart<br/><i>checkout</i>"]
  s2["reviews<br/><i>community</i>"]
  s3["search<br/><i>discovery</i>"]
  x0["tax"]:::elsewhere
  e0(["Priced"])
  x1["partner"]:::elsewhere
  e1(["ReviewDeleted"])
  e2(["ReviewPosted.v2"])
  s0 --> s2
  s0 --> x0
  x1 -.-> e0
  e0 -.-> s3
  s2 -.-> e1
  s2 -.-> e2
  e2 -.-> s3
  classDef elsewhere stroke-dasharray:5 5
§§§

A box is a service with its owner, and a solid arrow is a call. What is rounded is an event: a dotted arrow leads to it from its publisher, and from it to each subscriber. What has a dashed border is in another app. Not drawn, as they neither call nor exchange events nor share data: login.

## Services

| service | owner | its data | calls |
|---|---|---|---|
| cart | checkout | - | reviews, tax (stack §erp-tax§, of another app) |
| login | accounts "one" | - | - |
| reviews | community | Items (table, ReadWrite)<br>(parameter, Read) | - |
| search | discovery | Events (subscription, Consume) | - |

## Events

| event | source | publisher | subscribers |
|---|---|---|---|
| [Priced](events/search.asyncapi.json) | partner | in another app | search |
| [ReviewDeleted](events/reviews.asyncapi.json) | shop.reviews | reviews | nobody here |
| [ReviewPosted.v2](events/reviews.asyncapi.json) | shop.reviews | reviews, by an outbox | search |

## Schedules

| schedule | when | service |
|---|---|---|
| Nightly | §cron(0 3 * * ? *)§ in Europe/Berlin | reviews |
| Purge | §rate(1 hour)§, disabled | reviews |

## Routes of the API

| route | who may call it | service |
|---|---|---|
| §GET, HEAD /reviews§ and below | public | reviews |
| §POST /reviews§ | signed in, scope reviews/write | reviews |
`

func TestMarkdown(t *testing.T) {
	for range 5 { // in whatever order the stacks are read
		if diff := cmp.Diff(strings.ReplaceAll(page, "§", "`"), read(t).Markdown("storefront graph")); diff != "" {
			t.Fatalf("(-want +got):\n%s", diff)
		}
	}
}

// A part of the app shows what it calls and receives from the rest as of another app.
func TestMarkdownOfAPart(t *testing.T) {
	got := read(t, "Cart", "Search").Markdown("storefront graph")
	for _, want := range []string{
		`  x0["reviews"]:::elsewhere`, `  x3["shop.reviews"]:::elsewhere`, "  s0 --> x0\n", "  x3 -.-> e1\n  e1 -.-> s1\n", "| [ReviewPosted.v2](events/search.asyncapi.json) | shop.reviews | in another app | search |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("want %q in:\n%s", want, got)
		}
	}
	if got := read(t, "Platform").Markdown("storefront graph"); !strings.HasSuffix(got, "\n\nNo template has a service.\n") {
		t.Errorf("of no services: %s", got)
	}
	if got := read(t, "Login").Markdown("storefront graph"); !strings.Contains(got, "No service calls another one, exchanges events or shares data.") || strings.Contains(got, "mermaid") {
		t.Errorf("of a service alone: %s", got)
	}
}

// Mermaid shows an error in place of a picture with more than 500 edges.
func TestNoPictureOfTooMuch(t *testing.T) {
	g := read(t)
	for n := range 500 {
		g.Services[0].Calls = append(g.Services[0].Calls, Call{Service: "x", StackName: fmt.Sprint(n)})
	}
	if got := g.Markdown("storefront graph"); strings.Contains(got, "mermaid\n") || !strings.Contains(got, "The 507 arrows of this graph are more than Mermaid draws.") {
		t.Errorf("got %.600s", got)
	}
}

// A worker beside a service has its data.
func TestSharedData(t *testing.T) {
	record := func(name, access string) string {
		text := `"storefront:service:NAME": {"Path": "Shop/NAME", "Owner": "checkout", "Uses": [{"Store": "Shop/Due", "Type": "queue.Queue", "Access": "ACCESS"},
			{"Store": "Shop/Items", "Type": "table.Table", "Access": "ReadWrite"}, {"Store": "Shop/NAME/Own", "Type": "table.Table", "Access": "Read"},
			{"Store": "main.flags", "Type": "main.flags", "Access": "Read"}]}`
		return strings.NewReplacer("NAME", name, "ACCESS", access).Replace(text)
	}
	template, err := snapshot.Parse([]byte(`{"Resources": {}, "Metadata": {` + record("billing", "Send") + "," + record("settlement", "Consume") + "}}"))
	if err != nil {
		t.Fatal(err)
	}
	g, err := Of([]assembly.Stack{{ID: "Shop", Template: template}})
	if err != nil {
		t.Fatal(err)
	}
	const want = "  s1[\"settlement<br/><i>checkout</i>\"]\n  d0[(\"Due<br/>Items\")]\n  s0 --- d0\n  s1 --- d0\n```\n\n" +
		"A box is a service with its owner, and a solid arrow is a call. A cylinder is data that services of one stack share.\n"
	if got := g.Markdown("storefront graph"); !strings.Contains(got, want) {
		t.Errorf("want %s in:\n%s", want, got)
	}
}

func TestLabelsOfMermaidAreQuoted(t *testing.T) {
	if got := label(`a "b" <c> #1`); got != "a #quot;b#quot; #lt;c#gt; #35;1" {
		t.Errorf("got %s", got)
	}
}

func TestTwoStagesOfOneApp(t *testing.T) {
	var stacks []assembly.Stack
	for _, environment := range []string{"staging", "production"} {
		for _, id := range []string{"Reviews", "Search"} {
			template, err := snapshot.Parse([]byte(strings.ReplaceAll(strings.ReplaceAll(shop[id], `"production"`, `"`+environment+`"`), "shop-", environment+"-")))
			if err != nil {
				t.Fatal(err)
			}
			stacks = append(stacks, assembly.Stack{ID: environment + "-" + id, Template: template})
		}
	}
	g, err := Of(stacks)
	if err != nil {
		t.Fatal(err)
	}
	got := g.Markdown("storefront graph")
	for _, want := range []string{
		"templates of production and staging", "| reviews of staging | community |", "  s0 -.-> e4\n  e4 -.-> s2\n  s1 -.-> e5\n  e5 -.-> s3\n",
		"| [ReviewPosted.v2](events/reviews.staging.asyncapi.json) | shop.reviews | reviews of staging, by an outbox | search of staging |",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("want %q in:\n%s", want, got)
		}
	}
	if documents := g.AsyncAPI(); documents["reviews.staging"] == nil || len(documents) != 4 {
		t.Errorf("the documents are %v", documents)
	}
}

func TestARecordOfAnotherForm(t *testing.T) {
	template, err := snapshot.Parse([]byte(`{"Metadata": {"storefront:service:cart": {"Uses": 1}}, "Resources": {}}`))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := Of([]assembly.Stack{{ID: "Cart", Template: template}}); err == nil || !strings.HasPrefix(err.Error(), "stack Cart: metadata storefront:service:cart: json: cannot unmarshal number") {
		t.Errorf("got %v", err)
	}
}

// The document of a subscriber has the schema and the form that its publisher declares; without one it allows any detail.
func TestAsyncAPI(t *testing.T) {
	documents := read(t).AsyncAPI()
	if len(documents) != 2 {
		t.Errorf("the documents are %v, want those of reviews and search", documents)
	}
	get := func(of, path string) any {
		text, err := json.Marshal(documents[of])
		if err != nil {
			t.Fatal(err)
		}
		document, err := snapshot.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		return document.Get(path)
	}
	const posted = "shop.reviews.ReviewPosted.v2"
	const detail = "components.messages." + posted + ".payload.properties.detail"
	for _, want := range []struct {
		of, path string
		want     any
	}{
		{"reviews", "asyncapi", "3.0.0"},
		{"reviews", "info.version", "2.0.0"},
		{"reviews", "info.contact.name", "community"},
		{"reviews", "operations.publish." + posted + ".action", "send"},
		{"search", "operations.receive." + posted + ".action", "receive"},
		{"search", "operations.receive." + posted + ".messages.0.$ref", "#/channels/" + posted + "/messages/" + posted},
		{"search", "channels." + posted + ".address", "shop.reviews/ReviewPosted.v2"},
		{"search", "components.schemas." + posted + ".properties.stars.type", "integer"},
		{"search", "components.messages." + posted + ".payload.properties.detail-type.const", "ReviewPosted.v2"},
		{"search", "components.schemas.partner.Priced.type", "object"},
		{"reviews", detail + ".properties.outbox.properties.detail.contentEncoding", "base64"},
		{"reviews", detail + ".properties.outbox.properties.detail.contentSchema.$ref", "#/components/schemas/" + posted},
		{"reviews", "components.messages.shop.reviews.ReviewDeleted.payload.properties.detail.$ref", "#/components/schemas/shop.reviews.ReviewDeleted"},
	} {
		if got := get(want.of, want.path); got != want.want {
			t.Errorf("%s of %s is %v, want %v", want.path, want.of, got, want.want)
		}
	}
	both := Exchange{Source: "a b", DetailType: "C", Forms: []Form{Plain, Outbox}}
	if forms, _ := both.detail("id")["anyOf"].([]any); len(forms) != 2 {
		t.Errorf("the detail of an event in two forms is %v", both.detail("id"))
	}
	if got := how(both.Forms); got != ", by an outbox and itself" {
		t.Errorf("it is published%s", got)
	}
	if got := (Service{Publishes: []Exchange{both}}).asyncAPI()["channels"].(object)["a_b.C"]; got == nil {
		t.Error("the key of a channel has characters that AsyncAPI refuses")
	}
	if got := (Exchange{}).schema().(object)["description"]; got != "No template here has the schema: the publisher is in another app." {
		t.Errorf("an unknown schema is %v", got)
	}
}
