package store_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/store"
)

// parameter makes a parameter of Systems Manager a store of a microservice.
type parameter struct{ awsssm.IStringParameter }

func (p parameter) Bind(consumer store.Consumer, access store.Access) (store.Binding, error) {
	if access != store.Read {
		return store.Binding{}, store.Unsupported(access, store.Read)
	}
	p.GrantRead(consumer)
	return store.Binding{Environment: map[string]string{"FEATURES_PARAMETER": *p.ParameterName()}}, nil
}

// A store of your own implements one method.
func ExampleStore() {
	app := awscdk.NewApp(nil)
	environment.Set(app, environment.Environment{Platform: platform.Ref{StackName: "shop-platform"}})
	stack := awscdk.NewStack(app, jsii.String("Cart"), nil)
	cart := microservice.New(stack, "Cart", microservice.Props{
		Owner: "checkout",
		Image: image.ECR("acme/cart", "2.0.1"),
	})
	features := awsssm.StringParameter_FromStringParameterName(stack, jsii.String("Features"), jsii.String("/shop/features"))
	cart.Uses(parameter{features}, store.Read)
}

// provider is an external provider. It has an alarm, and its key is a secret.
type provider struct{ key awssecretsmanager.ISecret }

func (p provider) Bind(_ store.Consumer, access store.Access) (store.Binding, error) {
	if access != store.Read {
		return store.Binding{}, store.Unsupported(access, store.Read)
	}
	return store.Binding{
		Secrets: map[string]awsecs.Secret{"PROVIDER_KEY": awsecs.Secret_FromSecretsManager(p.key, nil)},
		Alarms: []alarm.Alarm{{
			ID:         "Refused",
			Metric:     metric.Metric{Namespace: "Shop", Name: "RefusedPayments", Statistic: metric.Sum},
			Comparison: alarm.AtLeast,
			Threshold:  5,
			Datapoints: 2,
			Periods:    3,
			Missing:    alarm.NotBreaching,
			Meaning:    "the provider refuses 5 or more payments a minute. Customers cannot pay.",
			LookAt:     [3]string{"the provider's status page.", "whether the key has expired.", alarm.LookAtDeployment},
			Pages:      true,
		}},
	}, nil
}

// A custom store has alarms like those of the library: its Bind returns them.
func ExampleBinding_alarms() {
	app := awscdk.NewApp(nil)
	environment.Set(app, environment.Environment{Platform: platform.Ref{StackName: "shop-platform"}})
	stack := awscdk.NewStack(app, jsii.String("Payments"), nil)
	payments := microservice.New(stack, "Payments", microservice.Props{Owner: "checkout", Image: image.ECR("acme/payments", "3.1.0")})
	key := awssecretsmanager.Secret_FromSecretCompleteArn(stack, jsii.String("Key"),
		jsii.String("arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/payment-provider-AbCdEf"))
	payments.Uses(provider{key}, store.Read)
}
