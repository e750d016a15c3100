// Package stacks composes the storefront: a stack for the platform, one for the identity, and one for each of its
// microservices, which is defined in a file of its own and listed in storefront.go.
//
// It holds composition only. What a resource looks like is decided in the packages below constructs, and what an
// environment looks like in environment.go.
package stacks
