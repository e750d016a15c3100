package readback

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

func storefront(t *testing.T, template string, resources map[string]deployed.Resource) *deployed.App {
	t.Helper()
	parsed, err := snapshot.Parse([]byte(template))
	if err != nil {
		t.Fatal(err)
	}
	return &deployed.App{
		Config: aws.Config{Region: "us-east-1"}, Account: "111122223333",
		Stacks: []*deployed.Stack{{Name: "shop-cart", Template: parsed, Resources: resources}},
	}
}

// records are the options of an emulator.
var records = Options{CloudControlRecords: true}

// Types with a reader, types that Cloud Control reads, and types that it does not read, on an emulator and on an account.
func TestWhoReads(t *testing.T) {
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		switch {
		case r.Header.Get("X-Amz-Target") == "" && !strings.Contains(string(body), "Unknown"):
			_, _ = io.WriteString(w, `<DescribeTypeResponse><DescribeTypeResult><Schema>{"primaryIdentifier": ["/properties/Id"], "writeOnlyProperties": ["/properties/B"]}</Schema></DescribeTypeResult></DescribeTypeResponse>`)
		case r.Header.Get("X-Amz-Target") == "":
			w.WriteHeader(http.StatusNotFound)
			_, _ = io.WriteString(w, `<ErrorResponse><Error><Code>TypeNotFoundException</Code></Error></ErrorResponse>`)
		case strings.Contains(string(body), "Unread"):
			w.WriteHeader(http.StatusBadRequest)
			_, _ = io.WriteString(w, `{"__type": "UnsupportedActionException"}`)
		default:
			_, _ = io.WriteString(w, `{"ResourceDescription": {"Properties": "{\"A\": \"cloud control\"}"}}`)
		}
	}))
	defer server.Close()
	template, resources := []string{}, map[string]deployed.Resource{}
	for _, kind := range []string{"AWS::IAM::Role", "AWS::Test::Read", "AWS::Test::ReadUnread", "AWS::Test::Cloud", "AWS::Test::Unread", "AWS::Test::Unknown"} {
		id := strings.ReplaceAll(kind, "::", "")
		template = append(template, fmt.Sprintf(`%q: {"Type": %q, "Properties": {"A": "?", "B": 1}}`, id, kind))
		resources[id] = deployed.Resource{LogicalID: id, Type: kind, PhysicalID: "physical"}
		if strings.Contains(kind, "Role") || strings.Contains(kind, "::Read") {
			was, known := readers[kind]
			readers[kind] = func(*query, resource) properties {
				return properties{"A": "reader", "B": "1", "ManagedPolicyArns": []any{}, "Policies": []any{}}
			}
			defer func() {
				if delete(readers, kind); known {
					readers[kind] = was
				}
			}()
		}
	}
	for records, want := range map[bool]struct {
		got, read, recorded map[string]int
		inRecord            int
	}{
		true: {
			map[string]int{"AWS::IAM::Role reader": 1, "AWS::Test::Read reader": 1, "AWS::Test::ReadUnread reader": 1, "AWS::Test::Cloud cloud control": 1},
			map[string]int{"AWS::IAM::Role": 1, "AWS::Test::Read": 1, "AWS::Test::ReadUnread": 1},
			map[string]int{"AWS::Test::Cloud": 1},
			1,
		},
		false: {
			map[string]int{"AWS::IAM::Role reader": 1, "AWS::Test::Read cloud control": 1, "AWS::Test::ReadUnread reader": 1, "AWS::Test::Cloud cloud control": 1},
			map[string]int{"AWS::IAM::Role": 1, "AWS::Test::Read": 1, "AWS::Test::ReadUnread": 1, "AWS::Test::Cloud": 1},
			map[string]int{},
			0,
		},
	} {
		shop := storefront(t, `{"Resources": {`+strings.Join(template, ",")+`}}`, resources)
		shop.Config.BaseEndpoint, shop.Config.Credentials, shop.Config.RetryMaxAttempts = &server.URL, aws.AnonymousCredentials{}, 1
		report, err := Check(t.Context(), shop, Options{CloudControlRecords: records})
		if err != nil {
			t.Fatal(err)
		}
		got := map[string]int{}
		for _, f := range report.Findings {
			got[f.Type+" "+strings.Trim(f.Got, `"`)]++
		}
		unread := map[string]int{"AWS::Test::Unread": 1, "AWS::Test::Unknown": 1}
		if diff := cmp.Diff([]map[string]int{want.got, want.read, want.recorded, unread},
			[]map[string]int{got, report.Read, report.Recorded, report.Unread}); diff != "" {
			t.Errorf("Cloud Control records: %t (-want +got):\n%s", records, diff)
		}
		if report.InRecord != want.inRecord {
			t.Errorf("Cloud Control records: %t: want %d properties compared with a record, got %d", records, want.inRecord, report.InRecord)
		}
	}
}

