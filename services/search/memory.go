package main

import (
	"context"
	"maps"
	"strconv"
	"strings"
	"sync"

	"github.com/blevesearch/bleve/v2"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/custom"
	"github.com/blevesearch/bleve/v2/analysis/analyzer/keyword"
	"github.com/blevesearch/bleve/v2/analysis/lang/en"
	"github.com/blevesearch/bleve/v2/analysis/token/lowercase"
	"github.com/blevesearch/bleve/v2/analysis/tokenizer/unicode"
	"github.com/blevesearch/bleve/v2/index/scorch"
	"github.com/blevesearch/bleve/v2/mapping"
	bleves "github.com/blevesearch/bleve/v2/search"
	blevequery "github.com/blevesearch/bleve/v2/search/query"

	"github.com/storefront-cdk/storefront/services/search/api"
)

// memory is an index in the memory of a task. Products that are no longer sold are not in it.
type memory struct {
	writing sync.Mutex

	lock      sync.RWMutex // of what follows, which put alone changes
	index     bleve.Index
	batches   int
	documents map[string]document
}

// maxBatches is after how many batches the index is written anew. Bleve keeps a segment for each in memory, and merges only those
// that are on a disk: a search would take longer with each change.
const maxBatches = 50

func newMemory() (*memory, error) {
	index, err := newIndex()
	return &memory{index: index, documents: map[string]document{}}, err
}

// newIndex returns an empty index, whose fields are those of the search domain.
func newIndex() (bleve.Index, error) {
	all := bleve.NewIndexMapping()
	err := all.AddCustomAnalyzer("words", map[string]any{"type": custom.Name, "tokenizer": unicode.Name, "token_filters": []string{lowercase.Name}})
	if err != nil {
		return nil, err
	}
	text := func(analyzer string) *mapping.FieldMapping {
		field := bleve.NewTextFieldMapping()
		field.Analyzer, field.Store, field.IncludeInAll, field.IncludeTermVectors = analyzer, false, false, false
		return field
	}
	number := bleve.NewNumericFieldMapping()
	number.Store, number.IncludeInAll = false, false
	all.DefaultMapping = bleve.NewDocumentStaticMapping()
	for name, field := range map[string]*mapping.FieldMapping{
		"name": text(en.AnalyzerName), "text": text(en.AnalyzerName), "words": text("words"),
		"category": text(keyword.Name), "sortName": text(keyword.Name), "price": number, "stars": number,
	} {
		all.DefaultMapping.AddFieldMappingsAt(name, field)
	}
	return bleve.NewUsing("", all, scorch.Name, scorch.Name, nil)
}

func (m *memory) put(_ context.Context, documents []document) error {
	m.writing.Lock()
	defer m.writing.Unlock()
	changed := map[string]document{}
	for _, d := range documents {
		if known, ok := m.documents[d.ProductID]; !ok || known.Revision < d.Revision {
			changed[d.ProductID] = d
		}
	}
	if len(changed) == 0 {
		return nil
	}
	var fresh bleve.Index
	if m.batches >= maxBatches { // searches go on meanwhile
		var err error
		if fresh, err = newIndex(); err != nil {
			return err
		}
		if err := write(fresh, m.documents); err != nil {
			return err
		}
	}
	m.lock.Lock()
	defer m.lock.Unlock()
	if fresh != nil {
		_ = m.index.Close()
		m.index, m.batches = fresh, 1
	}
	m.batches++
	maps.Copy(m.documents, changed)
	return write(m.index, changed)
}

// write writes documents into an index, and removes those that are no longer sold.
func write(index bleve.Index, documents map[string]document) error {
	batch := index.NewBatch()
	for id, d := range documents {
		if d.Withdrawn {
			batch.Delete(id)
			continue
		}
		err := batch.Index(id, map[string]any{
			"name": d.Name, "text": d.text(), "words": d.words(), "category": d.Category, "sortName": strings.ToLower(d.Name),
			"price": float64(d.Price.Amount), "stars": d.Stars,
		})
		if err != nil {
			return err
		}
	}
	return index.Batch(batch)
}

