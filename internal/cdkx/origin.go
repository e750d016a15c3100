package cdkx

import (
	"fmt"
	"net/url"
)

// CheckOrigin says what is wrong with an origin that field gives: a scheme and a host, with a port where it is not the
// scheme's own, or "*" for any.
func CheckOrigin(field, origin string) error {
	if u, err := url.Parse(origin); origin != "*" && (err != nil || u.Host == "" || origin != u.Scheme+"://"+u.Host) {
		return fmt.Errorf("%s must be origins such as https://shop.example.com, got %q", field, origin)
	}
	return nil
}
