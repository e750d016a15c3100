package readback

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
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
	api := r.in("ApiId")
	out, err := a.gateway.GetIntegration(ctx, &apigatewayv2.GetIntegrationInput{ApiId: api, IntegrationId: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	return partOf(*api, shapeOf(out)), nil
}

func readAPIRoute(ctx context.Context, a *account, r resource) (properties, error) {
	api := r.in("ApiId")
	out, err := a.gateway.GetRoute(ctx, &apigatewayv2.GetRouteInput{ApiId: api, RouteId: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	return partOf(*api, shapeOf(out)), nil
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

func readVPCLink(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.gateway.GetVpcLink(ctx, &apigatewayv2.GetVpcLinkInput{VpcLinkId: &r.PhysicalID})
	if err != nil {
		return nil, err
	}
	return shapeOf(out), nil
}
