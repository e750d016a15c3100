package identity

import "github.com/storefront-cdk/storefront/internal/cdkx"

// The outputs that make up the contract. Names are public: a change breaks every app that reads them.
const (
	OutputAuthorizerID = "AuthorizerId"
	OutputUserPoolID   = "UserPoolId"
	OutputClientID     = "UserPoolClientId"
)

// Ref is an identity as other stacks know it: by the stack that publishes its contract.
type Ref struct {
	// StackName is the name of the identity's stack. Required.
	StackName string
}

// Validate returns what is wrong with the reference, or nil.
func (r Ref) Validate() error { return cdkx.CheckStackName("Identity.StackName", r.StackName) }
