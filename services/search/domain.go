package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/opensearch-project/opensearch-go/v4"
	"github.com/opensearch-project/opensearch-go/v4/signer/awsv2"

	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/search/api"
)

// domain is an index in an OpenSearch Service domain. Products that are no longer sold stay in it, so that an older revision
// does not bring them back.
type domain struct{ client *opensearch.Client }

// indexName ends with the version of its mapping. A new version is another index, which the worker that brings it fills; tasks of the
// service before it still search the one before.
const indexName = "products-1"

const (
	// requestTimeout is for one attempt of a request. To create an index takes some seconds, since a master decides it.
	requestTimeout = 20 * time.Second
	// findTimeout is for all attempts of a search, for which somebody waits.
	findTimeout = 5 * time.Second
)

// newDomain returns the index of a domain. Requests are signed by the role of the task.
func newDomain(config aws.Config, url string) (*domain, error) {
	signer, err := awsv2.NewSigner(config)
	if err != nil {
		return nil, err
	}
	client, err := opensearch.NewClient(opensearch.Config{
		Addresses: []string{url}, Signer: signer, MaxRetries: 2, RequestTimeout: requestTimeout,
	})
	return &domain{client}, err
}

type object = map[string]any

var indexDefinition = object{
	"mappings": object{
		"dynamic": false,
		"properties": object{
			"name":     object{"type": "text", "analyzer": "english", "index_options": "freqs"},
			"text":     object{"type": "text", "analyzer": "english", "index_options": "freqs"},
			"words":    object{"type": "text", "analyzer": "standard", "index_options": "freqs"},
			"category": object{"type": "keyword"},
			"sortName": object{"type": "keyword"},
			"id":       object{"type": "keyword"},
			"price":    object{"type": "long"},
			"stars":    object{"type": "double"},
			"sold":     object{"type": "boolean"},
		},
	},
}

// indexed is a document as it is in the domain: the fields that are searched, and in Document what is returned.
type indexed struct {
	Name     string   `json:"name"`
	Text     string   `json:"text"`
	Words    string   `json:"words"`
	Category string   `json:"category"`
	SortName string   `json:"sortName"`
	ID       string   `json:"id"`
	Price    int64    `json:"price"`
	Stars    float64  `json:"stars"`
	Sold     bool     `json:"sold"`
	Document document `json:"document"`
}

// create creates the index, unless it is there.
func (d *domain) create(ctx context.Context) error {
	status, err := d.do(ctx, http.MethodPut, "/"+indexName, indexDefinition, nil)
	if status == http.StatusBadRequest && strings.Contains(err.Error(), "resource_already_exists_exception") {
		return nil
	}
	return err
}

// prepare creates the index, and fills it unless it has been filled.
func (d *domain) prepare(ctx context.Context, stored documents) error {
	if err := d.create(ctx); err != nil {
		return err
	}
	var mappings map[string]struct {
		Mappings struct {
			Meta struct{ Filled bool } `json:"_meta"`
		}
	}
	if _, err := d.do(ctx, http.MethodGet, "/"+indexName+"/_mapping", nil, &mappings); err != nil {
		return err
	}
	if mappings[indexName].Mappings.Meta.Filled {
		return nil
	}
	if _, err := d.fill(ctx, stored); err != nil {
		return err
	}
	_, err := d.do(ctx, http.MethodPut, "/"+indexName+"/_mapping", object{"_meta": object{"filled": true}}, nil)
	return err
}

// fill writes all documents into the index and returns their number.
func (d *domain) fill(ctx context.Context, stored documents) (int, error) {
	written := 0
	for page, err := range stored.since(ctx, time.Time{}) {
		if err == nil {
			err = d.put(ctx, page)
		}
		if err != nil {
			return written, err
		}
		written += len(page)
	}
	return written, nil
}

func (d *domain) put(ctx context.Context, documents []document) error {
	var lines bytes.Buffer
	encoder := json.NewEncoder(&lines)
	for _, one := range documents {
		err := errors.Join(
			encoder.Encode(object{"index": object{"_id": one.ProductID, "version": one.Revision, "version_type": "external"}}),
			encoder.Encode(indexed{
				Name: one.Name, Text: one.text(), Words: one.words(), Category: one.Category, SortName: strings.ToLower(one.Name),
				ID: one.ProductID, Price: one.Price.Amount, Stars: one.Stars, Sold: !one.Withdrawn, Document: one,
			}))
		if err != nil {
			return err
		}
	}
	var done struct {
		Items []struct {
			Index struct {
				ID     string `json:"_id"`
				Status int
				Error  json.RawMessage
			}
		}
	}
	if _, err := d.do(ctx, http.MethodPost, "/"+indexName+"/_bulk", lines.Bytes(), &done); err != nil {
		return err
	}
	for _, item := range done.Items {
		// 409 is that the index has this revision, or a later one.
		if status := item.Index.Status; status >= 300 && status != http.StatusConflict {
			return fmt.Errorf("index product %s: %d %s", item.Index.ID, status, item.Index.Error)
		}
	}
	return nil
}

