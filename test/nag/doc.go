// Package nag checks every stack of the storefront, in both environments, with the AwsSolutions rules of cdk-nag. A finding
// fails the test unless it is on the list of those that are accepted, each with a reason; so does an entry of the list without a
// finding. It is a module of its own, so that users of the library do not get cdk-nag with it.
package nag
