package cdkx

import (
	"fmt"
	"net/url"
	"strings"
)

// CheckOrigin returns an error if an origin is invalid: it is a scheme and a host, with a port if it is not the
// scheme's default, or "*" for any. The message begins with field.
func CheckOrigin(field, origin string) error {
	if origin != "*" && !isOrigin(origin) {
		return fmt.Errorf("%s must be origins as browsers send them, such as https://shop.example.com, got %q", field, origin)
	}
	return nil
}

// isOrigin requires the form that browsers send, since it is compared literally: the host in lower case, no path, and
// no default port.
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
