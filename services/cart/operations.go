package main

import (
	"context"

	"github.com/storefront-cdk/storefront/services/cart/api"
	"github.com/storefront-cdk/storefront/services/internal/serve"
)

// maxItems is the most products of a cart: a checkout deletes all of them in one transaction, which has at most 100 writes.
const maxItems = 50

// operations are the operations of openapi.yaml.
type operations struct {
	carts   carts
	catalog catalog
}

// GetCart returns the user's cart.
func (o *operations) GetCart(ctx context.Context, _ api.GetCartRequestObject) (api.GetCartResponseObject, error) {
	items, err := o.carts.get(ctx, serve.UserID(ctx))
	return api.GetCart200JSONResponse{CartJSONResponse: api.CartJSONResponse{Items: items}}, err
}

// PutItem sets the quantity of a product.
func (o *operations) PutItem(ctx context.Context, r api.PutItemRequestObject) (api.PutItemResponseObject, error) {
	item := api.Item{ProductID: r.ProductID, Quantity: r.Body.Quantity}
	if err := o.mustFit(ctx, item); err != nil {
		return nil, err
	}
	err := o.carts.put(ctx, serve.UserID(ctx), item)
	return api.PutItem200JSONResponse(item), err
}

// DeleteItem removes a product.
func (o *operations) DeleteItem(ctx context.Context, r api.DeleteItemRequestObject) (api.DeleteItemResponseObject, error) {
	return api.DeleteItem204Response{}, o.carts.delete(ctx, serve.UserID(ctx), r.ProductID)
}

// MergeCart adds another cart to that of the user.
func (o *operations) MergeCart(ctx context.Context, r api.MergeCartRequestObject) (api.MergeCartResponseObject, error) {
	if err := o.mustFit(ctx, r.Body.Items...); err != nil {
		return nil, err
	}
	for _, item := range r.Body.Items {
		if err := o.carts.raise(ctx, serve.UserID(ctx), item); err != nil {
			return nil, err
		}
	}
	items, err := o.carts.get(ctx, serve.UserID(ctx))
	return api.MergeCart200JSONResponse{CartJSONResponse: api.CartJSONResponse{Items: items}}, err
}

// mustFit returns 409 if the cart would have too many products.
func (o *operations) mustFit(ctx context.Context, added ...api.Item) error {
	items, err := o.carts.get(ctx, serve.UserID(ctx))
	if err != nil {
		return err
	}
	products := map[string]bool{}
	for _, item := range append(items, added...) {
		products[item.ProductID] = true
	}
	if len(products) > maxItems {
		return serve.Conflict("a cart has at most %d products: remove some first", maxItems)
	}
	return nil
}
