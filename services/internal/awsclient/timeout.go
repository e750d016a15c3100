package awsclient

import (
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// WithTimeout returns the client with another timeout of a request. Only that of the SDK has one that can be set: others stay as they are.
func WithTimeout(client aws.HTTPClient, timeout time.Duration) aws.HTTPClient {
	if w, ok := client.(whole); ok {
		if own, ok := w.HTTPClient.(*awshttp.BuildableClient); ok {
			return whole{own.WithTimeout(timeout)}
		}
	}
	return client
}
