package preflight

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	awsmiddleware "github.com/aws/aws-sdk-go-v2/aws/middleware"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/smithy-go/encoding/cbor"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// account answers the SDK's requests from recorded answers, so that its real decoding is part of the test.
type recording struct {
	t       *testing.T
	answers []answer
	mutex   sync.Mutex
	calls   map[string]int
}

// answer is one section of a file of answers: "== IAM.GetRole 404 RoleName=AWSServiceRoleForECS", where the status and the
// text that the request must have are optional, and the body.
type answer struct {
	operation string
	status    int
	with      string
	body      string
}

var section = regexp.MustCompile(`(?m)^== (\S+)(?: (\d{3}))?(?: (\S+))?\n`)

// record reads answers from files; the first that fits a request is given.
func record(t *testing.T, files ...string) *recording {
	t.Helper()
	a := &recording{t: t, calls: map[string]int{}}
	for _, file := range files {
		text, err := os.ReadFile("testdata/" + file)
		if err != nil {
			t.Fatal(err)
		}
		a.add(string(text))
	}
	return a
}

func (a *recording) add(text string) {
	starts := section.FindAllStringSubmatchIndex(text, -1)
	for n, at := range starts {
		end := len(text)
		if n+1 < len(starts) {
			end = starts[n+1][0]
		}
		group := func(g int) string {
			if at[2*g] < 0 {
				return ""
			}
			return text[at[2*g]:at[2*g+1]]
		}
		status, err := strconv.Atoi(group(2))
		if err != nil {
			status = http.StatusOK
		}
		a.answers = append(a.answers, answer{group(1), status, group(3), strings.TrimSpace(text[at[1]:end])})
	}
}

func (a *recording) RoundTrip(request *http.Request) (*http.Response, error) {
	operation := awsmiddleware.GetServiceID(request.Context()) + "." + awsmiddleware.GetOperationName(request.Context())
	operation = strings.ReplaceAll(operation, " ", "")
	sent := request.URL.String()
	var body []byte
	if request.Body != nil {
		body, _ = io.ReadAll(request.Body)
		sent += "\n" + string(body)
	}
	a.mutex.Lock()
	defer a.mutex.Unlock()
	a.calls[operation]++
	for _, answer := range a.answers {
		if (answer.operation == operation || answer.operation == "*") && strings.Contains(sent, answer.with) {
			return a.respond(request, answer), nil
		}
	}
	return nil, fmt.Errorf("no recorded answer to %s: %s", operation, sent)
}

func (a *recording) respond(request *http.Request, answer answer) *http.Response {
	body := []byte(answer.body)
	header := http.Header{"Content-Type": {"application/x-amz-json-1.1"}}
	switch {
	case request.Header.Get("Smithy-Protocol") == "rpc-v2-cbor":
		header = http.Header{"Content-Type": {"application/cbor"}, "Smithy-Protocol": {"rpc-v2-cbor"}}
		body = toCBOR(a.t, body)
	case bytes.HasPrefix(body, []byte("<")):
		header = http.Header{"Content-Type": {"text/xml"}}
	}
	if code := errorCode.FindSubmatch(body); code != nil && answer.status >= 400 {
		header.Set("X-Amzn-Errortype", string(code[1]))
	}
	return &http.Response{
		StatusCode: answer.status, Header: header, Body: io.NopCloser(bytes.NewReader(body)), ContentLength: int64(len(body)), Request: request,
	}
}

var errorCode = regexp.MustCompile(`"__type": "([^"]+)"`)

// toCBOR encodes a recorded JSON answer as CloudWatch sends it.
func toCBOR(t *testing.T, text []byte) []byte {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		t.Fatalf("%s: %v", text, err)
	}
	return cbor.Encode(cborValue(value))
}

func cborValue(value any) cbor.Value {
	switch value := value.(type) {
	case map[string]any:
		m := cbor.Map{}
		for key, child := range value {
			m[key] = cborValue(child)
			if key == "Timestamp" {
				m[key] = &cbor.Tag{ID: 1, Value: cborValue(child)}
			}
		}
		return m
	case []any:
		list := cbor.List{}
		for _, child := range value {
			list = append(list, cborValue(child))
		}
		return list
	case string:
		return cbor.String(value)
	case float64:
		return cbor.Float64(value)
	case bool:
		return cbor.Bool(value)
	}
	return &cbor.Nil{}
}

// config is the SDK's configuration for the recorded account.
func (a *recording) config() aws.Config {
	return aws.Config{
		Region: "eu-central-1", HTTPClient: &http.Client{Transport: a}, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("AKIDEXAMPLE", "secret", ""),
	}
}

// images is a registry with images, in place of every registry.
type images struct{ at string }

// push starts a registry that has the given references, for the architectures; one alone is an image without an index.
func push(t *testing.T, references map[string][]string) images {
	t.Helper()
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	t.Cleanup(server.Close)
	at := strings.TrimPrefix(server.URL, "http://")
	for reference, architectures := range references {
		to, err := name.ParseReference(at+"/"+reference, name.Insecure)
		if err != nil {
			t.Fatal(err)
		}
		var index v1.ImageIndex = empty.Index
		var last v1.Image
		for _, architecture := range architectures {
			last, err = mutate.ConfigFile(empty.Image, &v1.ConfigFile{Architecture: architecture, OS: "linux"})
			if err != nil {
				t.Fatal(err)
			}
			index = mutate.AppendManifests(index, mutate.IndexAddendum{
				Add: last, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: architecture}},
			})
		}
		if len(architectures) == 1 {
			err = remote.Write(to, last)
		} else {
			err = remote.WriteIndex(to, index)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return images{at}
}

func (i images) RoundTrip(request *http.Request) (*http.Response, error) {
	request = request.Clone(request.Context())
	request.URL.Scheme, request.URL.Host = "http", i.at
	return http.DefaultTransport.RoundTrip(request)
}
