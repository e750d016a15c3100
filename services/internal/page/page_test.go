package page

import (
	"encoding/base64"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/services/internal/table"
)

func TestACursorIsTheKeyAfterWhichThePageBegins(t *testing.T) {
	key := table.Item{"userId": table.Text("u-1"), "orderId": table.Text("o-7")}
	cursor := Encode(key)
	for name, c := range map[string]struct {
		fixed      map[string]string
		attributes []string
		want       map[string]string
	}{
		"as it is":           {nil, []string{"userId", "orderId"}, map[string]string{"userId": "u-1", "orderId": "o-7"}},
		"of the user":        {map[string]string{"userId": "u-1"}, []string{"orderId"}, map[string]string{"userId": "u-1", "orderId": "o-7"}},
		"of another, forged": {map[string]string{"userId": "u-2"}, []string{"orderId"}, map[string]string{"userId": "u-2", "orderId": "o-7"}},
	} {
		got, err := Decode(cursor, c.fixed, c.attributes...)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(c.want, texts(got)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	if Encode(nil) != nil {
		t.Error("the last page has no cursor")
	}
	if first, err := Decode(nil, nil, "userId"); first != nil || err != nil {
		t.Errorf("got %v, %v", first, err)
	}
}

func TestACursorThatNoPageHadIsInvalid(t *testing.T) {
	encode := base64.RawURLEncoding.EncodeToString
	for name, cursor := range map[string]string{
		"not base64":    "%",
		"not JSON":      encode([]byte("x")),
		"other key":     encode([]byte(`{"productId":"p","price":"1"}`)),
		"too much":      encode([]byte(`{"userId":"u","orderId":"o","more":"m"}`)),
		"too little":    encode([]byte(`{"orderId":"o"}`)),
		"empty":         encode([]byte(`{"userId":"","orderId":"o"}`)),
		"no text":       encode([]byte(`{"userId":1,"orderId":"o"}`)),
		"another's key": encode([]byte(`{"userId":"u","productId":"o"}`)),
	} {
		if key, err := Decode(&cursor, nil, "userId", "orderId"); err == nil {
			t.Errorf("%s: got %v, want an error", name, texts(key))
		}
	}
}

func texts(key table.Item) map[string]string {
	all := map[string]string{}
	for name, value := range key {
		all[name] = table.TextOf(value)
	}
	return all
}
