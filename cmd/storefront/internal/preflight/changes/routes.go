package changes

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
)

const routeType = "AWS::ApiGatewayV2::Route"

// routes reports routes that the API has already, from a stack that is not in the assembly.
func (l *live) routes(ctx context.Context, found map[*stack][]finding.Finding) {
	apis := map[string]*api{}
	for _, s := range l.stacks {
		for _, is := range s.new.Resources(routeType) {
			was, deployedToo := s.resource(deployed, is.LogicalID)
			if deployedToo && l.identity(s, deployed, was) == l.identity(s, wanted, is) {
				continue
			}
			id := l.value(s, is.Get("Properties.ApiId"))
			if id == "" {
				continue
			}
			if apis[id] == nil {
				var failed *finding.Finding
				if apis[id], failed = l.api(ctx, id); failed != nil {
					found[s] = append(found[s], *failed)
				}
			}
			key := fmt.Sprint(is.Get("Properties.RouteKey"))
			route, taken := apis[id].routes[routeShape(key)]
			if !taken || l.owns(routeType, aws.ToString(route.RouteId)) {
				continue
			}
			found[s] = append(found[s], finding.Finding{
				Check: "route", Subject: s.id + " " + key, Status: finding.Refused,
				Detail: "already exists in the API for " + apis[id].ownerOf(route) + ", which is not in this assembly",
				Fix:    "define it in one of the two; to move it, first deploy the other app without it",
			})
		}
	}
}

// api is what an HTTP API has.
type api struct {
	routes   map[string]types.Route // by shape
	services map[string]string      // the services' names by the IDs of their integrations
}

func (l *live) api(ctx context.Context, id string) (*api, *finding.Finding) {
	client := apigatewayv2.NewFromConfig(l.config)
	a := &api{routes: map[string]types.Route{}, services: map[string]string{}}
	var next *string
	for {
		page, err := client.GetRoutes(ctx, &apigatewayv2.GetRoutesInput{ApiId: &id, NextToken: next})
		if err != nil {
			return a, unknown("apigateway:GET of routes", err)
		}
		for _, route := range page.Items {
			a.routes[routeShape(aws.ToString(route.RouteKey))] = route
		}
		if next = page.NextToken; aws.ToString(next) == "" {
			break
		}
	}
	for {
		page, err := client.GetIntegrations(ctx, &apigatewayv2.GetIntegrationsInput{ApiId: &id, NextToken: next})
		if err != nil {
			return a, unknown("apigateway:GET of integrations", err)
		}
		for _, integration := range page.Items {
			for parameter, value := range integration.RequestParameters {
				if strings.EqualFold(parameter, "overwrite:header.x-microservice") {
					a.services[aws.ToString(integration.IntegrationId)] = value
				}
			}
		}
		if next = page.NextToken; aws.ToString(next) == "" {
			return a, nil
		}
	}
}

// ownerOf names the service that gets the requests of a route.
func (a *api) ownerOf(route types.Route) string {
	integration := strings.TrimPrefix(aws.ToString(route.Target), "integrations/")
	if name := a.services[integration]; name != "" {
		return "the service " + name
	}
	return "the integration " + integration
}
