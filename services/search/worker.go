package main

import (
	"context"
	"log/slog"
	"time"

	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/stacks/events"
)

// worker keeps the documents of what happens to products. Events that come again or late change nothing, since products and
// reviews have versions.
type worker struct {
	documents documents
	index     index // nil without a search domain: then each task follows the documents
}

func (w worker) changed(ctx context.Context, _ event.Message, product events.Product) error {
	if err := w.documents.change(ctx, product); err != nil {
		return err
	}
	return w.write(ctx, product.ProductID)
}

func (w worker) reviewed(ctx context.Context, _ event.Message, review events.Review) error {
	if err := w.documents.review(ctx, review); err != nil {
		return err
	}
	return w.write(ctx, review.ProductID)
}

// write writes the document into the index, also after an event that changed nothing: the task that handled it before may have
// stopped between the two.
func (w worker) write(ctx context.Context, productID string) error {
	if w.index == nil {
		return nil
	}
	found, err := w.documents.get(ctx, productID)
	if err != nil || found.ProductID == "" {
		return err
	}
	return w.index.put(ctx, []document{found})
}

// follower writes what changes in the documents into an index.
type follower struct {
	documents documents
	index     index
	log       *slog.Logger
	// from is the time from which the next look reads changes.
	from time.Time
}

const (
	// followEvery is how often a task looks for changes: at 0.5 read units each, about 0.20 USD a month.
	followEvery = time.Second
	// overlap is how late a change can appear in the index by-change, whose time is that of the worker's clock. Documents that
	// are read again are not changed again.
	overlap = 15 * time.Second
)

func (f *follower) follow(ctx context.Context) error {
	start := time.Now()
	for page, err := range f.documents.since(ctx, f.from) {
		if err != nil {
			return err
		}
		if err := f.index.put(ctx, page); err != nil {
			return err
		}
	}
	f.from = start.Add(-overlap)
	return nil
}

func (f *follower) run(ctx context.Context) error {
	for tick := time.Tick(followEvery); ; {
		select {
		case <-ctx.Done():
			return nil
		case <-tick:
		}
		if err := f.follow(ctx); err != nil && ctx.Err() == nil {
			f.log.ErrorContext(ctx, "the changes cannot be read", "error", err.Error())
		}
	}
}
