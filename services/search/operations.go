package main

import (
	"context"
	"encoding/base64"
	"slices"
	"strconv"
	"strings"

	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/search/api"
)

// operations are the operations of openapi.yaml.
type operations struct{ index index }

// Search finds products.
func (o operations) Search(ctx context.Context, r api.SearchRequestObject) (api.SearchResponseObject, error) {
	q := query{
		words: strings.TrimSpace(or(r.Params.Q, "")),
		filters: filters{
			category: or(r.Params.Category, ""), minPrice: r.Params.MinPrice, maxPrice: r.Params.MaxPrice, minStars: or(r.Params.MinStars, 0),
		},
		sort: or(r.Params.Sort, api.Relevance), limit: or(r.Params.Limit, 24),
	}
	if low, high := q.filters.minPrice, q.filters.maxPrice; low != nil && high != nil && *low > *high {
		return nil, serve.Invalid("minPrice must be at most maxPrice, %d, got %d", *high, *low)
	}
	var err error
	if q.from, err = decodeCursor(r.Params.Cursor); err != nil {
		return nil, err
	}
	q.limit = min(q.limit, maxFrom-q.from)
	all, err := o.index.find(ctx, q)
	if err != nil {
		return nil, err
	}
	results := api.Search200JSONResponse{Items: []api.Item{}, Total: all.total, Facets: all.facets}
	for _, d := range all.items {
		item := api.Item{ProductID: d.ProductID, Name: d.Name, Category: d.Category, Price: d.Price, Stock: d.Stock, Reviews: d.Reviews}
		if d.Reviews > 0 {
			item.Stars = &d.Stars
		}
		results.Items = append(results.Items, item)
	}
	if next := q.from + q.limit; next < all.total && next < maxFrom {
		results.NextCursor = encodeCursor(next)
	}
	if or(r.Params.Suggest, false) {
		suggestions, err := o.suggest(ctx, q.words)
		if err != nil {
			return nil, err
		}
		results.Suggestions = &suggestions
	}
	return results, nil
}

// suggest returns categories and names of the products that the words find, the best first.
func (o operations) suggest(ctx context.Context, words string) ([]string, error) {
	const looked, most = 20, 8
	suggestions := []string{}
	if words == "" {
		return suggestions, nil
	}
	all, err := o.index.find(ctx, query{words: words, sort: api.Relevance, limit: looked, faceless: true})
	if err != nil {
		return nil, err
	}
	add := func(text string) {
		if !slices.Contains(suggestions, text) && len(suggestions) < most {
			suggestions = append(suggestions, text)
		}
	}
	for _, d := range all.items {
		if strings.HasPrefix(strings.ToLower(d.Category), strings.ToLower(words)) {
			add(d.Category)
		}
	}
	for _, d := range all.items {
		add(d.Name)
	}
	return suggestions, nil
}

// A cursor is the number of products before the page. A product that changes meanwhile may be on two pages or on none.
func encodeCursor(from int) *string {
	cursor := base64.RawURLEncoding.EncodeToString([]byte(strconv.Itoa(from)))
	return &cursor
}

func decodeCursor(cursor *string) (int, error) {
	if cursor == nil || *cursor == "" {
		return 0, nil
	}
	decoded, err := base64.RawURLEncoding.DecodeString(*cursor)
	from, notANumber := strconv.Atoi(string(decoded))
	if err != nil || notANumber != nil || from < 0 || from >= maxFrom {
		return 0, serve.Invalid("cursor must be the nextCursor of the page before, got %q", *cursor)
	}
	return from, nil
}

func or[T any](value *T, otherwise T) T {
	if value == nil {
		return otherwise
	}
	return *value
}
