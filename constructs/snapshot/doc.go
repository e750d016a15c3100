// Package snapshot tests synthesized CloudFormation templates: it reads them
// from a cloud assembly (the cdk.out directory), queries them, and compares them
// with golden files that are reviewed and committed like code.
//
// A golden template shows in a review what a change of code does to the
// account. Renaming a construct, for example, is one line of Go and looks
// harmless, but it changes a logical ID, and CloudFormation then replaces the
// resource: a table loses its items. The difference begins with a line that says so.
//
//	func TestTemplates(t *testing.T) {
//		app := awscdk.NewApp(&awscdk.AppProps{Outdir: jsii.String(t.TempDir())})
//		shop.NewStacks(app)
//		templates, err := snapshot.Read(*app.Synth(nil).Directory())
//		if err != nil {
//			t.Fatal(err)
//		}
//
//		// Every stack is as it was reviewed.
//		snapshot.Match(t, "testdata/golden", templates)
//
//		// A separate rule for what must never change.
//		table := templates["Cart"].One(t, "AWS::DynamoDB::GlobalTable")
//		if got := table.Get("DeletionPolicy"); got != "Retain" {
//			t.Errorf("Cart: %s: DeletionPolicy is %v, want Retain", table.LogicalID, got)
//		}
//	}
//
// To create the golden files, or to accept a change, run the test once with the
// environment variable SNAPSHOT_UPDATE=1, review the diff, and commit it.
//
// # What is masked
//
// A golden template must not change whenever the code of a service changes, so
// [Template.Normalize] replaces the hash of an asset, 64 lower-case hexadecimal
// digits between other characters, with <asset-hash>. These hashes are in the
// object key of a file (<hash>.zip), the tag of an image
// (…-container-assets-…:<hash>) and the staging directory in aws:asset:path
// (asset.<hash>). Every other hash of that form is masked too, except the digest
// of an image (@sha256:…), since which image runs is a decision to review.
//
// Nothing else is masked. In particular, logical IDs are not, neither where they
// are defined nor where they are referenced. This has two consequences. The
// logical ID of a Lambda version (Function.CurrentVersion) contains a hash of the
// function's code, so its golden template changes with that code. And
// aws:cdk:path and aws:asset:path are in a template only if the app is
// synthesized with that metadata on, as the CDK CLI does, so write and compare
// golden files with the same setting.
//
// The template of a nested stack is an asset, and its masked hash would hide
// changes in it. Therefore [Read] returns nested stacks separately from their
// parent stacks.
//
// # What it costs
//
// The package is pure Go, adds nothing to any template and needs neither the CDK
// nor the jsii runtime, so it can test the cloud assembly of a CDK app in any
// language. Comparing a template of 500 resources takes about 30 ms.
package snapshot
