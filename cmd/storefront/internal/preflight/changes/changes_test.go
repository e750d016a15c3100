package changes

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/assembly"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// account answers requests of the SDK as AWS does, from what the test says is deployed.
type account struct {
	stacks map[string]string            // templates by name
	status map[string]string            // other than UPDATE_COMPLETE
	tags   map[string]string            // of all stacks
	ids    map[string]map[string]string // physical IDs by stack and logical ID
	rules  string                       // members of Rules
	routes string                       // items
	denied string                       // the action that is denied
	lost   string                       // the stack whose template is not answered
}

func (a *account) config() aws.Config {
	return aws.Config{
		Region: "eu-central-1", HTTPClient: a, RetryMaxAttempts: 1,
		Credentials: aws.CredentialsProviderFunc(func(context.Context) (aws.Credentials, error) {
			return aws.Credentials{AccessKeyID: "test", SecretAccessKey: "test"}, nil
		}),
	}
}

func (a *account) Do(r *http.Request) (*http.Response, error) {
	if strings.HasSuffix(r.URL.Path, "/routes") {
		return answer(http.StatusOK, `{"items": [`+a.routes+`]}`), nil
	}
	if strings.HasSuffix(r.URL.Path, "/integrations") {
		return answer(http.StatusOK, `{"items": [{"integrationId": "wish", "requestParameters": {"overwrite:header.x-microservice": "wishlist"}}]}`), nil
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return nil, err
	}
	action := form.Get("Action")
	if action == a.denied {
		return answer(http.StatusForbidden, `<ErrorResponse><Error><Code>AccessDenied</Code><Message>not yours</Message></Error></ErrorResponse>`), nil
	}
	name := form.Get("StackName")
	var result string
	switch action {
	case "DescribeStacks":
		result = a.describeStacks()
	case "GetTemplate":
		if name == a.lost {
			return nil, errors.New("connection reset by peer")
		}
		result = "<TemplateBody>" + escaped(a.stacks[name]) + "</TemplateBody>"
	case "ListStackResources":
		for logical, physical := range a.ids[name] {
			result += fmt.Sprintf("<member><LogicalResourceId>%s</LogicalResourceId><PhysicalResourceId>%s</PhysicalResourceId><ResourceStatus>CREATE_COMPLETE</ResourceStatus></member>", logical, physical)
		}
		result = "<StackResourceSummaries>" + result + "</StackResourceSummaries>"
	case "DescribeRules":
		result = "<Rules></Rules>"
		if form.Get("ListenerArn") == "the-ListenerArn" {
			result = "<Rules>" + a.rules + "</Rules>"
		}
	default:
		return nil, fmt.Errorf("no answer to %s is recorded", action)
	}
	return answer(http.StatusOK, fmt.Sprintf("<%sResponse><%[1]sResult>%s</%[1]sResult></%[1]sResponse>", action, result)), nil
}

func (a *account) describeStacks() string {
	var members string
	for name, text := range a.stacks {
		status := "UPDATE_COMPLETE"
		if other := a.status[name]; other != "" {
			status = other
		}
		members += fmt.Sprintf("<member><StackName>%s</StackName><StackStatus>%s</StackStatus><CreationTime>2026-11-26T08:00:00Z</CreationTime><Outputs>", name, status)
		template, err := snapshot.Parse([]byte(text))
		if err == nil {
			for output := range template.Outputs() {
				members += fmt.Sprintf("<member><OutputKey>%s</OutputKey><OutputValue>the-%[1]s</OutputValue></member>", output)
			}
		}
		members += "</Outputs><Tags>"
		for key, value := range a.tags {
			members += fmt.Sprintf("<member><Key>%s</Key><Value>%s</Value></member>", key, value)
		}
		members += "</Tags></member>"
	}
	return "<Stacks>" + members + "</Stacks>"
}

func escaped(s string) string {
	var b strings.Builder
	if err := xml.EscapeText(&b, []byte(s)); err != nil {
		return err.Error()
	}
	return b.String()
}

func answer(status int, body string) *http.Response {
	return &http.Response{StatusCode: status, Header: http.Header{"Content-Type": {"text/xml"}}, Body: io.NopCloser(strings.NewReader(body))}
}

const (
	platformName = "storefront-production-platform"
	cartName     = "storefront-production-cart"
	ruleARN      = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:listener-rule/app/shop/1/2/3"
	groupARN     = "arn:aws:elasticloadbalancing:eu-central-1:111122223333:targetgroup/"
)

