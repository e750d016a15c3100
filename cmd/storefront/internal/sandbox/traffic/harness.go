package traffic

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
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

// Harness is a storefront that is ready for requests: a user in its user pool, and a stand-in as the task of each service.
type Harness struct {
	config   aws.Config
	target   Target
	api, url string
	routes   []*route
	services []*service
	arrivals *arrivals
	requests int

	user, stranger *user
	forged         map[string]string // tokens, by their defect
}

// service is one service with routes.
type service struct {
	name, stack string
	group       string // its target group
	server      *http.Server
	own         *types.TargetDescription
	others      []types.TargetDescription // that the stand-in replaces
}

// Open prepares a storefront. Close restores it, also after an error.
func Open(ctx context.Context, s *deployed.Storefront, target Target) (*Harness, error) {
	if target.Client == nil {
		target.Client = http.DefaultClient
	}
	h := &Harness{config: s.Config, target: target, arrivals: &arrivals{seen: map[string][]arrival{}}}
	if err := h.findAPI(ctx, s); err != nil {
		return h, err
	}
	if err := h.findServices(s); err != nil {
		return h, err
	}
	if err := h.signUp(ctx, s); err != nil {
		return h, err
	}
	if target.Address != "" {
		for _, each := range h.services {
			if err := h.standIn(ctx, each); err != nil {
				return h, fmt.Errorf("%s: register a stand-in for %s: %w", each.stack, each.name, err)
			}
		}
	}
	return h, nil
}

func (h *Harness) findAPI(ctx context.Context, s *deployed.Storefront) error {
	for _, stack := range s.Stacks {
		for _, api := range stack.Template.Resources("AWS::ApiGatewayV2::Api") {
			if h.api != "" {
				return fmt.Errorf("%s: %s: want one API in all stacks, got another", stack.Name, api.LogicalID)
			}
			h.api = stack.Resources[api.LogicalID].PhysicalID
		}
	}
	if h.api == "" {
		return errors.New("want one API in all stacks, got none")
	}
	if h.target.URL != nil {
		h.url = h.target.URL(h.api)
		return nil
	}
	api, err := apigatewayv2.NewFromConfig(h.config).GetApi(ctx, &apigatewayv2.GetApiInput{ApiId: &h.api})
	if err != nil {
		return fmt.Errorf("read API %s: %w", h.api, err)
	}
	h.url = aws.ToString(api.ApiEndpoint)
	return nil
}

func (h *Harness) findServices(s *deployed.Storefront) error {
	for _, stack := range s.Stacks {
		name, err := serviceIn(stack)
		if err != nil {
			return err
		}
		if name == "" {
			continue
		}
		routes, err := declared(stack, name)
		if err != nil {
			return err
		}
		groups := stack.Template.Resources("AWS::ElasticLoadBalancingV2::TargetGroup")
		if len(groups) != 1 {
			return fmt.Errorf("%s: want one target group, got %d", stack.Name, len(groups))
		}
		h.routes = append(h.routes, routes...)
		h.services = append(h.services, &service{name: name, stack: stack.Name, group: stack.Resources[groups[0].LogicalID].PhysicalID})
	}
	if len(h.services) == 0 {
		return errors.New("want stacks with routes, got none")
	}
	return nil
}

func (h *Harness) signUp(ctx context.Context, s *deployed.Storefront) error {
	client := cognitoidentityprovider.NewFromConfig(h.config)
	for _, stack := range s.Stacks {
		for _, resource := range stack.Template.Resources("AWS::Cognito::UserPoolClient") {
			if h.user != nil {
				return fmt.Errorf("%s: %s: want one user pool client in all stacks, got another", stack.Name, resource.LogicalID)
			}
			reference, _ := resource.Get("Properties.UserPoolId.Ref").(string)
			var err error
			h.user, err = signUp(ctx, client, stack.Resources[reference].PhysicalID, stack.Resources[resource.LogicalID].PhysicalID)
			if err != nil {
				return fmt.Errorf("%s: %s: sign a user in: %w", stack.Name, resource.LogicalID, err)
			}
		}
	}
	if h.user == nil {
		return errors.New("want one user pool client in all stacks, got none")
	}
	var err error
	if h.stranger, err = foreign(ctx, client); err != nil {
		return fmt.Errorf("sign a user in to another user pool: %w", err)
	}
	if h.forged, err = forgeries(h.user.id); err != nil {
		return err
	}
	h.forged["a token of another user pool"] = h.stranger.id
	h.forged["not a token"] = "x"
	return nil
}

// standIn registers a server of this process as the only target of a service.
func (h *Harness) standIn(ctx context.Context, s *service) error {
	client := elasticloadbalancingv2.NewFromConfig(h.config)
	health, err := client.DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: &s.group})
	if err != nil {
		return err
	}
	for _, each := range health.TargetHealthDescriptions {
		s.others = append(s.others, *each.Target)
	}
	if len(s.others) > 0 {
		_, err := client.DeregisterTargets(ctx, &elasticloadbalancingv2.DeregisterTargetsInput{TargetGroupArn: &s.group, Targets: s.others})
		if err != nil {
			return err
		}
	}
	server, port, err := h.arrivals.standIn(s.name, h.target.Address)
	if err != nil {
		return err
	}
	s.server = server
	own := types.TargetDescription{Id: &h.target.Address, Port: aws.Int32(int32(port))}
	_, err = client.RegisterTargets(ctx, &elasticloadbalancingv2.RegisterTargetsInput{TargetGroupArn: &s.group, Targets: []types.TargetDescription{own}})
	if err == nil {
		s.own = &own
	}
	return err
}

// Close removes the users and restores the targets. Target groups that were deleted in the meantime are not an error.
func (h *Harness) Close(ctx context.Context) error {
	var problems []error
	balancer := elasticloadbalancingv2.NewFromConfig(h.config)
	for _, s := range h.services {
		if s.server != nil {
			problems = append(problems, s.server.Close())
		}
		if s.own == nil {
			continue
		}
		_, err := balancer.DeregisterTargets(ctx, &elasticloadbalancingv2.DeregisterTargetsInput{TargetGroupArn: &s.group, Targets: []types.TargetDescription{*s.own}})
		if err == nil && len(s.others) > 0 {
			_, err = balancer.RegisterTargets(ctx, &elasticloadbalancingv2.RegisterTargetsInput{TargetGroupArn: &s.group, Targets: s.others})
		}
		if gone := new(types.TargetGroupNotFoundException); !errors.As(err, &gone) {
			problems = append(problems, err)
		}
	}
	client := cognitoidentityprovider.NewFromConfig(h.config)
	if h.user != nil {
		_, err := client.AdminDeleteUser(ctx, &cognitoidentityprovider.AdminDeleteUserInput{UserPoolId: &h.user.pool, Username: &h.user.name})
		problems = append(problems, err)
	}
	if h.stranger != nil {
		_, err := client.DeleteUserPool(ctx, &cognitoidentityprovider.DeleteUserPoolInput{UserPoolId: &h.stranger.pool})
		problems = append(problems, err)
	}
	return errors.Join(problems...)
}
