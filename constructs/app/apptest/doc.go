// Package apptest tests an app by the templates that it synthesizes. This is a whole test file, beside a main.go that
// has the app as shop:
//
//	package main
//
//	import (
//		"testing"
//
//		"github.com/storefront-cdk/storefront/constructs/app/apptest"
//	)
//
//	func TestMain(m *testing.M) { apptest.Main(m) }
//
//	func TestTemplates(t *testing.T) { apptest.Golden(t, shop) }
//
// Golden compares each template with a file that was reviewed and committed, so that a change of a service shows what it does
// to the account. To create these files, or to accept a change:
//
//	SNAPSHOT_UPDATE=1 go test ./...
//
// For a rule of your own, query what [Synthesize] returns, as package snapshot describes.
//
// Templates are synthesized with the context in cdk.json, so with its feature flags, as the CDK CLI deploys them. The working
// directory of a test is the folder of its package, and cdk.json and node_modules are those of that folder or of the nearest one
// above.
//
// The runtime of the CDK is one process, which is not safe for concurrent use: tests must not call t.Parallel.
package apptest
