package main

import (
	"flag"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/storefront-cdk/storefront/services/internal/awstest"
	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/orders/api"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// Each check waits for a queue. -rapid.checks=1000 makes more.
func init() { _ = flag.Set("rapid.checks", "25") }

// shop is a running orders service. Its queue delivers an event again until it is deleted, also while it is being handled.
type shop struct {
	*awstest.Client
	stack awstest.Stack
}

func start(t *testing.T, next func() awstest.Fault) shop {
	s := shop{stack: awstest.Deploy(t, "Orders")}
	_, err := sqs.NewFromConfig(s.stack.AWS).SetQueueAttributes(t.Context(), &sqs.SetQueueAttributesInput{
		QueueUrl: aws.String(s.stack.Environment["EVENTS_QUEUE_URL"]), Attributes: map[string]string{"VisibilityTimeout": "0", "RedrivePolicy": ""},
	})
	if err != nil {
		t.Fatal(err)
	}
	seen := s.stack
	if next != nil {
		seen = seen.Failing(next)
	}
	s.Client = awstest.Start(t, seen, nil, spec, run)
	return s
}

// settle waits until the queue is empty.
func (s shop) settle(t testing.TB) {
	t.Helper()
	for start := time.Now(); time.Since(start) < 20*time.Second; time.Sleep(10 * time.Millisecond) {
		got, err := sqs.NewFromConfig(s.stack.AWS).GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
			QueueUrl: aws.String(s.stack.Environment["EVENTS_QUEUE_URL"]), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
		})
		if err != nil {
			t.Fatal(err)
		}
		if got.Attributes["ApproximateNumberOfMessages"] == "0" && got.Attributes["ApproximateNumberOfMessagesNotVisible"] == "0" {
			return
		}
	}
	t.Fatal("the queue is not empty after 20 s")
}

// deliver sends a checkout as an event. A second one has the same ID.
func (s shop) deliver(t testing.TB, c events.Checkout) {
	awstest.Deliver(t, s.stack, s.stack.Environment["EVENTS_QUEUE_URL"], "e-"+c.CheckoutID, events.CartCheckedOut, c)
}

func (s shop) list(user string) []api.Order {
	var all api.OrderPage
	s.As(user).Get("/orders/mine?limit=100").Expect(http.StatusOK, &all)
	return all.Items
}

// wait returns the user's orders when there are some.
func (s shop) wait(t testing.TB, user string, count int) []api.Order {
	t.Helper()
	var got []api.Order
	for start := time.Now(); time.Since(start) < 20*time.Second; time.Sleep(10 * time.Millisecond) {
		if got = s.list(user); len(got) >= count {
			return got
		}
	}
	t.Fatalf("%s has %d orders after 20 s, want %d", user, len(got), count)
	return nil
}

func checkout(user string, n int) events.Checkout {
	price := events.Money{Amount: 1999, Currency: "EUR"}
	return events.Checkout{
		CheckoutID: fmt.Sprintf("%08d-%s", n, user), UserID: user,
		Lines: []events.Line{{ProductID: "lamp", Name: "Lamp", Quantity: 1, UnitPrice: price}}, Total: price,
		CheckedOutAt: time.Date(2026, 1, 2, 3, 4, n, 0, time.UTC),
	}
}

func TestACheckoutLeadsToAnOrder(t *testing.T) {
	s := start(t, nil)
	bought := checkout("anna", 1)
	s.deliver(t, bought)
	order := s.wait(t, "anna", 1)[0]
	want := api.Order{
		OrderID: "20260102-030401-00000001", CheckoutID: bought.CheckoutID, Lines: bought.Lines, Total: bought.Total, State: api.Placed, PlacedAt: order.PlacedAt,
	}
	if diff := cmp.Diff(want, order); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	var got api.Order
	s.As("anna").Get("/orders/"+order.OrderID).Expect(http.StatusOK, &got)
	if diff := cmp.Diff(order, got); diff != "" {
		t.Errorf("(-listed +got):\n%s", diff)
	}
	placed := events.Order{OrderID: order.OrderID, CheckoutID: bought.CheckoutID, UserID: "anna", Lines: bought.Lines, Total: bought.Total, PlacedAt: order.PlacedAt}
	if diff := cmp.Diff([]events.Order{placed}, s.published(t)); diff != "" {
		t.Errorf("the events (-want +got):\n%s", diff)
	}
}

func (s shop) published(t testing.TB) []events.Order {
	return awstest.Outbox[events.Order](t, s.stack, s.stack.Environment["ORDERS_TABLE_NAME"], events.OrderPlaced)
}

