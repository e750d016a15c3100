// Search finds products. Its image has three commands: without one it serves, index is the worker that keeps the documents of what
// happens to products, and rebuild fills a search domain from the documents.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"net/http"
	"os"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/storefront-cdk/storefront/services/internal/consume"
	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/search/api"
	"github.com/storefront-cdk/storefront/stacks/events"
)

//go:generate go tool -modfile=../../tools/go.mod oapi-codegen -config ../oapi-codegen.yaml openapi.yaml

//go:embed openapi.yaml
var spec []byte

func main() {
	switch command := strings.Join(os.Args[1:], " "); command {
	case "":
		serve.Main(search)
	case "index":
		serve.Main(work)
	case "rebuild":
		serve.Main(rebuild)
	default:
		fmt.Fprintf(os.Stderr, "the command must be index, rebuild, or none to serve, got %q\n", command)
		os.Exit(1)
	}
}

// search serves from the search domain, or from an index in memory where the environment has none.
func search(ctx context.Context, s *serve.Service) error {
	stored := documents{dynamodb.NewFromConfig(s.AWS), s.Env("DOCUMENTS_TABLE_NAME")}
	if err := s.Check(); err != nil {
		return err
	}
	var found index
	if url := s.Optional(domainURL); url != "" {
		d, err := newDomain(s.AWS, url)
		if err != nil {
			return err
		}
		found = d
	} else {
		m, err := newMemory()
		if err != nil {
			return err
		}
		changes := follower{documents: stored, index: m, log: s.Log}
		if err := changes.follow(ctx); err != nil {
			return fmt.Errorf("read the documents: %w", err)
		}
		s.Go(ctx, "changes", changes.run)
		found = m
	}
	return s.Serve(ctx, spec, api.HandlerWithOptions(
		api.NewStrictHandlerWithOptions(operations{found}, nil, api.StrictHTTPServerOptions{RequestErrorHandlerFunc: serve.RequestError, ResponseErrorHandlerFunc: serve.Error}),
		api.StdHTTPServerOptions{ErrorHandlerFunc: serve.RequestError}))
}

// work keeps the documents, and the search domain where there is one.
func work(ctx context.Context, s *serve.Service) error {
	w := worker{documents: documents{dynamodb.NewFromConfig(s.AWS), s.Env("DOCUMENTS_TABLE_NAME")}}
	queue := s.Env("EVENTS_QUEUE_URL")
	if err := s.Check(); err != nil {
		return err
	}
	if url := s.Optional(domainURL); url != "" {
		d, err := newDomain(s.AWS, url)
		if err != nil {
			return err
		}
		if err := d.prepare(ctx, w.documents); err != nil {
			return fmt.Errorf("prepare the search domain: %w", err)
		}
		w.index = d
	}
	s.Go(ctx, "events", consume.Queue(s, queue,
		consume.On(events.ProductChanged, w.changed),
		consume.On(events.ReviewPosted, w.reviewed),
	))
	return s.Serve(ctx, []byte(healthAlone), http.NotFoundHandler())
}

// healthAlone is the interface of the worker, which responds to health checks and nothing else.
const healthAlone = `{"openapi": "3.0.3", "info": {"title": "Indexer", "version": "0.1.0"}, "paths": {}}`

// rebuild writes all documents into the search domain. It changes nothing that is there in the same or a later revision.
func rebuild(ctx context.Context, s *serve.Service) error {
	stored := documents{dynamodb.NewFromConfig(s.AWS), s.Env("DOCUMENTS_TABLE_NAME")}
	url := s.Env(domainURL)
	if err := s.Check(); err != nil {
		return err
	}
	d, err := newDomain(s.AWS, url)
	if err != nil {
		return err
	}
	if err := d.create(ctx); err != nil {
		return err
	}
	written, err := d.fill(ctx, stored)
	s.Log.InfoContext(ctx, "rebuilt", "products", written)
	return err
}

const domainURL = "INDEX_DOMAIN_URL"
