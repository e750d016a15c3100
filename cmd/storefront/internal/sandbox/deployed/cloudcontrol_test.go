package deployed

import (
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// registry serves schemas as CloudFormation, by type, and resources as Cloud Control, by identifier. The type Unread has a
// schema, but cannot be read.
func registry(t *testing.T, schemas, resources map[string]string) aws.Config {
	t.Helper()
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		var asked struct{ TypeName, Identifier string }
		_ = json.Unmarshal(body, &asked)
		answer := func(status int, format string, values ...any) {
			w.WriteHeader(status)
			_, _ = fmt.Fprintf(w, format, values...)
		}
		_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		switch {
		case operation == "": // the query protocol
			r.Body = io.NopCloser(strings.NewReader(string(body)))
			if schema, found := schemas[r.FormValue("TypeName")]; found {
				answer(200, "<DescribeTypeResponse><DescribeTypeResult><Schema>%s</Schema></DescribeTypeResult></DescribeTypeResponse>", html.EscapeString(schema))
				return
			}
			answer(404, "<ErrorResponse><Error><Code>TypeNotFoundException</Code><Message>no such type</Message></Error></ErrorResponse>")
		case operation == "ListResources":
			var all []string
			for identifier := range resources {
				all = append(all, fmt.Sprintf(`{"Identifier": %q}`, identifier))
			}
			answer(200, `{"TypeName": %q, "ResourceDescriptions": [%s]}`, asked.TypeName, strings.Join(all, ","))
		case asked.TypeName == "AWS::Test::Unread":
			answer(400, `{"__type": "UnsupportedActionException", "message": "no READ"}`)
		case resources[asked.Identifier] == "":
			answer(400, `{"__type": "ResourceNotFoundException", "message": "no such resource"}`)
		default:
			answer(200, `{"TypeName": %q, "ResourceDescription": {"Identifier": %q, "Properties": %q}}`, asked.TypeName, asked.Identifier, resources[asked.Identifier])
		}
	}))
	t.Cleanup(server.Close)
	return aws.Config{
		Region: "us-east-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1, HTTPClient: server.Client(),
		Credentials: aws.AnonymousCredentials{},
	}
}

func TestProperties(t *testing.T) {
	config := registry(t, map[string]string{
		"AWS::Test::One":    `{"primaryIdentifier": ["/properties/Id"]}`,
		"AWS::Test::Part":   `{"primaryIdentifier": ["/properties/Api", "/properties/Id"]}`,
		"AWS::Test::Two":    `{"primaryIdentifier": ["/properties/Ip", "/properties/Id"]}`,
		"AWS::Test::Unread": `{"primaryIdentifier": ["/properties/Id"]}`,
	}, map[string]string{
		"one": `{"Id": "one", "Size": 3}`, "a1|part": `{"Id": "part"}`, "192.0.2.1|e-1": `{"Ip": "192.0.2.1"}`,
		"x|y": `{"Ip": "x"}`,
	})
	template, err := snapshot.Parse([]byte(`{"Resources": {"R": {"Type": "T", "Properties": {"Api": {"Fn::Join": ["", ["a", 1]]}}}}}`))
	if err != nil {
		t.Fatal(err)
	}
	for name, test := range map[string]struct {
		kind, physical string
		want           map[string]any
		err            string
	}{
		"by the physical ID":                     {"One", "one", map[string]any{"Id": "one", "Size": json.Number("3")}, ""},
		"by a property and the physical ID":      {"Part", "part", map[string]any{"Id": "part"}, ""},
		"by a physical ID of all parts":          {"Two", "x|y", map[string]any{"Ip": "x"}, ""},
		"by one of two parts that AWS chooses":   {"Two", "192.0.2.1", map[string]any{"Ip": "192.0.2.1"}, ""},
		"not among those listed":                 {"Two", "192.0.2.2", nil, "Cloud Control does not read AWS::Test::Two: 192.0.2.2 is not among the resources that it lists"},
		"deleted":                                {"One", "two", nil, "no such resource"},
		"a type that the registry does not know": {"Unknown", "one", nil, "Cloud Control does not read AWS::Test::Unknown: no such type"},
		"a type that Cloud Control cannot read":  {"Unread", "one", nil, "Cloud Control does not read AWS::Test::Unread: no READ"},
	} {
		stack := &Stack{Name: "shop", Template: template}
		s := &App{Config: config, Stacks: []*Stack{stack}}
		got, err := s.Properties(t.Context(), stack, Resource{LogicalID: "R", Type: "AWS::Test::" + test.kind, PhysicalID: test.physical})
		if test.err != "" {
			if err == nil || !strings.HasSuffix(err.Error(), test.err) {
				t.Errorf("%s: want the error %q, got %v, %v", name, test.err, got, err)
			}
			var missing *UnsupportedError
			if want := name != "deleted"; errors.As(err, &missing) != want {
				t.Errorf("%s: want an UnsupportedError: %t, got %v", name, want, err)
			}
			continue
		}
		if diff := cmp.Diff(test.want, got); err != nil || diff != "" {
			t.Errorf("%s: %v (-want +got):\n%s", name, err, diff)
		}
	}
}
