// Schema writes the table of package changes from the CloudFormation schemas that cfn-lint ships:
//
//	make cfn-lint && go generate ./internal/preflight/changes
package main

import (
	"bytes"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/jsonfile"
)

// services are those whose types the table has: what the library defines, and what else users keep data in.
var services = []string{
	"ApiGatewayV2", "ApplicationAutoScaling", "Backup", "CertificateManager", "CloudFormation", "CloudFront", "CloudWatch", "Cognito", "DSQL",
	"DynamoDB", "EC2", "ECR", "ECS", "EFS", "ElastiCache", "ElasticLoadBalancingV2", "Events", "IAM", "KMS", "Kinesis", "Lambda",
	"Logs", "MemoryDB", "OpenSearchService", "Pipes", "RDS", "Route53", "S3", "SES", "SNS", "SQS", "SSM", "Scheduler",
	"SecretsManager", "ServiceDiscovery", "StepFunctions", "WAFv2",
}

func main() {
	found, err := filepath.Glob("../../../../../.cache/cfn-lint/lib/python*/site-packages")
	if err == nil && len(found) != 1 {
		err = fmt.Errorf("want one installation of cfn-lint in .cache/cfn-lint, got %d: run make cfn-lint first", len(found))
	}
	if err == nil {
		err = write(found[0], "schema.txt")
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "schema:", err)
		os.Exit(1)
	}
}

func write(packages, to string) error {
	versions, err := filepath.Glob(filepath.Join(packages, "cfn_lint-*.dist-info"))
	if err != nil {
		return err
	}
	if len(versions) != 1 {
		return fmt.Errorf("want one version of cfn-lint, got %q", versions)
	}
	version := strings.TrimSuffix(strings.TrimPrefix(filepath.Base(versions[0]), "cfn_lint-"), ".dist-info")
	schemas := filepath.Join(packages, "cfnlint", "data", "schemas")
	var files map[string]string // by type
	if err := jsonfile.Read(filepath.Join(schemas, "providers", "us-east-1.json"), &files); err != nil {
		return err
	}
	var text bytes.Buffer
	fmt.Fprintf(&text, "# From the CloudFormation schemas of cfn-lint %s, by go generate. Do not edit.\n", version)
	for _, name := range slices.Sorted(maps.Keys(files)) {
		parts := strings.Split(name, "::")
		if parts[0] != "AWS" || !slices.Contains(services, parts[1]) {
			continue
		}
		var s schema
		if err := jsonfile.Read(filepath.Join(schemas, "resources", files[name]+".json"), &s); err != nil {
			return err
		}
		text.WriteString(s.line(name))
	}
	return os.WriteFile(to, text.Bytes(), 0o600)
}

// schema is the part of a type's schema that decides what an update replaces. Its values are pointers, such as
// /properties/DnsOptions/PrivateDnsPreference.
type schema struct {
	CreateOnlyProperties, ConditionalCreateOnlyProperties, PrimaryIdentifier, ReadOnlyProperties []string
}

func (s schema) line(name string) string {
	line := name
	add := func(key string, pointers []string) {
		if len(pointers) > 0 {
			line += " " + key + "=" + strings.Join(paths(pointers), ",")
		}
	}
	add("replaces", s.CreateOnlyProperties)
	add("may-replace", s.ConditionalCreateOnlyProperties)
	// An identifier that the service sets is not known before the resource exists.
	if !slices.ContainsFunc(s.PrimaryIdentifier, func(p string) bool { return slices.Contains(s.ReadOnlyProperties, p) }) {
		add("is", s.PrimaryIdentifier)
	}
	return line + "\n"
}

func paths(pointers []string) []string {
	var paths []string
	for _, pointer := range pointers {
		paths = append(paths, strings.ReplaceAll(strings.ReplaceAll(strings.TrimPrefix(pointer, "/properties/"), "/properties/", "."), "/", "."))
	}
	slices.Sort(paths)
	return paths
}
