// Package stacks composes the storefront: its environments in environments.go, and its microservices, each defined in a file of
// its own and listed in storefront.go.
//
// It contains composition only. Resources are configured in the packages below constructs, and the stacks are made by package
// app.
package stacks
