// Package privilege checks the least privilege of a deployed storefront: each role may do what its service declared, on the
// resources of the service, and nothing else.
//
// What a role needs does not come from the policies, or no policy could be found wrong. It comes from three places:
// the record of each service in the metadata of its stack's template, which says which stores the service declared with
// Uses, and with which access ([deployed.Use]); the resources below each store's construct; and the access vocabulary of
// the stores, written here a second time as IAM actions (catalog.go). The events of a service are recorded in the same way, and
// each is a permission of its own, since policies have conditions on its source and detail type. Everything else must be denied, and a fixed list of
// attacks says which actions are tested beside those that stores are made for.
//
// Each role is then compared with its needs in four ways:
//
//   - simulated: iam:SimulatePrincipalPolicy, for each action on each resource of every stack;
//   - granted: no statement of its policies names an action or a resource that is not declared, on the list of attacks
//     or not, and none has a wildcard for an action;
//   - trusted: only ECS may assume the role, or EventBridge Pipes that of an outbox;
//   - called: the calls themselves, with the credentials of the role, where the harness can get them.
//
// The network is compared in the same way: a service reaches another one if, and only if, it records that it calls it.
//
// A role that neither a task nor an outbox has is not checked, and reported.
package privilege
