package changes

import (
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// tables reports changes of tables that DynamoDB refuses, or accepts and does not make. What replaces a table is reported
// with other replacements.
func (w *world) tables(s *stack) []finding.Finding {
	var found []finding.Finding
	for _, p := range s.pairs("AWS::DynamoDB::GlobalTable", "AWS::DynamoDB::Table") {
		report := func(detail, fix string) {
			found = append(found, finding.Finding{Check: "table", Subject: s.id + " " + p.new.LogicalID, Detail: detail, Fix: fix, Status: finding.Refused})
		}
		keyTypes(p, report)
		indexes(p, report)
		timeToLive(p, report)
		streams(p, report)
	}
	return found
}

type reporter func(detail, fix string)

// keyTypes: UpdateTable keeps the type that a key has and reports success, so CloudFormation does, too.
//
// Source: https://github.com/paritysuite/dynamodb-conformance/issues/78, measured against DynamoDB.
func keyTypes(p pair, report reporter) {
	was, is := attributeTypes(p.old), attributeTypes(p.new)
	for _, attribute := range slices.Sorted(maps.Keys(is)) {
		if was[attribute] != "" && was[attribute] != is[attribute] {
			report(fmt.Sprintf("the type of the key attribute %s changes from %s to %s: DynamoDB keeps %[2]s, and the application cannot write items", attribute, was[attribute], is[attribute]),
				"use another attribute in a second table or index, and copy the items")
		}
	}
}

func attributeTypes(r snapshot.Resource) map[string]string {
	return byName(r.Get("Properties.AttributeDefinitions"), "AttributeName", "AttributeType")
}

// byName returns a value of each element of a list by another, as text.
func byName(list any, name string, values ...string) map[string]string {
	elements, _ := list.([]any)
	found := map[string]string{}
	for _, element := range elements {
		element, _ := element.(map[string]any)
		key, _ := element[name].(string)
		for _, value := range values {
			if v, isText := element[value].(string); isText {
				found[key] += v
			} else if element[value] != nil {
				found[key] += text(element[value])
			}
		}
	}
	return found
}

// indexes: of an index, DynamoDB changes the capacity alone, and one index a time is created or deleted.
func indexes(p pair, report reporter) {
	was := byName(p.old.Get("Properties.GlobalSecondaryIndexes"), "IndexName", "KeySchema", "Projection")
	is := byName(p.new.Get("Properties.GlobalSecondaryIndexes"), "IndexName", "KeySchema", "Projection")
	var changes []string
	for _, name := range slices.Sorted(maps.Keys(was)) {
		switch now, stays := is[name]; {
		case !stays:
			changes = append(changes, "- "+name)
		case now != was[name]:
			report(fmt.Sprintf("the key or the attributes of the index %s change, which DynamoDB refuses", name),
				"add an index with another name, deploy, change the service to use it, and then remove "+name)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if _, known := was[name]; !known {
			changes = append(changes, "+ "+name)
		}
	}
	if len(changes) > 1 {
		report(fmt.Sprintf("%d indexes are created or deleted at once (%s), and DynamoDB accepts one", len(changes), strings.Join(changes, ", ")),
			"deploy once for each index, in any order")
	}
}

// timeToLive: TTL is turned off only if the template does it. Another attribute needs TTL to be off, and each change takes an hour
// in which DynamoDB refuses the next.
//
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTimeToLive.html,
// https://github.com/aws/aws-cdk/issues/25655
func timeToLive(p pair, report reporter) {
	was, is := expires(p.old), expires(p.new)
	now, _ := p.new.Get("Properties.TimeToLiveSpecification.AttributeName").(string)
	switch {
	case was == "" || was == is:
	case is != "":
		report(fmt.Sprintf("the TTL attribute changes from %s to %s, which DynamoDB refuses while TTL is on", was, is),
			"deploy with TTL off for "+was+" (DisableTTL), wait an hour, then deploy "+is)
	case now == "":
		report(fmt.Sprintf("the TTL attribute %s is no longer in the template, which is refused or has no effect: items continue to expire", was),
			"keep TTLAttribute, set DisableTTL and deploy, then remove both")
	case now != was:
		report(fmt.Sprintf("TTL is turned off for %s, and is on for %s, which DynamoDB refuses", now, was), "name "+was+" while TTL is turned off")
	}
}

// expires is the attribute by which items expire, or "".
func expires(r snapshot.Resource) string {
	attribute, _ := r.Get("Properties.TimeToLiveSpecification.AttributeName").(string)
	if on := r.Get("Properties.TimeToLiveSpecification.Enabled"); on != true {
		return ""
	}
	return attribute
}

// streams: a stream cannot change what it has, only end.
//
// Source: https://docs.aws.amazon.com/amazondynamodb/latest/APIReference/API_UpdateTable.html and
// https://github.com/hashicorp/terraform-provider-aws/issues/18402
func streams(p pair, report reporter) {
	const path = "Properties.StreamSpecification.StreamViewType"
	was, is := p.old.Get(path), p.new.Get(path)
	if was != nil && is != nil && !same(was, is) {
		report(fmt.Sprintf("the stream changes from %s to %s, which DynamoDB refuses while it is on", shown(was), shown(is)),
			"once its consumers have read all of it, deploy without the stream, then with the other one")
	}
}

// userPools reports changes that Cognito refuses for good.
//
// Source: https://github.com/aws-amplify/amplify-cli/issues/4227
func (w *world) userPools(s *stack) []finding.Finding {
	var found []finding.Finding
	for _, p := range s.pairs("AWS::Cognito::UserPool") {
		report := func(what string) {
			found = append(found, finding.Finding{
				Check: "user pool", Subject: s.id + " " + p.new.LogicalID, Status: finding.Refused,
				Detail: what + ", which Cognito refuses",
				Fix:    "restore it; only a second user pool can have another value, and its users must sign up again",
			})
		}
		for _, property := range []string{"AliasAttributes", "UsernameAttributes", "UsernameConfiguration"} {
			if !same(w.property(s, deployed, p.old, property), w.property(s, wanted, p.new, property)) {
				report(property + " changes")
			}
		}
		was, is := attributes(p.old), attributes(p.new)
		for _, name := range slices.Sorted(maps.Keys(was)) {
			if is[name] != was[name] {
				report("the attribute " + name + " changes or is removed")
			}
		}
	}
	return found
}

// attributes are those of a user pool, by name.
func attributes(pool snapshot.Resource) map[string]string {
	return byName(pool.Get("Properties.Schema"), "Name", "AttributeDataType", "Mutable", "Required", "DeveloperOnlyAttribute")
}
