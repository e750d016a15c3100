// Package store connects a microservice with what it uses, by the one small interface through which
// microservice.Microservice.Uses accesses a table, a bucket, a search domain, a user pool, or a store of your own.
//
// To make something usable, implement [Store]. Bind grants to the consumer's role, opens the network to its security
// group if necessary, and returns a [Binding]: the environment variables and secrets of the application, the alarms for
// its owner, and the backlog by which it may be scaled. A parameter of Systems Manager takes five lines:
//
//	type parameter struct{ awsssm.IStringParameter }
//
//	func (p parameter) Bind(consumer store.Consumer, access store.Access) (store.Binding, error) {
//		if access != store.Read {
//			return store.Binding{}, store.Unsupported(access, store.Read)
//		}
//		p.GrantRead(consumer)
//		return store.Binding{Environment: map[string]string{"FEATURES_PARAMETER": *p.ParameterName()}}, nil
//	}
//
// The package itself adds nothing to a template.
package store
