// Package privilege checks section "Least privilege" of a deployed storefront: each role may do what its service
// declared, on what belongs to the service, and nothing else.
//
// What a role needs does not come from the policies, or no policy could be found wrong. It comes from three places:
// the calls of Uses in the source of the stacks, which say what a service does with a store ([Declared]); the
// environment variables of the deployed task definitions, which say which table or bucket that is; and the access
// vocabulary of the stores, written down here a second time in IAM's words (catalog.go). All that is no need is to be
// denied, and a fixed list of attacks says what is asked beside what stores are made for.
//
// Each role is then held against its needs in four ways:
//
//   - simulated: iam:SimulatePrincipalPolicy, for each action on each resource of every stack;
//   - granted: no statement of its policies names an action or a resource that nobody declared, whether or not it is on
//     the list of attacks, and none has a wildcard for an action;
//   - trusted: only ECS may take the role;
//   - called: the calls themselves, with credentials of the role, where somebody else than ECS can get them.
//
// A role that belongs to no task needs nothing, and so may do nothing.
package privilege
