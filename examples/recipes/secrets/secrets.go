// Package secrets is the recipe of docs/recipes/secrets.md: a password that Secrets Manager generates, a key of an existing
// secret, and a secret that is rotated.
package secrets

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/microservice"
)

// Define defines a cart with three secrets.
func Define(stack awscdk.Stack, env app.Environment) {
	cart := microservice.New(stack, "Cart", microservice.Props{
		Owner:  "checkout",
		Image:  env.Image("cart"),
		Routes: []microservice.Route{{Path: "/cart/{proxy+}"}},
	})

	sessions := awssecretsmanager.NewSecret(cart, jsii.String("SessionKey"), &awssecretsmanager.SecretProps{
		Description:          jsii.String("Signs the sessions of the cart"),
		GenerateSecretString: &awssecretsmanager.SecretStringGenerator{PasswordLength: jsii.Number(64), ExcludePunctuation: jsii.Bool(true)},
	})
	cart.SetSecret("SESSION_KEY", awsecs.Secret_FromSecretsManager(sessions, nil))

	payments := awssecretsmanager.Secret_FromSecretCompleteArn(cart, jsii.String("Payments"),
		jsii.String("arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/payments-Ab12Cd"))
	cart.SetSecret("PAYMENTS_API_KEY", awsecs.Secret_FromSecretsManager(payments, jsii.String("apiKey")))

	warehouse := awssecretsmanager.Secret_FromSecretCompleteArn(cart, jsii.String("Warehouse"),
		jsii.String("arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/warehouse-Ef34Gh"))
	warehouse.GrantRead(cart, nil)
	cart.SetVariable("WAREHOUSE_SECRET_ARN", *warehouse.SecretArn())
}
