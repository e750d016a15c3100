package awstest

import (
	"errors"
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// Fault is how a request to AWS fails. A task that is killed at that moment leaves the same behind.
type Fault int

const (
	// None is that it does not.
	None Fault = iota
	// NotSent is that it does not arrive.
	NotSent
	// NoResponse is that it takes effect, and the response does not arrive.
	NoResponse
)

// Failing returns the stack as a service sees it whose requests to AWS fail. Next is called for each request, perhaps by several
// goroutines.
func (s Stack) Failing(next func() Fault) Stack {
	s.AWS.HTTPClient = failing{s.AWS.HTTPClient, next}
	return s
}

type failing struct {
	aws.HTTPClient
	next func() Fault
}

func (f failing) Do(request *http.Request) (*http.Response, error) {
	fault := f.next()
	if fault == NotSent {
		return nil, errors.New("on purpose: the request is not sent")
	}
	response, err := f.HTTPClient.Do(request)
	if err == nil && fault == NoResponse {
		_ = response.Body.Close()
		return nil, errors.New("on purpose: the response does not arrive")
	}
	return response, err
}
