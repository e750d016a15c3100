package shop

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"maps"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"
	"github.com/google/go-cmp/cmp"
)

var kills = flag.Int("kills", 150, "how many tasks are killed between what they write and what they then say")

// The moments at which a mortal task is killed.
const (
	unwritten      = "before its transaction was sent"
	written        = "before it knew of its transaction"
	unacknowledged = "before it deleted the message"
)

// mortals are tasks of one service beside those of the shop, with their program, variables and role. Each is killed when it
// writes, or when it has written, and started again at once.
type mortals struct {
	service string
	left    atomic.Int64 // how often they are still killed
	tasks   []*mortal
	killed  sync.Map // the number of kills by moment
	ended   sync.WaitGroup
}

// mortal is one such task. It sends its requests to AWS through the test.
type mortal struct {
	task
	of      *mortals
	program string
	environ map[string]string
	forward *httputil.ReverseProxy

	mutex   sync.Mutex
	process *os.Process
	killed  bool
	stopped bool
}

// mortalsOf starts tasks of a service, which are killed that often.
func mortalsOf(t *testing.T, service string, tasks, kills int) *mortals {
	t.Helper()
	m := &mortals{service: service}
	m.left.Store(int64(kills))
	like := tasksOf(t, service)[0]
	program, err := os.Readlink(fmt.Sprintf("/proc/%d/exe", like.PID))
	if err != nil {
		t.Fatal(err)
	}
	endpoint, err := url.Parse(shop.Endpoint)
	if err != nil {
		t.Fatal(err)
	}
	for range tasks {
		one := &mortal{of: m, program: program, environ: maps.Clone(like.environ(t)), task: task{Address: "127.0.0.1", Port: freePort(t)}}
		one.forward = &httputil.ReverseProxy{
			Rewrite: func(r *httputil.ProxyRequest) {
				r.SetURL(endpoint)
				r.Out.Host = r.In.Host // which is signed
			},
			ErrorHandler: func(http.ResponseWriter, *http.Request, error) { panic(http.ErrAbortHandler) }, // of a task that was killed
		}
		server := httptest.NewServer(one)
		t.Cleanup(server.Close)
		one.environ["AWS_ENDPOINT_URL"] = server.URL
		one.environ["HOST"], one.environ["PORT"] = one.Address, strconv.Itoa(one.Port)
		m.tasks = append(m.tasks, one)
		m.ended.Go(func() { one.live(t) })
	}
	t.Cleanup(m.stop)
	return m
}

// live keeps the task running until it is stopped.
func (m *mortal) live(t *testing.T) {
	for {
		var said bytes.Buffer
		command := exec.Command(m.program)
		command.Stdout, command.Stderr = &said, &said
		for name, value := range m.environ {
			command.Env = append(command.Env, name+"="+value)
		}
		m.mutex.Lock()
		if m.stopped {
			m.mutex.Unlock()
			return
		}
		err := command.Start()
		m.process, m.killed = command.Process, false
		m.mutex.Unlock()
		if err != nil {
			t.Errorf("start %s: %v", m.of.service, err)
			return
		}
		err = command.Wait()
		m.mutex.Lock()
		meant := m.killed || m.stopped
		m.mutex.Unlock()
		if !meant {
			t.Errorf("%s ended by itself: %v\n%s", m.of.service, err, &said)
			return
		}
	}
}

// ServeHTTP forwards a request to AWS, and kills the task before or after that.
func (m *mortal) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = http.NewResponseController(w).EnableFullDuplex() // or net/http closes the request's body when the response begins, too early
	switch moment := momentOf(r.Header.Get("X-Amz-Target")); {
	case moment == "" || m.of.left.Load() <= 0:
		m.forward.ServeHTTP(w, r)
	case moment == written:
		m.forward.ServeHTTP(httptest.NewRecorder(), r)
		m.kill(moment)
	default:
		m.kill(moment)
	}
}

// momentOf draws at which moment of a request the task is killed, or none.
func momentOf(operation string) string {
	draw := rand.N(100) //nolint:gosec // nobody can use it
	switch {
	case operation == "DynamoDB_20120810.TransactWriteItems" && draw < 2:
		return unwritten
	case operation == "DynamoDB_20120810.TransactWriteItems" && draw < 50:
		return written
	case operation == "AmazonSQS.DeleteMessage" && draw < 30:
		return unacknowledged
	}
	return ""
}

