// Reviews keeps the reviews of the shop's products.
package main

import (
	"context"
	_ "embed"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/reviews/api"
)

//go:generate go tool -modfile=../../tools/go.mod oapi-codegen -config ../oapi-codegen.yaml openapi.yaml

//go:embed openapi.yaml
var spec []byte

func main() { serve.Main(run) }

func run(ctx context.Context, s *serve.Service) error {
	reviews := operations{reviews: reviews{dynamodb.NewFromConfig(s.AWS), s.Env("REVIEWS_TABLE_NAME")}}
	return s.Serve(ctx, spec, api.HandlerWithOptions(
		api.NewStrictHandlerWithOptions(&reviews, nil, api.StrictHTTPServerOptions{RequestErrorHandlerFunc: serve.RequestError, ResponseErrorHandlerFunc: serve.Error}),
		api.StdHTTPServerOptions{ErrorHandlerFunc: serve.RequestError}))
}
