// Package snapshot tests synthesized CloudFormation templates: it reads them
// from a cloud assembly (the cdk.out folder), answers questions about them, and
// compares them with golden files that are reviewed and committed like code.
//
// A golden template shows in a review what a change of code does to the
// account. A renamed construct, for example, is one line of Go and reads as
// harmless, but it renames a logical ID, and CloudFormation answers that with a
// replacement: for a table, with the loss of its rows.
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
//		// One rule, said once, for the one thing that must never change.
//		table := templates["Cart"].One(t, "AWS::DynamoDB::GlobalTable")
//		if got := table.Get("DeletionPolicy"); got != "Retain" {
//			t.Errorf("Cart: %s: DeletionPolicy is %v, want Retain", table.LogicalID, got)
//		}
//	}
//
// To accept a change, and to begin with, run the test once with
// SNAPSHOT_UPDATE=1 in the environment, read what git says changed, and commit
// it.
//
// # What is masked
//
// A golden template must not change whenever the code that a service runs does,
// so [Template.Normalize] replaces the hash of an asset, 64 lower-case
// hexadecimal digits between other characters, with <asset-hash>. That is the
// object key of a file (<hash>.zip), the tag of an image
// (…-container-assets-…:<hash>) and the staging folder in aws:asset:path
// (asset.<hash>). Any other hash of that form is masked with them, except the
// digest that pins an image (@sha256:…): which image runs is a decision.
//
// Nothing else is masked, above all no logical ID, neither where it is defined
// nor where it is referred to. Two consequences are worth knowing. The logical ID
// of a Lambda version (Function.CurrentVersion) contains a hash of the
// function's code, so its golden template changes with that code. And
// aws:cdk:path and aws:asset:path are in a template only if the app is
// synthesized with that metadata on, as the CDK CLI does: compare like with like.
//
// The template of a nested stack is an asset, and its masked hash would hide
// what changes in it. [Read] therefore returns nested stacks beside the stack
// that holds them.
//
// # What it costs
//
// The package is pure Go, adds nothing to any template and needs neither the CDK
// nor its runtime, so it can test an assembly that any CDK app in any language
// wrote. Comparing a template of 500 resources takes about 30 ms.
package snapshot
