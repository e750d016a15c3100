package account

import (
	"fmt"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/preflight/need"
)

// balancers responds as an account with the load balancers a and b. The first has a listener on each of two pages, with two
// rules that are not the default one.
func balancers(request *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(request.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	const arn = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:"
	var text string
	switch action := form.Get("Action"); action {
	case "DescribeStacks":
		for output, listener := range map[string]string{"Http": "a/1/2", "Https": "a/1/3", "Other": "b/1/2"} {
			text += fmt.Sprintf("<member><OutputKey>%s</OutputKey><OutputValue>%slistener/app/%s</OutputValue></member>", output, arn, listener)
		}
		text = "<Stacks><member><Outputs>" + text + "</Outputs></member></Stacks>"
	case "DescribeListeners":
		text = "<Listeners><member><ListenerArn>a</ListenerArn></member></Listeners>"
		if form.Get("LoadBalancerArn") == arn+"loadbalancer/app/a/1" && form.Get("Marker") == "" {
			text += "<NextMarker>2</NextMarker>"
		}
	case "DescribeRules":
		text = "<Rules><member><IsDefault>true</IsDefault></member><member/><member/></Rules>"
	case "DescribeTargetGroups":
		text = "<TargetGroups><member/></TargetGroups>"
	default: // Service Quotas
		return respond("application/x-amz-json-1.1", `{"Quota": {"Value": 100}}`), nil
	}
	return respond("text/xml", fmt.Sprintf("<%sResponse><%[1]sResult>%s</%[1]sResult></%[1]sResponse>", form.Get("Action"), text)), nil
}

func respond(kind, body string) *http.Response {
	return &http.Response{StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body))}
}

type client func(*http.Request) (*http.Response, error)

func (c client) Do(request *http.Request) (*http.Response, error) { return c(request) }

func config(do client) aws.Config {
	return aws.Config{Region: "eu-central-1", HTTPClient: do, Credentials: credentials.NewStaticCredentialsProvider("a", "b", "")}
}

// Services of another repository's platform may use both listeners of its load balancer. The order is that of the ARNs.
func TestLoadBalancers(t *testing.T) {
	one := func() *need.LoadBalancer {
		return &need.LoadBalancer{Rules: need.Count{"cart": 1}, TargetGroups: need.Count{"cart": 2}}
	}
	l := look{
		Account: Account{Config: config(balancers)},
		need: need.Need{LoadBalancers: map[need.Place]*need.LoadBalancer{
			{Stack: "platform", Output: "Other"}: one(), {Stack: "platform", Output: "Http"}: one(), {Stack: "platform", Output: "Https"}: one(),
			{Stack: "platform", Output: "None"}: one(),
		}},
	}
	var got []string
	for _, f := range l.loadBalancers(t.Context()) {
		got = append(got, f.Check+": "+f.Detail)
	}
	want := []string{
		"listener rules: 2 needed, 4 used, 100 allowed, 94 left", "target groups: 4 needed, 1 used, 100 allowed, 95 left",
		"listener rules: 1 needed, 2 used, 100 allowed, 97 left", "target groups: 2 needed, 1 used, 100 allowed, 97 left",
		"listener rules: 1 needed, 0 used, 100 allowed, 99 left", "target groups: 2 needed, 0 used, 100 allowed, 98 left",
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		t.Errorf("got  %q\nwant %q", got, want)
	}
}

func TestSearchTypesOfTwoEngines(t *testing.T) {
	offered := func(request *http.Request) (*http.Response, error) {
		if strings.Contains(request.URL.Path, "OpenSearch_3.1") {
			return respond("application/json", `{"InstanceTypeDetails": [{"InstanceType": "m7g.medium.search"}]}`), nil
		}
		return respond("application/json", `{"InstanceTypeDetails": [{"InstanceType": "t3.small.search"}]}`), nil
	}
	l := look{Account: Account{Config: config(offered)}}
	for _, engine := range []string{"OpenSearch_3.1", "OpenSearch_3.3"} {
		l.need.SearchTypes = append(l.need.SearchTypes, need.SearchType{Engine: engine, InstanceType: "m7g.medium.search"})
	}
	l.need.SearchTypes = append(l.need.SearchTypes, need.SearchType{Engine: "OpenSearch_3.5", InstanceType: "t3.small.search"})
	var got []finding.Status
	for _, f := range l.searchTypes(t.Context()) {
		got = append(got, f.Status)
	}
	if !slices.Equal(got, []finding.Status{finding.OK, finding.Missing, finding.OK}) {
		t.Errorf("got %v", got)
	}
}
