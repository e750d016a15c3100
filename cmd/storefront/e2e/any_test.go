package e2e

import (
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/smithy-go"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
)

// anyTypes is a template in which only the parameter is of a type that the emulator has.
const anyTypes = `{"Resources": {
	"Cache": {"Type": "AWS::ElastiCache::ServerlessCache", "Properties": {
		"Engine": "valkey", "Description": "first", "CacheUsageLimits": {"DataStorage": {"Maximum": 1, "Unit": "GB"}}, "SubnetIds": ["subnet-1"]}},
	"Archive": {"Type": "AWS::Events::Archive", "Properties": {
		"ArchiveName": "storefront-sandbox-any", "RetentionDays": 1,
		"SourceArn": {"Fn::Sub": "arn:${AWS::Partition}:events:${AWS::Region}:${AWS::AccountId}:event-bus/default"}}},
	"Group": {"Type": "AWS::XRay::Group", "Properties": {"GroupName": "any", "FilterExpression": "error"}},
	"Target": {"Type": "AWS::ApplicationAutoScaling::ScalableTarget", "Properties": {
		"MinCapacity": 1, "MaxCapacity": 2, "ResourceId": "service/any/any", "ScalableDimension": "ecs:service:DesiredCount", "ServiceNamespace": "ecs"}},
	"Parameter": {"Type": "AWS::SSM::Parameter", "Properties": {"Type": "String", "Value": {"Fn::Join": [" ", [
		{"Ref": "Cache"}, {"Fn::GetAtt": ["Cache", "ARN"]}, {"Fn::GetAtt": ["Cache", "Endpoint.Address"]},
		{"Ref": "Archive"}, {"Fn::GetAtt": ["Archive", "Arn"]}, {"Ref": "Group"}, {"Ref": "Target"}]]}}}
}}`

// anyType deploys types that the emulator lacks and no code names, updates them, replaces one and destroys them.
func anyType(t *testing.T, s *suite) {
	if s.target.Emulator == nil {
		s.notRun(t, "types that the emulator records: an account has them all")
		return
	}
	s.everyType(t)
	stack := s.anyStack(t, anyTypes)
	if _, err := s.cli.Deploy(s.ctx, stack); err != nil {
		t.Fatal(err)
	}
	first := s.read(t, stack).Stacks[0]
	config := s.config(t, stack)
	value := parameter(t, s, config, first)
	for n, pattern := range []string{
		"^storefront-sandbox-any-Cache-[0-9A-F]{12}$", "^arn:aws:elasticache:us-east-2:000000000000:serverlesscache:storefront-sandbox-any-Cache-[0-9A-F]{12}$", `^[0-9a-f]{12}\.elasticache\.us-east-2\.amazonaws\.com$`,
		"^storefront-sandbox-any$", "^arn:aws:events:us-east-2:000000000000:archive/", "^arn:aws:xray:", `^service/any/any\|ecs:service:DesiredCount\|ecs$`,
	} {
		if len(value) != 7 || !regexp.MustCompile(pattern).MatchString(value[n]) {
			t.Errorf("word %d of the parameter: want %s, got %q", n, pattern, value)
		}
	}
	if got := s.property(t, config, first.Resources["Cache"], "Description"); got != "first" {
		t.Errorf("Description of the cache: got %v", got)
	}
	s.readBack(t, s.read(t, stack))

	// An update in place, then a replacement: SubnetIds is create-only.
	stack = s.anyStack(t, strings.ReplaceAll(anyTypes, `"first"`, `"second"`))
	if _, err := s.cli.Deploy(s.ctx, stack); err != nil {
		t.Fatal(err)
	}
	second := s.read(t, stack).Stacks[0]
	if was, is := first.Resources["Cache"].PhysicalID, second.Resources["Cache"].PhysicalID; was != is {
		t.Errorf("an update in place has replaced the cache %s by %s", was, is)
	}
	if got := s.property(t, config, second.Resources["Cache"], "Description"); got != "second" {
		t.Errorf("Description of the cache after an update: got %v", got)
	}
	stack = s.anyStack(t, strings.ReplaceAll(anyTypes, "subnet-1", "subnet-2"))
	if _, err := s.cli.Deploy(s.ctx, stack); err != nil {
		t.Fatal(err)
	}
	third := s.read(t, stack).Stacks[0]
	if was, is := first.Resources["Cache"].PhysicalID, third.Resources["Cache"].PhysicalID; was == is {
		t.Errorf("the cache %s was not replaced", was)
	}
	if got := parameter(t, s, config, third)[0]; got != third.Resources["Cache"].PhysicalID {
		t.Errorf("the parameter names the cache %s, want %s", got, third.Resources["Cache"].PhysicalID)
	}
	s.wantAbsent(t, config, first.Resources["Cache"])

	// A named resource cannot be replaced under the same name, so the update rolls back.
	_, err := s.cli.Deploy(s.ctx, s.anyStack(t, strings.ReplaceAll(anyTypes, "event-bus/default", "event-bus/other")))
	fails(t, err, "storefront-sandbox-any", "AWS::Events::Archive", "already exists")
	_, err = s.cli.Deploy(s.ctx, s.anyStack(t, strings.ReplaceAll(anyTypes, "AWS::XRay::Group", "AWS::XRay::Nothing")))
	if err == nil || !strings.Contains(err.Error(), "Unrecognized resource types: [AWS::XRay::Nothing]") {
		t.Errorf("a type that CloudFormation does not have: %v", err)
	}

	if _, err := s.cli.Destroy(s.ctx, stack); err != nil {
		t.Fatal(err)
	}
	for id, r := range third.Resources {
		if id != "Parameter" {
			s.wantAbsent(t, config, r)
		}
	}
}

