package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/storefront-cdk/storefront/services/internal/page"
	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/photos/api"
)

// operations are the operations of openapi.yaml.
type operations struct {
	photos photos
	files  files
	// turn is held while a picture is made smaller. One picture can need a third of the task's memory, and has its one CPU busy.
	turn chan struct{}
}

// A picture never changes. A deleted one is shown for so long by browsers and caches that have it.
const cacheControl = "public, max-age=86400"

// StartUpload returns the form with which the browser uploads a photo.
func (o *operations) StartUpload(ctx context.Context, r api.StartUploadRequestObject) (api.StartUploadResponseObject, error) {
	id, err := uuid.NewV7()
	if err != nil {
		return nil, err
	}
	p := photo{
		ProductID: r.ProductID, ID: "ph-" + id.String(), UploaderID: serve.UserID(ctx),
		Alt: text(r.Body.Alt), Credit: text(r.Body.Credit), UploadedAt: now(),
	}
	form, err := o.files.form(ctx, p.ID, string(r.Body.ContentType))
	if err != nil {
		return nil, err
	}
	if err := o.photos.start(ctx, p); err != nil {
		return nil, err
	}
	return api.StartUpload201JSONResponse{
		PhotoID: p.ID, URL: form.URL, Fields: form.Values, MaxBytes: maxUpload, ExpiresAt: p.UploadedAt.Add(linkLife),
	}, nil
}

// CompleteUpload makes the sizes of an uploaded photo.
func (o *operations) CompleteUpload(ctx context.Context, r api.CompleteUploadRequestObject) (api.CompleteUploadResponseObject, error) {
	p, err := o.photos.get(ctx, r.ProductID, r.PhotoID)
	switch {
	case err != nil:
		return nil, err
	case p.ID == "" || p.UploaderID != serve.UserID(ctx):
		return nil, serve.NotFound("you have uploaded no photo %s of product %s", r.PhotoID, r.ProductID)
	case len(p.Sizes) > 0: // completed before
		return api.CompleteUpload200JSONResponse{PhotoJSONResponse: api.PhotoJSONResponse(show(p))}, nil
	}
	if p.Sizes, err = o.makeSizes(ctx, p.ID); err != nil {
		return nil, err
	}
	if err := o.photos.complete(ctx, p); err != nil {
		return nil, err
	}
	return api.CompleteUpload200JSONResponse{PhotoJSONResponse: api.PhotoJSONResponse(show(p))}, nil
}