func TestAUserSeesNoOrdersOfOthers(t *testing.T) {
	s := start(t, nil)
	s.deliver(t, checkout("anna", 1))
	order := s.wait(t, "anna", 1)[0]
	s.As("ben").Get("/orders/"+order.OrderID).ExpectProblem(http.StatusNotFound, "you have no order "+order.OrderID)
	s.Get("/orders/"+order.OrderID).ExpectProblem(http.StatusUnauthorized, "sign in first")
	if got := s.list("ben"); len(got) > 0 {
		t.Errorf("got %v", got)
	}
}

func TestTheNewestOrderIsFirst(t *testing.T) {
	s := start(t, nil)
	var want []string
	for _, n := range []int{3, 1, 5, 2, 4} { // whatever arrives first
		s.deliver(t, checkout("anna", n))
		want = append(want, orderID(checkout("anna", n)))
	}
	s.wait(t, "anna", 5)
	slices.Sort(want)
	slices.Reverse(want)
	var got []string
	for path, pages := "/orders/mine?limit=2", 0; path != ""; pages++ {
		var some api.OrderPage
		s.As("anna").Get(path).Expect(http.StatusOK, &some)
		for _, order := range some.Items {
			got = append(got, order.OrderID)
		}
		path = ""
		if some.NextCursor != nil {
			path = "/orders/mine?limit=2&cursor=" + *some.NextCursor
			s.As("ben").Get(path).Expect(http.StatusOK, &some)
			if len(some.Items) > 0 {
				t.Errorf("with another user's cursor ben sees %v", some.Items)
			}
		}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestAnOperatorChangesTheStateOfAnOrder(t *testing.T) {
	s := start(t, nil)
	s.deliver(t, checkout("anna", 1))
	id := s.wait(t, "anna", 1)[0].OrderID
	for _, c := range []struct {
		args []string
		want string
	}{
		{[]string{"state", "anna", id, "delivered"}, "order " + id + " is placed: it cannot become delivered"},
		{[]string{"state", "anna", id, "shipped"}, ""},
		{[]string{"state", "anna", id, "shipped"}, ""},
		{[]string{"state", "anna", id, "cancelled"}, "order " + id + " is shipped: it cannot become cancelled"},
		{[]string{"state", "anna", id, "lost"}, `the command must be state USER ORDER and one of shipped, delivered and cancelled, got ["state" "anna" "` + id + `" "lost"]`},
		{[]string{"state", "ben", id, "shipped"}, "user ben has no order " + id},
		{[]string{"state", "anna", id, "delivered"}, ""},
	} {
		got := ""
		err := serve.Run(t.Context(), serve.Options{
			AWS: &s.stack.AWS, Output: t.Output(), Getenv: func(name string) string { return s.stack.Environment[name] },
		}, command(c.args))
		if err != nil {
			got = err.Error()
		}
		if got != c.want {
			t.Errorf("%v: got %q, want %q", c.args, got, c.want)
		}
	}
	if order := s.list("anna")[0]; order.State != api.Delivered {
		t.Errorf("got %+v", order)
	}
}

// Events arrive more than once and in any order, and any request to AWS may fail before or after it has taken effect: each checkout
// leads to one order, and each order to one event.
func TestEachCheckoutLeadsToOneOrder(t *testing.T) {
	var faults []awstest.Fault
	var lock sync.Mutex
	s := start(t, func() awstest.Fault {
		lock.Lock()
		defer lock.Unlock()
		if len(faults) == 0 {
			return awstest.None
		}
		fault := faults[0]
		faults = faults[1:]
		return fault
	})
	user := 0
	rapid.Check(t, func(r *rapid.T) {
		user++
		name := fmt.Sprint("user-", user)
		arrivals := rapid.SliceOfN(rapid.IntRange(1, 4), 1, 8).Draw(r, "arrivals")
		distinct := slices.Compact(slices.Sorted(slices.Values(arrivals)))
		drawn := rapid.SliceOfN(rapid.SampledFrom([]awstest.Fault{awstest.None, awstest.None, awstest.NotSent, awstest.NoResponse}), 0, 4).Draw(r, "faults")
		for _, n := range arrivals {
			s.deliver(t, checkout(name, n))
		}
		lock.Lock()
		faults = drawn
		lock.Unlock()
		s.settle(t)
		lock.Lock()
		faults = nil
		lock.Unlock()
		var want, got, published []string
		for _, n := range distinct {
			want = append(want, checkout(name, n).CheckoutID)
		}
		for _, order := range s.wait(t, name, len(distinct)) {
			got = append(got, order.CheckoutID)
		}
		for _, order := range s.published(t) {
			if strings.HasSuffix(order.CheckoutID, "-"+name) {
				published = append(published, order.CheckoutID)
			}
		}
		slices.Sort(got)
		slices.Sort(published)
		if diff := cmp.Diff(want, got); diff != "" {
			r.Fatalf("the orders (-want +got):\n%s", diff)
		}
		if diff := cmp.Diff(want, published); diff != "" {
			r.Fatalf("the events (-want +got):\n%s", diff)
		}
	})
}
