// Package traffic checks the routing of a deployed storefront: a request to the deployed API reaches the service that
// declares its route, through the deployed parameter mapping, listener rule and target group, and no other service.
//
// A stand-in, a small server of the harness, is registered as the task of each service. It records the requests
// that it receives. Then each method of each route is called: without a token, with forged tokens and those of another user
// pool, and with tokens of a user of the deployed user pool; with headers that a client must not be able to forge; as a CORS
// preflight; and on paths without a route.
//
// The requests are derived from the templates, with API Gateway's rules for selecting a route, so that a missing route is
// found. The API must have these routes and no others.
//
// Where no process of this machine can be a target of the load balancer, as in an account, there are no stand-ins. What the
// API decides by itself is still checked; what services receive is not, and the report says so.
package traffic
