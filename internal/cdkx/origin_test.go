package cdkx

import (
	"strconv"
	"testing"

	"github.com/storefront-cdk/storefront/internal/expect"
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
		"ionic://localhost":             true,
		"https://shop.example.com:1":    true,
		"https://localhost:65535":       true,
		"https://*":                     true,

		"":                              false,
		"null":                          false,
		"ftp://a":                       false,
		"file://a":                      false,
		"javascript://a":                false,
		"https://a:99999":               false,
		"https://a:65536":               false,
		"https://a:0":                   false,
		"https://a:08443":               false,
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

func TestListsOfOrigins(t *testing.T) {
	const shop, admin = "https://shop.example.com", "https://admin.example.com"
	for name, c := range map[string]struct {
		origins   []string
		wildcards bool
		want      []string
	}{
		"none":                     {nil, false, nil},
		"two":                      {[]string{shop, admin}, false, nil},
		"any":                      {[]string{"*"}, false, nil},
		"any of a scheme":          {[]string{"https://*"}, false, nil},
		"any and another":          {[]string{"*", shop}, true, []string{`Origins must be "*" alone or origins, got ["*" "https://shop.example.com"]`}},
		"one twice":                {[]string{shop, admin, shop}, false, []string{`Origins must name each origin once, got "https://shop.example.com" twice`}},
		"a wildcard for S3":        {[]string{"https://*.example.com"}, true, nil},
		"a wildcard for an API":    {[]string{"https://*.example.com"}, false, []string{`Origins must not have a wildcard as a part of the host, which API Gateway does not support, got "https://*.example.com": name each origin`}},
		"no origin, and one twice": {[]string{"a", "a"}, false, []string{`Origins must be origins as browsers send them, such as https://shop.example.com, got "a"`, `Origins must name each origin once, got "a" twice`}},
	} {
		t.Run(name, func(t *testing.T) {
			expect.Problems(t, CheckOrigins("Origins", c.origins, c.wildcards), c.want...)
		})
	}
}
