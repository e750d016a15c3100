package cdkx

import (
	"fmt"
	"net/url"
	"strings"
)

// CheckOrigin says what is wrong with an origin that field gives: a scheme and a host, with a port where it is not the
// scheme's own, or "*" for any.
func CheckOrigin(field, origin string) error {
	if origin != "*" && !isOrigin(origin) {
		return fmt.Errorf("%s must be origins as browsers send them, such as https://shop.example.com, got %q", field, origin)
	}
	return nil
}

// isOrigin wants it as browsers send it, since it is compared letter by letter: the host in lower case, no path, and no
// port that goes without saying.
func isOrigin(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Hostname() == "" || origin != u.Scheme+"://"+strings.ToLower(u.Host) {
		return false
	}
	switch port := u.Port(); port {
	case "":
		return !strings.HasSuffix(u.Host, ":")
	case "80":
		return u.Scheme != "http"
	case "443":
		return u.Scheme != "https"
	}
	return true
}
