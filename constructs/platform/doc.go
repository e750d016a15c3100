// Package platform defines what the services of one environment share, and the contract through which they use it: a
// cluster, a Service Connect namespace, an internal load balancer, an HTTP API with its VPC link, and an event bus.
//
//	shared := platform.New(stack, "Platform", platform.Props{VPC: net.VPC()})
//
// The contract is a list of stack outputs with stable names ([OutputAPIID] and so on), each a value ready to use. A
// service has no reference to constructs of the platform, only a [Ref], the name of its stack. Code that needs the
// constructs themselves gets them with [Of], from the environment, or with [Import], in the platform's own app or in
// any other of the same account and region:
//
//	shared := platform.Of(stack)
//
// Imports are weak references: stacks that read the contract do not lock the platform's stack, and do not prevent its
// deletion, which is why production stacks need termination protection.
//
// Requests are routed to a service by the name that its integration sets in [HeaderService], and by nothing else. The
// load balancer drops headers with malformed names, and X-Forwarded-For, which a client can forge. It responds to CORS
// preflight requests itself.
//
// The VPC is that of package network, or any other with private subnets in at least two zones. The load balancer is in all
// zones and connects to the VPC alone; the VPC link is in the first two zones for as long as it exists, since API Gateway
// cannot change its subnets, so that a zone can be added without replacing it.
//
// In production the load balancer writes its access logs, like the buckets of services, to the [Platform.LogBucket], and two
// alarms count what the API refuses before a service gets it. [TLS] encrypts what the API sends to the load balancer,
// [RateLimit] protects public routes from single clients, and [Platform.Stage] is for a domain name of your own.
//
// In the template: 15 resources, a log group and a bucket with its policy for access logs, two alarms with their metric
// filters, and a key. It costs the load balancer (about 18 USD a month and its traffic), the API's requests (1 USD a
// million), the alarms (0.20 USD), and, if the profile encrypts logs and the network has no key, a key (1 USD).
package platform
