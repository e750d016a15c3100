package main

import (
	"fmt"
	"testing"

	"github.com/storefront-cdk/storefront/services/search/api"
)

// An index in memory is written anew now and then, or each change would make all searches slower.
func TestAnIndexInMemoryStaysSmall(t *testing.T) {
	m, err := newMemory()
	if err != nil {
		t.Fatal(err)
	}
	const products = 30
	for n := range 5 * maxBatches {
		d := document{Product: product(fmt.Sprint("p-", n%products), fmt.Sprint("Lamp number", n), "Home", int64(n), ""), Revision: int64(n + 1)}
		d.Withdrawn = n%products == 0
		if err := m.put(t.Context(), []document{d}); err != nil {
			t.Fatal(err)
		}
		if err := m.put(t.Context(), []document{d}); err != nil { // it is there already
			t.Fatal(err)
		}
		if m.batches > maxBatches+1 {
			t.Fatalf("%d batches after %d changes", m.batches, n)
		}
	}
	got, err := m.find(t.Context(), query{words: "lamp", sort: api.PriceDescending, limit: 2})
	if err != nil || got.total != products-1 || got.items[0].Price.Amount != 5*maxBatches-1 {
		t.Errorf("got %d products, first %+v, %v", got.total, got.items, err)
	}
}
