package main

import (
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	catalogapi "github.com/storefront-cdk/storefront/services/catalog/api"
	"github.com/storefront-cdk/storefront/services/internal/awstest"
	"github.com/storefront-cdk/storefront/services/internal/table"
)

// startCatalog runs the program of the catalog, in which ops is an administrator, and returns a client of it.
func startCatalog(t *testing.T, variables ...string) *awstest.Client {
	t.Helper()
	stack := awstest.Deploy(t, "Catalog")
	_, err := dynamodb.NewFromConfig(stack.AWS).PutItem(t.Context(), &dynamodb.PutItemInput{
		TableName: aws.String(stack.Environment["PRODUCTS_TABLE_NAME"]), Item: table.Item{"productId": table.Text("administrator#ops")},
	})
	if err != nil {
		t.Fatal(err)
	}
	program := filepath.Join(t.TempDir(), "catalog")
	if output, err := exec.Command("go", "build", "-o", program, "../catalog").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
	free, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	host, port, _ := net.SplitHostPort(free.Addr().String())
	_ = free.Close()
	catalog := exec.Command(program)
	catalog.Stderr = os.Stderr
	catalog.Env = append(slices.Clone(variables), "HOST="+host, "PORT="+port, "AWS_REGION=us-east-2", "AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test",
		"AWS_ENDPOINT_URL="+*stack.AWS.BaseEndpoint)
	for name, value := range stack.Environment {
		if name != "PORT" {
			catalog.Env = append(catalog.Env, name+"="+value)
		}
	}
	if err := catalog.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = catalog.Process.Signal(syscall.SIGTERM)
		if err := catalog.Wait(); err != nil {
			t.Errorf("the catalog: %v", err)
		}
	})
	url := "http://" + host + ":" + port
	for deadline := time.Now().Add(20 * time.Second); time.Now().Before(deadline); time.Sleep(10 * time.Millisecond) {
		if response, err := http.Get(url + "/health"); err == nil {
			_ = response.Body.Close()
			return awstest.At(t, url)
		}
	}
	t.Fatal("the catalog does not start within 20 s")
	return nil
}

// The trace begins at the load balancer. A checkout asks the catalog, which is another process.
func TestACheckoutIsOneTraceThroughTheCatalog(t *testing.T) {
	collector := awstest.StartCollector(t)
	catalog := startCatalog(t, "OTEL_EXPORTER_OTLP_ENDPOINT="+collector.URL, "OTEL_BSP_SCHEDULE_DELAY=20")
	lamp := catalogapi.Description{Name: "Lamp", Description: "Gives light", Category: "Home", Price: euros(1999), Stock: 3}
	catalog.As("ops").Put("/catalog/products/lamp", lamp).Expect(http.StatusOK, nil)
	cart := awstest.Start(t, awstest.Deploy(t, "Cart"), map[string]string{"CATALOG_URL": catalog.URL, "OTEL_EXPORTER_OTLP_ENDPOINT": collector.URL}, spec, run)
	anna := cart.As("anna").With("X-Amzn-Trace-Id", "Root=1-5759e988-bd862e3fe1be46a994272793")
	put(anna.With("X-Amzn-Trace-Id", ""), "lamp", 1)
	anna.With("Idempotency-Key", "purchase-1").Post("/cart/checkout", nil).Expect(http.StatusOK, nil)

	parent := ""
	for _, of := range []struct{ service, name string }{
		{"cart", "POST /cart/checkout"}, {"cart", "HTTP GET"}, {"catalog", "GET /catalog/prices"}, {"catalog", "DynamoDB.BatchGetItem"},
	} {
		span := collector.Span(of.service, of.name)
		if span.Trace != "5759e988bd862e3fe1be46a994272793" || span.Parent != parent {
			t.Errorf("got %+v, want it below %q in the trace of the request", span, parent)
		}
		parent = span.ID
	}
	if written := collector.Span("cart", "DynamoDB.TransactWriteItems"); written.Parent != collector.Span("cart", "POST /cart/checkout").ID {
		t.Errorf("got %+v, want it below the checkout", written)
	}
}
