// Package escapehatches is the recipe of docs/recipes/escape-hatches.md: what no prop of the library sets, by the constructs of
// the CDK beneath it.
package escapehatches

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsdynamodb"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsefs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/bucket"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/table"
)

// Define defines a cart, and changes of it that no prop has.
func Define(stack awscdk.Stack, env app.Environment) {
	cart := microservice.New(stack, "Cart", microservice.Props{
		Owner:  "checkout",
		Image:  env.Image("cart"),
		Routes: []microservice.Route{{Path: "/cart/{proxy+}"}},
	})
	items := table.New(cart, "Items", table.Props{PartitionKey: table.String("userId")})
	cart.Uses(items, table.ReadWrite)
	receipts := bucket.New(cart, "Receipts", bucket.Props{})
	cart.Uses(receipts, bucket.Write)

	mountFiles(cart)
	keepSessions(cart)
	shortenTimeout(cart)
	addHeader(cart)
	sendEmail(cart)
	useKey(cart)
	setBoundary(cart)
	openPort(cart)
	raiseLimit(cart)
	countRefusals(cart)
	warmUp(items)
	publishEvents(receipts)
}

func mountFiles(cart *microservice.Microservice) {
	files := awsefs.NewFileSystem(cart, jsii.String("Files"), &awsefs.FileSystemProps{Vpc: cart.Platform().VPC(), Encrypted: jsii.Bool(true)})
	point := files.AddAccessPoint(jsii.String("Models"), &awsefs.AccessPointOptions{
		Path:      jsii.String("/models"),
		CreateAcl: &awsefs.Acl{OwnerUid: jsii.String("65532"), OwnerGid: jsii.String("65532"), Permissions: jsii.String("750")},
		PosixUser: &awsefs.PosixUser{Uid: jsii.String("65532"), Gid: jsii.String("65532")},
	})
	cart.TaskDefinition().AddVolume(&awsecs.Volume{Name: jsii.String("models"), EfsVolumeConfiguration: &awsecs.EfsVolumeConfiguration{
		FileSystemId: files.FileSystemId(), TransitEncryption: jsii.String("ENABLED"),
		AuthorizationConfig: &awsecs.AuthorizationConfig{AccessPointId: point.AccessPointId(), Iam: jsii.String("ENABLED")},
	}})
	cart.Container().AddMountPoints(&awsecs.MountPoint{
		SourceVolume: jsii.String("models"), ContainerPath: jsii.String("/models"), ReadOnly: jsii.Bool(false),
	})
	files.GrantReadWrite(cart)
	files.Connections().AllowDefaultPortFrom(cart, nil)
	cart.FargateService().Node().AddDependency(files.MountTargetsAvailable())
}

func keepSessions(cart *microservice.Microservice) {
	for _, group := range cart.TargetGroups() {
		group.EnableCookieStickiness(awscdk.Duration_Hours(jsii.Number(1)), nil)
	}
}

func shortenTimeout(cart *microservice.Microservice) {
	integration := cart.Node().FindChild(jsii.String("SignedIn")).Node().DefaultChild().(awsapigatewayv2.CfnIntegration)
	integration.SetTimeoutInMillis(jsii.Number(5000))
}

func addHeader(cart *microservice.Microservice) {
	integration := cart.Node().FindChild(jsii.String("SignedIn")).Node().DefaultChild().(awsapigatewayv2.CfnIntegration)
	integration.SetResponseParameters(map[string]any{"200": map[string]any{"ResponseParameters": []map[string]string{
		{"Destination": "overwrite:header.cache-control", "Source": "no-store"},
	}}})
}

func sendEmail(cart *microservice.Microservice) {
	cart.TaskDefinition().AddToTaskRolePolicy(awsiam.NewPolicyStatement(&awsiam.PolicyStatementProps{
		Actions:   jsii.Strings("ses:SendEmail"),
		Resources: jsii.Strings("arn:aws:ses:eu-central-1:111122223333:identity/shop.example.com"),
	}))
}

func useKey(cart *microservice.Microservice) {
	key := awskms.Key_FromKeyArn(cart, jsii.String("ReceiptsKey"),
		jsii.String("arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-4e5f-6071-8293-a4b5c6d7e8f9"))
	key.GrantDecrypt(cart)
}

func setBoundary(cart *microservice.Microservice) {
	boundary := awsiam.ManagedPolicy_FromManagedPolicyArn(cart, jsii.String("Boundary"), jsii.String("arn:aws:iam::111122223333:policy/developers"))
	awsiam.PermissionsBoundary_Of(cart).Apply(boundary)
}

func openPort(cart *microservice.Microservice) {
	scraper := awsec2.Peer_SecurityGroupId(jsii.String("sg-0a1b2c3d4e5f60718"), nil)
	cart.Connections().AllowFrom(scraper, awsec2.Port_Tcp(jsii.Number(9090)), jsii.String("metrics for Prometheus"))
}

func raiseLimit(cart *microservice.Microservice) {
	cart.Container().AddUlimits(&awsecs.Ulimit{
		Name: awsecs.UlimitName_NOFILE, SoftLimit: jsii.Number(65536), HardLimit: jsii.Number(65536),
	})
}

func countRefusals(cart *microservice.Microservice) {
	cart.LogGroup().AddMetricFilter(jsii.String("Refusals"), &awslogs.MetricFilterOptions{
		FilterPattern:   awslogs.FilterPattern_StringValue(jsii.String("$.event"), jsii.String("="), jsii.String("payment-refused")),
		MetricNamespace: jsii.String("Shop"), MetricName: jsii.String("RefusedPayments"),
	})
}

func warmUp(items *table.Table) {
	defined := items.Table().Node().DefaultChild().(awsdynamodb.CfnGlobalTable)
	defined.SetWarmThroughput(&awsdynamodb.CfnGlobalTable_WarmThroughputProperty{
		ReadUnitsPerSecond: jsii.Number(20000), WriteUnitsPerSecond: jsii.Number(5000),
	})
}

func publishEvents(receipts *bucket.Bucket) {
	defined := receipts.Bucket().Node().DefaultChild().(awss3.CfnBucket)
	defined.AddPropertyOverride(jsii.String("NotificationConfiguration.EventBridgeConfiguration.EventBridgeEnabled"), true)
}
