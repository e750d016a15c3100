package main

import (
	"strings"
	"testing"
)

const table = `name   ,slug  ,description          ,assets                       ,facets                                            ,a,b,c,price  ,d
Laptop ,laptop,"A ""fast"" one, new"   ,derick-david-409858-unsplash.jpg,category:Electronics|category:Computers|brand:Apple,a,b,c,1299.00,d
       ,      ,                     ,                             ,                                                  ,a,b,c,1399.00,d
Orchid ,orchid,"White"              ,thomas-q-1229169-unsplash.jpg,category:Home & Garden|category:Plants            ,a,b,c,6.99   ,d
`

func TestList(t *testing.T) {
	files := map[string][]byte{"derick-david-409858-unsplash.jpg": {1}, "thomas-q-1229169-unsplash.jpg": {2}}
	goods, err := list([]byte(table), files)
	if err != nil || len(goods) != 2 {
		t.Fatalf("got %+v, %v", goods, err)
	}
	laptop, orchid := goods[0], goods[1]
	if laptop.ID != "laptop" || laptop.Description != `A "fast" one, new` || laptop.Category != "Computers" || laptop.Cents != 129900 ||
		laptop.Credit != "Photo by Derick David on Unsplash" {
		t.Errorf("got %+v", laptop)
	}
	if orchid.Cents != 699 || orchid.Category != "Plants" || orchid.Credit != "Photo by Thomas Q on Unsplash" {
		t.Errorf("got %+v", orchid)
	}
	if _, err := list([]byte(table), nil); err == nil || !strings.HasSuffix(err.Error(), "Laptop: the archive has no derick-david-409858-unsplash.jpg") {
		t.Errorf("without the photos: got %v", err)
	}
}

func TestAnotherArchiveIsRefused(t *testing.T) {
	if err := verify([]byte("another")); err == nil || !strings.HasPrefix(err.Error(), goodsPackage+" has the SHA-512 ") {
		t.Errorf("got %v", err)
	}
}
