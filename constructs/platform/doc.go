// Package platform defines what the services of one environment share, and the contract through which they know it: a
// cluster, a Service Connect namespace, an internal load balancer, an HTTP API with its VPC link, and an event bus.
//
//	shared := platform.New(stack, "Platform", platform.Props{VPC: net.VPC()})
//
// The contract is a list of stack outputs with stable names ([OutputAPIID] and so on), each a value ready to use. A
// service is given no construct of the platform, only a [Ref], the name of its stack. Whoever needs the constructs
// themselves gets them with [Of], from the environment, or with [Import], in the platform's own app or in any other of the
// same account and region:
//
//	shared := platform.Of(stack)
//
// Imports are weak references: nothing that reads the contract locks the platform's stack, and nothing protects the
// stack from being deleted under its readers, which is why production stacks need termination protection.
//
// Requests reach a service by the name that its integration writes into [HeaderService], and by nothing else. The load
// balancer drops headers whose names are malformed, and X-Forwarded-For, which a client can forge. It answers CORS preflight
// requests itself.
//
// In the template: 15 resources, and one each for access logs and a key. It costs the load balancer (about 18 USD a month
// and its traffic), the API's requests (1 USD a million), and, where the profile encrypts logs and the network brought no
// key, a key (1 USD).
package platform
