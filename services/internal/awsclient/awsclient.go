// Package awsclient mends the HTTP client of the AWS SDK.
package awsclient

import (
	"io"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
)

// Whole returns a client that reads every response to its end. The SDK closes the body of a request when the response begins, which
// may be before net/http has looked for the body's end. Read then returns io.EOF, as net/http expects. But WriteTo, which net/http
// prefers, returns an error, upon which net/http closes the connection in the middle of the response. So the client hides WriteTo.
// Without a client, as config.LoadDefaultConfig leaves it, this is the SDK's own.
func Whole(client aws.HTTPClient) aws.HTTPClient {
	if client == nil {
		client = awshttp.NewBuildableClient()
	}
	return whole{client}
}

type whole struct{ aws.HTTPClient }

func (w whole) Do(request *http.Request) (*http.Response, error) {
	if request.Body != nil && request.Body != http.NoBody {
		request.Body = struct{ io.ReadCloser }{request.Body}
	}
	return w.HTTPClient.Do(request)
}
