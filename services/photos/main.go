// Photos keeps the photos of the shop's products, in the sizes in which they are shown.
package main

import (
	"context"
	_ "embed"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/s3"

	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/photos/api"
)

//go:generate go tool -modfile=../../tools/go.mod oapi-codegen -config ../oapi-codegen.yaml openapi.yaml

//go:embed openapi.yaml
var spec []byte

func main() { serve.Main(run) }

func run(ctx context.Context, s *serve.Service) error {
	photos := operations{
		photos: photos{dynamodb.NewFromConfig(s.AWS), s.Env("METADATA_TABLE_NAME")},
		files:  newFiles(s3.NewFromConfig(s.AWS), s.Env("ORIGINALS_BUCKET_NAME")),
		turn:   make(chan struct{}, 1),
	}
	return s.Serve(ctx, spec, api.HandlerWithOptions(
		api.NewStrictHandlerWithOptions(&photos, nil, api.StrictHTTPServerOptions{RequestErrorHandlerFunc: serve.RequestError, ResponseErrorHandlerFunc: serve.Error}),
		api.StdHTTPServerOptions{ErrorHandlerFunc: serve.RequestError}))
}
