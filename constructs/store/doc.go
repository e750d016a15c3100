// Package store is the joint between a microservice and what it uses: the one small interface through which
// microservice.Microservice.Uses reaches a table, a bucket, a search domain, a user pool, or a store of your own.
//
// To make something usable, implement [Store], as its example does for a parameter of Systems Manager. A store grants to
// the consumer's role, opens the network to its security group where there is one, and names the environment variables
// through which the application finds it. It may name tables and queues, on which the consumer then has alarms.
//
// The package itself adds nothing to a template.
package store
