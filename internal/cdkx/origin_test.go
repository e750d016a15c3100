package cdkx

import (
	"strconv"
	"testing"
)

func TestOrigins(t *testing.T) {
	for origin, legal := range map[string]bool{
		"*":                             true,
		"https://shop.example.com":      true,
		"https://shop.example.com:8443": true,
		"https://*.example.com":         true,
		"http://localhost:3000":         true,
		"http://127.0.0.1":              true,
		"http://[::1]:3000":             true,
		"http://localhost:443":          true,
		"https://localhost:80":          true,
		"capacitor://localhost":         true,

		"":                              false,
		"null":                          false,
		"**":                            false,
		"shop.example.com":              false,
		"//shop.example.com":            false,
		"://shop.example.com":           false,
		"https://":                      false,
		"https://:8443":                 false,
		"https://shop.example.com/":     false,
		"https://shop.example.com/cart": false,
		"https://shop.example.com?a=b":  false,
		"https://shop.example.com#a":    false,
		"https://me@shop.example.com":   false,
		"https://shop.example.com:":     false,
		"https://shop.example.com:port": false,
		"https://shop.example.com:443":  false,
		"http://shop.example.com:80":    false,
		"https://Shop.example.com":      false,
		"HTTPS://shop.example.com":      false,
		"https://shop example.com":      false,
		" https://shop.example.com":     false,
		"https://a.com,https://b.com":   false,
		"https://shop.example.com\n":    false,
	} {
		want := ""
		if !legal {
			want = "Origins must be origins as browsers send them, such as https://shop.example.com, got " + strconv.Quote(origin)
		}
		got := ""
		if err := CheckOrigin("Origins", origin); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%q: got %q, want %q", origin, got, want)
		}
	}
}
