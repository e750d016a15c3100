package main

import (
	"context"

	"github.com/storefront-cdk/storefront/services/internal/page"
	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/orders/api"
)

// operations are the operations of openapi.yaml.
type operations struct {
	orders orders
}

// ListOrders lists the user's orders.
func (o *operations) ListOrders(ctx context.Context, r api.ListOrdersRequestObject) (api.ListOrdersResponseObject, error) {
	found, next, err := o.orders.list(ctx, serve.UserID(ctx), page.Limit(r.Params.Limit), r.Params.Cursor)
	return api.ListOrders200JSONResponse{Items: found, NextCursor: next}, err
}

// GetOrder returns an order of the user. That of another user is not found.
func (o *operations) GetOrder(ctx context.Context, r api.GetOrderRequestObject) (api.GetOrderResponseObject, error) {
	order, found, err := o.orders.get(ctx, serve.UserID(ctx), r.OrderID)
	if err == nil && !found {
		return nil, serve.NotFound("you have no order %s", r.OrderID)
	}
	return api.GetOrder200JSONResponse(order), err
}
