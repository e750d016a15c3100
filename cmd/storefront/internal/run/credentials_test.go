package run

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// A task gets the credentials of its own role, by its own token, while it runs.
func TestATaskGetsTheCredentialsOfItsRoleAlone(t *testing.T) {
	assumed := 0
	issuer := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		assumed++
		w.Header().Set("Content-Type", "text/xml")
		_, _ = fmt.Fprintf(w, `<AssumeRoleResponse xmlns="https://sts.amazonaws.com/doc/2011-06-15/"><AssumeRoleResult><Credentials>
			<AccessKeyId>of %s</AccessKeyId><SecretAccessKey>secret</SecretAccessKey><SessionToken>session</SessionToken><Expiration>%s</Expiration>
			</Credentials></AssumeRoleResult></AssumeRoleResponse>`, r.FormValue("RoleArn"), time.Now().Add(time.Hour).UTC().Format(time.RFC3339))
	}))
	defer issuer.Close()
	v := &vendor{grants: map[string]*grant{}, client: sts.New(sts.Options{
		Region: "us-east-2", BaseEndpoint: aws.String(issuer.URL), Credentials: credentials.NewStaticCredentialsProvider("root", "root", ""),
	})}
	endpoint := httptest.NewServer(v)
	defer endpoint.Close()
	v.url = endpoint.URL

	variables := func(task, role string) (url, token string) {
		given := v.admit(task, role)
		_, url, _ = strings.Cut(given[0], "=")
		_, token, _ = strings.Cut(given[1], "=")
		return url, token
	}
	get := func(url, token string) (int, string) {
		request, _ := http.NewRequestWithContext(t.Context(), http.MethodGet, url, nil)
		request.Header.Set("Authorization", token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		defer func() { _ = response.Body.Close() }()
		var body strings.Builder
		_ = response.Write(&body)
		return response.StatusCode, body.String()
	}
	cart, token := variables("cart-1", "role/cart")
	_, other := variables("orders-1", "role/orders")
	for range 2 {
		if status, body := get(cart, token); status != http.StatusOK || !strings.Contains(body, `"AccessKeyId":"of role/cart"`) {
			t.Errorf("got %d %s", status, body)
		}
	}
	if assumed != 1 {
		t.Errorf("the role was assumed %d times, want the credentials kept until shortly before their end", assumed)
	}
	for name, wrong := range map[string]string{"no token": "", "the token of another task": other} {
		if status, body := get(cart, wrong); status != http.StatusForbidden || strings.Contains(body, "secret") {
			t.Errorf("%s: got %d %s", name, status, body)
		}
	}
	v.withdraw("cart-1")
	if status, _ := get(cart, token); status != http.StatusForbidden {
		t.Errorf("a task that has ended: got %d", status)
	}
	if given := v.admit("plain-1", ""); given != nil {
		t.Errorf("a task without a role: got %v", given)
	}
}
