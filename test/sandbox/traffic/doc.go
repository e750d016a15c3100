// Package traffic checks section "Routed" of a deployed storefront: a request to the deployed API reaches the service
// that declared its route, over the deployed header mapping, listener rule and target group, and no other service.
//
// A stand-in, a small server of the harness, is registered as the task of each service. It records what arrives. Then
// each method of each route is called: without a token, with tokens that are forged or another's, and with those that
// the deployed user pool gives to a user of its own; with headers that a client must not be able to forge; and questions
// of browsers, and paths that nobody declared.
//
// Which requests to send comes from the templates, by the rules by which API Gateway picks a route, so that a route that
// was lost on the way is found. That the API has these routes and no others is compared as well.
//
// Where no process of this machine can be a target of the balancer, as in a real account, there are no stand-ins. What
// the API decides by itself is checked all the same; what arrives is not, and the report says so.
package traffic
