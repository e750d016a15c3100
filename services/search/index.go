package main

import (
	"context"
	"strings"

	"github.com/storefront-cdk/storefront/services/search/api"
)

// index finds documents. It is in memory, or a search domain.
type index interface {
	// put writes documents, except those of which it has the same or a later revision.
	put(ctx context.Context, documents []document) error
	// find returns the documents of a query, and their facets.
	find(ctx context.Context, q query) (found, error)
}

type query struct {
	words    string
	filters  filters
	sort     api.Sort
	from     int
	limit    int
	faceless bool // without facets
}

// filters are what a client restricts its search to. Zero values restrict nothing.
type filters struct {
	category           string
	minPrice, maxPrice *int64
	minStars           int
}

type found struct {
	items  []document
	total  int
	facets api.Facets
}

// maxFrom is how many documents of one search can be paged through, which is OpenSearch's limit by default.
const maxFrom = 10_000

const maxCategories = 50

var (
	// priceRanges are the lowest prices of the ranges of the facet, in the smallest unit of the currency.
	priceRanges = []int64{0, 1000, 2500, 5000, 10_000, 25_000, 50_000}
	starsRanges = []int{4, 3, 2, 1}
)

// facetNames are the facets, each of which is counted without its own filter.
var facetNames = []string{"category", "price", "stars"}

// without returns the filters but that of one facet, and whether that restricts anything.
func (f filters) without(facet string) (filters, bool) {
	all := f
	switch facet {
	case "category":
		f.category = ""
	case "price":
		f.minPrice, f.maxPrice = nil, nil
	case "stars":
		f.minStars = 0
	}
	return f, f != all
}

// priceFacet returns the ranges that are not empty. Counts are in the order of priceRanges.
func priceFacet(counts []int) []api.PriceCount {
	facet := []api.PriceCount{}
	for n, count := range counts {
		if count == 0 {
			continue
		}
		one := api.PriceCount{Min: priceRanges[n], Count: count}
		if n+1 < len(priceRanges) {
			highest := priceRanges[n+1] - 1
			one.Max = &highest
		}
		facet = append(facet, one)
	}
	return facet
}

// starsFacet returns the numbers of products that have so many stars or more. Counts are in the order of starsRanges.
func starsFacet(counts []int) []api.StarsCount {
	facet := []api.StarsCount{}
	for n, count := range counts {
		facet = append(facet, api.StarsCount{Min: starsRanges[n], Count: count})
	}
	return facet
}

const (
	// exactLetters is how many letters at the beginning of a word must be right: few people mistake the first.
	exactLetters = 1
	// nameBoost and textBoost rank names that have the words as they are above descriptions that do, and these above misspelt words.
	nameBoost = 4
	textBoost = 2
)

// text is what words are searched in.
func (d document) text() string { return d.Name + "\n" + d.Category + "\n" + d.Description }

// words is what the beginning of a word is searched in.
func (d document) words() string { return d.Name + "\n" + d.Category }

// split returns the words before the last, and the last in lower case.
func split(words string) (before, last string) {
	all := strings.Fields(words)
	return strings.Join(all[:len(all)-1], " "), strings.ToLower(all[len(all)-1])
}