func (d *domain) find(ctx context.Context, q query) (found, error) {
	ctx, cancel := context.WithTimeout(ctx, findTimeout)
	defer cancel()
	words := object{"match_all": object{}}
	if q.words != "" {
		words = domainWords(q.words)
	}
	search := object{
		"query":            object{"bool": object{"must": words, "filter": object{"term": object{"sold": true}}}},
		"post_filter":      domainFilter(q.filters),
		"sort":             domainOrders[q.sort],
		"from":             q.from,
		"size":             q.limit,
		"track_total_hits": true,
		"_source":          "document",
	}
	if !q.faceless {
		counts := object{}
		for _, facet := range facetNames {
			others, _ := q.filters.without(facet)
			counts[facet] = object{"filter": domainFilter(others), "aggs": object{"of": domainFacets[facet]}}
		}
		search["aggs"] = counts
	}
	var result struct {
		Hits struct {
			Total struct{ Value int }
			Hits  []struct {
				Source struct{ Document document } `json:"_source"`
			}
		}
		Aggregations map[string]struct {
			Of struct {
				Buckets []struct {
					Key   any
					Count int `json:"doc_count"`
				}
			}
		}
	}
	// GET, since it is all that a role with read access may do. Before a worker has created the index there is nothing to find.
	if _, err := d.do(ctx, http.MethodGet, "/"+indexName+"/_search?ignore_unavailable=true", search, &result); err != nil {
		return found{}, errors.Join(serve.Unavailable("the search does not respond: repeat the request"), err)
	}
	all := found{total: result.Hits.Total.Value, facets: api.Facets{Category: []api.CategoryCount{}}}
	for _, hit := range result.Hits.Hits {
		all.items = append(all.items, hit.Source.Document)
	}
	for _, bucket := range result.Aggregations["category"].Of.Buckets {
		all.facets.Category = append(all.facets.Category, api.CategoryCount{Value: fmt.Sprint(bucket.Key), Count: bucket.Count})
	}
	counts := func(facet string, ranges int) []int {
		all := make([]int, ranges)
		for _, bucket := range result.Aggregations[facet].Of.Buckets {
			n, _ := strconv.Atoi(fmt.Sprint(bucket.Key))
			all[n] = bucket.Count
		}
		return all
	}
	all.facets.Price = priceFacet(counts("price", len(priceRanges)))
	all.facets.Stars = starsFacet(counts("stars", len(starsRanges)))
	return all, nil
}

// domainWords is what wordsQuery is in memory.
func domainWords(words string) object {
	match := func(field, words string, fuzzy bool, boost float64) object {
		one := object{"query": words, "boost": boost}
		if fuzzy {
			one["fuzziness"], one["prefix_length"], one["operator"] = "AUTO", exactLetters, "and"
		}
		return object{"match": object{field: one}}
	}
	before, last := split(words)
	typed := []object{{"prefix": object{"words": object{"value": last}}}}
	if before != "" {
		typed = append(typed, match("text", before, true, 1))
	}
	return object{"bool": object{
		"must":   object{"bool": object{"should": []object{match("text", words, true, 1), {"bool": object{"must": typed}}}}},
		"should": []object{match("name", words, false, nameBoost), match("text", words, false, textBoost)},
	}}
}

func domainFilter(f filters) object {
	all := []object{}
	if f.category != "" {
		all = append(all, object{"term": object{"category": f.category}})
	}
	price := object{}
	if f.minPrice != nil {
		price["gte"] = *f.minPrice
	}
	if f.maxPrice != nil {
		price["lte"] = *f.maxPrice
	}
	if len(price) > 0 {
		all = append(all, object{"range": object{"price": price}})
	}
	if f.minStars > 0 {
		all = append(all, object{"range": object{"stars": object{"gte": f.minStars}}})
	}
	return object{"bool": object{"filter": all}}
}

var domainOrders = map[api.Sort][]object{
	api.Relevance:       {{"_score": "desc"}, {"id": "asc"}},
	api.PriceAscending:  {{"price": "asc"}, {"id": "asc"}},
	api.PriceDescending: {{"price": "desc"}, {"id": "asc"}},
	api.Stars:           {{"stars": "desc"}, {"id": "asc"}},
	api.Name:            {{"sortName": "asc"}, {"id": "asc"}},
}

var domainFacets = func() object {
	var prices, stars []object
	for n, lowest := range priceRanges {
		one := object{"key": strconv.Itoa(n), "from": lowest}
		if n+1 < len(priceRanges) {
			one["to"] = priceRanges[n+1]
		}
		prices = append(prices, one)
	}
	for n, lowest := range starsRanges {
		stars = append(stars, object{"key": strconv.Itoa(n), "from": lowest})
	}
	return object{
		"category": object{"terms": object{"field": "category", "size": maxCategories, "order": []object{{"_count": "desc"}, {"_key": "asc"}}}},
		"price":    object{"range": object{"field": "price", "ranges": prices}},
		"stars":    object{"range": object{"field": "stars", "ranges": stars}},
	}
}()

// do sends a request whose body is JSON, or lines of it, and reads the JSON of the response. It returns the status, and an error if
// that is not one of success.
func (d *domain) do(ctx context.Context, method, path string, body, into any) (int, error) {
	var reader io.Reader
	if lines, ok := body.([]byte); ok {
		reader = bytes.NewReader(lines)
	} else if body != nil {
		encoded, err := json.Marshal(body)
		if err != nil {
			return 0, err
		}
		reader = bytes.NewReader(encoded)
	}
	request, err := http.NewRequestWithContext(ctx, method, path, reader)
	if err != nil {
		return 0, err
	}
	if body != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	response, err := d.client.Stream(request)
	if response != nil {
		defer func() { _ = response.Body.Close() }()
	}
	if err != nil {
		return 0, err
	}
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return response.StatusCode, err
	}
	if response.StatusCode >= http.StatusMultipleChoices {
		return response.StatusCode, fmt.Errorf("%s %s: %s: %s", method, path, response.Status, text[:min(len(text), 500)])
	}
	if into != nil {
		err = json.Unmarshal(text, into)
	}
	return response.StatusCode, err
}
