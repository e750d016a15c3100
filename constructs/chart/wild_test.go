package chart

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math/rand"
	"testing"

	"github.com/storefront-cdk/storefront/internal/expect"
)

// Whatever a chart is, it is a list of problems or an XML document.
func TestWildCharts(t *testing.T) {
	r := rand.New(rand.NewSource(9))
	drawn := 0
	for range 3000 {
		svg, err := expect.Wild[Chart](r).SVG()
		expect.Explained(t, err)
		if err != nil {
			continue
		}
		drawn++
		for decoder := xml.NewDecoder(bytes.NewReader(svg)); ; {
			if _, err := decoder.Token(); errors.Is(err, io.EOF) {
				break
			} else if err != nil {
				t.Fatalf("%v in\n%s", err, svg)
			}
		}
		if bytes.Contains(svg, []byte("NaN")) || bytes.Contains(svg, []byte("Inf")) {
			t.Fatalf("a coordinate is no number in\n%s", svg)
		}
	}
	if drawn < 100 {
		t.Errorf("only %d charts were drawn", drawn)
	}
}
