package shop

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/iam"
)

// reads are operations of each service that need no other one.
var reads = map[string]string{
	"catalog": "/catalog/products?limit=5", "cart": "/cart/items", "orders": "/orders/mine", "reviews": "/reviews/laptop/summary",
	"search": "/search?q=camera", "recommendations": "/recommendations/laptop", "photos": "/photos/laptop", "login": "/login/me",
}

// running are the services of reads that have a program.
func running() []string {
	var names []string
	for _, s := range shop.Services {
		if reads[s.Service] != "" {
			names = append(names, s.Service)
		}
	}
	return names
}

// shoppers send requests to all services until they are stopped, and count by service those that failed.
type shoppers struct {
	mutex   sync.Mutex
	failed  map[string][]string
	slowest map[string]time.Duration
	stop    chan struct{}
	all     sync.WaitGroup
}

func send(token string) *shoppers {
	s := &shoppers{failed: map[string][]string{}, slowest: map[string]time.Duration{}, stop: make(chan struct{})}
	for _, service := range running() {
		s.all.Go(func() {
			for {
				select {
				case <-s.stop:
					return
				case <-time.After(20 * time.Millisecond):
				}
				start := time.Now()
				got, err := ask(token, http.MethodGet, reads[service], nil)
				s.mutex.Lock()
				s.slowest[service] = max(s.slowest[service], time.Since(start))
				if err != nil || got.status != http.StatusOK {
					s.failed[service] = append(s.failed[service], fmt.Sprint(got, err))
				}
				s.mutex.Unlock()
			}
		})
	}
	return s
}

func (s *shoppers) end() map[string][]string {
	close(s.stop)
	s.all.Wait()
	return s.failed
}

// works waits until a service responds.
func works(t *testing.T, token, service string) {
	t.Helper()
	eventually(t, service, func() error {
		got, err := ask(token, http.MethodGet, reads[service], nil)
		if err == nil && got.status != http.StatusOK {
			err = fmt.Errorf("got %s", got)
		}
		return err
	})
}

// testAServiceThatDies kills each service while shoppers shop: no other one fails, and it comes back by itself.
func testAServiceThatDies(t *testing.T) {
	needs(t, "login")
	user := signUp(t)
	for _, service := range running() {
		t.Run(service, func(t *testing.T) {
			works(t, user, service)
			shopping := send(user)
			time.Sleep(200 * time.Millisecond)
			for _, k := range tasksOf(t, service) {
				if err := syscall.Kill(k.PID, syscall.SIGKILL); err != nil {
					t.Error(err)
				}
			}
			time.Sleep(300 * time.Millisecond)
			works(t, user, service)
			for other, failed := range shopping.end() {
				if other != service {
					t.Errorf("%d requests to %s failed, such as %s", len(failed), other, failed[0])
				}
			}
		})
	}
}

// testAMissingGrant takes the rights of a task role away: its service fails, and no other one, until it has them again.
func testAMissingGrant(t *testing.T) {
	needs(t, "login", "reviews")
	user := signUp(t)
	ctx := context.Background()
	client := iam.NewFromConfig(root())
	roles, err := client.ListRoles(ctx, &iam.ListRolesInput{MaxItems: aws.Int32(1000)})
	if err != nil {
		t.Fatal(err)
	}
	role := ""
	for _, each := range roles.Roles {
		if strings.Contains(aws.ToString(each.RoleName), "ReviewsTaskRole") {
			role = *each.RoleName
		}
	}
	policies, err := client.ListRolePolicies(ctx, &iam.ListRolePoliciesInput{RoleName: &role})
	if err != nil || len(policies.PolicyNames) != 1 {
		t.Fatalf("role %q: want one policy, got %+v, %v", role, policies, err)
	}
	name := &policies.PolicyNames[0]
	policy, err := client.GetRolePolicy(ctx, &iam.GetRolePolicyInput{RoleName: &role, PolicyName: name})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.DeleteRolePolicy(ctx, &iam.DeleteRolePolicyInput{RoleName: &role, PolicyName: name}); err != nil {
		t.Fatal(err)
	}
	broken, err := ask(user, http.MethodGet, reads["reviews"], nil)
	if err != nil || broken.status < 500 {
		t.Errorf("without its policy: got %s, %v", broken, err)
	}
	for _, service := range running() {
		if service != "reviews" {
			works(t, user, service)
		}
	}
	document, err := url.QueryUnescape(aws.ToString(policy.PolicyDocument))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := client.PutRolePolicy(ctx, &iam.PutRolePolicyInput{RoleName: &role, PolicyName: name, PolicyDocument: &document}); err != nil {
		t.Fatal(err)
	}
	works(t, user, "reviews")
}
