package traffic

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// Target is what differs between an emulator and an account.
type Target struct {
	// Client calls the API. If nil, http.DefaultClient.
	Client *http.Client
	// URL returns the URL of the API with an ID, without a slash at the end. If nil, the API's endpoint.
	URL func(id string) string
	// Address is an address on which the load balancer reaches processes of this machine. If empty, it reaches none.
	Address string
}

// Harness is an app that is ready for requests: a user in each user pool whose tokens its routes accept, and a stand-in as the
// task of each service.
type Harness struct {
	config   aws.Config
	target   Target
	routes   []*route
	services []*service
	urls     map[string]string // by API
	arrivals *arrivals
	requests int

	stranger *user // of another user pool
	notRun   []string
}

// service is one service with routes.
type service struct {
	name   string
	groups []*group
	server *http.Server
}

// group is one target group of a service. One whose deployments shift traffic has two.
type group struct {
	stack, arn string
	own        *types.TargetDescription
	others     []types.TargetDescription // that the stand-in replaces
}

// Open prepares an app. Close restores it, also after an error.
func Open(ctx context.Context, s *deployed.App, target Target) (*Harness, error) {
	if target.Client == nil {
		target.Client = http.DefaultClient
	}
	h := &Harness{config: s.Config, target: target, urls: map[string]string{}, arrivals: &arrivals{seen: map[string][]arrival{}}}
	if err := h.find(s); err != nil {
		return h, err
	}
	for id := range h.urls {
		if err := h.locate(ctx, id); err != nil {
			return h, err
		}
	}
	if err := h.signIn(ctx); err != nil {
		return h, err
	}
	if target.Address != "" {
		for _, each := range h.services {
			if err := h.standIn(ctx, each); err != nil {
				return h, fmt.Errorf("register a stand-in for %s: %w", each.name, err)
			}
		}
	}
	return h, nil
}

// Routes is the number of routes. Without any there is nothing to check.
func (h *Harness) Routes() int { return len(h.routes) }

// find finds the routes, the APIs and the services with routes.
func (h *Harness) find(s *deployed.App) error {
	var err error
	if h.routes, err = declared(s); err != nil {
		return err
	}
	for _, stack := range s.Stacks { // also an API without a route
		for _, api := range stack.Template.Resources("AWS::ApiGatewayV2::Api") {
			h.urls[stack.Resources[api.LogicalID].PhysicalID] = ""
		}
	}
	groups := groupsByService(s)
	seen := map[string]bool{}
	for _, r := range h.routes {
		h.urls[r.api] = ""
		if r.elsewhere != "" {
			h.notRun = append(h.notRun, fmt.Sprintf("requests for %s of %s: %s", r.key(), r.stack, r.elsewhere))
		}
		if r.service == "" || seen[r.service] {
			continue
		}
		seen[r.service] = true
		if len(groups[r.service]) == 0 {
			return fmt.Errorf("%s: %s: want a listener rule for %s: %s with a target group, got none", r.stack, r.logicalID, headerService, r.service)
		}
		h.services = append(h.services, &service{name: r.service, groups: groups[r.service]})
	}
	return nil
}

// groupsByService returns the target groups to which the listener rules forward the requests of each service.
func groupsByService(s *deployed.App) map[string][]*group {
	found := map[string][]*group{}
	for _, stack := range s.Stacks {
		for _, rule := range stack.Template.Resources("AWS::ElasticLoadBalancingV2::ListenerRule") {
			name := serviceOf(rule)
			if name == "" {
				continue
			}
			actions, _ := rule.Get("Properties.Actions").([]any)
			for i := range actions {
				arns := []any{rule.Get(fmt.Sprintf("Properties.Actions.%d.TargetGroupArn", i))}
				forwarded, _ := rule.Get(fmt.Sprintf("Properties.Actions.%d.ForwardConfig.TargetGroups", i)).([]any)
				for n := range forwarded {
					arns = append(arns, rule.Get(fmt.Sprintf("Properties.Actions.%d.ForwardConfig.TargetGroups.%d.TargetGroupArn", i, n)))
				}
				for _, arn := range arns {
					in, resource := s.Referenced(stack, arn)
					if resource != nil && !slices.ContainsFunc(found[name], func(g *group) bool { return g.arn == resource.PhysicalID }) {
						found[name] = append(found[name], &group{stack: in.Name, arn: resource.PhysicalID})
					}
				}
			}
		}
	}
	return found
}

// serviceOf is the service whose requests a listener rule matches, or nothing.
func serviceOf(rule snapshot.Resource) string {
	conditions, _ := rule.Get("Properties.Conditions").([]any)
	for i := range conditions {
		at := fmt.Sprintf("Properties.Conditions.%d.HttpHeaderConfig.", i)
		if values := texts(rule.Get(at + "Values")); rule.Get(at+"HttpHeaderName") == headerService && len(values) == 1 {
			return values[0]
		}
	}
	return ""
}

