// Catalog keeps the products of the shop.
package main

import (
	"context"
	_ "embed"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/storefront-cdk/storefront/services/catalog/api"
	"github.com/storefront-cdk/storefront/services/internal/consume"
	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/stacks/events"
)

//go:generate go tool -modfile=../../tools/go.mod oapi-codegen -config ../oapi-codegen.yaml openapi.yaml

//go:embed openapi.yaml
var spec []byte

func main() { serve.Main(run) }

func run(ctx context.Context, s *serve.Service) error {
	products := products{dynamodb.NewFromConfig(s.AWS), s.Env("PRODUCTS_TABLE_NAME")}
	queue := s.Env("EVENTS_QUEUE_URL")
	if err := s.Check(); err != nil {
		return err
	}
	s.Go(ctx, "events", consume.Queue(s, queue, consume.On(events.OrderPlaced, products.sell)))
	return s.Serve(ctx, spec, api.HandlerWithOptions(
		api.NewStrictHandlerWithOptions(&operations{products: products}, nil, api.StrictHTTPServerOptions{RequestErrorHandlerFunc: serve.RequestError, ResponseErrorHandlerFunc: serve.Error}),
		api.StdHTTPServerOptions{ErrorHandlerFunc: serve.RequestError}))
}
