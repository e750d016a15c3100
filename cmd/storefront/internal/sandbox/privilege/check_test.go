package privilege

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"slices"
	"testing"

	"github.com/aws/smithy-go"
	"github.com/google/go-cmp/cmp"
)

// aRole returns a role that needs to query one index.
func aRole() (*role, thing) {
	t := thing{kind: index, arn: "arn:t/index/a", pattern: "arn:t/index/*"}
	r := &role{stack: "cart", logicalID: "Role", purpose: "task role of cart", principal: ofTasks, needs: map[right]int{}, grants: map[right]int{}, allowed: map[right]bool{}}
	r.need(t, "dynamodb:Query")
	return r, t
}

func lines(findings []Finding) []string {
	var all []string
	for _, finding := range findings {
		all = append(all, finding.String())
	}
	return all
}

func TestJudge(t *testing.T) {
	r, thing := aRole()
	good := map[string]bool{}
	for _, action := range thing.kind.actions() {
		good[action] = action == "dynamodb:Query"
	}
	if got := judge(r, thing, good); len(got) > 0 {
		t.Errorf("as needed: got %v", got)
	}
	good["dynamodb:Query"], good["dynamodb:PartiQLSelect"] = false, true
	delete(good, "dynamodb:Scan")
	want := []string{
		"cart: Role (task role of cart): simulated: dynamodb:PartiQLSelect on arn:t/index/a: want denied, got allowed",
		"cart: Role (task role of cart): simulated: dynamodb:Query on arn:t/index/a: want allowed, got denied",
		"cart: Role (task role of cart): simulated: dynamodb:Scan on arn:t/index/a: want denied, got no decision",
	}
	if diff := cmp.Diff(want, lines(judge(r, thing, good))); diff != "" {
		t.Errorf("not as needed (-want +got):\n%s", diff)
	}
}

func parsed(t *testing.T, text string) document {
	t.Helper()
	encoded := url.PathEscape(text)
	policy, err := parse(&encoded)
	if err != nil {
		t.Fatal(err)
	}
	return policy
}

func TestUndeclared(t *testing.T) {
	const granted = "cart: Role (task role of cart): granted: "
	for policy, want := range map[string][]string{
		`{"Statement": {"Effect": "Allow", "Action": "dynamodb:Query", "Resource": "arn:t/index/*"}}`: nil,
		`{"Statement": [{"Effect": "Deny", "Action": "*", "Resource": "*"}]}`:                         nil,
		`{"Statement": {"Effect": "Allow", "Action": ["dynamodb:Query", "s3:X"], "Resource": ["arn:t/index/*", "*"]}}`: {
			granted + "dynamodb:Query on *: want only what is declared, got a statement of policy P",
			granted + "s3:X on arn:t/index/*: want only what is declared, got a statement of policy P",
			granted + "s3:X on *: want only what is declared, got a statement of policy P",
		},
		`{"Statement": {"Effect": "Allow", "NotAction": "iam:*", "Resource": "*"}}`:      {granted + "policy P: want actions and resources by name, got all but some"},
		`{"Statement": {"Effect": "Allow", "Action": "dynamodb:*", "NotResource": "a"}}`: {granted + "policy P: want actions and resources by name, got all but some"},
	} {
		r, _ := aRole()
		if diff := cmp.Diff(want, lines(undeclared(r, "P", parsed(t, policy)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", policy, diff)
		}
	}
}

func TestDistrusted(t *testing.T) {
	const found = "cart: Role (task role of cart): trusted: who may take the role: want Service ecs-tasks.amazonaws.com, got "
	for policy, want := range map[string][]string{
		`{"Statement": {"Effect": "Allow", "Principal": {"Service": "ecs-tasks.amazonaws.com"}}}`:                          nil,
		`{"Statement": {"Effect": "Allow", "Principal": "*"}}`:                                                             {found + "*"},
		`{"Statement": [{"Effect": "Allow", "Principal": {"Service": ["ecs-tasks.amazonaws.com", "ec2.amazonaws.com"]}}]}`: {found + "Service ec2.amazonaws.com, Service ecs-tasks.amazonaws.com"},
		`{"Statement": {"Effect": "Allow", "Principal": {"AWS": "111122223333"}}}`:                                         {found + "AWS 111122223333"},
		`{"Statement": []}`: {found},
	} {
		r, _ := aRole()
		if diff := cmp.Diff(want, lines(distrusted(r, parsed(t, policy)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", policy, diff)
		}
	}
}

func TestDocumentsThatCannotBeRead(t *testing.T) {
	for _, text := range []string{"", "%zz", `{"Statement": 1}`, `{"Statement": {"Action": {}}}`, `{"Statement": {"Principal": 1}}`} {
		if got, err := parse(&text); err == nil {
			t.Errorf("%q: got %v, want an error", text, got)
		}
	}
	var one list[string]
	if err := json.Unmarshal([]byte(`"a"`), &one); err != nil || !slices.Equal(one, []string{"a"}) {
		t.Errorf("got %v, %v, want [a]", one, err)
	}
}

func TestOutcome(t *testing.T) {
	failed := func(code string) error { return &smithy.GenericAPIError{Code: code, Message: "no\nluck"} }
	for name, c := range map[string]struct {
		err  error
		want string
	}{
		"authorized": {nil, "allowed"},
		"refused":    {failed("AccessDeniedException"), "denied"},
		"by S3":      {failed("AccessDenied"), "denied"},
		"not there":  {failed("NoSuchUpload"), "allowed"},
		"broken":     {failed("InternalError"), "api error InternalError: no luck"},
		"no network": {errors.New("connection refused"), "connection refused"},
	} {
		if got := outcome(c.err, []string{"NoSuchUpload"}); got != c.want {
			t.Errorf("%s: got %s, want %s", name, got, c.want)
		}
	}
}

func TestHarmfulCallsThatWouldSucceedAreNotSent(t *testing.T) {
	r, on := aRole()
	r.allowed[right{"dynamodb:DeleteTable", on.arn}] = true
	var sent []string
	calls := []call{{action: "dynamodb:Query"}, {action: "dynamodb:Scan"}, {action: "dynamodb:DeleteTable", harmful: true}, {action: "dynamodb:UpdateTable", harmful: true}}
	for i := range calls {
		calls[i].on = on
		calls[i].send = func(context.Context) error {
			sent = append(sent, calls[i].action)
			return nil
		}
	}
	made, findings := r.make(t.Context(), calls)
	if want := []string{"dynamodb:Query", "dynamodb:Scan", "dynamodb:UpdateTable"}; made != 3 || !slices.Equal(sent, want) {
		t.Errorf("got %d calls, %v, want %v", made, sent, want)
	}
	want := []string{
		"cart: Role (task role of cart): called: dynamodb:Scan on arn:t/index/a: want denied, got allowed",
		"cart: Role (task role of cart): called: dynamodb:UpdateTable on arn:t/index/a: want denied, got allowed",
	}
	if diff := cmp.Diff(want, lines(findings)); diff != "" {
		t.Errorf("findings (-want +got):\n%s", diff)
	}
}
