package awsclient_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/awsclient"
)

// late is a connection on which a write of a body ends when the response has begun.
type late struct {
	net.Conn
	begun <-chan struct{}
}

func (l late) Write(data []byte) (int, error) {
	n, err := l.Conn.Write(data)
	if strings.Contains(string(data), "TableName") {
		<-l.begun
		time.Sleep(50 * time.Millisecond) // in which the SDK closes the body
	}
	return n, err
}

func TestWholeWithoutAClient(t *testing.T) {
	request, err := http.NewRequest(http.MethodGet, "http://127.0.0.1:1", nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := awsclient.Whole(nil).Do(request); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("got %v, want an error of the client of the SDK", err)
	}
}

func TestWhole(t *testing.T) {
	begun := make(chan struct{})
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		_, _ = io.WriteString(w, `{"TableNames": ["a", `)
		_ = http.NewResponseController(w).Flush()
		close(begun)
		time.Sleep(100 * time.Millisecond)
		_, _ = io.WriteString(w, `"b"]}`)
	}))
	defer server.Close()
	client := &http.Client{Transport: &http.Transport{DialContext: func(ctx context.Context, network, address string) (net.Conn, error) {
		conn, err := (&net.Dialer{}).DialContext(ctx, network, address)
		return late{conn, begun}, err
	}}}
	got, err := dynamodb.NewFromConfig(aws.Config{
		Region: "us-east-2", BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		HTTPClient: awsclient.Whole(client), RetryMaxAttempts: 1,
	}).ListTables(t.Context(), &dynamodb.ListTablesInput{ExclusiveStartTableName: aws.String("a TableName")})
	if err != nil || len(got.TableNames) != 2 {
		t.Errorf("want two tables, got %+v, %v", got, err)
	}
}