// makeSizes makes the sizes of an upload on disk, and stores them.
func (o *operations) makeSizes(ctx context.Context, id string) ([]size, error) {
	select {
	case o.turn <- struct{}{}:
		defer func() { <-o.turn }()
	case <-ctx.Done():
		return nil, serve.Unavailable("other photos are being made smaller: repeat the request")
	}
	folder, err := os.MkdirTemp("", "photo-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(folder) }()
	upload, err := o.files.download(ctx, uploadKey(id), folder)
	if err != nil {
		return nil, err
	}
	pictures, err := makePictures(ctx, upload, folder)
	if err != nil {
		return nil, err
	}
	var sizes []size
	for _, p := range pictures {
		if err := o.files.store(ctx, sizeKey(id, p.Name), p.file); err != nil {
			return nil, err
		}
		sizes = append(sizes, p.size)
	}
	return sizes, nil
}

// ApprovePhoto shows a photo.
func (o *operations) ApprovePhoto(ctx context.Context, r api.ApprovePhotoRequestObject) (api.ApprovePhotoResponseObject, error) {
	if err := o.mustAdminister(ctx); err != nil {
		return nil, err
	}
	p, err := o.photos.get(ctx, r.ProductID, r.PhotoID)
	switch {
	case err != nil:
		return nil, err
	case p.ID == "":
		return nil, serve.NotFound("there is no photo %s of product %s", r.PhotoID, r.ProductID)
	case len(p.Sizes) == 0:
		return nil, serve.Conflict("the upload of photo %s is not complete", r.PhotoID)
	case !p.Approved:
		if p, err = o.photos.approve(ctx, p); err != nil {
			return nil, err
		}
	}
	return api.ApprovePhoto200JSONResponse{PhotoJSONResponse: api.PhotoJSONResponse(show(p))}, nil
}

// DeletePhoto deletes a photo. The files go first, so that a request that fails half-way can be repeated.
func (o *operations) DeletePhoto(ctx context.Context, r api.DeletePhotoRequestObject) (api.DeletePhotoResponseObject, error) {
	p, err := o.photos.get(ctx, r.ProductID, r.PhotoID)
	if err != nil {
		return nil, err
	}
	if p.ID == "" || p.UploaderID != serve.UserID(ctx) {
		if err := o.mustAdminister(ctx); err != nil {
			return nil, err
		}
	}
	if p.ID == "" {
		return nil, serve.NotFound("there is no photo %s of product %s", r.PhotoID, r.ProductID)
	}
	keys := []string{uploadKey(p.ID)}
	for _, s := range p.Sizes {
		keys = append(keys, sizeKey(p.ID, s.Name))
	}
	if err := o.files.remove(ctx, keys...); err != nil {
		return nil, err
	}
	return api.DeletePhoto204Response{}, o.photos.remove(ctx, p)
}

// ListPhotos lists the photos of a product that can be shown.
func (o *operations) ListPhotos(ctx context.Context, r api.ListPhotosRequestObject) (api.ListPhotosResponseObject, error) {
	found, next, err := o.photos.list(ctx, r.ProductID, page.Limit(r.Params.Limit), r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	response := api.ListPhotos200JSONResponse{Items: []api.Photo{}, NextCursor: next}
	for _, p := range found {
		response.Items = append(response.Items, show(p))
	}
	return response, nil
}

// ListHidden lists the photos that wait for approval. They have no path at the API, where anybody could see them.
func (o *operations) ListHidden(ctx context.Context, r api.ListHiddenRequestObject) (api.ListHiddenResponseObject, error) {
	if err := o.mustAdminister(ctx); err != nil {
		return nil, err
	}
	found, next, err := o.photos.listHidden(ctx, page.Limit(r.Params.Limit), r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	response := api.ListHidden200JSONResponse{Items: []api.Photo{}, NextCursor: next}
	for _, p := range found {
		shown := show(p)
		for n, s := range p.Sizes {
			if shown.Sizes[n].Path, err = o.files.link(ctx, sizeKey(p.ID, s.Name)); err != nil {
				return nil, err
			}
		}
		response.Items = append(response.Items, shown)
	}
	return response, nil
}

// GetPhoto returns a picture, or says where it is: API Gateway answers with at most 10 MB.
func (o *operations) GetPhoto(ctx context.Context, r api.GetPhotoRequestObject) (api.GetPhotoResponseObject, error) {
	p, err := o.photos.shown(ctx, r.ProductID, r.PhotoID)
	if err != nil {
		return nil, err
	}
	if p.ID == "" {
		return nil, serve.NotFound("there is no photo %s of product %s", r.PhotoID, r.ProductID)
	}
	tag := strconv.Quote(p.ID + "-" + string(r.Size))
	if r.Params.IfNoneMatch != nil && *r.Params.IfNoneMatch == tag {
		return api.GetPhoto304Response{Headers: api.GetPhoto304ResponseHeaders{CacheControl: cacheControl, ETag: tag}}, nil
	}
	if r.Size == api.Original {
		link, err := o.files.link(ctx, sizeKey(p.ID, r.Size))
		ages := fmt.Sprintf("private, max-age=%d", int(linkLife.Seconds()/2))
		return api.GetPhoto302Response{Headers: api.GetPhoto302ResponseHeaders{Location: link, CacheControl: ages}}, err
	}
	picture, err := o.files.read(ctx, sizeKey(p.ID, r.Size))
	return api.GetPhoto200ImageJpegResponse{
		Body: bytes.NewReader(picture), ContentLength: int64(len(picture)),
		Headers: api.GetPhoto200ResponseHeaders{CacheControl: cacheControl, ETag: tag},
	}, err
}

// mustAdminister returns 403 unless the user is an administrator: the table has an item that says so, which an operator writes.
func (o *operations) mustAdminister(ctx context.Context) error {
	is, err := o.photos.administers(ctx, serve.UserID(ctx))
	if err == nil && !is {
		return serve.Forbidden("only an administrator of the photos may do this")
	}
	return err
}

func text(optional *string) string {
	if optional == nil {
		return ""
	}
	return *optional
}

func show(p photo) api.Photo {
	shown := api.Photo{ProductID: p.ProductID, PhotoID: p.ID, State: api.Hidden, Sizes: []api.Size{}, UploadedAt: p.UploadedAt}
	if p.Approved {
		shown.State = api.Approved
	}
	if p.Alt != "" {
		shown.Alt = &p.Alt
	}
	if p.Credit != "" {
		shown.Credit = &p.Credit
	}
	for _, s := range p.Sizes {
		shown.Sizes = append(shown.Sizes, api.Size{Size: s.Name, Path: p.path(s.Name), Width: s.Width, Height: s.Height})
	}
	return shown
}

// now is the time as tables and events have it, to the millisecond.
func now() time.Time { return time.Now().UTC().Truncate(time.Millisecond) }
