package readback

import (
	"context"
	"errors"
	"io"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/test/sandbox/deployed"
)

func storefront(t *testing.T, template string, resources map[string]deployed.Resource) *deployed.Storefront {
	t.Helper()
	parsed, err := snapshot.Parse([]byte(template))
	if err != nil {
		t.Fatal(err)
	}
	return &deployed.Storefront{
		Config: aws.Config{Region: "us-east-1"}, Account: "111122223333",
		Stacks: []*deployed.Stack{{Name: "shop-cart", Template: parsed, Resources: resources}},
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
		"none": func() (properties, error) { return nil, absentError("the service knows 0 of it") },
		"expired": func() (properties, error) {
			return nil, &smithy.GenericAPIError{Code: "ExpiredToken", Message: "too late"}
		},
		"cut": func() (properties, error) { return nil, io.ErrUnexpectedEOF },
	}
	readers[kind] = func(_ context.Context, _ *account, r resource) (properties, error) { return answers[r.PhysicalID]() }
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
		"not known":  {template: thing, physical: "none", findings: []string{`shop-cart: Thing (AWS::Test::Thing): want the resource, got the service knows 0 of it`}},
		"not asked":  {template: thing, physical: "expired", err: "shop-cart: Thing: api error ExpiredToken: too late"},
		"cut off":    {template: thing, physical: "cut", err: "shop-cart: Thing: unexpected EOF"},
		"a type that nobody reads": {
			template: `{"Resources": {"Thing": {"Type": "AWS::Test::Other"}}}`, physical: "good",
			findings: []string{`shop-cart: Thing (AWS::Test::Other): want a reader of this type in readers.go, got nothing`},
		},
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
			report, err := Check(t.Context(), storefront(t, test.template, resources), nil)
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
	report, err := Check(t.Context(), shop, nil)
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

func TestExceptions(t *testing.T) {
	const kind = "AWS::Test::Thing"
	readers[kind] = func(context.Context, *account, resource) (properties, error) {
		return properties{"Kept": "1", "Changed": "3"}, nil
	}
	defer delete(readers, kind)
	deployedThing := storefront(t,
		`{"Resources": {"Thing": {"Type": "AWS::Test::Thing", "Properties": {"Kept": "1", "Changed": "2", "Dropped": {"A": "1", "B": "2"}, "DroppedToo": "1"}}}}`,
		map[string]deployed.Resource{"Thing": {LogicalID: "Thing", Type: kind}})
	var (
		kept    = Exception{Type: kind, Property: "Kept", Why: "not needed"}
		changed = Exception{Type: kind, Property: "Changed", Got: `"3"`, Why: "it always says 3"}
		wrongly = Exception{Type: kind, Property: "DroppedToo", Got: `"9"`, Why: "it always says 9"}
		dropped = Exception{Type: kind, Property: "Dropped", Why: "not kept"}
		another = Exception{Type: "AWS::Test::Other", Property: "DroppedToo", Why: "of another type"}
	)
	all := []Exception{kept, changed, wrongly, dropped, another}
	report, err := Check(t.Context(), deployedThing, all)
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, f := range report.Findings {
		found = append(found, f.String())
	}
	// Neither "Dropped", which its name begins with, nor an exception for another answer covers it.
	if diff := cmp.Diff([]string{`shop-cart: Thing (AWS::Test::Thing): DroppedToo: want "1", got nothing`}, found); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]Exception{kept, wrongly, another}, Unneeded(all, report)); diff != "" {
		t.Errorf("unneeded (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{
		"1 resources of 1 types read back, 5 properties compared (0 of the templates', each also with another value, which was found), 3 skipped",
		"skipped 1 times: AWS::Test::Thing Changed: it always says 3",
		"skipped 2 times: AWS::Test::Thing Dropped: not kept",
	}, report.Numbers()); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}

func TestUntoldIsSaid(t *testing.T) {
	was := readers["AWS::KMS::Key"]
	readers["AWS::KMS::Key"] = func(context.Context, *account, resource) (properties, error) {
		return properties{"Description": "d"}, nil
	}
	defer func() { readers["AWS::KMS::Key"] = was }()
	report, err := Check(t.Context(), storefront(t,
		`{"Resources": {"Key": {"Type": "AWS::KMS::Key", "Properties": {"Description": "d", "PendingWindowInDays": 7}}}}`,
		map[string]deployed.Resource{"Key": {LogicalID: "Key", Type: "AWS::KMS::Key"}}), nil)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{
		"1 resources of 1 types read back, 1 properties compared (1 of the templates', each also with another value, which was found), 1 skipped",
		"skipped 1 times: AWS::KMS::Key PendingWindowInDays: says how a call is made, and is kept nowhere",
	}, report.Numbers()); diff != "" {
		t.Errorf("numbers (-want +got):\n%s", diff)
	}
}

func TestWholeResourceExcepted(t *testing.T) {
	e := Exception{Type: "AWS::Test::Thing", Got: "api error NotFound", Why: "has no service"}
	if !e.covers(Finding{Type: "AWS::Test::Thing", Got: "api error NotFound: no such thing"}) {
		t.Error("want a resource that is not there covered")
	}
	if e.covers(Finding{Type: "AWS::Test::Thing", Property: "A", Got: "nothing"}) {
		t.Error("want a property not covered by an exception for another answer")
	}
	dropped := Exception{Type: "AWS::Test::Thing", Property: "A", Why: "not kept"}
	if dropped.covers(Finding{Type: "AWS::Test::Thing", Property: "A", Got: `"2"`}) {
		t.Error("want another value found, since the exception is for none")
	}
	if got, want := e.String(), "AWS::Test::Thing"; got != want {
		t.Errorf("got %s, want %s", got, want)
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
