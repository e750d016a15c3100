// Login signs users up and in with a user pool of Amazon Cognito, and keeps their profiles.
package main

import (
	"context"
	_ "embed"

	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/eventbridge"

	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/login/api"
)

//go:generate go tool -modfile=../../tools/go.mod oapi-codegen -config ../oapi-codegen.yaml openapi.yaml

//go:embed openapi.yaml
var spec []byte

func main() { serve.Main(run) }

func run(ctx context.Context, s *serve.Service) error {
	login := operations{
		pool: pool{cognitoidentityprovider.NewFromConfig(s.AWS), s.Env("USER_POOL_ID"), s.Env("USER_POOL_CLIENT_ID")},
		profiles: profiles{
			dynamodb.NewFromConfig(s.AWS), s.Env("PROFILES_TABLE_NAME"),
			eventbridge.NewFromConfig(s.AWS), s.Env("EVENT_BUS_NAME"),
		},
		byEmail: newLimits(emailLimit),
		log:     s.Log,
	}
	return s.Serve(ctx, spec, limitAddresses(newLimits(addressLimit), api.HandlerWithOptions(
		api.NewStrictHandlerWithOptions(&login, nil, api.StrictHTTPServerOptions{RequestErrorHandlerFunc: serve.RequestError, ResponseErrorHandlerFunc: serve.Error}),
		api.StdHTTPServerOptions{ErrorHandlerFunc: serve.RequestError})))
}
