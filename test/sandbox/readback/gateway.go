package readback

import (
	"context"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

func readAPI(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.gateway.GetApi(ctx, &apigatewayv2.GetApiInput{ApiId: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	return shapeOf(out), nil
}

func readAuthorizer(ctx context.Context, a *account, r resource) (properties, error) {
	api := r.in("ApiId")
	out, err := a.gateway.GetAuthorizer(ctx, &apigatewayv2.GetAuthorizerInput{ApiId: api, AuthorizerId: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	return partOf(*api, shapeOf(out)), nil
}

func readIntegration(ctx context.Context, a *account, r resource) (properties, error) {
	api := *r.in("ApiId")
	all, err := a.integrations(ctx, api)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(i types.Integration) bool { return aws.ToString(i.IntegrationId) != r.PhysicalID })
	integration, err := only(all)
	return partOf(api, shapeOf(integration)), err
}

func readAPIRoute(ctx context.Context, a *account, r resource) (properties, error) {
	api := *r.in("ApiId")
	all, err := a.routes(ctx, api)
	if err != nil {
		return nil, err
	}
	all = slices.DeleteFunc(slices.Clone(all), func(route types.Route) bool { return aws.ToString(route.RouteId) != r.PhysicalID })
	route, err := only(all)
	return partOf(api, shapeOf(route)), err
}

// routes returns all routes of an API. They are asked for once, since the service answers ten questions a second, for a
// whole account.
func (a *account) routes(ctx context.Context, api string) ([]types.Route, error) {
	if all, known := a.apiRoutes[api]; known {
		return all, nil
	}
	var all []types.Route
	for in := (&apigatewayv2.GetRoutesInput{ApiId: &api}); ; {
		page, err := a.gateway.GetRoutes(ctx, in)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.NextToken == nil {
			a.apiRoutes[api] = all
			return all, nil
		}
		in.NextToken = page.NextToken
	}
}

// integrations returns all integrations of an API, as routes does.
func (a *account) integrations(ctx context.Context, api string) ([]types.Integration, error) {
	if all, known := a.apiIntegrations[api]; known {
		return all, nil
	}
	var all []types.Integration
	for in := (&apigatewayv2.GetIntegrationsInput{ApiId: &api}); ; {
		page, err := a.gateway.GetIntegrations(ctx, in)
		if err != nil {
			return nil, err
		}
		all = append(all, page.Items...)
		if page.NextToken == nil {
			a.apiIntegrations[api] = all
			return all, nil
		}
		in.NextToken = page.NextToken
	}
}

func readStage(ctx context.Context, a *account, r resource) (properties, error) {
	api := r.in("ApiId")
	out, err := a.gateway.GetStage(ctx, &apigatewayv2.GetStageInput{ApiId: api, StageName: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	return partOf(*api, shapeOf(out)), nil
}

// partOf adds the API in which a part of it was found: the service does not repeat it.
func partOf(api string, p properties) properties {
	p["ApiId"] = api
	return p
}