// locate finds the URL of an API.
func (h *Harness) locate(ctx context.Context, id string) error {
	if h.target.URL != nil {
		h.urls[id] = h.target.URL(id)
		return nil
	}
	api, err := apigatewayv2.NewFromConfig(h.config).GetApi(ctx, &apigatewayv2.GetApiInput{ApiId: &id})
	if err != nil {
		return fmt.Errorf("read API %s: %w", id, err)
	}
	h.urls[id] = aws.ToString(api.ApiEndpoint)
	return nil
}

// callers are those of all signed-in routes.
func (h *Harness) callers() []*caller {
	var all []*caller
	for _, r := range h.routes {
		if r.caller != nil && !slices.Contains(all, r.caller) {
			all = append(all, r.caller)
		}
	}
	return all
}

// signIn signs a user in to each user pool whose tokens the routes accept, and one to another pool.
func (h *Harness) signIn(ctx context.Context) error {
	client := cognitoidentityprovider.NewFromConfig(h.config)
	for _, c := range h.callers() {
		if c.client == "" {
			h.notRun = append(h.notRun, "requests with a valid token: the tokens are of an issuer that the app does not define")
			continue
		}
		var err error
		c.user, err = signUp(ctx, client, c.pool, c.client)
		var refused *flowError
		if errors.As(err, &refused) {
			h.notRun = append(h.notRun, "requests with a valid token: "+err.Error())
			continue
		}
		if err != nil {
			return fmt.Errorf("sign a user in to %s: %w", c.pool, err)
		}
		if h.stranger == nil {
			if h.stranger, err = foreign(ctx, client); err != nil {
				return fmt.Errorf("sign a user in to another user pool: %w", err)
			}
		}
		if c.forged, err = forgeries(c.user.id); err != nil {
			return err
		}
		c.forged["a token of another user pool"] = h.stranger.id
	}
	for _, c := range h.callers() {
		if c.forged == nil {
			c.forged = map[string]string{}
		}
		c.forged[notAToken] = "x"
	}
	return nil
}

const notAToken = "not a token"

// standIn registers a server of this process as the only target of a service.
func (h *Harness) standIn(ctx context.Context, s *service) error {
	server, port, err := h.arrivals.standIn(s.name, h.target.Address)
	if err != nil {
		return err
	}
	s.server = server
	own := types.TargetDescription{Id: &h.target.Address, Port: aws.Int32(int32(port))}
	for _, g := range s.groups {
		if err := g.replace(ctx, elasticloadbalancingv2.NewFromConfig(h.config), own); err != nil {
			return fmt.Errorf("%s: %w", g.stack, err)
		}
	}
	return nil
}

// replace makes a target the only one of a group.
func (g *group) replace(ctx context.Context, client *elasticloadbalancingv2.Client, own types.TargetDescription) error {
	health, err := client.DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: &g.arn})
	if err != nil {
		return err
	}
	for _, each := range health.TargetHealthDescriptions {
		g.others = append(g.others, *each.Target)
	}
	if len(g.others) > 0 {
		_, err := client.DeregisterTargets(ctx, &elasticloadbalancingv2.DeregisterTargetsInput{TargetGroupArn: &g.arn, Targets: g.others})
		if err != nil {
			return err
		}
	}
	_, err = client.RegisterTargets(ctx, &elasticloadbalancingv2.RegisterTargetsInput{TargetGroupArn: &g.arn, Targets: []types.TargetDescription{own}})
	if err == nil {
		g.own = &own
	}
	return err
}

// restore registers the targets of a group that the stand-in has replaced. A group that was deleted in the meantime is not an
// error.
func (g *group) restore(ctx context.Context, client *elasticloadbalancingv2.Client) error {
	if g.own == nil {
		return nil
	}
	_, err := client.DeregisterTargets(ctx, &elasticloadbalancingv2.DeregisterTargetsInput{TargetGroupArn: &g.arn, Targets: []types.TargetDescription{*g.own}})
	if err == nil && len(g.others) > 0 {
		_, err = client.RegisterTargets(ctx, &elasticloadbalancingv2.RegisterTargetsInput{TargetGroupArn: &g.arn, Targets: g.others})
	}
	if gone := new(types.TargetGroupNotFoundException); errors.As(err, &gone) {
		return nil
	}
	return err
}

// Close removes the users and restores the targets.
func (h *Harness) Close(ctx context.Context) error {
	var problems []error
	balancer := elasticloadbalancingv2.NewFromConfig(h.config)
	for _, s := range h.services {
		if s.server != nil {
			problems = append(problems, s.server.Close())
		}
		for _, g := range s.groups {
			problems = append(problems, g.restore(ctx, balancer))
		}
	}
	client := cognitoidentityprovider.NewFromConfig(h.config)
	for _, c := range h.callers() {
		if c.user != nil {
			_, err := client.AdminDeleteUser(ctx, &cognitoidentityprovider.AdminDeleteUserInput{UserPoolId: &c.user.pool, Username: &c.user.name})
			problems = append(problems, err)
		}
	}
	if h.stranger != nil {
		_, err := client.DeleteUserPool(ctx, &cognitoidentityprovider.DeleteUserPoolInput{UserPoolId: &h.stranger.pool})
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}
