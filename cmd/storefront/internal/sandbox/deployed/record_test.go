package deployed

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

func TestRecord(t *testing.T) {
	template, err := snapshot.Parse([]byte(`{"Metadata": {
		"another": 1,
		"storefront:service:quiet": {"Uses": []},
		"storefront:service:cart": {"Owner": "checkout", "New": {"A": 1}, "Uses": [
			{"Store": "Cart/Cart/Items", "Type": "table.Table", "Access": "ReadWrite", "Variables": ["ITEMS_TABLE_NAME"], "New": 1,
				"Publishes": [{"Source": "shop.cart", "DetailType": "CheckedOut"}]}],
			"Publishes": [{"Source": "shop.cart", "DetailType": "CheckedOut", "Schema": {}}],
			"Calls": [{"Service": "catalog", "Stack": "shop-catalog", "Variables": ["CATALOG_URL"]}]}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for service, want := range map[string]Record{
		"quiet": {Uses: []Use{}},
		"cart": {
			Uses: []Use{{
				Store: "Cart/Cart/Items", Type: "table.Table", Access: "ReadWrite", Variables: []string{"ITEMS_TABLE_NAME"},
				Publishes: []Event{{"shop.cart", "CheckedOut"}},
			}},
			Publishes: []Event{{"shop.cart", "CheckedOut"}},
			Calls:     []Call{{"catalog", "shop-catalog", []string{"CATALOG_URL"}}},
		},
	} {
		got, err := ReadRecord(service, template)
		if diff := cmp.Diff(want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", service, err, diff)
		}
	}
}

func TestARecordThatCannotBeRead(t *testing.T) {
	for record, want := range map[string]string{
		`null`:           "the template has no metadata storefront:service:cart, the record of what the service uses",
		`1`:              "metadata storefront:service:cart: json: cannot unmarshal number",
		`{}`:             "metadata storefront:service:cart has no list Uses",
		`{"Uses": null}`: "metadata storefront:service:cart has no list Uses",
		`{"Uses": "a"}`:  "metadata storefront:service:cart: json: cannot unmarshal string",
		`{"Uses": [{"Store": "", "Access": "Read", "Variables": ["A"]}]}`: "metadata storefront:service:cart: Uses[0] lacks Store or Access",
		`{"Uses": [{"Store": "Cart/A", "Variables": ["A"]}]}`:             "metadata storefront:service:cart: Uses[0] lacks Store or Access",
		`{"Uses": [{"Store": {"Ref": "A"}, "Access": "Read"}]}`:           "metadata storefront:service:cart: json: cannot unmarshal object",
	} {
		template, err := snapshot.Parse([]byte(`{"Metadata": {"storefront:service:cart": ` + record + `}}`))
		if err != nil {
			t.Fatal(err)
		}
		if got, err := ReadRecord("cart", template); err == nil || !strings.HasPrefix(err.Error(), want) {
			t.Errorf("%s: got %v, error %v, want %s", record, got, err, want)
		}
	}
}
