// Package bucket defines an S3 bucket that one microservice owns, for objects that are too large for a table. Pass the
// microservice as the scope, and declare that it uses the bucket:
//
//	originals := bucket.New(photos, "Originals", bucket.Props{
//		UploadOrigins: []string{"https://shop.example.com"},
//	})
//	photos.Uses(originals, bucket.ReadWrite)
//
// The application reads the bucket's name from an environment variable named after the construct, here
// ORIGINALS_BUCKET_NAME.
//
// Buckets block public access, are encrypted, accept only TLS 1.2 or newer, and delete incomplete multipart uploads. In
// production they are retained when their stack is deleted. In the sandbox a bucket is deleted with its stack only if
// it is empty: emptying it would take a custom resource.
//
// If the profile has AccessLogs, as in production, S3 records the requests in the platform's log bucket.
//
// In the template: a bucket and its bucket policy. It costs 0.023 USD per GB and month, and its requests.
package bucket
