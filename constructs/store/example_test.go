package store_test

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/store"
)

// parameter makes a parameter of Systems Manager something that a microservice uses.
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
	stack := awscdk.NewStack(awscdk.NewApp(nil), jsii.String("Cart"), nil)
	cart := microservice.New(stack, "Cart", microservice.Props{
		Platform: platform.Ref{StackName: "shop-platform"},
		Owner:    "checkout",
		Image:    image.ECR("acme/cart", "2.0.1"),
	})
	features := awsssm.StringParameter_FromStringParameterName(stack, jsii.String("Features"), jsii.String("/shop/features"))
	cart.Uses(parameter{features}, store.Read)
}