// kill kills the task, and ends the request without a response.
func (m *mortal) kill(moment string) {
	m.mutex.Lock()
	if !m.killed && !m.stopped {
		m.killed = true
		_ = m.process.Kill()
		count, _ := m.of.killed.LoadOrStore(moment, new(atomic.Int64))
		count.(*atomic.Int64).Add(1)
		if moment != unwritten {
			m.of.left.Add(-1)
		}
	}
	m.mutex.Unlock()
	panic(http.ErrAbortHandler)
}

// stop stops the tasks, which first handle what they have received.
func (m *mortals) stop() {
	m.left.Store(0)
	for _, one := range m.tasks {
		one.mutex.Lock()
		one.stopped = true
		_ = one.process.Signal(syscall.SIGTERM)
		one.mutex.Unlock()
	}
	m.ended.Wait()
}

func (m *mortals) String() string {
	text := m.service
	for _, moment := range []string{unwritten, written, unacknowledged} {
		if count, ok := m.killed.Load(moment); ok {
			text += fmt.Sprintf(", %d times %s", count.(*atomic.Int64).Load(), moment)
		}
	}
	return text
}

func freePort(t *testing.T) int {
	t.Helper()
	listener, err := net.Listen("tcp4", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = listener.Close() }()
	return listener.Addr().(*net.TCPAddr).Port
}

// bought is a checkout that succeeded.
type bought struct{ user, checkoutID string }

