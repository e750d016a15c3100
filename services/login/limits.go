package main

import (
	"context"
	"net"
	"net/http"
	"time"

	lru "github.com/hashicorp/golang-lru/v2"
	"golang.org/x/time/rate"

	"github.com/storefront-cdk/storefront/services/internal/serve"
)

// How many requests may come at once, and how many follow. They are for one task: with n tasks behind the load balancer, up to n times
// as many get through, and a new task begins anew. They keep one client from using up the quota of the user pool and from guessing
// passwords and codes fast. What holds for all tasks together is Cognito's own lockout and its quotas.
var (
	// addressLimit is generous, since people behind one router share an address.
	addressLimit = limit{each: time.Second, burst: 60}
	emailLimit   = limit{each: 10 * time.Second, burst: 5}
)

type limit struct {
	each  time.Duration
	burst int
}

// limits has a limiter for each of the keys that were used last.
type limits struct {
	limit limit
	keys  *lru.Cache[string, *rate.Limiter]
}

func newLimits(of limit) limits {
	const kept = 100_000 // 20 MB
	keys, _ := lru.New[string, *rate.Limiter](kept)
	return limits{of, keys}
}

// use returns 429 if a key has been used too often.
func (l limits) use(key string) error {
	limiter := rate.NewLimiter(rate.Every(l.limit.each), l.limit.burst)
	if before, found, _ := l.keys.PeekOrAdd(key, limiter); found {
		limiter = before
		l.keys.Get(key) // it was used last
	}
	if !limiter.Allow() {
		return serve.TooMany(l.limit.each, "there were too many attempts: wait %s", l.limit.each)
	}
	return nil
}

type addressKey struct{}

// limitAddresses limits the requests that change something by the address of the client, which API Gateway sets in x-client-ip.
func limitAddresses(by limits, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		address := r.Header.Get("x-client-ip")
		if net.ParseIP(address) == nil {
			address, _, _ = net.SplitHostPort(r.RemoteAddr)
		}
		if r.Method == http.MethodPost {
			if err := by.use(address); err != nil {
				serve.Error(w, r, err)
				return
			}
		}
		next.ServeHTTP(w, r.WithContext(context.WithValue(r.Context(), addressKey{}, address)))
	})
}

func addressOf(ctx context.Context) string {
	address, _ := ctx.Value(addressKey{}).(string)
	return address
}
