package readback

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// asProperties decodes a resource's properties as tests write them.
func asProperties(t *testing.T, text string) properties {
	t.Helper()
	value, err := decode([]byte(text))
	if err != nil {
		t.Fatalf("%v: %s", err, text)
	}
	p, isMap := value.(properties)
	if !isMap {
		t.Fatalf("want an object: %s", text)
	}
	return p
}

func TestCompare(t *testing.T) {
	for name, test := range map[string]struct {
		kind      string
		want, got string
		findings  []string
	}{
		"the same": {
			"AWS::Logs::LogGroup", `{"RetentionInDays": 7}`, `{"RetentionInDays": 7, "LogGroupName": "x"}`, nil,
		},
		"another value": {
			"AWS::Logs::LogGroup", `{"RetentionInDays": 7}`, `{"RetentionInDays": 14}`,
			[]string{`RetentionInDays: want 7, got 14`},
		},
		"a property that the reader does not return": {
			"AWS::Logs::LogGroup", `{"RetentionInDays": 7, "Brandnew": {"A": 1, "B": [2]}}`, `{"RetentionInDays": 7}`,
			[]string{`Brandnew.A: want 1, got nothing`, `Brandnew.B[0]: want 2, got nothing`},
		},
		"numbers and booleans are text to CloudFormation": {
			"AWS::EC2::Subnet", `{"MapPublicIpOnLaunch": false, "Port": "80", "Rate": 1}`, `{"MapPublicIpOnLaunch": "false", "Port": 80, "Rate": 1.0}`, nil,
		},
		"a list where a scalar was asked for": {
			"AWS::EC2::Subnet", `{"CidrBlock": "10.0.0.0/20"}`, `{"CidrBlock": ["10.0.0.0/20"]}`,
			[]string{`CidrBlock: want "10.0.0.0/20", got ["10.0.0.0/20"]`},
		},
		"a scalar where a list was asked for": {
			"AWS::EC2::Subnet", `{"List": ["a"], "Map": {"a": 1}}`, `{"List": "a", "Map": "a"}`,
			[]string{`List: want ["a"], got "a"`, `Map: want {"a":1}, got "a"`},
		},
		"nothing asked for, nothing said": {
			"AWS::OpenSearchService::Domain", `{"LogPublishingOptions": {}, "List": []}`, `{}`, nil,
		},
		"an empty list, and the service has one": {
			"AWS::EC2::Subnet", `{"List": []}`, `{"List": ["x"]}`, []string{`List[0]: want nothing, got "x"`},
		},
		"a list in order": {
			"AWS::DynamoDB::GlobalTable", `{"KeySchema": [{"AttributeName": "a"}, {"AttributeName": "b"}]}`, `{"KeySchema": [{"AttributeName": "b"}, {"AttributeName": "a"}], "TimeToLiveSpecification": {"Enabled": false}}`,
			[]string{`KeySchema[0].AttributeName: want "a", got "b"`, `KeySchema[1].AttributeName: want "b", got "a"`},
		},
		"a shorter list": {
			"AWS::EC2::Subnet", `{"List": ["a", "b"]}`, `{"List": ["a"]}`, []string{`List[1]: want "b", got nothing`},
		},
		"a set": {
			"AWS::ECS::Service", `{"NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["a", "b", "c"]}}}`,
			`{"NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["c", "a", "d"]}}}`,
			[]string{`NetworkConfiguration.AwsvpcConfiguration.Subnets[]: want "b", got nothing`, `NetworkConfiguration.AwsvpcConfiguration.Subnets[]: want nothing, got "d"`},
		},
		"a set has an element once for each time": {
			"AWS::ECS::Service", `{"NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["a", "a"]}}}`,
			`{"NetworkConfiguration": {"AwsvpcConfiguration": {"Subnets": ["a"]}}}`,
			[]string{`NetworkConfiguration.AwsvpcConfiguration.Subnets[]: want "a", got nothing`},
		},
		"elements by name": {
			"AWS::ECS::TaskDefinition",
			`{"ContainerDefinitions": [{"Name": "app", "Environment": [{"Name": "A", "Value": "1"}, {"Name": "B", "Value": "2"}]}]}`,
			`{"ContainerDefinitions": [{"Name": "app", "Cpu": 0, "Environment": [{"Name": "C", "Value": "3"}, {"Name": "A", "Value": "9"}]}]}`,
			[]string{
				`ContainerDefinitions[app].Environment[A].Value: want "1", got "9"`,
				`ContainerDefinitions[app].Environment[B]: want {"Name":"B","Value":"2"}, got nothing`,
				`ContainerDefinitions[app].Environment[C]: want nothing, got {"Name":"C","Value":"3"}`,
			},
		},
		"an element that the service names": {
			"AWS::S3::Bucket", `{"LifecycleConfiguration": {"Rules": [{"Status": "Enabled"}, {"ExpirationInDays": 9}]}}`,
			`{"LifecycleConfiguration": {"Rules": [{"Id": "a", "ExpirationInDays": 8}, {"Id": "b", "Status": "Enabled"}]}}`,
			[]string{`LifecycleConfiguration.Rules[]: want {"ExpirationInDays":9}, got nothing`, `LifecycleConfiguration.Rules[]: want nothing, got {"ExpirationInDays":8,"Id":"a"}`},
		},
		"several elements of one name": {
			"AWS::ECS::Service",
			`{"LoadBalancers": [{"ContainerName": "app", "TargetGroupArn": "a"}]}`,
			`{"LoadBalancers": [{"ContainerName": "app", "TargetGroupArn": "a"}, {"ContainerName": "app", "TargetGroupArn": "b"}]}`,
			[]string{`LoadBalancers[app 2]: want nothing, got {"ContainerName":"app","TargetGroupArn":"b"}`},
		},
		"a condition more": {
			"AWS::ElasticLoadBalancingV2::ListenerRule",
			`{"Conditions": [{"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "a", "Values": ["1"]}}]}`,
			`{"Conditions": [{"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "b", "Values": ["2"]}}, {"Field": "http-header", "HttpHeaderConfig": {"HttpHeaderName": "a", "Values": ["1"]}}]}`,
			[]string{`Conditions[]: want nothing, got {"Field":"http-header","HttpHeaderConfig":{"HttpHeaderName":"b","Values":["2"]}}`},
		},
		"texts that are the same number": {
			"AWS::EC2::Subnet", `{"Version": "1.10", "Rate": "1.0"}`, `{"Version": "1.1", "Rate": 1}`,
			[]string{`Version: want "1.10", got "1.1"`},
		},
		"origins that the template does not have": {
			"AWS::ApiGatewayV2::Api", `{}`, `{"CorsConfiguration": {"AllowOrigins": ["*"]}}`,
			[]string{`CorsConfiguration.AllowOrigins[]: want nothing, got "*"`},
		},
		"a bucket open to other pages": {
			"AWS::S3::Bucket", `{}`, `{"CorsConfiguration": {"CorsRules": [{"AllowedOrigins": ["*"]}]}}`,
			[]string{`CorsConfiguration.CorsRules[0]: want nothing, got {"AllowedOrigins":["*"]}`},
		},
		"tags of others": {
			"AWS::Logs::LogGroup", `{"Tags": [{"Key": "owner", "Value": "a"}]}`,
			`{"Tags": [{"Key": "aws:cloudformation:stack-name", "Value": "s"}, {"Key": "owner", "Value": "b"}]}`,
			[]string{`Tags[owner].Value: want "a", got "b"`},
		},
		"a header mapping more": {
			"AWS::ApiGatewayV2::Integration", `{"RequestParameters": {"overwrite:header.a": "1", "remove:header.b": ""}}`,
			`{"RequestParameters": {"overwrite:header.a": "1", "remove:header.b": "", "overwrite:header.c": "2"}}`,
			[]string{`RequestParameters.overwrite:header.c: want nothing, got "2"`},
		},
		"a header mapping less": {
			"AWS::ApiGatewayV2::Integration", `{"RequestParameters": {"remove:header.b": ""}}`, `{}`,
			[]string{`RequestParameters.remove:header.b: want "", got nothing`},
		},
		"a name for an ARN": {
			"AWS::ECS::Service", `{"Cluster": "shop"}`, `{"Cluster": "arn:aws:ecs:us-east-1:1:cluster/shop"}`, nil,
		},
		"another name than the ARN's": {
			"AWS::ECS::Service", `{"Cluster": "shop"}`, `{"Cluster": "arn:aws:ecs:us-east-1:1:cluster/workshop"}`,
			[]string{`Cluster: want "shop", got "arn:aws:ecs:us-east-1:1:cluster/workshop"`},
		},
		"an ending that may be there or not": {
			"AWS::ApiGatewayV2::Stage", `{"AccessLogSettings": {"DestinationArn": "arn:x:*"}}`, `{"AccessLogSettings": {"DestinationArn": "arn:x"}}`, nil,
		},
		"another thing with the ending": {
			"AWS::ApiGatewayV2::Stage", `{"AccessLogSettings": {"DestinationArn": "arn:x:*"}}`, `{"AccessLogSettings": {"DestinationArn": "arn:y"}}`,
			[]string{`AccessLogSettings.DestinationArn: want "arn:x:*", got "arn:y"`},
		},
		"nothing, where an ending may be": {
			"AWS::ApiGatewayV2::Stage", `{"AccessLogSettings": {"DestinationArn": "arn:x:*"}}`, `{}`,
			[]string{`AccessLogSettings.DestinationArn: want "arn:x:*", got nothing`},
		},
		"the service's silence": {
			"AWS::DynamoDB::GlobalTable", `{"Replicas": [{"Region": "r", "DeletionProtectionEnabled": false}]}`, `{"Replicas": [{"Region": "r"}], "TimeToLiveSpecification": {"Enabled": false}}`, nil,
		},
		"the template's silence": {
			"AWS::DynamoDB::GlobalTable", `{}`, `{"TimeToLiveSpecification": {"Enabled": true, "AttributeName": "x"}}`,
			[]string{`TimeToLiveSpecification.Enabled: want false, got true`},
		},
		"a reader that does not return what the template leaves out": {
			"AWS::ApiGatewayV2::Route", `{}`, `{}`, []string{`AuthorizationType: want "NONE", got nothing`},
		},
		"a route without scopes": {
			"AWS::ApiGatewayV2::Route", `{"AuthorizationType": "JWT", "AuthorizationScopes": []}`, `{"AuthorizationType": "JWT"}`, nil,
		},
		"a route with a scope that was set by hand": {
			"AWS::ApiGatewayV2::Route", `{"AuthorizationType": "JWT", "AuthorizationScopes": []}`, `{"AuthorizationType": "JWT", "AuthorizationScopes": ["a"]}`,
			[]string{`AuthorizationScopes[]: want nothing, got "a"`},
		},
		"a public route that was closed": {
			"AWS::ApiGatewayV2::Route", `{"RouteKey": "GET /"}`, `{"RouteKey": "GET /", "AuthorizationType": "JWT"}`,
			[]string{`AuthorizationType: want "NONE", got "JWT"`},
		},
		"a group for which no outbound rule is asked": {
			"AWS::EC2::SecurityGroup", `{}`, `{"SecurityGroupEgress": [{"CidrIp": "0.0.0.0/0", "IpProtocol": "-1", "GroupId": "sg-1"}]}`, nil,
		},
		"a group with a rule more": {
			"AWS::EC2::SecurityGroup", `{"SecurityGroupEgress": [{"CidrIp": "10.0.0.0/8"}]}`,
			`{"SecurityGroupEgress": [{"CidrIp": "0.0.0.0/0"}, {"CidrIp": "10.0.0.0/8"}], "SecurityGroupIngress": [{"CidrIp": "0.0.0.0/0"}]}`,
			[]string{`SecurityGroupEgress[]: want nothing, got {"CidrIp":"0.0.0.0/0"}`, `SecurityGroupIngress[]: want nothing, got {"CidrIp":"0.0.0.0/0"}`},
		},
		"a role with policies more": {
			"AWS::IAM::Role", `{}`, `{"ManagedPolicyArns": ["arn:x"], "Policies": [{"PolicyName": "p"}]}`,
			[]string{`ManagedPolicyArns[]: want nothing, got "arn:x"`, `Policies[p]: want nothing, got {"PolicyName":"p"}`},
		},
		"a property that no API returns": {
			"AWS::KMS::Key", `{"PendingWindowInDays": 7}`, `{}`, nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			compared := compare(test.kind, marks{}, asProperties(t, test.want), asProperties(t, test.got))
			if diff := cmp.Diff(test.findings, lines(compared)); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func lines(c *comparison) []string {
	var lines []string
	for _, d := range c.differences {
		lines = append(lines, fmt.Sprintf("%s: want %s, got %s", d.path, shown(d.want), shown(d.got)))
	}
	return lines
}

func TestCompareCounts(t *testing.T) {
	compared := compare("AWS::ECS::TaskDefinition", marks{},
		asProperties(t, `{"Cpu": "256", "ContainerDefinitions": [{"Name": "app", "Command": ["a", "b"], "LinuxParameters": {"Capabilities": {}}}]}`),
		asProperties(t, `{"Cpu": "256", "ContainerDefinitions": [{"Name": "app", "Command": ["a"]}]}`))
	want := []string{"ContainerDefinitions[app].Command[0]", "ContainerDefinitions[app].Command[1]", "ContainerDefinitions[app].Name", "Cpu"}
	if diff := cmp.Diff(want, compared.compared); diff != "" {
		t.Errorf("every scalar is counted once (-want +got):\n%s", diff)
	}
}

func TestPattern(t *testing.T) {
	for path, want := range map[string]string{
		"A.B":                        "A.B",
		"A[0].B[x.y].C":              "A[].B[].C",
		"Routes[GET /a/{proxy+}]":    "Routes[]",
		"A[]":                        "A[]",
		"Replicas[us-east-1].Tags[]": "Replicas[].Tags[]",
	} {
		if got := pattern(path); got != want {
			t.Errorf("pattern(%q) is %q, want %q", path, got, want)
		}
	}
}

// A rule without a reason, or one of two for the same property, misleads.
func TestRules(t *testing.T) {
	seen := map[string]bool{}
	for _, r := range rules {
		at := r.kind + " " + r.path
		if seen[at] {
			t.Errorf("%s: has two rules", at)
		}
		seen[at] = true
		if r.why == "" {
			t.Errorf("%s: gives no reason", at)
		}
		if r.unsaid != nil && strings.Contains(r.path, ".") {
			t.Errorf("%s: only a property at the top can be left out", at)
		}
	}
}

func TestCompareByTheSchema(t *testing.T) {
	m := marksOf(&deployed.Schema{
		WriteOnlyProperties: []string{"/properties/Secret", "/properties/Parts/*/Key"},
		Properties: asProperties(t, `{
			"Free": {"type": "array", "insertionOrder": false, "items": {"type": "string"}},
			"Ordered": {"type": "array", "items": {"type": "string"}},
			"Parts": {"type": "array", "items": {"$ref": "#/definitions/Part"}}}`),
		Definitions: asProperties(t, `{"Part": {"properties": {
			"Names": {"type": "array", "insertionOrder": false, "items": {"type": "string"}}, "Inner": {"$ref": "#/definitions/Part"}}}}`),
	})
	compared := compare("AWS::Test::Thing", m,
		asProperties(t, `{"Free": ["a", "b"], "Ordered": ["a", "b"], "Secret": {"A": 1}, "Parts": [{"Key": "k", "Names": ["a", "b"], "Inner": {"Names": ["c", "d"]}}]}`),
		asProperties(t, `{"Free": ["b", "a"], "Ordered": ["b", "a"], "Parts": [{"Names": ["b", "a"], "Inner": {"Names": ["d", "c"]}}]}`))
	if diff := cmp.Diff([]string{`Ordered[0]: want "a", got "b"`, `Ordered[1]: want "b", got "a"`}, lines(compared)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"Parts[0].Key", "Secret"}, compared.untold); diff != "" {
		t.Errorf("write-only (-want +got):\n%s", diff)
	}
	// Cloud Control leaves out what is not set, but returns what was set by hand.
	for got, want := range map[string][]string{`{}`: nil, `{"AuthorizationType": "JWT"}`: {`AuthorizationType: want "NONE", got "JWT"`}} {
		if diff := cmp.Diff(want, lines(compare("AWS::ApiGatewayV2::Route", m, properties{}, asProperties(t, got)))); diff != "" {
			t.Errorf("%s (-want +got):\n%s", got, diff)
		}
	}
	// A write-only property that is returned all the same is compared.
	compared = compare("AWS::Test::Thing", m, asProperties(t, `{"Secret": 1}`), asProperties(t, `{"Secret": 2}`))
	if diff := cmp.Diff([]string{"Secret: want 1, got 2"}, lines(compared)); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
