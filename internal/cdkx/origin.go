package cdkx

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// CheckOrigins returns one error that lists every problem of the origins that CORS allows: each is a scheme and a host, with a
// port if it is not the scheme's default, or "*" is the only one. Messages begin with field. If wildcards is true, a host may
// contain "*", which S3 supports, and API Gateway only as the whole host.
func CheckOrigins(field string, origins []string, wildcards bool) error {
	var problems []error
	if slices.Contains(origins, "*") && len(origins) > 1 {
		problems = append(problems, fmt.Errorf("%s must be \"*\" alone or origins, got %q", field, origins))
	}
	for n, origin := range origins {
		if slices.Index(origins, origin) < n {
			problems = append(problems, fmt.Errorf("%s must name each origin once, got %q twice", field, origin))
			continue
		}
		err := CheckOrigin(field, origin)
		if _, host, _ := strings.Cut(origin, "://"); err == nil && !wildcards && host != "*" && strings.Contains(host, "*") {
			err = fmt.Errorf("%s must not have a wildcard as a part of the host, which API Gateway does not support, got %q: name each origin", field, origin)
		}
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}

// CheckOrigin returns an error if an origin is invalid: it is a scheme and a host, with a port if it is not the
// scheme's default, or "*" for any. The message begins with field.
func CheckOrigin(field, origin string) error {
	if origin != "*" && !isOrigin(origin) {
		return fmt.Errorf("%s must be origins as browsers send them, such as https://shop.example.com, got %q", field, origin)
	}
	return nil
}

// webSchemes are the schemes of pages that can send requests to an API: those of browsers, and of the two common frameworks
// for apps that are made of web pages.
var webSchemes = []string{"http", "https", "capacitor", "ionic"}

// isOrigin requires the form that browsers send, since it is compared literally: the host in lower case, no path, and
// no default port.
func isOrigin(origin string) bool {
	u, err := url.Parse(origin)
	if err != nil || u.Hostname() == "" || origin != u.Scheme+"://"+strings.ToLower(u.Host) || !slices.Contains(webSchemes, u.Scheme) {
		return false
	}
	switch port := u.Port(); port {
	case "":
		return !strings.HasSuffix(u.Host, ":")
	case "80":
		return u.Scheme != "http"
	case "443":
		return u.Scheme != "https"
	default:
		number, err := strconv.Atoi(port)
		return err == nil && number >= 1 && number <= 65535 && port == strconv.Itoa(number)
	}
}
