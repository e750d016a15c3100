package main

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"time"

	"github.com/storefront-cdk/storefront/services/cart/api"
	catalogapi "github.com/storefront-cdk/storefront/services/catalog/api"
	"github.com/storefront-cdk/storefront/services/internal/serve"
)

const (
	// catalogTimeout is for one attempt. Both fit into the 9 seconds of a request.
	catalogTimeout  = 2 * time.Second
	catalogAttempts = 2
)

// catalog calls the service that knows the prices.
type catalog struct {
	client *http.Client
	url    string
}

// prices returns the current prices by product. Products that are not sold are left out. If the catalog does not respond, the error is
// 503.
func (c catalog) prices(ctx context.Context, items []api.Item) (map[string]catalogapi.Price, error) {
	query := url.Values{}
	for _, item := range items {
		query.Add("productId", item.ProductID)
	}
	var err error
	for range catalogAttempts {
		var found catalogapi.Prices
		if err = c.get(ctx, "/catalog/prices?"+query.Encode(), &found); err == nil {
			prices := map[string]catalogapi.Price{}
			for _, price := range found.Items {
				prices[price.ProductID] = price
			}
			return prices, nil
		}
	}
	return nil, fmt.Errorf("%w: %w", serve.Unavailable("the catalog does not tell the prices: nothing was bought, repeat the request later with the same Idempotency-Key"), err)
}

func (c catalog) get(ctx context.Context, path string, into any) error {
	ctx, cancel := context.WithTimeout(ctx, catalogTimeout)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, c.url+path, nil)
	if err != nil {
		return err
	}
	response, err := c.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	if response.StatusCode != http.StatusOK {
		return fmt.Errorf("the catalog's status is %s", response.Status)
	}
	return json.NewDecoder(response.Body).Decode(into)
}
