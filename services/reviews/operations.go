package main

import (
	"context"

	"github.com/storefront-cdk/storefront/services/internal/page"
	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/reviews/api"
)

// operations are the operations of openapi.yaml.
type operations struct{ reviews reviews }

// ListReviews lists the reviews of a product.
func (o *operations) ListReviews(ctx context.Context, r api.ListReviewsRequestObject) (api.ListReviewsResponseObject, error) {
	found, next, err := o.reviews.list(ctx, r.ProductID, page.Limit(r.Params.Limit), r.Params.Cursor)
	return api.ListReviews200JSONResponse{ReviewsJSONResponse: shown(found, next)}, err
}

// ListMyReviews lists the reviews of the user, or the one of a product.
func (o *operations) ListMyReviews(ctx context.Context, r api.ListMyReviewsRequestObject) (api.ListMyReviewsResponseObject, error) {
	if r.Params.ProductID == nil {
		found, next, err := o.reviews.listByAuthor(ctx, serve.UserID(ctx), page.Limit(r.Params.Limit), r.Params.Cursor)
		return api.ListMyReviews200JSONResponse{ReviewsJSONResponse: shown(found, next)}, err
	}
	mine, err := o.reviews.of(ctx, *r.Params.ProductID, serve.UserID(ctx))
	var found []review
	if mine.Version > 0 {
		found = append(found, mine)
	}
	return api.ListMyReviews200JSONResponse{ReviewsJSONResponse: shown(found, nil)}, err
}

// PutReview writes the user's review of a product, or changes it.
func (o *operations) PutReview(ctx context.Context, r api.PutReviewRequestObject) (api.PutReviewResponseObject, error) {
	written, created, err := o.reviews.put(ctx, r.ProductID, serve.UserID(ctx), opinion{
		Stars: r.Body.Stars, Title: text(r.Body.Title), Text: text(r.Body.Text), AuthorName: text(r.Body.AuthorName),
	})
	if err == nil && created {
		return api.PutReview201JSONResponse(show(written)), nil
	}
	return api.PutReview200JSONResponse{ReviewJSONResponse: api.ReviewJSONResponse(show(written))}, err
}

// DeleteReview deletes the user's review of a product.
func (o *operations) DeleteReview(ctx context.Context, r api.DeleteReviewRequestObject) (api.DeleteReviewResponseObject, error) {
	return api.DeleteReview204Response{}, o.reviews.remove(ctx, r.ProductID, serve.UserID(ctx))
}

// GetSummary returns the average of a product's reviews, and how often each number of stars was given.
func (o *operations) GetSummary(ctx context.Context, r api.GetSummaryRequestObject) (api.GetSummaryResponseObject, error) {
	counts, err := o.reviews.counts(ctx, r.ProductID)
	if err != nil {
		return nil, err
	}
	summary := api.GetSummary200JSONResponse{ProductID: r.ProductID, Histogram: counts[:]}
	sum := 0
	for n, count := range counts {
		summary.Count += count
		sum += (n + 1) * count
	}
	if summary.Count > 0 {
		summary.Average = float64(sum) / float64(summary.Count)
	}
	return summary, nil
}

func text(optional *string) string {
	if optional == nil {
		return ""
	}
	return *optional
}

func shown(found []review, next *string) api.ReviewsJSONResponse {
	response := api.ReviewsJSONResponse{Items: []api.Review{}, NextCursor: next}
	for _, one := range found {
		response.Items = append(response.Items, show(one))
	}
	return response
}

// show leaves out who the author is: the ID of a user is nobody else's business.
func show(r review) api.Review {
	shown := api.Review{
		ProductID: r.ProductID, ReviewID: r.ReviewID, Version: r.Version, Stars: r.Stars, Title: r.Title, Text: r.Text,
		PostedAt: r.PostedAt, EditedAt: r.EditedAt,
	}
	if r.AuthorName != "" {
		shown.AuthorName = &r.AuthorName
	}
	return shown
}
