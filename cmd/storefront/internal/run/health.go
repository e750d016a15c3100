package run

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strconv"
	"strings"
	"time"
)

// impatience is how often a new task is checked until it is healthy. The load balancer of AWS has only its interval, of which a
// task must pass several.
const impatience = 100 * time.Millisecond

// settled is how long a task runs that nobody can ask before it counts as healthy.
const settled = time.Second

// asked reports whether a task can be asked whether it is healthy: by the load balancer, or since other services connect to it.
func (s Service) asked() bool { return len(s.Groups) > 0 || len(s.Aliases) > 0 }

// check asks a task whether it is healthy as its target group says, of which a task has one. A task that only other services call
// must accept connections, and any other one run.
func check(ctx context.Context, s Service, address string, port int) error {
	if !s.asked() {
		return nil
	}
	if len(s.Groups) == 0 {
		return connects(ctx, address, port)
	}
	group := s.Groups[0]
	ctx, cancel := context.WithTimeout(ctx, group.Timeout)
	defer cancel()
	url := "http://" + net.JoinHostPort(address, strconv.Itoa(port)) + group.Path
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, url, nil)
	if err != nil {
		return err
	}
	request.Header.Set("User-Agent", "ELB-HealthChecker/2.0")
	response, err := checker.Do(request)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if !admits(group.Matcher, response.StatusCode) {
		return fmt.Errorf("GET %s: want status %s, got %d", url, group.Matcher, response.StatusCode)
	}
	return nil
}

var checker = &http.Client{
	Transport:     &http.Transport{DisableKeepAlives: true},
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

func connects(ctx context.Context, address string, port int) error {
	connection, err := (&net.Dialer{Timeout: time.Second}).DialContext(ctx, "tcp4", net.JoinHostPort(address, strconv.Itoa(port)))
	if err != nil {
		return err
	}
	return connection.Close()
}

// admits reports whether a matcher of a target group, such as 200-299,302, has a status.
func admits(matcher string, status int) bool {
	for each := range strings.SplitSeq(matcher, ",") {
		from, to, ranged := strings.Cut(strings.TrimSpace(each), "-")
		if !ranged {
			to = from
		}
		least, err1 := strconv.Atoi(from)
		most, err2 := strconv.Atoi(to)
		if err1 == nil && err2 == nil && least <= status && status <= most {
			return true
		}
	}
	return false
}
