// Orders makes an order of each checkout of a cart, and shows users their own.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"os"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/storefront-cdk/storefront/services/internal/consume"
	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/orders/api"
	"github.com/storefront-cdk/storefront/stacks/events"
)

//go:generate go tool -modfile=../../tools/go.mod oapi-codegen -config ../oapi-codegen.yaml openapi.yaml

//go:embed openapi.yaml
var spec []byte

func main() {
	if len(os.Args) > 1 {
		serve.Main(command(os.Args[1:]))
	} else {
		serve.Main(run)
	}
}

func run(ctx context.Context, s *serve.Service) error {
	orders := orders{dynamodb.NewFromConfig(s.AWS), s.Env("ORDERS_TABLE_NAME")}
	queue := s.Env("EVENTS_QUEUE_URL")
	if err := s.Check(); err != nil {
		return err
	}
	s.Go(ctx, "events", consume.Queue(s, queue, consume.On(events.CartCheckedOut, orders.place)))
	return s.Serve(ctx, spec, api.HandlerWithOptions(
		api.NewStrictHandlerWithOptions(&operations{orders}, nil, api.StrictHTTPServerOptions{RequestErrorHandlerFunc: serve.RequestError, ResponseErrorHandlerFunc: serve.Error}),
		api.StdHTTPServerOptions{ErrorHandlerFunc: serve.RequestError}))
}

// command runs a command of an operator, as a task of its own (aws ecs run-task, with the command as an override):
//
//	state USER ORDER shipped
func command(args []string) func(context.Context, *serve.Service) error {
	return func(ctx context.Context, s *serve.Service) error {
		orders := orders{dynamodb.NewFromConfig(s.AWS), s.Env("ORDERS_TABLE_NAME")}
		if err := s.Check(); err != nil {
			return err
		}
		if len(args) != 4 || args[0] != "state" || !api.State(args[3]).Valid() {
			return fmt.Errorf("the command must be state USER ORDER and one of shipped, delivered and cancelled, got %q", args)
		}
		return orders.become(ctx, args[1], args[2], api.State(args[3]))
	}
}
