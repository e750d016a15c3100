// Package stacks composes the storefront: a stack for the platform, one for the identity, and one for each of its
// microservices, which is defined in a file of its own and listed in storefront.go.
//
// It contains composition only. Resources are configured in the packages below constructs, and environments in
// environment.go.
package stacks