// testAnOrderForEachCheckout kills tasks of the cart between the transaction of a checkout and the response, and tasks of the
// orders and the catalog between their transaction and the deletion of the message. Each checkout leads to one order, and each
// order leaves the stock once.
func testAnOrderForEachCheckout(t *testing.T) {
	needs(t, "catalog", "cart", "orders")
	if _, err := os.Stat("/proc/self/environ"); err != nil {
		t.Skip("only Linux tells the variables of a task")
	}
	products := want(t, http.StatusOK, "", http.MethodGet, "/catalog/products?limit=20", nil)
	var ids []string
	for n := range products.items() {
		ids = append(ids, products.text(fmt.Sprintf("items.%d.productId", n)))
	}
	drained(t)
	before := stock(t, ids)
	for _, service := range []string{"orders", "catalog"} {
		comeSoon(t, tasksOf(t, service)[0].environ(t)["EVENTS_QUEUE_URL"])
	}
	began := time.Now()
	wake := doze(t, "orders") // so that the others get the messages
	carts := mortalsOf(t, "cart", 2, *kills/2)
	orders := mortalsOf(t, "orders", 2, *kills/2)
	stocks := mortalsOf(t, "catalog", 1, *kills)
	dying := []*mortals{carts, orders}

	var mutex sync.Mutex
	var all []bought
	sold := map[string]int{}
	var shopping sync.WaitGroup
	enough := make(chan struct{})
	for n := range 4 {
		shopping.Go(func() {
			for round := 0; ; round++ {
				select {
				case <-enough:
					return
				default:
				}
				user, product := fmt.Sprintf("shopper-%d-%d-%d", began.UnixNano(), n, round), ids[(4*round+n)%len(ids)]
				id, err := shopOnce(carts.tasks[n%2].task, user, product)
				if err != nil {
					t.Errorf("%s: %v", user, err)
					return
				}
				mutex.Lock()
				all = append(all, bought{user, id})
				sold[product]++
				mutex.Unlock()
			}
		})
	}
	longest := time.Minute + time.Duration(*kills)*2*time.Second
	for slices.ContainsFunc(dying, func(m *mortals) bool { return m.left.Load() > 0 }) && !t.Failed() {
		if time.Since(began) > longest {
			t.Errorf("not all are killed after %s: %v", longest, dying)
		}
		time.Sleep(10 * time.Millisecond)
	}
	close(enough)
	shopping.Wait()
	for _, m := range append(dying, stocks) {
		m.stop()
	}
	t.Logf("%d checkouts in %.1f s; %v, %v, %v", len(all), time.Since(began).Seconds(), carts, orders, stocks)
	wake()
	drained(t)
	var wrong int
	shown := tasksOf(t, "orders")[0]
	for _, b := range all {
		got, err := shown.ask(b.user, http.MethodGet, "/orders/mine", nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(got.items()) != 1 || got.text("items.0.checkoutId") != b.checkoutID {
			if wrong++; wrong <= 3 {
				t.Errorf("want one order of the checkout %s, got %s", b.checkoutID, got)
			}
		}
	}
	if wrong > 3 {
		t.Errorf("%d of %d checkouts did not lead to one order", wrong, len(all))
	}
	left := stock(t, ids)
	for id := range left {
		left[id] += sold[id]
	}
	if diff := cmp.Diff(before, left); diff != "" {
		t.Errorf("the stock and what was sold of it (-before +after):\n%s", diff)
	}
}

// shopOnce buys a product, and repeats each request until it has a response, as the page does.
func shopOnce(cart task, user, product string) (string, error) {
	repeated := func(method, path string, send any, headers ...string) (answer, error) {
		for start := time.Now(); ; time.Sleep(5 * time.Millisecond) {
			got, err := cart.ask(user, method, path, send, headers...)
			switch {
			case err == nil && got.status == http.StatusOK:
				return got, nil
			case err == nil && got.status != http.StatusServiceUnavailable || time.Since(start) > time.Minute:
				return got, errors.Join(fmt.Errorf("%s %s: want 200, got %s", method, path, got), err)
			}
		}
	}
	if _, err := repeated(http.MethodPut, "/cart/items/"+product, map[string]int{"quantity": 1}); err != nil {
		return "", err
	}
	got, err := repeated(http.MethodPost, "/cart/checkout", map[string]any{}, "Idempotency-Key", "the-only-one")
	return got.text("checkoutId"), err
}

// stock is the stock of products.
func stock(t *testing.T, ids []string) map[string]int {
	t.Helper()
	found := map[string]int{}
	for _, id := range ids {
		pieces, ok := want(t, http.StatusOK, "", http.MethodGet, "/catalog/products/"+id, nil).value("stock").(float64)
		if !ok {
			t.Fatalf("%s has no stock", id)
		}
		found[id] = int(pieces)
	}
	return found
}

// comeSoon makes the messages of a queue come again a second after a task has received them and died, however often, until the test
// ends. Otherwise it takes two minutes, and after five times they are dead letters.
func comeSoon(t *testing.T, queue string) {
	t.Helper()
	client := sqs.NewFromConfig(root())
	names := []types.QueueAttributeName{types.QueueAttributeNameVisibilityTimeout, types.QueueAttributeNameRedrivePolicy}
	was, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &queue, AttributeNames: names})
	if err != nil {
		t.Fatal(err)
	}
	var policy map[string]any
	if err := json.Unmarshal([]byte(was.Attributes["RedrivePolicy"]), &policy); err != nil {
		t.Fatalf("the redrive policy of %s: %v", queue, err)
	}
	policy["maxReceiveCount"] = 1000
	patient, err := json.Marshal(policy)
	if err != nil {
		t.Fatal(err)
	}
	set := func(ctx context.Context, attributes map[string]string) {
		if _, err := client.SetQueueAttributes(ctx, &sqs.SetQueueAttributesInput{QueueUrl: &queue, Attributes: attributes}); err != nil {
			t.Error(err)
		}
	}
	set(t.Context(), map[string]string{"VisibilityTimeout": "1", "RedrivePolicy": string(patient)})
	t.Cleanup(func() { set(context.Background(), was.Attributes) })
}

// drained waits until no queue of a service holds an event, and no table one that was not published: for a pipe that takes a second.
func drained(t *testing.T) {
	t.Helper()
	client := sqs.NewFromConfig(root())
	empty := 0
	eventually(t, "the queues are empty", func() error {
		queues, err := client.ListQueues(t.Context(), &sqs.ListQueuesInput{MaxResults: aws.Int32(1000)})
		if err != nil {
			return err
		}
		for _, queue := range queues.QueueUrls {
			got, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &queue, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll}})
			if err != nil {
				return err
			}
			waiting, received := got.Attributes["ApproximateNumberOfMessages"], got.Attributes["ApproximateNumberOfMessagesNotVisible"]
			if waiting != "0" || received != "0" {
				empty = 0
				return fmt.Errorf("%s has %s messages, and %s that were received", filepath.Base(queue), waiting, received)
			}
		}
		if empty++; empty < 20 { // two seconds
			return fmt.Errorf("they are, but a pipe may send more")
		}
		return nil
	})
}
