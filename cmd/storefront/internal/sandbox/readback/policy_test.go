package readback

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestComparePolicies(t *testing.T) {
	const asked = `{"PolicyDocument": {"Version": "2012-10-17", "Statement": [
		{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:1", "Principal": {"Service": "ecs.amazonaws.com"},
			"Condition": {"Bool": {"aws:SecureTransport": false}}}]}}`
	for name, test := range map[string]struct {
		got      string
		findings []string
	}{
		"another form of the same": {
			`{"PolicyDocument": {"Version": "2012-10-17", "Statement": {"Effect": "Allow", "Action": ["s3:PutObject", "s3:GetObject"], "Resource": ["arn:1"],
				"Principal": {"Service": ["ecs.amazonaws.com"]}, "Condition": {"Bool": {"aws:SecureTransport": ["false"]}}}}}`,
			nil,
		},
		"an action more": {
			`{"PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject", "s3:Z"], "Resource": "arn:1",
				"Principal": {"Service": "ecs.amazonaws.com"}, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}]}}`,
			[]string{`PolicyDocument.Statement[0].Action[]: want nothing, got "s3:Z"`},
		},
		"a condition less, a principal more": {
			`{"PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:1",
				"Principal": {"Service": "ecs.amazonaws.com", "AWS": "*"}}]}}`,
			[]string{
				`PolicyDocument.Statement[0].Condition.Bool.aws:SecureTransport[]: want "false", got nothing`,
				`PolicyDocument.Statement[0].Principal.AWS: want nothing, got ["*"]`,
			},
		},
		"a statement more": {
			`{"PolicyDocument": {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": "arn:1",
				"Principal": {"Service": "ecs.amazonaws.com"}, "Condition": {"Bool": {"aws:SecureTransport": "false"}}}, {"Effect": "Deny"}]}}`,
			[]string{`PolicyDocument.Statement[1]: want nothing, got {"Effect":"Deny"}`},
		},
		"none": {
			`{}`,
			[]string{
				`PolicyDocument.Statement[0]: want {"Action":["s3:GetObject","s3:PutObject"],"Condition":{"Bool":{"aws:SecureTransport":["false"]}},"Effect":"Allow","Principal":{"Service":["ecs.amazonaws.com"]},"Resource":["arn:1"]}, got nothing`,
				`PolicyDocument.Version: want "2012-10-17", got nothing`,
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			compared := compare("AWS::S3::BucketPolicy", marks{}, asProperties(t, asked), asProperties(t, test.got))
			if diff := cmp.Diff(test.findings, lines(compared)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestDocument(t *testing.T) {
	for name, text := range map[string]string{
		"as it is":          `{"Action": "s3:*+"}`,
		"as IAM escapes it": `%7B%22Action%22%3A%20%22s3%3A%2A%2B%22%7D`,
	} {
		got, err := document(text)
		if err != nil {
			t.Errorf("%s: %v", name, err)
		}
		if diff := cmp.Diff(any(properties{"Action": "s3:*+"}), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
	for _, text := range []string{"", "%7B%2", "{"} {
		if got, err := document(text); err == nil {
			t.Errorf("document(%q) is %v, want an error", text, got)
		}
	}
}

func TestShared(t *testing.T) {
	policy := func(action string) any {
		return properties{"Statement": []any{properties{"Action": action}}}
	}
	r := resource{asked: properties{"PolicyDocument": policy("s3:Get*"), "Roles": []any{"a", "b", "c"}}}
	r.Type = "AWS::IAM::Policy"
	for name, test := range map[string]struct {
		policies []any
		want     any
	}{
		"all as asked":  {[]any{policy("s3:Get*"), policy("s3:Get*")}, policy("s3:Get*")},
		"one otherwise": {[]any{policy("s3:Get*"), policy("s3:*"), policy("s3:Get*")}, policy("s3:*")},
		"the first":     {[]any{policy("s3:*"), policy("s3:Get*")}, policy("s3:*")},
		"given to none": {nil, nil},
	} {
		given := test.policies
		r.asked["Roles"] = []any{"a", "b", "c"}[:len(given)]
		got := shared(&query{}, r, "Roles", func(string) any {
			next := given[0]
			given = given[1:]
			return next
		})
		if diff := cmp.Diff(test.want, got["PolicyDocument"]); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}