// cart is an account with the platform, identity and cart, and their assembly, in which cart is changed.
func cart(t *testing.T, change func(w *world)) (*account, []assembly.Stack) {
	t.Helper()
	w := shop(t)
	a := &account{stacks: map[string]string{}, status: map[string]string{}, ids: map[string]map[string]string{cartName: {}}}
	s := w.stack(t, "Cart")
	for _, r := range s.old.Resources("") {
		a.ids[cartName][r.LogicalID] = "physical-" + r.LogicalID
		switch r.Type {
		case ruleType:
			a.ids[cartName][r.LogicalID] = ruleARN
		case groupType:
			a.ids[cartName][r.LogicalID] = groupARN + r.LogicalID + "/1"
		case "AWS::ECS::Service":
			a.ids[cartName][r.LogicalID] = "arn:aws:ecs:eu-central-1:111122223333:service/shop/cart-1"
		}
	}
	a.weights(100, 0)
	change(w)
	var stacks []assembly.Stack
	for _, id := range []string{"Cart", "Identity", "Platform"} {
		s := w.stack(t, id)
		a.stacks[s.name] = string(s.old.JSON())
		stacks = append(stacks, assembly.Stack{ID: s.id, Name: s.name, Template: s.new, Dependencies: s.before})
	}
	return a, stacks
}

// weights records the weights of the two target groups of cart's rule.
func (a *account) weights(target, alternate int) {
	group := func(id string, weight int) string {
		return fmt.Sprintf("<member><TargetGroupArn>%s%s/1</TargetGroupArn><Weight>%d</Weight></member>", groupARN, id, weight)
	}
	a.rules = rule(ruleARN, "27311", "cart", group("CartTargetE0AA8E45", target)+group("CartAlternateTarget4EA6D7EC", alternate))
}

func rule(arn, priority, service, groups string) string {
	return fmt.Sprintf(`<member><RuleArn>%s</RuleArn><Priority>%s</Priority>
		<Conditions><member><Field>http-header</Field><HttpHeaderConfig><HttpHeaderName>x-microservice</HttpHeaderName><Values><member>%s</member></Values></HttpHeaderConfig></member></Conditions>
		<Actions><member><Type>forward</Type><ForwardConfig><TargetGroups>%s</TargetGroups></ForwardConfig></member></Actions></member>`, arn, priority, service, groups)
}

