package readback

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/aws/aws-sdk-go-v2/aws"
)

type level string

func TestShape(t *testing.T) {
	type inner struct {
		Name  *string
		Count int32
	}
	answer := &struct {
		Said, Unsaid   *string
		Level, NoLevel level
		On             bool
		Off            *bool
		Rate           *float64
		At             *time.Time
		List           []inner
		NoList         []string
		Map            map[string]string
		NoMap          map[string]string
		Inner          *inner
		NoInner        *inner
		ResultMetadata struct{ Any int }
		private        int
	}{
		Said: aws.String(""), Level: "HIGH", Rate: aws.Float64(1000), At: aws.Time(time.Unix(0, 0)),
		List: []inner{{Name: aws.String("a")}, {Count: 2}}, Map: map[string]string{"k": ""}, Inner: &inner{}, private: 1,
	}
	answer.private++ // as the SDK's own
	want := properties{
		"Said": "", "Level": "HIGH", "On": false, "Rate": json.Number("1000"), "At": "1970-01-01T00:00:00Z",
		"List": []any{properties{"Name": "a", "Count": json.Number("0")}, properties{"Count": json.Number("2")}},
		"Map":  properties{"k": ""}, "Inner": properties{"Count": json.Number("0")},
	}
	if diff := cmp.Diff(want, shapeOf(answer)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestRename(t *testing.T) {
	p := properties{"A": 1, "List": []any{properties{"key": "k"}, properties{}, "x"}}
	rename(p, "A", "B")
	rename(p, "C", "D")
	renameIn(p["List"], "key", "Key")
	renameIn(p["None"], "key", "Key")
	want := properties{"B": 1, "List": []any{properties{"Key": "k"}, properties{}, "x"}}
	if diff := cmp.Diff(want, p); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]any{"k"}, pick(p["List"], "Key")); diff != "" {
		t.Errorf("pick (-want +got):\n%s", diff)
	}
}

func TestLifecycleRules(t *testing.T) {
	got := lifecycleRules([]any{properties{
		"ID":                           "old",
		"Expiration":                   properties{"Days": 30},
		"Filter":                       properties{"Prefix": "tmp/"},
		"Transitions":                  []any{properties{"Days": 7, "StorageClass": "GLACIER"}},
		"NoncurrentVersionTransitions": []any{properties{"NoncurrentDays": 8}},
	}, properties{
		"Expiration": properties{"Date": "2030-01-01T00:00:00Z"}, "Transitions": []any{properties{"Date": "2029-01-01T00:00:00Z"}},
	}})
	want := []any{properties{
		"Id":         "old",
		"Expiration": properties{"ExpirationInDays": 30}, "ExpirationInDays": 30,
		"Filter": properties{"Prefix": "tmp/"}, "Prefix": "tmp/",
		"Transitions":                  []any{properties{"TransitionInDays": 7, "StorageClass": "GLACIER"}},
		"NoncurrentVersionTransitions": []any{properties{"TransitionInDays": 8}},
	}, properties{
		"Expiration": properties{"ExpirationDate": "2030-01-01T00:00:00Z"}, "ExpirationDate": "2030-01-01T00:00:00Z",
		"Transitions": []any{properties{"TransitionDate": "2029-01-01T00:00:00Z"}},
	}}
	if diff := cmp.Diff(any(want), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestListenerOf(t *testing.T) {
	const rule = "arn:aws:elasticloadbalancing:us-east-1:1:listener-rule/app/shop/0a/1b/2c"
	if got, want := listenerOf(rule), "arn:aws:elasticloadbalancing:us-east-1:1:listener/app/shop/0a/1b"; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
	if got := listenerOf(""); got != "" {
		t.Errorf("of nothing: got %s", got)
	}
}
