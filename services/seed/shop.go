package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/cognitoidentityprovider"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/storefront-cdk/storefront/services/internal/awsclient"
)

// shop is the shop that is filled: its API, and for what an operator does the endpoint of AWS.
type shop struct {
	url    string
	client *http.Client
	pool   string // of the users
	tables map[string]string

	cognito *cognitoidentityprovider.Client
	dynamo  *dynamodb.Client
	tokens  map[string]string // by email address
}

// open reads where the shop is. The runner gives the variables of each service with the name of the service before them.
func open(ctx context.Context) (*shop, error) {
	s := &shop{
		url: os.Getenv("SHOP_URL"), pool: os.Getenv("LOGIN_USER_POOL_ID"), client: &http.Client{Timeout: time.Minute}, tokens: map[string]string{},
		tables: map[string]string{"catalog": os.Getenv("CATALOG_PRODUCTS_TABLE_NAME"), "photos": os.Getenv("PHOTOS_METADATA_TABLE_NAME")},
	}
	if s.url == "" || s.pool == "" || s.tables["catalog"] == "" || s.tables["photos"] == "" {
		return nil, errors.New("set SHOP_URL, LOGIN_USER_POOL_ID, CATALOG_PRODUCTS_TABLE_NAME and PHOTOS_METADATA_TABLE_NAME: storefront run up does")
	}
	settings, err := config.LoadDefaultConfig(ctx)
	settings.HTTPClient = awsclient.Whole(settings.HTTPClient)
	s.cognito, s.dynamo = cognitoidentityprovider.NewFromConfig(settings), dynamodb.NewFromConfig(settings)
	return s, err
}

// statusError is a status of the API that was not wanted.
type statusError struct {
	status int
	text   string
}

func (e *statusError) Error() string { return e.text }

// ask sends a request for a person, or for nobody, and decodes the response.
func (s *shop) ask(ctx context.Context, who, method, path string, send, into any, headers ...string) error {
	for attempt := 0; ; attempt++ {
		err := s.once(ctx, who, method, path, send, into, headers)
		var wrong *statusError
		// A service that has just started may not be ready for a moment.
		again := errors.As(err, &wrong) && (wrong.status >= 500 || wrong.status == http.StatusTooManyRequests) && attempt < 5
		if !again {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-time.After(time.Duration(attempt+1) * 200 * time.Millisecond):
		}
	}
}

func (s *shop) once(ctx context.Context, who, method, path string, send, into any, headers []string) error {
	var body io.Reader
	if send != nil {
		text, err := json.Marshal(send)
		if err != nil {
			return err
		}
		body = bytes.NewReader(text)
	}
	request, err := http.NewRequestWithContext(ctx, method, s.url+path, body)
	if err != nil {
		return err
	}
	if send != nil {
		request.Header.Set("Content-Type", "application/json")
	}
	if who != "" {
		request.Header.Set("Authorization", "Bearer "+s.tokens[who])
	}
	for n := 0; n+1 < len(headers); n += 2 {
		request.Header.Set(headers[n], headers[n+1])
	}
	response, err := s.client.Do(request)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil {
		return err
	}
	if response.StatusCode >= 300 {
		return &statusError{response.StatusCode, fmt.Sprintf("%s %s: %s: %s", method, path, response.Status, strings.TrimSpace(string(text)))}
	}
	if into == nil || len(text) == 0 {
		return nil
	}
	return json.Unmarshal(text, into)
}

// each calls do for all, some at a time.
func each[T any](all []T, do func(int, T) error) error {
	var mutex sync.Mutex
	var problems []error
	var group sync.WaitGroup
	slots := make(chan struct{}, 4)
	for n, one := range all {
		slots <- struct{}{}
		group.Go(func() {
			defer func() { <-slots }()
			if err := do(n, one); err != nil {
				mutex.Lock()
				defer mutex.Unlock()
				problems = append(problems, err)
			}
		})
	}
	group.Wait()
	if len(problems) > 0 {
		return fmt.Errorf("%w (and %d more)", problems[0], len(problems)-1)
	}
	return nil
}
