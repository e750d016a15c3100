// Package objectstore defines an S3 bucket that one microservice owns, for what is too large for a table. Give the
// microservice as its scope, and let it use the bucket:
//
//	originals := objectstore.New(photos, "Originals", objectstore.Props{
//		UploadOrigins: []string{"https://shop.example.com"},
//	})
//	photos.Uses(originals, objectstore.ReadWrite)
//
// The application finds the bucket's name in an environment variable named for the construct, here
// ORIGINALS_BUCKET_NAME.
//
// Buckets are private, encrypted, reached over TLS 1.2 or newer only, and free of uploads that were never finished. In
// production they outlive their stack. In the sandbox a bucket is deleted with its stack only when it is empty:
// emptying it for you would take a custom resource.
//
// In the template: a bucket and its policy. It costs 0.023 USD a GB a month, and its requests.
package objectstore