func (m *memory) find(ctx context.Context, q query) (found, error) {
	m.lock.RLock()
	defer m.lock.RUnlock()
	request := bleve.NewSearchRequestOptions(restrict(q.words, q.filters), q.limit, q.from, false)
	request.SortBy(orders[q.sort])
	facets := map[string]*bleves.FacetResult{}
	for _, facet := range facetNames {
		if q.faceless {
			break
		}
		others, restricts := q.filters.without(facet)
		if !restricts {
			request.AddFacet(facet, facetRequests[facet])
			continue
		}
		counting := bleve.NewSearchRequestOptions(restrict(q.words, others), 0, 0, false)
		counting.AddFacet(facet, facetRequests[facet])
		counted, err := m.index.SearchInContext(ctx, counting)
		if err != nil {
			return found{}, err
		}
		facets[facet] = counted.Facets[facet]
	}
	result, err := m.index.SearchInContext(ctx, request)
	if err != nil {
		return found{}, err
	}
	for name, facet := range result.Facets {
		facets[name] = facet
	}
	all := found{total: int(result.Total), facets: api.Facets{ //nolint:gosec // as many as fit into memory
		Category: categoryFacet(facets["category"]),
		Price:    priceFacet(rangeCounts(facets["price"], len(priceRanges))),
		Stars:    starsFacet(rangeCounts(facets["stars"], len(starsRanges))),
	}}
	for _, hit := range result.Hits {
		all.items = append(all.items, m.documents[hit.ID])
	}
	return all, nil
}

var orders = map[api.Sort][]string{
	api.Relevance: {"-_score", "_id"}, api.PriceAscending: {"price", "_id"}, api.PriceDescending: {"-price", "_id"},
	api.Stars: {"-stars", "_id"}, api.Name: {"sortName", "_id"},
}

var facetRequests = func() map[string]*bleve.FacetRequest {
	all := map[string]*bleve.FacetRequest{
		"category": bleve.NewFacetRequest("category", maxCategories),
		"price":    bleve.NewFacetRequest("price", len(priceRanges)),
		"stars":    bleve.NewFacetRequest("stars", len(starsRanges)),
	}
	for n, lowest := range priceRanges {
		from, to := float64(lowest), (*float64)(nil)
		if n+1 < len(priceRanges) {
			next := float64(priceRanges[n+1])
			to = &next
		}
		all["price"].AddNumericRange(strconv.Itoa(n), &from, to)
	}
	for n, lowest := range starsRanges {
		from := float64(lowest)
		all["stars"].AddNumericRange(strconv.Itoa(n), &from, nil)
	}
	return all
}()

func categoryFacet(result *bleves.FacetResult) []api.CategoryCount {
	facet := []api.CategoryCount{}
	if result != nil && result.Terms != nil {
		for _, term := range result.Terms.Terms() {
			facet = append(facet, api.CategoryCount{Value: term.Term, Count: term.Count})
		}
	}
	return facet
}

// rangeCounts returns the counts of ranges whose names are their numbers.
func rangeCounts(result *bleves.FacetResult, ranges int) []int {
	counts := make([]int, ranges)
	if result != nil {
		for _, one := range result.NumericRanges {
			n, _ := strconv.Atoi(one.Name)
			counts[n] = one.Count
		}
	}
	return counts
}

// restrict returns the query for words and filters. See domain.find, which does the same.
func restrict(words string, f filters) blevequery.Query {
	all := []blevequery.Query{bleve.NewMatchAllQuery()}
	if strings.TrimSpace(words) != "" {
		all = []blevequery.Query{wordsQuery(words)}
	}
	number := func(field string, from, to *float64) {
		inclusive := true
		one := bleve.NewNumericRangeInclusiveQuery(from, to, &inclusive, &inclusive)
		one.SetField(field)
		one.SetBoost(0)
		all = append(all, one)
	}
	if f.category != "" {
		one := bleve.NewTermQuery(f.category)
		one.SetField("category")
		one.SetBoost(0)
		all = append(all, one)
	}
	if f.minPrice != nil || f.maxPrice != nil {
		number("price", float(f.minPrice), float(f.maxPrice))
	}
	if f.minStars > 0 {
		from := float64(f.minStars)
		number("stars", &from, nil)
	}
	return bleve.NewConjunctionQuery(all...)
}

func float(value *int64) *float64 {
	if value == nil {
		return nil
	}
	converted := float64(*value)
	return &converted
}

// wordsQuery finds documents that have all words, though misspelt, or all but the last and one that begins with it. Names that have
// the words as they are come first.
func wordsQuery(words string) blevequery.Query {
	match := func(field, words string, fuzzy bool, boost float64) *blevequery.MatchQuery {
		one := bleve.NewMatchQuery(words)
		one.SetField(field)
		one.SetBoost(boost)
		if fuzzy {
			one.SetAutoFuzziness(true)
			one.SetPrefix(exactLetters)
			one.SetOperator(blevequery.MatchQueryOperatorAnd)
		}
		return one
	}
	before, last := split(words)
	prefix := bleve.NewPrefixQuery(last)
	prefix.SetField("words")
	typed := []blevequery.Query{prefix}
	if before != "" {
		typed = append(typed, match("text", before, true, 1))
	}
	return blevequery.NewBooleanQuery(
		[]blevequery.Query{bleve.NewDisjunctionQuery(match("text", words, true, 1), bleve.NewConjunctionQuery(typed...))},
		[]blevequery.Query{match("name", words, false, nameBoost), match("text", words, false, textBoost)}, nil)
}
