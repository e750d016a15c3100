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
// A service uses it like any other store:
//
//	features := awsssm.StringParameter_FromStringParameterName(stack, jsii.String("Features"), jsii.String("/shop/features"))
//	cart.Uses(parameter{features}, store.Read)
//
// A store in the network lets the consumer connect, as a database that is an awsec2.IConnectable does:
//
//	d.Connections().AllowFrom(consumer, awsec2.Port_Tcp(jsii.Number(5432)), nil)
//
// A store with a password, with alarms and with a backlog returns them:
//
//	return store.Binding{
//		Secrets: map[string]awsecs.Secret{"PROVIDER_KEY": awsecs.Secret_FromSecretsManager(p.key, nil)},
//		Alarms: []alarm.Alarm{{
//			ID:         "Refused",
//			Metric:     metric.Metric{Namespace: "Shop", Name: "RefusedPayments", Statistic: metric.Sum},
//			Comparison: alarm.AtLeast, Threshold: 5, Datapoints: 2, Periods: 3, Missing: alarm.NotBreaching,
//			Meaning: "the provider refuses 5 or more payments a minute. Customers cannot pay.",
//			LookAt:  [3]string{"the provider's status page.", "whether the key has expired.", alarm.LookAtDeployment},
//			Pages:   true,
//		}},
//		Backlog: store.Backlog{
//			Metric:      metric.Metric{Namespace: "Shop", Name: "OpenPayments", Statistic: metric.Maximum},
//			MaxDuration: 10 * time.Minute,
//		},
//	}, nil
//
// The alarms are named by the store: by [Binding.Group], or else by the ID of its construct, or of a store that is not a construct
// by its Go type. One that rolls a deployment back would be named Payments.payments.provider.refused in a stack Payments.
//
// The package itself adds nothing to a template.
package store