func wantChecked(t *testing.T, a *account, stacks []assembly.Stack, want string) {
	t.Helper()
	got := written(t, Check(context.Background(), a.config(), stacks))
	if diff := cmp.Diff(strings.TrimPrefix(want, "\n"), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCheck(t *testing.T) {
	owner := func(w *world) {
		_, p := w.stack(t, "Cart").first(t, ruleType)
		p["Tags"].([]any)[1].(map[string]any)["Value"] = "baskets"
	}
	wish := func(w *world) {
		_, p := w.stack(t, "Cart").first(t, routeType)
		p["RouteKey"] = "GET /wishes/{id}"
	}
	// As docs/tls.md#on-a-platform-that-has-services has it, after its first step.
	https := func(w *world) {
		p := w.stack(t, "Platform")
		for _, template := range []snapshot.Template{p.old, p.new} {
			listener := template["Outputs"].(map[string]any)["ListenerArn"].(map[string]any)["Value"].(map[string]any)["Ref"].(string)
			template["Resources"].(map[string]any)["Https"] = template["Resources"].(map[string]any)[listener]
			template["Outputs"].(map[string]any)["HttpsListenerArn"] = map[string]any{"Value": map[string]any{"Ref": "Https"}}
		}
		cart := w.stack(t, "Cart")
		text := strings.ReplaceAll(string(cart.new.JSON()), `"ListenerArn",`, `"HttpsListenerArn",`)
		var err error
		if cart.new, err = snapshot.Parse([]byte(text)); err != nil {
			t.Fatal(err)
		}
	}
	const nothing = "ok       changes             3 stacks compared with what is deployed: nothing found"
	for name, c := range map[string]struct {
		change  func(w *world)
		account func(a *account)
		want    string
	}{
		"nothing after the first canary":                    {account: func(a *account) { a.weights(0, 100) }, want: nothing},
		"the owner with requests on the first target group": {change: owner, want: nothing},
		"the owner with requests on the second target group": {
			change:  owner,
			account: func(a *account) { a.weights(0, 100) },
			want: `
ok       changes             3 stacks compared with what is deployed
REFUSED  listener rule       Cart CartRule24A80A16: the rule changes (Tags), while the requests go
                             to the target group CartAlternateTarget4EA6D7EC, whose weight in the
                             template is 0: they would get 503
         aws ecs update-service --force-new-deployment --cluster shop --service cart-1 --region eu-central-1
         wait until it has shifted the requests back, then deploy`,
		},
		"the owner with requests on the second target group, where the stack has two services": {
			change: func(w *world) {
				owner(w)
				s := w.stack(t, "Cart")
				other := map[string]any{"Type": "AWS::ECS::Service", "Properties": map[string]any{}}
				s.old["Resources"].(map[string]any)["Worker"], s.new["Resources"].(map[string]any)["Worker"] = other, other
			},
			account: func(a *account) {
				a.weights(0, 100)
				a.ids[cartName]["Worker"] = "arn:aws:ecs:eu-central-1:111122223333:service/shop/worker-1"
			},
			want: `
ok       changes             3 stacks compared with what is deployed
REFUSED  listener rule       Cart CartRule24A80A16: the rule changes (Tags), while the requests go
                             to the target group CartAlternateTarget4EA6D7EC, whose weight in the
                             template is 0: they would get 503
         aws ecs update-service --force-new-deployment --cluster shop --service cart-1 --region eu-central-1
         wait until it has shifted the requests back, then deploy`,
		},
		"the owner during a canary, whose weights are shares of any sum": {
			change:  owner,
			account: func(a *account) { a.weights(9, 1) },
			want: `
ok       changes             3 stacks compared with what is deployed
REFUSED  listener rule       Cart CartRule24A80A16: the rule changes (Tags), while ECS deploys the
                             service: 10 % of the requests go to the target group
                             CartAlternateTarget4EA6D7EC, whose weight in the template is 0
         wait until the deployment has ended, then run make preflight again`,
		},
		"the other listener with requests on the first target group": {change: https, want: nothing},
		"the other listener with requests on the second target group": {
			change:  https,
			account: func(a *account) { a.weights(0, 100) },
			want: `
ok       changes             3 stacks compared with what is deployed
REFUSED  listener rule       Cart CartRule24A80A16: the rule changes (ListenerArn), while the
                             requests go to the target group CartAlternateTarget4EA6D7EC, whose
                             weight in the template is 0: they would get 503
         aws ecs update-service --force-new-deployment --cluster shop --service cart-1 --region eu-central-1
         wait until it has shifted the requests back, then deploy`,
		},
		"a tag of the stack": {
			account: func(a *account) { a.weights(0, 1); a.tags = map[string]string{"cost": "1"} },
			want: `
ok       changes             3 stacks compared with what is deployed
REFUSED  listener rule       Cart CartRule24A80A16: the tags of the stack change, and with them
                             those of the rule, while the requests go to the target group
                             CartAlternateTarget4EA6D7EC, whose weight in the template is 0: they
                             would get 503
         aws ecs update-service --force-new-deployment --cluster shop --service cart-1 --region eu-central-1
         wait until it has shifted the requests back, then deploy`,
		},
		"the priority of another app's service": {
			change: func(w *world) {
				_, p := w.stack(t, "Cart").first(t, ruleType)
				p["Priority"] = json.Number("7")
			},
			account: func(a *account) { a.rules += rule("arn:other", "7", "wishlist", "") },
			want: `
ok       changes             3 stacks compared with what is deployed
REFUSED  priority            Cart CartRule24A80A16: the rule of the service wishlist, which is not
                             in this assembly, already has priority 7 on the listener
         set Priority to one that no other rule has`,
		},
		"the priority of another app's service, at the first deployment": {
			account: func(a *account) {
				a.status[cartName] = "ROLLBACK_COMPLETE"
				a.rules = rule("arn:other", "23119", "wishlist", "")
			},
			want: `
ok       changes             2 stacks compared with what is deployed, 1 new
REFUSED  priority            Cart CartRule24A80A16: the rule of the service wishlist, which is not
                             in this assembly, already has priority 23119 on the listener
         set Priority to one that no other rule has`,
		},
		"the route of another app's service": {
			change: wish,
			account: func(a *account) {
				a.routes = `{"routeId": "r1", "routeKey": "GET /wishes/{wish}", "target": "integrations/wish"}`
			},
			want: `
ok       changes             3 stacks compared with what is deployed
REFUSED  route               Cart GET /wishes/{id}: already exists in the API for the service
                             wishlist, which is not in this assembly
         define it in one of the two; to move it, first deploy the other app without it`,
		},
		"a route that was made by hand": {
			change: wish,
			account: func(a *account) {
				a.routes = `{"routeId": "r1", "routeKey": "GET /wishes/{wish}", "target": "integrations/hand"}`
			},
			want: `
ok       changes             3 stacks compared with what is deployed
REFUSED  route               Cart GET /wishes/{id}: already exists in the API for the integration
                             hand, which is not in this assembly
         define it in one of the two; to move it, first deploy the other app without it`,
		},
		"another route of the other app": {
			change:  wish,
			account: func(a *account) { a.routes = `{"routeId": "r1", "routeKey": "PUT /wishes/{wish}"}` },
			want:    nothing,
		},
		"a stack whose creation was rolled back is new": {
			change: func(w *world) {
				w.stack(t, "Cart").resources()["CartItemsTable3B107552"].(map[string]any)["Type"] = "AWS::SQS::Queue"
			},
			account: func(a *account) { a.status[cartName] = "ROLLBACK_COMPLETE" },
			want:    "ok       changes             2 stacks compared with what is deployed, 1 new: nothing found",
		},
		"characters that GetTemplate does not return": {
			change: func(w *world) {
				_, p := w.stack(t, "Cart").first(t, "AWS::EC2::SecurityGroup")
				p["GroupDescription"] = "Körbe"
			},
			account: func(a *account) {
				a.stacks[cartName] = strings.Replace(a.stacks[cartName], "The tasks of cart", "K?rbe", 1)
			},
			want: nothing,
		},
		"an output that another app reads": {
			change: func(w *world) { delete(w.stack(t, "Platform").new["Outputs"].(map[string]any), "VpcId") },
			account: func(a *account) {
				a.stacks["wishlist"] = `{"Resources": {"A": {"Type": "T", "Properties": {"B": {"Fn::GetStackOutput": {"StackName": "` + platformName + `", "OutputName": "VpcId"}}}}}}`
				a.stacks["yaml"] = "Resources: {}"
			},
			want: `
ok       changes             3 stacks compared with what is deployed
REFUSED  output              Platform VpcId: is no longer an output, and is read by Cart, whose
                             deployments fail
         keep the output until no stack reads it
REFUSED  output              Platform VpcId: is no longer an output, and is read by the deployed
                             stack wishlist of another app, whose next deployment fails
         keep the output until wishlist no longer reads it`,
		},
		"a template of another app that cannot be read": {
			change:  func(w *world) { delete(w.stack(t, "Platform").new["Outputs"].(map[string]any), "VpcId") },
			account: func(a *account) { a.stacks["wishlist"], a.lost = "{}", "wishlist" },
			want: `
unknown  changes             cloudformation:GetTemplate of wishlist: connection reset by peer`,
		},
		"denied": {
			account: func(a *account) { a.denied = "GetTemplate" },
			want: `
unknown  changes             cloudformation:GetTemplate of storefront-production-platform was denied
         allow cloudformation:GetTemplate of storefront-production-platform: see
         https://github.com/storefront-cdk/storefront/blob/main/docs/first-deployment.md#permissions`,
		},
		"rules that may not be read": {
			account: func(a *account) { a.denied = "DescribeRules" },
			want: `
ok       changes             3 stacks compared with what is deployed
unknown  changes             elasticloadbalancing:DescribeRules was denied
         allow elasticloadbalancing:DescribeRules: see
         https://github.com/storefront-cdk/storefront/blob/main/docs/first-deployment.md#permissions`,
		},
	} {
		t.Run(name, func(t *testing.T) {
			a, stacks := cart(t, func(w *world) {
				if c.change != nil {
					c.change(w)
				}
			})
			if c.account != nil {
				c.account(a)
			}
			wantChecked(t, a, stacks, c.want)
		})
	}
}

func TestOrdered(t *testing.T) {
	var ids []string
	order := ordered([]assembly.Stack{
		{ID: "Cart", Dependencies: []string{"Identity"}}, {ID: "Identity", Dependencies: []string{"Platform"}}, {ID: "Platform"},
	})
	for _, s := range order {
		ids = append(ids, s.id)
	}
	if diff := cmp.Diff([]string{"Platform", "Identity", "Cart"}, ids); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Identity", "Platform"}, order[2].before); diff != "" {
		t.Errorf("what is deployed before Cart (-want +got):\n%s", diff)
	}
}
