package main

import (
	"context"
	"errors"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/storefront-cdk/storefront/services/catalog/api"
	"github.com/storefront-cdk/storefront/services/internal/page"
	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// operations are the operations of openapi.yaml.
type operations struct {
	products   products
	categories categories
}

// ListProducts lists the products that are sold.
func (o *operations) ListProducts(ctx context.Context, r api.ListProductsRequestObject) (api.ListProductsResponseObject, error) {
	category := ""
	if r.Params.Category != nil {
		category = *r.Params.Category
	}
	found, next, err := o.products.list(ctx, category, page.Limit(r.Params.Limit), r.Params.Cursor)
	return api.ListProducts200JSONResponse{Items: found, NextCursor: next}, err
}

// GetProduct returns a product.
func (o *operations) GetProduct(ctx context.Context, r api.GetProductRequestObject) (api.GetProductResponseObject, error) {
	product, err := o.products.get(ctx, r.ProductID)
	if err != nil {
		return nil, err
	}
	if product.Version == 0 {
		return nil, serve.NotFound("there is no product %s", r.ProductID)
	}
	return api.GetProduct200JSONResponse{ProductJSONResponse: withTag(product)}, nil
}

// PutProduct adds a product, or changes the version that the caller knows.
func (o *operations) PutProduct(ctx context.Context, r api.PutProductRequestObject) (api.PutProductResponseObject, error) {
	if err := o.mustAdminister(ctx); err != nil {
		return nil, err
	}
	var known int64
	if r.Params.IfMatch != nil {
		known, _ = strconv.ParseInt(strings.Trim(*r.Params.IfMatch, `"`), 10, 64) // openapi.yaml has its pattern
	}
	product := described(r.ProductID, *r.Body)
	product.Version, product.ChangedAt = known+1, now()
	switch err := o.products.write(ctx, product); {
	case errors.Is(err, errChanged) && known == 0:
		return nil, serve.Conflict("there is a product %s: to change it, send its ETag as If-Match", r.ProductID)
	case errors.Is(err, errChanged):
		return nil, serve.Outdated("version %d of product %s is not the current one: get it, and send its ETag as If-Match", known, r.ProductID)
	case err != nil:
		return nil, err
	}
	return api.PutProduct200JSONResponse{ProductJSONResponse: withTag(product)}, nil
}

// ImportProducts adds and changes products, whatever version there is.
func (o *operations) ImportProducts(ctx context.Context, r api.ImportProductsRequestObject) (api.ImportProductsResponseObject, error) {
	if err := o.mustAdminister(ctx); err != nil {
		return nil, err
	}
	var done api.ImportProducts200JSONResponse
	for _, wanted := range r.Body.Products {
		product := described(wanted.ProductID, api.Description{
			Category: wanted.Category, Description: wanted.Description, Name: wanted.Name,
			Price: wanted.Price, Stock: wanted.Stock, Withdrawn: wanted.Withdrawn,
		})
		before, err := o.products.change(ctx, product.ProductID, func(current *events.Product) {
			product.Version, product.ChangedAt = current.Version, current.ChangedAt
			*current = product
		})
		switch {
		case err != nil:
			return nil, err
		case before.Version == 0:
			done.Added++
		case before == product:
			done.Unchanged++
		default:
			done.Changed++
		}
	}
	return done, nil
}

// GetPrices returns the prices of the products that are sold.
func (o *operations) GetPrices(ctx context.Context, r api.GetPricesRequestObject) (api.GetPricesResponseObject, error) {
	found, err := o.products.getMany(ctx, r.Params.ProductID)
	if err != nil {
		return nil, err
	}
	prices := api.GetPrices200JSONResponse{Items: []api.Price{}}
	for _, p := range found {
		if !p.Withdrawn {
			prices.Items = append(prices.Items, api.Price{ProductID: p.ProductID, Name: p.Name, Price: p.Price, Stock: p.Stock})
		}
	}
	return prices, nil
}

// ListCategories lists the categories.
func (o *operations) ListCategories(ctx context.Context, _ api.ListCategoriesRequestObject) (api.ListCategoriesResponseObject, error) {
	found, err := o.categories.get(func() ([]api.Category, error) { return o.products.countByCategory(ctx) })
	return api.ListCategories200JSONResponse{Items: found}, err
}

// categories keeps the categories for a minute, since counting them reads all products.
type categories struct {
	lock    sync.Mutex
	counted []api.Category
	until   time.Time
}

func (c *categories) get(count func() ([]api.Category, error)) ([]api.Category, error) {
	c.lock.Lock()
	defer c.lock.Unlock()
	if time.Now().Before(c.until) {
		return c.counted, nil
	}
	counted, err := count()
	if err == nil {
		c.counted, c.until = counted, time.Now().Add(time.Minute)
	}
	return counted, err
}

// mustAdminister returns 403 unless the user is an administrator: the table has an item that says so, which an operator writes.
func (o *operations) mustAdminister(ctx context.Context) error {
	is, err := o.products.administers(ctx, serve.UserID(ctx))
	if err == nil && !is {
		return serve.Forbidden("only an administrator of the catalog may do this")
	}
	return err
}

func described(productID string, d api.Description) events.Product {
	return events.Product{
		ProductID: productID, Name: d.Name, Description: d.Description, Category: d.Category,
		Price: d.Price, Stock: d.Stock, Withdrawn: d.Withdrawn,
	}
}

func withTag(p events.Product) api.ProductJSONResponse {
	tag := strconv.Quote(strconv.FormatInt(p.Version, 10))
	return api.ProductJSONResponse{Body: p, Headers: api.ProductResponseHeaders{ETag: tag}}
}

// now is the time as tables and events have it, to the millisecond.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