func TestNumbers(t *testing.T) {
	r := Report{
		Read: map[string]int{"A": 2, "B": 1}, Recorded: map[string]int{"C": 2, "D": 1}, Unread: map[string]int{"E": 1},
		Skipped: map[string]int{"A Secret: write-only": 2}, Compared: 9, InRecord: 4, Changed: 8,
	}
	if diff := cmp.Diff([]string{
		"3 resources of 2 types read back, 9 properties compared",
		"3 more resources not read back, but 4 properties compared with the record of what was deployed: 2 C, 1 D",
		"8 of the templates' properties also compared with another value, each of which was found",
		"1 more resources not compared, since neither a reader nor Cloud Control reads their types: 1 E",
		"2 properties skipped, since no API returns them: 2 A Secret: write-only",
	}, r.Numbers()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestCheckWithoutAsking(t *testing.T) {
	const kind = "AWS::Test::Thing"
	answers := map[string]func() (properties, error){
		"good": func() (properties, error) { return properties{"A": "1"}, nil },
		"bad":  func() (properties, error) { return properties{"A": "2"}, nil },
		"gone": func() (properties, error) {
			return nil, &smithy.GenericAPIError{Code: "NotFound", Message: "no such thing"}
		},
		"none": func() (properties, error) { return nil, absentError("the service has 0 of it") },
		"expired": func() (properties, error) {
			return nil, &smithy.GenericAPIError{Code: "ExpiredToken", Message: "too late"}
		},
		"cut": func() (properties, error) { return nil, io.ErrUnexpectedEOF },
	}
	readers[kind] = func(q *query, r resource) (p properties) {
		p, q.err = answers[r.PhysicalID]()
		return p
	}
	defer delete(readers, kind)
	const thing = `{"Resources": {"Thing": {"Type": "AWS::Test::Thing", "Properties": {"A": "1"}}}}`
	for name, test := range map[string]struct {
		template, physical string
		findings           []string
		err                string
	}{
		"as asked":   {template: thing, physical: "good"},
		"otherwise":  {template: thing, physical: "bad", findings: []string{`shop-cart: Thing (AWS::Test::Thing): A: want "1", got "2"`}},
		"not listed": {template: thing, findings: []string{`shop-cart: Thing (AWS::Test::Thing): want the resource, got nothing`}},
		"not there":  {template: thing, physical: "gone", findings: []string{`shop-cart: Thing (AWS::Test::Thing): want the resource, got api error NotFound: no such thing`}},
		"not known":  {template: thing, physical: "none", findings: []string{`shop-cart: Thing (AWS::Test::Thing): want the resource, got the service has 0 of it`}},
		"not asked":  {template: thing, physical: "expired", err: "shop-cart: Thing: api error ExpiredToken: too late"},
		"cut off":    {template: thing, physical: "cut", err: "shop-cart: Thing: unexpected EOF"},
		"an expression that does not resolve": {
			template: `{"Resources": {"Thing": {"Type": "AWS::Test::Thing", "Properties": {"A": {"Ref": "Other"}}}}}`, physical: "good",
			findings: []string{`shop-cart: Thing (AWS::Test::Thing): want expressions that resolve, got shop-cart: {"Ref":"Other"}: the stack has no resource and its template no parameter Other`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			resources := map[string]deployed.Resource{}
			if test.physical != "" {
				resources["Thing"] = deployed.Resource{LogicalID: "Thing", Type: kind, PhysicalID: test.physical}
			}
			report, err := Check(t.Context(), storefront(t, test.template, resources), records)
			if test.err != "" {
				if err == nil || err.Error() != test.err {
					t.Fatalf("want the error %q, got %v", test.err, err)
				}
				return
			}
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, f := range report.Findings {
				got = append(got, f.String())
			}
			if diff := cmp.Diff(test.findings, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestOutputs(t *testing.T) {
	shop := storefront(t, `{"Resources": {}, "Outputs": {"Right": {"Value": "a"}, "Wrong": {"Value": {"Ref": "AWS::Region"}}, "Gone": {"Value": "b"}, "Lost": {"Value": {"Ref": "Other"}}}}`, nil)
	shop.Stacks[0].Outputs = map[string]string{"Right": "a", "Wrong": "eu-west-1"}
	report, err := Check(t.Context(), shop, records)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range report.Findings {
		got = append(got, f.String())
	}
	if diff := cmp.Diff([]string{
		`shop-cart: Gone (output): want "b", got nothing`,
		`shop-cart: Lost (output): want expressions that resolve, got shop-cart: {"Ref":"Other"}: the stack has no resource and its template no parameter Other`,
		`shop-cart: Wrong (output): want "us-east-1", got "eu-west-1"`,
	}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if report.Compared != 4 {
		t.Errorf("want 4 compared, got %d", report.Compared)
	}
}

func TestUntoldIsSaid(t *testing.T) {
	was := readers["AWS::KMS::Key"]
	readers["AWS::KMS::Key"] = func(*query, resource) properties { return properties{"Description": "d"} }
	defer func() { readers["AWS::KMS::Key"] = was }()
	report, err := Check(t.Context(), storefront(t,
		`{"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": {"Description": "d", "PendingWindowInDays": 7}}}}`,
		map[string]deployed.Resource{"Key": {LogicalID: "Key", Type: "AWS::KMS::Key"}}), records)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{
		"1 resources of 1 types read back, 1 properties compared",
		"1 of the templates' properties also compared with another value, each of which was found",
		"1 properties skipped, since no API returns them: 1 AWS::KMS::Key PendingWindowInDays: a parameter of the call, which the service does not keep",
	}, report.Numbers()); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}

func TestIsAnswer(t *testing.T) {
	for err, want := range map[error]bool{
		&smithy.GenericAPIError{Code: "AccessDenied"}:                true,
		&smithy.GenericAPIError{Code: "UnrecognizedClientException"}: false,
		absentError("no"):           true,
		&deployed.UnresolvedError{}: true,
		context.Canceled:            false,
		errors.New("no route"):      false,
	} {
		if got := isAnswer(err); got != want {
			t.Errorf("isAnswer(%v) is %t, want %t", err, got, want)
		}
	}
}
