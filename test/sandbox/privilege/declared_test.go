package privilege

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func source(t *testing.T, body string) string {
	t.Helper()
	dir := t.TempDir()
	text := `package stacks
import (
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/objectstore"
	rows "github.com/storefront-cdk/storefront/constructs/table"
)
func define() {` + body + `
}`
	for name, content := range map[string]string{"a.go": text, "a_test.go": "package stacks\nfunc broken() { x.Uses(1) }", "notes.txt": "no Go"} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestDeclared(t *testing.T) {
	got, err := Declared(source(t, `
		orders := microservice.New(stack, "OrderHistory", microservice.Props{Owner: "x"})
		items := rows.New(orders, "Items", rows.Props{})
		orders.Uses(items, rows.ReadWrite)
		orders.Uses(identity.Import(stack, ref), identity.AdministerUsers)
		if env.Photos {
			photos := objectstore.New(orders, "Photos", objectstore.Props{})
			orders.Uses(photos, objectstore.Read)
		}
		orders.Calls(other)`))
	if err != nil {
		t.Fatal(err)
	}
	want := []Declaration{
		{Service: "OrderHistory", Package: "table", Store: "Items", Access: "ReadWrite", At: "a.go:11"},
		{Service: "OrderHistory", Package: "identity", Access: "AdministerUsers", At: "a.go:12"},
		{Service: "OrderHistory", Package: "objectstore", Store: "Photos", Access: "Read", Conditional: true, At: "a.go:15"},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Declared (-want +got):\n%s", diff)
	}
}

func TestDeclaredNamesWhatItCannotRead(t *testing.T) {
	const made = `
		cart := microservice.New(stack, "Cart", microservice.Props{})
		items := rows.New(cart, "Items", rows.Props{})
		`
	for body, want := range map[string]string{
		made + `others().Uses(items, rows.Read)`:                                           "a.go:11: Uses: cannot tell which service: assign it from microservice.New in the same function",
		made + `items.Uses(items, rows.Read)`:                                              "a.go:11: Uses: cannot tell which service: assign it from microservice.New in the same function",
		made + `cart.Uses(items)`:                                                          "a.go:11: Uses: wants a store and an access, got 1 arguments",
		made + `cart.Uses(env.Items(), rows.Read)`:                                         "a.go:11: Uses: cannot tell which store: assign it from its New in the same function",
		made + `cart.Uses(items, access)`:                                                  "a.go:11: Uses: cannot tell which access: write it as table.ReadWrite",
		made + `id := "B"; b := rows.New(cart, id, rows.Props{}); cart.Uses(b, rows.Read)`: "a.go:11: Uses: cannot tell which store: assign it from its New in the same function",
		made: "no call of Uses: name the folder of the stacks' source",
	} {
		if got, err := Declared(source(t, body)); err == nil || !strings.HasSuffix(err.Error(), want) {
			t.Errorf("%s\ngot %v, error %v, want %s", body, got, err, want)
		}
	}
}
