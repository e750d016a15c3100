package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/s3"
	"github.com/aws/aws-sdk-go-v2/service/s3/types"

	"github.com/storefront-cdk/storefront/services/internal/serve"
	"github.com/storefront-cdk/storefront/services/photos/api"
)

const (
	// maxUpload is more than a camera's JPEG has.
	maxUpload = 20 << 20
	// linkLife is how long a presigned form or URL is valid, unless the credentials of the task expire before.
	linkLife = 10 * time.Minute
	jpegType = "image/jpeg"
)

// files is the bucket. Uploads are below uploads/, where a lifecycle rule deletes them after a day, and the sizes below photos/.
type files struct {
	client  *s3.Client
	presign *s3.PresignClient
	bucket  string
}

func newFiles(client *s3.Client, bucket string) files {
	return files{client, s3.NewPresignClient(client), bucket}
}

func uploadKey(id string) string { return "uploads/" + id }

func sizeKey(id string, name api.SizeName) string { return fmt.Sprintf("photos/%s/%s.jpg", id, name) }

// form returns the form with which a browser uploads one file. Unlike a presigned PUT, a form limits the size: S3 counts the bytes
// and rejects a file that has more, and one with another content type in its fields. S3 does not look at what the bytes are.
//
// Source: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-HTTPPOSTConstructPolicy.html
func (f files) form(ctx context.Context, id, contentType string) (*s3.PresignedPostRequest, error) {
	form, err := f.presign.PresignPostObject(ctx, &s3.PutObjectInput{Bucket: &f.bucket, Key: aws.String(uploadKey(id))}, func(o *s3.PresignPostOptions) {
		o.Expires = linkLife
		o.Conditions = []any{[]any{"eq", "$Content-Type", contentType}, []any{"content-length-range", 1, maxUpload}}
	})
	if err == nil {
		form.Values["Content-Type"] = contentType
	}
	return form, err
}

// link returns a URL at which an object can be read.
func (f files) link(ctx context.Context, key string) (string, error) {
	link, err := f.presign.PresignGetObject(ctx, &s3.GetObjectInput{Bucket: &f.bucket, Key: &key}, s3.WithPresignExpires(linkLife))
	if err != nil {
		return "", err
	}
	return link.URL, nil
}

func (f files) get(ctx context.Context, key string) (io.ReadCloser, error) {
	got, err := f.client.GetObject(ctx, &s3.GetObjectInput{Bucket: &f.bucket, Key: &key})
	if err != nil {
		return nil, err
	}
	return got.Body, nil
}

// read returns an object.
func (f files) read(ctx context.Context, key string) ([]byte, error) {
	body, err := f.get(ctx, key)
	if err != nil {
		return nil, err
	}
	defer func() { _ = body.Close() }()
	return io.ReadAll(body)
}

// download writes an upload to a file in a folder.
func (f files) download(ctx context.Context, key, folder string) (string, error) {
	body, err := f.get(ctx, key)
	var none *types.NoSuchKey
	if errors.As(err, &none) {
		return "", serve.Conflict("the file is not uploaded yet: post it to the URL of startUpload first")
	}
	if err != nil {
		return "", err
	}
	defer func() { _ = body.Close() }()
	file, err := os.Create(filepath.Join(folder, "upload"))
	if err != nil {
		return "", err
	}
	_, err = io.Copy(file, body)
	return file.Name(), errors.Join(err, file.Close())
}

// store stores a JPEG.
func (f files) store(ctx context.Context, key, path string) error {
	file, err := os.Open(path)
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	_, err = f.client.PutObject(ctx, &s3.PutObjectInput{Bucket: &f.bucket, Key: &key, Body: file, ContentType: aws.String(jpegType)})
	return err
}

// remove deletes objects, whether they exist or not.
func (f files) remove(ctx context.Context, keys ...string) error {
	for _, key := range keys {
		if _, err := f.client.DeleteObject(ctx, &s3.DeleteObjectInput{Bucket: &f.bucket, Key: &key}); err != nil {
			return err
		}
	}
	return nil
}
