package test

import (
	"testing"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/app/apptest"
	"github.com/storefront-cdk/storefront/stacks"
)

func TestTemplatesAreAsReviewed(t *testing.T) {
	apptest.Golden(t, stacks.Storefront())
}

// What holds data is replaced when its logical ID changes, and its data is gone. These IDs are public: this test is not
// rewritten by make golden, and a change of it is a breaking change that CHANGELOG.md names.
func TestLogicalIDsOfDataArePinned(t *testing.T) {
	pinned := map[string]map[string]string{
		"Identity": {"IdentityUsers61009EFD": "AWS::Cognito::UserPool"},
		"Photos": {
			"PhotosMetadataTable370ACBFA":   "AWS::DynamoDB::GlobalTable",
			"PhotosOriginalsBucketEB55D2BF": "AWS::S3::Bucket",

			"PhotosMetadataOutboxDeadLetters424F80C0": "AWS::SQS::Queue",
		},
		"Reviews": {
			"ReviewsTableE6787224":             "AWS::DynamoDB::GlobalTable",
			"ReviewsOutboxDeadLettersFB12B2EC": "AWS::SQS::Queue",
		},
		"Catalog": {
			"CatalogProductsTableB3CC1C3E":             "AWS::DynamoDB::GlobalTable",
			"CatalogProductsOutboxDeadLetters2D1A7BCF": "AWS::SQS::Queue",
			"CatalogEventsQueue9073AD58":               "AWS::SQS::Queue",
			"CatalogEventsDeadLettersBBB71878":         "AWS::SQS::Queue",
		},
		"Cart": {
			"CartItemsTable3B107552":             "AWS::DynamoDB::GlobalTable",
			"CartItemsOutboxDeadLetters2B65F364": "AWS::SQS::Queue",
		},
		"Orders": {
			"OrdersTableD281FF1A":             "AWS::DynamoDB::GlobalTable",
			"OrdersOutboxDeadLettersC02727AF": "AWS::SQS::Queue",
			"OrdersEventsQueue6414EB90":       "AWS::SQS::Queue",
			"OrdersEventsDeadLetters69827ECD": "AWS::SQS::Queue",
		},
		"Recommendations": {
			"RecommendationsScoresTable561393B6":       "AWS::DynamoDB::GlobalTable",
			"RecommendationsEventsQueue13156C57":       "AWS::SQS::Queue",
			"RecommendationsEventsDeadLetters43DD1294": "AWS::SQS::Queue",
		},
		"Search": {
			"SearchDocumentsTable59AEC86D":     "AWS::DynamoDB::GlobalTable",
			"IndexerEventsQueueD498B91F":       "AWS::SQS::Queue",
			"IndexerEventsDeadLettersD54A99DA": "AWS::SQS::Queue",
		},
		"Login": {"LoginProfilesTableACF07C9A": "AWS::DynamoDB::GlobalTable"},
	}
	everyStack(t, func(t *testing.T, env app.Environment, stack string, template reviewed) {
		want := map[string]string{}
		for id, resourceType := range pinned[stack] {
			want[id] = resourceType
		}
		if env.Profile.AccessLogs && stack == "Platform" {
			want["PlatformLogBucket02BAC919"] = "AWS::S3::Bucket"
		}
		if env.Profile.Alarms && stack == "Teams" {
			want["Teamsundelivered0347B066"] = "AWS::SQS::Queue"
		}
		if app.In(env, "production", true) && stack == "Search" {
			want["SearchIndexDomain79870C90"] = "AWS::OpenSearchService::Domain"
		}
		for _, resource := range template.Resources("") {
			if !holdsData[resource.Type] {
				continue
			}
			template.saw(resource.Type)
			if want[resource.LogicalID] != resource.Type {
				t.Errorf("%s: %s %s is not pinned: its data would be lost by a deployment", stack, resource.Type, resource.LogicalID)
			}
			delete(want, resource.LogicalID)
		}
		for id, resourceType := range want {
			t.Errorf("%s: %s %s is gone: its data would be lost by a deployment", stack, resourceType, id)
		}
	})
}

// holdsData are the types whose replacement loses what customers gave us.
var holdsData = map[string]bool{
	"AWS::Cognito::UserPool":         true,
	"AWS::DynamoDB::GlobalTable":     true,
	"AWS::DynamoDB::Table":           true,
	"AWS::OpenSearchService::Domain": true,
	"AWS::S3::Bucket":                true,
	"AWS::SQS::Queue":                true,
}
