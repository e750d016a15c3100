package readback

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2/types"
)

func readAPI(q *query, r resource) properties {
	return shapeOf(ask(q, q.gateway.GetApi, &apigatewayv2.GetApiInput{ApiId: &r.PhysicalID}))
}

func readAuthorizer(q *query, r resource) properties {
	return partOf(r, ask(q, q.gateway.GetAuthorizer, &apigatewayv2.GetAuthorizerInput{ApiId: r.in("ApiId"), AuthorizerId: &r.PhysicalID}))
}

func readIntegration(q *query, r resource) properties {
	return partOf(r, only(q, where(q.integrations(*r.in("ApiId")), func(i types.Integration) bool { return aws.ToString(i.IntegrationId) == r.PhysicalID })))
}

func readAPIRoute(q *query, r resource) properties {
	return partOf(r, only(q, where(q.routes(*r.in("ApiId")), func(route types.Route) bool { return aws.ToString(route.RouteId) == r.PhysicalID })))
}

func readStage(q *query, r resource) properties {
	return partOf(r, ask(q, q.gateway.GetStage, &apigatewayv2.GetStageInput{ApiId: r.in("ApiId"), StageName: &r.PhysicalID}))
}

// partOf adds the API in which a part of it was found: the service does not repeat it.
func partOf(r resource, answer any) properties {
	p := shapeOf(answer)
	p["ApiId"] = *r.in("ApiId")
	return p
}

// routes returns all routes of an API. They are requested once, since the service allows ten requests a second for a whole
// account.
func (q *query) routes(api string) []types.Route {
	if all, known := q.apiRoutes[api]; known {
		return all
	}
	var all []types.Route
	for in := (&apigatewayv2.GetRoutesInput{ApiId: &api}); ; {
		page := ask(q, q.gateway.GetRoutes, in)
		all = append(all, page.Items...)
		if in.NextToken = page.NextToken; in.NextToken == nil {
			if q.err == nil {
				q.apiRoutes[api] = all
			}
			return all
		}
	}
}

// integrations returns all integrations of an API, as routes does.
func (q *query) integrations(api string) []types.Integration {
	if all, known := q.apiIntegrations[api]; known {
		return all
	}
	var all []types.Integration
	for in := (&apigatewayv2.GetIntegrationsInput{ApiId: &api}); ; {
		page := ask(q, q.gateway.GetIntegrations, in)
		all = append(all, page.Items...)
		if in.NextToken = page.NextToken; in.NextToken == nil {
			if q.err == nil {
				q.apiIntegrations[api] = all
			}
			return all
		}
	}
}
