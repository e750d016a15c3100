package identity

import "github.com/storefront-cdk/storefront/internal/cdkx"

// The outputs that make up the contract. Names are public: a change breaks every app that reads them.
const (
	OutputAuthorizerID = "AuthorizerId"
	OutputUserPoolID   = "UserPoolId"
	OutputClientID     = "UserPoolClientId"
)

// Ref refers to an identity, by the stack that publishes its contract.
type Ref struct {
	// StackName is the name of the identity's stack. Required.
	StackName string
}

// Validate returns an error if the reference is invalid.
func (r Ref) Validate() error { return cdkx.CheckStackName("Identity.StackName", r.StackName) }