// everyType runs the rule for all types that the emulator lacks, with the emulator's Python and plug-in.
func (s *suite) everyType(t *testing.T) {
	t.Helper()
	script, err := filepath.Abs("testdata/every_type.py")
	if err != nil {
		t.Fatal(err)
	}
	python := exec.CommandContext(s.ctx, filepath.Join(s.root, ".cache", "sandbox", "python", "bin", "python"), script)
	python.Dir = s.target.Emulator.Dir
	python.Env = append(os.Environ(), "PYTHONPATH="+python.Dir)
	output, err := python.CombinedOutput()
	lines := strings.Split(strings.TrimSpace(string(output)), "\n")
	count, notANumber := strconv.Atoi(lines[len(lines)-1])
	if err != nil || notANumber != nil || count < 1000 {
		t.Fatalf("want more than 1000 types recorded, got %v\n%s", err, output)
	}
	s.count("%d types that the emulator lacks are recorded by their schemas", count)
}

// anyStack writes an assembly of one stack.
func (s *suite) anyStack(t *testing.T, template string) string {
	t.Helper()
	dir := s.folder(t, "any")
	write(t, filepath.Join(dir, "Any.template.json"), []byte(template))
	manifest, err := os.ReadFile(filepath.Join(s.kinds(), "manifest.json"))
	if err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(dir, "manifest.json"), []byte(strings.NewReplacer("Kinds", "Any", "sandbox-kinds", "sandbox-any").Replace(string(manifest))))
	return dir
}

// parameter returns the words of the stack's parameter, as Systems Manager has it.
func parameter(t *testing.T, s *suite, config aws.Config, stack *deployed.Stack) []string {
	t.Helper()
	name := stack.Resources["Parameter"].PhysicalID
	out, err := ssm.NewFromConfig(config).GetParameter(s.ctx, &ssm.GetParameterInput{Name: &name})
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(aws.ToString(out.Parameter.Value), " ")
}

// property returns a property of a resource whose identifier is its physical ID, as Cloud Control has it.
func (s *suite) property(t *testing.T, config aws.Config, r deployed.Resource, name string) any {
	t.Helper()
	out, err := cloudcontrol.NewFromConfig(config).GetResource(s.ctx, &cloudcontrol.GetResourceInput{TypeName: &r.Type, Identifier: &r.PhysicalID})
	if err != nil {
		t.Fatal(err)
	}
	var properties map[string]any
	if err := json.Unmarshal([]byte(aws.ToString(out.ResourceDescription.Properties)), &properties); err != nil {
		t.Fatal(err)
	}
	return properties[name]
}

func (s *suite) wantAbsent(t *testing.T, config aws.Config, r deployed.Resource) {
	t.Helper()
	_, err := cloudcontrol.NewFromConfig(config).GetResource(s.ctx, &cloudcontrol.GetResourceInput{TypeName: &r.Type, Identifier: &r.PhysicalID})
	var answer smithy.APIError
	if !errors.As(err, &answer) || answer.ErrorCode() != "ResourceNotFoundException" {
		t.Errorf("%s %s still exists: %v", r.Type, r.PhysicalID, err)
	}
}
