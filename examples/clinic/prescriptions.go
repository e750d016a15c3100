package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/table"
)

// definePrescriptions defines the service that issues prescriptions, which pharmacies verify by their signature.
func definePrescriptions(stack awscdk.Stack, env app.Environment) {
	prescriptions := microservice.New(stack, "Prescriptions", microservice.Props{
		Owner: "care",
		Image: env.Image("prescriptions"),
		Routes: []microservice.Route{
			{Path: "/prescriptions/{proxy+}"},
			{Path: "/prescriptions/{id}/signature", Methods: []string{"GET"}, Public: true},
		},
	})
	issued := table.New(prescriptions, "Issued", table.Props{
		PartitionKey: table.String("patientId"),
		SortKey:      table.String("prescriptionId"),
		TTLAttribute: "expiresAt",
	})
	prescriptions.Uses(issued, table.ReadWrite)
	key := awssecretsmanager.NewSecret(prescriptions, jsii.String("SignatureKey"), &awssecretsmanager.SecretProps{
		Description:          jsii.String("Signs prescriptions"),
		GenerateSecretString: &awssecretsmanager.SecretStringGenerator{PasswordLength: jsii.Number(64), ExcludePunctuation: jsii.Bool(true)},
	})
	prescriptions.SetSecret("SIGNATURE_KEY", awsecs.Secret_FromSecretsManager(key, nil))
}
