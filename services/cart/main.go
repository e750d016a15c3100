// Cart keeps what users are about to buy, and checks it out.
package main

import (
	"context"
	_ "embed"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/storefront-cdk/storefront/services/cart/api"
	"github.com/storefront-cdk/storefront/services/internal/serve"
)

//go:generate go tool -modfile=../../tools/go.mod oapi-codegen -config ../oapi-codegen.yaml openapi.yaml

//go:embed openapi.yaml
var spec []byte

func main() { serve.Main(run) }

func run(ctx context.Context, s *serve.Service) error {
	cart := operations{
		carts:   carts{dynamodb.NewFromConfig(s.AWS), s.Env("ITEMS_TABLE_NAME")},
		catalog: catalog{s.HTTP, s.Env("CATALOG_URL")},
	}
	return s.Serve(ctx, spec, api.HandlerWithOptions(
		api.NewStrictHandlerWithOptions(&cart, nil, api.StrictHTTPServerOptions{RequestErrorHandlerFunc: serve.RequestError, ResponseErrorHandlerFunc: serve.Error}),
		api.StdHTTPServerOptions{ErrorHandlerFunc: serve.RequestError}))
}
