package shop

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"
	"time"
)

const (
	// declared is the longest time in which a service answers a request, whatever it depends on: see services/internal/serve.
	declared = 9 * time.Second
	// slack is for a slow machine.
	slack = 3 * time.Second
	// quick is what a request takes at most that does not need what is slow.
	quick = 3 * time.Second
)

// testAServiceThatHangs stops each service while shoppers shop, so that it accepts requests and does not respond: all others respond
// as before, and it does when it goes on.
func testAServiceThatHangs(t *testing.T) {
	needs(t, "login")
	user := signUp(t)
	for _, service := range running() {
		t.Run(service, func(t *testing.T) {
			works(t, user, service)
			thaw := freeze(t, service)
			shopping := send(user)
			time.Sleep(time.Second)
			thaw()
			works(t, user, service)
			for other, failed := range shopping.end() {
				t.Errorf("%d requests to %s failed, such as %s", len(failed), other, failed[0])
			}
			for other, took := range shopping.slowest {
				if other != service && took > quick {
					t.Errorf("a request to %s took %s", other, took)
				}
			}
		})
	}
}

// testACatalogThatHangs checks out while the catalog does not respond: the cart says so within its timeout, goes on with all that needs
// no prices, and keeps nothing of those requests. The same checkout then leads to one order.
func testACatalogThatHangs(t *testing.T) {
	needs(t, "login", "catalog", "cart", "orders")
	user := signUp(t)
	product := want(t, http.StatusOK, "", http.MethodGet, "/catalog/products?limit=1", nil).text("items.0.productId")
	want(t, http.StatusOK, user, http.MethodPut, "/cart/items/"+product, map[string]int{"quantity": 1})
	checkOut := func() (answer, error) {
		return ask(user, http.MethodPost, "/cart/checkout", map[string]any{}, "Idempotency-Key", "without-prices")
	}
	held := heldBy(t, "cart")
	thaw := freeze(t, "catalog")
	var waiting sync.WaitGroup
	for range 30 {
		waiting.Go(func() {
			start := time.Now()
			got, err := checkOut()
			if took := time.Since(start); err != nil || got.status != http.StatusServiceUnavailable || took > declared+slack {
				t.Errorf("a checkout without prices: want 503 within %s, got %s after %s, %v", declared, got, took, err)
			}
		})
	}
	for range 20 {
		start := time.Now()
		want(t, http.StatusOK, user, http.MethodGet, "/cart/items", nil)
		if took := time.Since(start); took > quick {
			t.Errorf("a look at the cart took %s", took)
		}
		time.Sleep(50 * time.Millisecond)
	}
	waiting.Wait()
	letsGo(t, held)
	thaw()
	works(t, user, "catalog")
	bought, err := checkOut()
	if err != nil || bought.status != http.StatusOK {
		t.Fatalf("the checkout when the catalog responds again: %s, %v", bought, err)
	}
	ordered(t, user, bought.text("checkoutId"))
}

// ordered waits until a user has one order, which is that of a checkout.
func ordered(t *testing.T, user, checkoutID string) {
	t.Helper()
	eventually(t, "the order", func() error {
		got, err := ask(user, http.MethodGet, "/orders/mine", nil)
		if err == nil && (len(got.items()) != 1 || got.text("items.0.checkoutId") != checkoutID) {
			err = fmt.Errorf("want one order of the checkout %s, got %s", checkoutID, got)
		}
		return err
	})
}

// heldBy are the numbers of files and connections that the tasks of services have open, by process. It is empty where there is no /proc.
func heldBy(t *testing.T, services ...string) map[int]int {
	t.Helper()
	held := map[int]int{}
	for _, service := range services {
		for _, k := range tasksOf(t, service) {
			if open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", k.PID)); err == nil {
				held[k.PID] = len(open)
			}
		}
	}
	return held
}

// letsGo waits until processes have no more open than they had, but for some connections that are kept for the next request.
func letsGo(t *testing.T, held map[int]int) {
	t.Helper()
	const kept = 12
	eventually(t, "connections are closed", func() error {
		for pid, before := range held {
			if open, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", pid)); err != nil || len(open) > before+kept {
				return fmt.Errorf("process %d has %d files and connections open, and had %d, %w", pid, len(open), before, err)
			}
		}
		return nil
	})
}

// testAWSDoesNotRespond stops the emulator for some seconds. Services respond within their timeout, and work when it goes on; what was
// bought just before leads to an order, and what was bought meanwhile to at most one.
func testAWSDoesNotRespond(t *testing.T) {
	needs(t, "login", "catalog", "cart", "orders")
	product := want(t, http.StatusOK, "", http.MethodGet, "/catalog/products?limit=1", nil).text("items.0.productId")
	before, meanwhile := signUp(t), signUp(t)
	id := want(t, http.StatusOK, meanwhile, http.MethodGet, "/login/me", nil).text("userId")
	want(t, http.StatusOK, meanwhile, http.MethodPut, "/cart/items/"+product, map[string]int{"quantity": 1})
	want(t, http.StatusOK, before, http.MethodPut, "/cart/items/"+product, map[string]int{"quantity": 1})
	at := map[string]task{}
	for _, service := range running() {
		at[service] = tasksOf(t, service)[0]
	}
	held := heldBy(t, slices.Collect(maps.Keys(at))...)
	bought := want(t, http.StatusOK, before, http.MethodPost, "/cart/checkout", map[string]any{}, "Idempotency-Key", "just-before")
	resume := stop(t, emulator(t))
	began := time.Now()
	var waiting sync.WaitGroup
	requests := func(service string, method, path string, send any, headers ...string) {
		for range 5 {
			waiting.Go(func() {
				start := time.Now()
				got, err := at[service].ask(id, method, path, send, headers...)
				// A service that responds from its memory needs nothing.
				if took := time.Since(start); err != nil || got.status != http.StatusServiceUnavailable && got.status != http.StatusOK || took > declared+slack {
					t.Errorf("%s %s: want 503 within %s, got %s after %s, %v", method, path, declared, got, took, err)
				}
			})
		}
	}
	for service := range at {
		requests(service, http.MethodGet, reads[service], nil)
	}
	requests("cart", http.MethodPost, "/cart/checkout", map[string]any{}, "Idempotency-Key", "just-meanwhile")
	waiting.Wait()
	time.Sleep(time.Until(began.Add(10 * time.Second)))
	resume()
	for service := range at {
		works(t, meanwhile, service)
	}
	again := want(t, http.StatusOK, meanwhile, http.MethodPost, "/cart/checkout", map[string]any{}, "Idempotency-Key", "just-meanwhile")
	ordered(t, before, bought.text("checkoutId"))
	ordered(t, meanwhile, again.text("checkoutId"))
	letsGo(t, held)
}

// emulator is the process of the emulator.
func emulator(t *testing.T) int {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "..", ".cache", "sandbox", "run", "state.json"))
	var state struct{ PID int }
	if err == nil {
		err = json.Unmarshal(text, &state)
	}
	if err != nil || state.PID <= 0 {
		t.Fatalf("which process is the emulator? %v, %s", err, text)
	}
	return state.PID
}
