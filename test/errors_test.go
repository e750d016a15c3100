package test

import (
	"fmt"
	"regexp"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsapigatewayv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/bucket"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/network"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/searchdomain"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/constructs/team"
)

// What is wrong with props is tested beside the code. Here: that it reaches the user, with the place in front, and what
// only the whole app shows.
func TestWhatIsWrongIsSaidOnceWithItsPlace(t *testing.T) {
	other := func(change func(*microservice.Props)) microservice.Props {
		props := valid()
		props.Routes = []microservice.Route{{Path: "/other"}}
		change(&props)
		return props
	}
	for name, test := range map[string]struct {
		define func(app awscdk.App, stack awscdk.Stack)
		want   []string
	}{
		"no scope": {
			func(awscdk.App, awscdk.Stack) { microservice.New(nil, "Cart", valid()) },
			[]string{`Cart: scope is nil: pass the app, stage, stack or construct in which to define it`},
		},
		"a scope that is a nil pointer": {
			func(awscdk.App, awscdk.Stack) {
				var service *microservice.Microservice
				table.New(service, "Items", table.Props{PartitionKey: table.String("id")})
			},
			[]string{`Items: scope is nil: pass the app, stage, stack or construct in which to define it`},
		},
		"a service that is a nil pointer": {
			func(_ awscdk.App, stack awscdk.Stack) {
				var service *microservice.Microservice
				service.Uses(table.New(stack, "Items", table.Props{PartitionKey: table.String("id")}), table.Read)
			},
			[]string{`Uses: the service is nil: call it on what microservice.New returned`},
		},
		"a variable of a service that New did not return": {
			func(awscdk.App, awscdk.Stack) { (&microservice.Microservice{}).SetVariable("A", "b") },
			[]string{`SetVariable: the service is nil: call it on what microservice.New returned`},
		},
		"a secret of no service": {
			func(awscdk.App, awscdk.Stack) { (*microservice.Microservice)(nil).SetSecret("A", nil) },
			[]string{`SetSecret: the service is nil: call it on what microservice.New returned`},
		},
		"an alarm of no service": {
			func(awscdk.App, awscdk.Stack) { (*microservice.Microservice)(nil).AddAlarm("Zoo", rollsBack()) },
			[]string{`AddAlarm: the service is nil: call it on what microservice.New returned`},
		},
		"a policy of no service": {
			func(awscdk.App, awscdk.Stack) { (*microservice.Microservice)(nil).Track("Depth", metric.Metric{}, 1) },
			[]string{`Track: the service is nil: call it on what microservice.New returned`},
		},
		"no store": {
			func(_ awscdk.App, stack awscdk.Stack) { microservice.New(stack, "Cart", valid()).Uses(nil, store.Read) },
			[]string{`Shop/Cart: Uses must name a store, got nil`},
		},
		"a store that is a nil pointer": {
			func(_ awscdk.App, stack awscdk.Stack) {
				var items *table.Table
				microservice.New(stack, "Cart", valid()).Uses(items, store.Read)
			},
			[]string{`Shop/Cart: Uses must name a store, got a nil *table.Table: define it first`},
		},
		"a store that New did not return": {
			func(_ awscdk.App, stack awscdk.Stack) {
				microservice.New(stack, "Cart", valid()).Uses(&table.Table{}, store.Read)
			},
			[]string{`Shop/Cart: Uses of table.Table: its Construct is nil: define it first, by the function that returns such a store`},
		},
		"a store around nothing": {
			func(_ awscdk.App, stack awscdk.Stack) {
				microservice.New(stack, "Cart", valid()).Uses(parameter{}, store.Read)
			},
			[]string{`Shop/Cart: Uses of test.parameter: its IStringParameter is nil: define it first, by the function that returns such a store`},
		},
		"an environment of a nil pointer": {
			func(awscdk.App, awscdk.Stack) { environment.Of((*microservice.Microservice)(nil)) },
			[]string{`scope is nil: pass the app, stage, stack or construct whose environment it is`},
		},
		"an environment for a nil pointer": {
			func(awscdk.App, awscdk.Stack) {
				environment.Set((*microservice.Microservice)(nil), environment.Environment{})
			},
			[]string{`scope is nil: pass the app, stage, stack or construct whose environment it is`},
		},
		"the identity of a nil pointer": {
			func(awscdk.App, awscdk.Stack) { identity.Of((*microservice.Microservice)(nil)) },
			[]string{`scope is nil: pass the app, stage, stack or construct whose environment it is`},
		},
		"an identity imported into nothing": {
			func(awscdk.App, awscdk.Stack) { identity.Import(nil, identity.Ref{StackName: "shop-identity"}) },
			[]string{`Identity: scope is nil: pass the app, stage, stack or construct in which to define it`},
		},
		"a platform imported into a nil pointer": {
			func(awscdk.App, awscdk.Stack) {
				platform.Import((*microservice.Microservice)(nil), platform.Ref{StackName: "shop-platform"})
			},
			[]string{`Platform: scope is nil: pass the app, stage, stack or construct in which to define it`},
		},
		"teams imported into nothing": {
			func(awscdk.App, awscdk.Stack) { team.Import(nil, team.Ref{StackName: "shop-teams"}) },
			[]string{`Teams: scope is nil: pass the app, stage, stack or construct in which to define it`},
		},
		"a service in the app": {
			func(app awscdk.App, _ awscdk.Stack) { microservice.New(app, "Cart", valid()) },
			[]string{`Cart: scope must be a stack or a construct in one, got the app or a stage: define a stack in it, such as awscdk.NewStack(app, jsii.String("Shop"), nil)`},
		},
		"a table in a stage": {
			func(app awscdk.App, _ awscdk.Stack) {
				table.New(awscdk.NewStage(app, jsii.String("Test"), nil), "Items", table.Props{PartitionKey: table.String("id")})
			},
			[]string{`Test/Items: scope must be a stack or a construct in one, got the app or a stage: define a stack in it, such as awscdk.NewStack(app, jsii.String("Shop"), nil)`},
		},
		"a service in a construct outside of stacks": {
			func(app awscdk.App, _ awscdk.Stack) {
				microservice.New(constructs.NewConstruct(app, jsii.String("Group")), "Cart", valid())
			},
			[]string{`Group: it is in no stack: define it in one, such as awscdk.NewStack(app, jsii.String("Shop"), nil)`},
		},
		"a platform imported in the app": {
			func(app awscdk.App, _ awscdk.Stack) { platform.Import(app, platform.Ref{StackName: "shop-platform"}) },
			[]string{`the app is in no stack: pass a stack, such as awscdk.NewStack(app, jsii.String("Shop"), nil)`},
		},
		"a construct of the CDK with an ID of the service": {
			func(_ awscdk.App, stack awscdk.Stack) {
				awssqs.NewQueue(microservice.New(stack, "Cart", valid()), jsii.String("Logs"), nil)
			},
			[]string{`Cart: the ID "Logs" is already used in this scope: choose another ID`},
		},
		"two constructs of the CDK with one logical ID": {
			func(_ awscdk.App, stack awscdk.Stack) {
				for _, id := range []string{"One", "Other"} {
					queue := awscdk.NewCfnResource(stack, jsii.String(id), &awscdk.CfnResourceProps{Type: jsii.String("AWS::SQS::Queue")})
					queue.OverrideLogicalId(jsii.String("Orders"))
				}
			},
			[]string{`Resources: two constructs of one stack have the logical ID "Orders": choose another ID for one of them, or do not override it`},
		},
		"an owner with a reserved prefix": {
			func(_ awscdk.App, stack awscdk.Stack) {
				microservice.New(stack, "Cart", other(func(props *microservice.Props) { props.Owner = "AWS:checkout" }))
			},
			[]string{`Shop/Cart: Owner must not begin with aws:, which AWS reserves for its own tags, got "AWS:checkout"`},
		},
		"no scope for an environment": {
			func(awscdk.App, awscdk.Stack) { environment.Set(nil, environment.Environment{}) },
			[]string{`scope is nil: pass the app, stage, stack or construct whose environment it is`},
		},
		"no scope of an environment": {
			func(awscdk.App, awscdk.Stack) { environment.Of(nil) },
			[]string{`scope is nil: pass the app, stage, stack or construct whose environment it is`},
		},
		"a key by its alias": {
			func(_ awscdk.App, stack awscdk.Stack) {
				alias := awskms.Alias_FromAliasName(stack, jsii.String("Alias"), jsii.String("alias/shop"))
				table.New(stack, "Items", table.Props{PartitionKey: table.String("id"), EncryptionKey: alias})
			},
			[]string{`Shop/Items: EncryptionKey is an alias, whose key a service would not be allowed to use: use awskms.Key_FromKeyArn`},
		},
		"a key of another stack": {
			func(app awscdk.App, stack awscdk.Stack) {
				key := awskms.NewKey(awscdk.NewStack(app, jsii.String("Keys"), nil), jsii.String("Key"), nil)
				bucket.New(stack, "Photos", bucket.Props{EncryptionKey: key})
			},
			[]string{`Shop/Photos: EncryptionKey is in stack Keys and not in Shop: define it there, or use awskms.Key_FromKeyArn`},
		},
		"a key of another stack, of a queue": {
			func(app awscdk.App, stack awscdk.Stack) {
				key := awskms.NewKey(awscdk.NewStack(app, jsii.String("Keys"), nil), jsii.String("Key"), nil)
				queue.New(stack, "Orders", queue.Props{EncryptionKey: key, FIFO: true, Delay: time.Hour})
			},
			[]string{
				`Shop/Orders: Delay must be whole seconds from 0s to 15m0s, got 1h0m0s`,
				`Shop/Orders: EncryptionKey is in stack Keys and not in Shop: define it there, or use awskms.Key_FromKeyArn`,
			},
		},
		"a key of another stack, of a domain": {
			func(app awscdk.App, stack awscdk.Stack) {
				key := awskms.NewKey(awscdk.NewStack(app, jsii.String("Keys"), nil), jsii.String("Key"), nil)
				searchdomain.New(stack, "Documents", searchdomain.Props{VPC: awsec2.NewVpc(stack, jsii.String("Vpc"), nil), EncryptionKey: key})
			},
			[]string{`Shop/Documents: EncryptionKey is in stack Keys and not in Shop: define it there, or use awskms.Key_FromKeyArn`},
		},
		"tokens instead of values": {
			func(_ awscdk.App, stack awscdk.Stack) {
				props := valid()
				props.Name = "cart-" + *stack.Region()
				props.Owner = *stack.Account()
				props.Port = int(*awscdk.Token_AsNumber(stack.Account()))
				microservice.New(stack, "Cart", props)
			},
			[]string{
				"Shop/Cart: Owner must be 1 to 256 letters, digits, spaces and _.:/=+@-, as it becomes a tag, got " + aToken,
				"Shop/Cart: Name must be lower-case letters, digits and hyphens between them, starting with a letter, got " + aToken,
				`Shop/Cart: Port must be from 1024 to 65535 unless User is "root", got ` + aToken,
			},
		},
		"an ID after which nothing would work": {
			func(_ awscdk.App, stack awscdk.Stack) {
				table.New(stack, "__proto__", table.Props{PartitionKey: table.String("id")})
			},
			[]string{`Shop: the ID "__proto__" is the name of what every JavaScript object has, so that the CDK finds it in any scope: choose another ID`},
		},
		"a token as an ID": {
			func(_ awscdk.App, stack awscdk.Stack) {
				table.New(stack, "Items"+*stack.Region(), table.Props{PartitionKey: table.String("id")})
			},
			[]string{"Shop: id must be known before the deployment, got " + aToken},
		},
		"nothing given": {
			func(_ awscdk.App, stack awscdk.Stack) { microservice.New(stack, "Cart", microservice.Props{}) },
			[]string{
				`Shop/Cart: Platform is missing: name its stack in environment.Environment or here, such as platform.Ref{StackName: "shop-platform"}`,
				`Shop/Cart: Owner is missing: name the team that owns the service`,
				`Shop/Cart: Image is missing: use image.Registry, image.ECR or image.Build`,
			},
		},
		"several things at once": {
			func(_ awscdk.App, stack awscdk.Stack) {
				props := valid()
				props.Size = microservice.Size{CPU: 512, MemoryMiB: 512}
				props.Scaling = scaling.Policy{Min: 2, Max: 1}
				microservice.New(stack, "Cart", props)
			},
			[]string{
				"Shop/Cart: Size.MemoryMiB must be from 1024 to 4096 in steps of 1024 with Size.CPU 512, got 512",
				"Shop/Cart: Scaling.Max must be at least Min (2), got 1",
			},
		},
		"two services with one name and priority": {
			func(_ awscdk.App, stack awscdk.Stack) {
				microservice.New(stack, "Cart", valid())
				microservice.New(stack, "Basket", other(func(props *microservice.Props) { props.Name = "cart" }))
			},
			[]string{
				`Shop/Basket: Name "cart" is already used by Shop/Cart: set Name to another`,
			},
		},
		"two services with one priority": {
			func(app awscdk.App, stack awscdk.Stack) {
				microservice.New(stack, "Cart", valid())
				elsewhere := awscdk.NewStack(app, jsii.String("Elsewhere"), nil)
				microservice.New(elsewhere, "Basket", other(func(props *microservice.Props) { props.Priority = 23119 }))
			},
			[]string{`Elsewhere/Basket: Priority 23119 is already used by Shop/Cart: set Priority to another`},
		},
		"two services with one route": {
			func(app awscdk.App, stack awscdk.Stack) {
				microservice.New(stack, "Cart", valid())
				elsewhere := awscdk.NewStack(app, jsii.String("Elsewhere"), nil)
				microservice.New(elsewhere, "Basket", other(func(props *microservice.Props) {
					props.Routes = []microservice.Route{{Path: "/cart"}, {Path: "/cart/{rest+}", Methods: []string{"GET"}}}
				}))
			},
			[]string{`Elsewhere/Basket: route ANY /cart is already defined by Shop/Cart: define it in one of the two`},
		},
		"a service in the stack of its platform": {
			func(_ awscdk.App, stack awscdk.Stack) {
				props := valid()
				props.Platform.StackName = "Shop"
				microservice.New(stack, "Cart", props)
			},
			[]string{`Shop/Cart: Platform.StackName must be another stack than the one that reads it, got "Shop" for both: give each its own stack`},
		},
		"a service in the stack of its identity": {
			func(_ awscdk.App, stack awscdk.Stack) {
				props := valid()
				props.Identity.StackName = "Shop"
				microservice.New(stack, "Cart", props)
			},
			[]string{`Shop/Cart: Identity.StackName must be another stack than the one that reads it, got "Shop" for both: give each its own stack`},
		},
		"an environment that environment.Set did not write": {
			func(app awscdk.App, _ awscdk.Stack) {
				stack := awscdk.NewStack(app, jsii.String("Odd"), nil)
				stack.Node().SetContext(jsii.String("storefront:environment"), jsii.String("{}"))
				table.New(stack, "Items", table.Props{PartitionKey: table.String("id")})
			},
			[]string{
				`Odd: Profile.Zones must be from 2 to 6, got 0`,
				`Odd: Profile.MinTasks must be from 1 to 20000, got 0`,
				`Odd: Profile.LogRetentionDays must be one of [1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653], got 0`,
			},
		},
		"an environment in cdk.json": {
			func(app awscdk.App, _ awscdk.Stack) {
				stack := awscdk.NewStack(app, jsii.String("Odd"), nil)
				stack.Node().SetContext(jsii.String("storefront:environment"), map[string]any{"Name": "shop"})
				table.New(stack, "Items", table.Props{PartitionKey: table.String("id")})
			},
			[]string{`Odd: context "storefront:environment" must be set with environment.Set, got map[Name:shop]`},
		},
		"an access that a store does not know": {
			func(_ awscdk.App, stack awscdk.Stack) {
				service := microservice.New(stack, "Cart", valid())
				service.Uses(table.New(service, "Items", table.Props{PartitionKey: table.String("id")}), identity.AdministerUsers)
			},
			[]string{`Shop/Cart: Uses of Shop/Cart/Items: access must be Read or Write or ReadWrite, got "AdministerUsers"`},
		},
		"an access that a bucket does not know": {
			func(_ awscdk.App, stack awscdk.Stack) {
				service := microservice.New(stack, "Cart", valid())
				service.Uses(bucket.New(service, "Receipts", bucket.Props{}), "Admire")
			},
			[]string{`Shop/Cart: Uses of Shop/Cart/Receipts: access must be Read or Write or ReadWrite, got "Admire"`},
		},
		"an access that a search domain does not know": {
			func(_ awscdk.App, stack awscdk.Stack) {
				service := microservice.New(stack, "Cart", valid())
				service.Uses(searchdomain.New(service, "Index", searchdomain.Props{VPC: service.Platform().VPC()}), "Admire")
			},
			[]string{`Shop/Cart: Uses of Shop/Cart/Index: access must be Read or Write or ReadWrite, got "Admire"`},
		},
		"an access that an identity does not know": {
			func(_ awscdk.App, stack awscdk.Stack) {
				service := microservice.New(stack, "Cart", valid())
				service.Uses(identity.Import(stack, identity.Ref{StackName: "shop-identity"}), store.Read)
			},
			[]string{`Shop/Cart: Uses of Shop/Identity: access must be AdministerUsers, got "Read"`},
		},
		"a required field of the CDK's own": {
			func(_ awscdk.App, stack awscdk.Stack) {
				awsec2.NewSecurityGroup(stack, jsii.String("Open"), &awsec2.SecurityGroupProps{})
			},
			[]string{`Field awsec2.SecurityGroupProps.Vpc is required, but has nil value`},
		},
		"two stores with one variable": {
			func(_ awscdk.App, stack awscdk.Stack) {
				service := microservice.New(stack, "Cart", valid())
				key := table.Props{PartitionKey: table.String("id")}
				service.Uses(table.New(service, "Items", key), table.Read)
				service.Uses(table.New(stack, "Items", key), table.Read)
			},
			[]string{`Shop/Cart: Uses of Shop/Items: the environment variable ITEMS_TABLE_NAME is already set: change the ID of the store, or the name of the variable`},
		},
		"a store of another stack": {
			func(app awscdk.App, stack awscdk.Stack) {
				elsewhere := awscdk.NewStack(app, jsii.String("Elsewhere"), nil)
				items := table.New(elsewhere, "Items", table.Props{PartitionKey: table.String("id")})
				microservice.New(stack, "Cart", valid()).Uses(items, table.Read)
			},
			[]string{`Shop/Cart: Uses of Elsewhere/Items: it is in stack Elsewhere and not in Shop: define it there, call the service that owns it, or react to its events`},
		},
		"a store whose variable is the user's": {
			func(_ awscdk.App, stack awscdk.Stack) {
				props := valid()
				props.Environment = map[string]string{"ITEMS_TABLE_NAME": "mine"}
				service := microservice.New(stack, "Cart", props)
				service.Uses(table.New(service, "Items", table.Props{PartitionKey: table.String("id")}), table.Read)
			},
			[]string{`Shop/Cart: Uses of Shop/Cart/Items: the environment variable ITEMS_TABLE_NAME is already set: change the ID of the store, or the name of the variable`},
		},
		"a store whose variable is a sidecar's": {
			func(_ awscdk.App, stack awscdk.Stack) {
				props := valid()
				props.Sidecars = []microservice.Sidecar{{Name: "proxy", Image: props.Image, Variables: map[string]string{"ITEMS_TABLE_NAME": "mine"}}}
				service := microservice.New(stack, "Cart", props)
				service.Uses(table.New(service, "Items", table.Props{PartitionKey: table.String("id")}), table.Read)
			},
			[]string{`Shop/Cart: Uses of Shop/Cart/Items: the environment variable ITEMS_TABLE_NAME is already set: change the ID of the store, or the name of the variable`},
		},
		"two sidecars with one variable": {
			func(_ awscdk.App, stack awscdk.Stack) {
				props := valid()
				props.Sidecars = []microservice.Sidecar{
					{Name: "proxy", Image: props.Image, Variables: map[string]string{"PROXY": "a"}},
					{Name: "other", Image: props.Image, Variables: map[string]string{"PROXY": "b"}},
				}
				microservice.New(stack, "Cart", props)
			},
			[]string{`Shop/Cart: Sidecars[1].Variables has PROXY, which Sidecars[0].Variables sets to another value: keep one`},
		},
		"a store whose variable is reserved": {
			func(_ awscdk.App, stack awscdk.Stack) {
				microservice.New(stack, "Cart", valid()).Uses(rude{}, store.Read)
			},
			[]string{`Shop/Cart: Uses of test.rude must not set AWS_REGION, which is reserved: ECS sets it`},
		},
		"a table": {
			func(_ awscdk.App, stack awscdk.Stack) { table.New(stack, "Items", table.Props{}) },
			[]string{`Shop/Items: PartitionKey is missing: name one, such as table.String("id")`},
		},
		"a bucket": {
			func(_ awscdk.App, stack awscdk.Stack) {
				bucket.New(stack, "Photos", bucket.Props{PreviousVersionDays: 3})
			},
			[]string{`Shop/Photos: PreviousVersionDays needs Versioned, got 3 without it`},
		},
		"a search domain": {
			func(_ awscdk.App, stack awscdk.Stack) { searchdomain.New(stack, "Index", searchdomain.Props{}) },
			[]string{`Shop/Index: the environment names no Platform: set it in environment.Environment, such as platform.Ref{StackName: "shop-platform"}`},
		},
		"an identity": {
			func(_ awscdk.App, stack awscdk.Stack) { identity.New(stack, "Identity", identity.Props{}) },
			[]string{`Shop/Identity: the environment names no Platform: set it in environment.Environment, such as platform.Ref{StackName: "shop-platform"}`},
		},
		"an identity that is not named": {
			func(_ awscdk.App, stack awscdk.Stack) { identity.Import(stack, identity.Ref{}) },
			[]string{`Shop/Identity: Identity.StackName is missing: name the stack that publishes the contract`},
		},
		"a platform": {
			func(_ awscdk.App, stack awscdk.Stack) { platform.New(stack, "Platform", platform.Props{}) },
			[]string{`Shop/Platform: VPC is missing: set it, such as to network.New(…).VPC()`},
		},
		"a platform without private subnets": {
			func(_ awscdk.App, stack awscdk.Stack) {
				public := awsec2.NewVpc(stack, jsii.String("Vpc"), &awsec2.VpcProps{
					SubnetConfiguration: &[]*awsec2.SubnetConfiguration{{Name: jsii.String("Public"), SubnetType: awsec2.SubnetType_PUBLIC}},
				})
				platform.New(stack, "Platform", platform.Props{VPC: public})
			},
			[]string{`Shop/Platform: VPC must have private subnets, in which the load balancer and the tasks are, got none: set PrivateSubnetIds in awsec2.Vpc_FromVpcAttributes, or use network.New`},
		},
		"a platform of one zone": {
			func(_ awscdk.App, stack awscdk.Stack) {
				net := network.New(stack, "Network", network.Props{Zones: []string{"us-east-1a"}})
				platform.New(stack, "Platform", platform.Props{VPC: net.VPC(), Throttle: platform.Throttle{Burst: -1}})
			},
			[]string{
				`Shop/Platform: Throttle.Burst must be from 0 to 1000000, got -1`,
				`Shop/Platform: VPC must have private subnets in at least 2 zones, which a load balancer requires, got 1, in us-east-1a`,
			},
		},
		"a platform in another VPC": {
			func(_ awscdk.App, stack awscdk.Stack) {
				platform.New(stack, "Platform", platform.Props{VPC: awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{
					VpcId:                      jsii.String("vpc-1"),
					AvailabilityZones:          jsii.Strings("us-east-1a", "us-east-1b"),
					PrivateSubnetIds:           jsii.Strings("subnet-1", "subnet-1"),
					PrivateSubnetRouteTableIds: jsii.Strings("rtb-1", "rtb-1"),
				})})
			},
			[]string{
				`Shop/Platform: VPC must have another private subnet in each zone, got subnet-1 in us-east-1a and in us-east-1b`,
				`Shop/Platform: VPC must have its CIDR block, to which alone the load balancer may connect, got none: set VpcCidrBlock in awsec2.Vpc_FromVpcAttributes`,
			},
		},
		"a platform in a VPC without subnets": {
			func(_ awscdk.App, stack awscdk.Stack) {
				platform.New(stack, "Platform", platform.Props{VPC: awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{
					VpcId: jsii.String("vpc-1"), VpcCidrBlock: jsii.String("10.0.0.0/16"), AvailabilityZones: jsii.Strings("us-east-1a", "us-east-1b"),
				})})
			},
			[]string{`Shop/Platform: VPC must have private subnets, in which the load balancer and the tasks are, got none: set PrivateSubnetIds in awsec2.Vpc_FromVpcAttributes, or use network.New`},
		},
		"a search domain without private subnets": {
			func(_ awscdk.App, stack awscdk.Stack) {
				public := awsec2.NewVpc(stack, jsii.String("Vpc"), &awsec2.VpcProps{
					SubnetConfiguration: &[]*awsec2.SubnetConfiguration{{Name: jsii.String("Public"), SubnetType: awsec2.SubnetType_PUBLIC}},
				})
				searchdomain.New(stack, "Index", searchdomain.Props{VPC: public, VolumeGiB: 1})
			},
			[]string{
				`Shop/Index: VolumeGiB must be from 10 to 24576 with InstanceType m7g.medium.search, got 1`,
				`Shop/Index: VPC must have private subnets, in which the domain is, got none: set PrivateSubnetIds in awsec2.Vpc_FromVpcAttributes, or use network.New`,
			},
		},
		"zones that are not known at synthesis": {
			func(_ awscdk.App, stack awscdk.Stack) {
				network.New(stack, "Network", network.Props{Zones: []string{*awscdk.Fn_ImportValue(jsii.String("FirstZone"))}, CIDR: "10.0.0.0/8"})
			},
			[]string{
				`Shop/Network: Zones must be names that are known at synthesis, such as eu-central-1a, got a token`,
				`Shop/Network: CIDR must be an IPv4 CIDR block from /16 to /24 without host bits, such as 10.0.0.0/16, got "10.0.0.0/8"`,
			},
		},
		"a late network with another mistake": {
			func(app awscdk.App, _ awscdk.Stack) {
				stack := awscdk.NewStack(app, jsii.String("Net"), &awscdk.StackProps{
					Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("eu-west-1")},
				})
				table.New(stack, "Items", table.Props{PartitionKey: table.String("id")})
				network.New(stack, "Network", network.Props{Zones: []string{"eu-west-1a"}, NAT: network.NoNAT})
			},
			[]string{
				`Net/Network: NoNAT requires the Endpoints ecr.api, ecr.dkr, logs, without which no task starts: set Endpoints to network.TaskEndpoints(), got []`,
				`Net/Network: the network must be the first construct of stack Net, or the app's context must set "availability-zones:account=111122223333:region=eu-west-1" to its zones`,
			},
		},
		"a network that is not the first in a pinned stack": {
			func(app awscdk.App, _ awscdk.Stack) {
				stack := awscdk.NewStack(app, jsii.String("Net"), &awscdk.StackProps{
					Env: &awscdk.Environment{Account: jsii.String("111122223333"), Region: jsii.String("eu-west-1")},
				})
				table.New(stack, "Items", table.Props{PartitionKey: table.String("id")})
				network.New(stack, "Network", network.Props{Zones: []string{"eu-west-1a"}})
			},
			[]string{`Net/Network: the network must be the first construct of stack Net, or the app's context must set "availability-zones:account=111122223333:region=eu-west-1" to its zones`},
		},
		"a platform that is not named": {
			func(_ awscdk.App, stack awscdk.Stack) { platform.Import(stack, platform.Ref{}) },
			[]string{`Shop/Platform: Platform.StackName is missing: name the stack that publishes the contract`},
		},
		"a zone of another region": {
			func(app awscdk.App, _ awscdk.Stack) {
				stack := awscdk.NewStack(app, jsii.String("Net"), &awscdk.StackProps{Env: &awscdk.Environment{Region: jsii.String("eu-west-1")}})
				network.New(stack, "Network", network.Props{Zones: []string{"eu-west-1a", "eu-central-1b"}})
			},
			[]string{`Net/Network: Zones must be zones in region eu-west-1, got "eu-central-1b"`},
		},
		"two services with one preflight route": {
			func(_ awscdk.App, stack awscdk.Stack) {
				microservice.New(stack, "Cart", valid())
				microservice.New(stack, "Basket", other(func(props *microservice.Props) {
					props.Routes = []microservice.Route{{Path: "/cart/{rest+}", Methods: []string{"OPTIONS"}, Public: true}}
				}))
			},
			[]string{
				`Shop/Basket: route OPTIONS /cart/{rest+} is already defined by Shop/Cart: define it in one of the two`,
				`Shop/Basket: route OPTIONS /cart is already defined by Shop/Cart: define it in one of the two`,
			},
		},
		"a platform of another stack": {
			func(_ awscdk.App, stack awscdk.Stack) {
				environment.Set(stack, environment.Environment{Profile: profile.Sandbox(), Platform: platform.Ref{StackName: "prod-shop"}})
				definePlatform(func(props *platform.Props) {
					props.LogKey = awskms.NewKey(stack, jsii.String("Key"), nil)
					props.Throttle.Burst = -1
				})(stack)
			},
			[]string{
				`Shop/Platform: Platform.StackName of the environment is "prod-shop", and this stack is "Shop": services would read the other, so name this one in the environment`,
				"Shop/Platform: Throttle.Burst must be from 0 to 1000000, got -1",
				"Shop/Platform: LogKey requires a profile that encrypts logs: set EncryptLogs in environment.Environment, or remove LogKey",
			},
		},
		"an identity of another stack": {
			func(_ awscdk.App, stack awscdk.Stack) {
				environment.Set(stack, environment.Environment{Identity: identity.Ref{StackName: "prod-login"}})
				identity.New(stack, "Identity", identity.Props{API: awsapigatewayv2.NewHttpApi(stack, jsii.String("Api"), nil)})
			},
			[]string{`Shop/Identity: Identity.StackName of the environment is "prod-login", and this stack is "Shop": services would read the other, so name this one in the environment`},
		},
		"an environment that comes too late": {
			func(_ awscdk.App, stack awscdk.Stack) {
				table.New(stack, "Items", table.Props{PartitionKey: table.String("id")})
				environment.Set(stack, environment.Environment{Profile: profile.Sandbox()})
			},
			[]string{`Shop: the environment must be set before anything is defined in its scope, got it after Shop/Items`},
		},
		"two services with one ID": {
			func(_ awscdk.App, stack awscdk.Stack) {
				props := valid()
				props.Routes = nil
				microservice.New(stack, "Cart", props)
				props.Name = "other"
				microservice.New(stack, "Cart", props)
			},
			[]string{`Shop: the ID "Cart" is already used in this scope: choose another ID`},
		},
		"an image without a Dockerfile": {
			func(_ awscdk.App, stack awscdk.Stack) {
				props := valid()
				props.Image = image.Build("no/such/folder")
				microservice.New(stack, "Cart", props)
			},
			[]string{`Shop/Cart: Image must be a folder with a Dockerfile: stat no/such/folder/Dockerfile: no such file or directory`},
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := trySynthesize(t.TempDir(), nil, func(app awscdk.App) {
				test.define(app, awscdk.NewStack(app, jsii.String("Shop"), nil))
			})
			if err == nil {
				t.Fatal("nothing was found wrong")
			}
			got := inThisFile.ReplaceAllString(err.Error(), "") // TestAnErrorOfTheCDKNamesItsPlace has the line
			if want := strings.Join(test.want, "\n"); got != want {
				t.Errorf("got\n%v\nwant\n%s", got, want)
			}
		})
	}
}

var inThisFile = regexp.MustCompile(`^errors_test\.go:\d+: `)

// An error of the CDK that names no construct names the line of the program, also if the program reached the CDK through this
// module; one that names a construct does not, nor does one of the synthesis.
func TestAnErrorOfTheCDKNamesItsPlace(t *testing.T) {
	at := func(message string) string { // of the next line
		_, _, line, _ := runtime.Caller(1)
		return fmt.Sprintf("errors_test.go:%d: %s", line+1, message)
	}
	want := ""
	for name, define := range map[string]func(app awscdk.App, stack awscdk.Stack){
		"a constructor": func(_ awscdk.App, stack awscdk.Stack) {
			want = at("Cannot use 'autoDeleteObjects' property on a bucket without setting removal policy to 'DESTROY'.")
			awss3.NewBucket(stack, jsii.String("Photos"), &awss3.BucketProps{AutoDeleteObjects: jsii.Bool(true)})
		},
		"a static function": func(_ awscdk.App, stack awscdk.Stack) {
			want = at("a lookup (vpc-provider) requires the account and the region of the stack: set Env in awscdk.StackProps")
			awsec2.Vpc_FromLookup(stack, jsii.String("Vpc"), &awsec2.VpcLookupOptions{IsDefault: jsii.Bool(true)})
		},
		"a required field": func(_ awscdk.App, stack awscdk.Stack) {
			want = at("Field awscdk.CfnOutputProps.Value is required, but has nil value")
			awscdk.NewCfnOutput(stack, jsii.String("Url"), &awscdk.CfnOutputProps{})
		},
		"nil": func(awscdk.App, awscdk.Stack) {
			want = at("parameter scope is required, but nil was provided")
			awscdk.Tags_Of(nil)
		},
		"a gateway endpoint": func(_ awscdk.App, stack awscdk.Stack) {
			vpc := awsec2.Vpc_FromVpcAttributes(stack, jsii.String("Vpc"), &awsec2.VpcAttributes{
				VpcId: jsii.String("vpc-1"), AvailabilityZones: jsii.Strings("a"), PrivateSubnetIds: jsii.Strings("subnet-1"),
			})
			want = at("the VPC has no route tables to add a gateway endpoint to, since it is imported without them: set PrivateSubnetRouteTableIds in awsec2.Vpc_FromVpcAttributes")
			vpc.AddGatewayEndpoint(jsii.String("S3"), &awsec2.GatewayVpcEndpointOptions{Service: awsec2.GatewayVpcEndpointAwsService_S3()})
		},
		"through this module": func(app awscdk.App, _ awscdk.Stack) {
			want = at(`the app is in no stack: pass a stack, such as awscdk.NewStack(app, jsii.String("Shop"), nil)`)
			platform.Import(app, platform.Ref{StackName: "shop-platform"})
		},
		"two stacks": func(app awscdk.App, stack awscdk.Stack) {
			other := awscdk.NewStack(app, jsii.String("Other"), nil)
			stack.AddStackDependency(other, nil)
			want = "Other: it depends on Shop (<Other>.addStackDependency(<Shop>)), which depends on it (<Shop>.addStackDependency(<Other>)): remove one of the two, or define in one stack what refers to each other"
			other.AddStackDependency(stack, nil)
		},
		"the synthesis": func(_ awscdk.App, stack awscdk.Stack) {
			for n := range 501 {
				awscdk.NewCfnResource(stack, jsii.String(fmt.Sprint("Queue", n)), &awscdk.CfnResourceProps{Type: jsii.String("AWS::SQS::Queue")})
			}
			want = "Shop: a stack must have at most 500 resources, got 501: define some of them in another stack. It has AWS::SQS::Queue (501)"
		},
	} {
		t.Run(name, func(t *testing.T) {
			err := trySynthesize(t.TempDir(), nil, func(app awscdk.App) { define(app, awscdk.NewStack(app, jsii.String("Shop"), nil)) })
			if got := fmt.Sprint(err); got != want {
				t.Errorf("got\n%s\nwant\n%s", got, want)
			}
		})
	}
}

// aToken is what a message has in the place of "${Token[AWS.Region.4]}", and what to write instead.
const aToken = "a token of the CDK: a token has no value before the deployment, so write the value itself"

// rude is a store that names a variable which ECS sets.
type rude struct{}

func (rude) Bind(store.Consumer, store.Access) (store.Binding, error) {
	return store.Binding{Environment: map[string]string{"AWS_REGION": "mars-1"}}, nil
}

func TestServicesOfTwoEnvironmentsMayBeAlike(t *testing.T) {
	synthesize(t, nil, func(app awscdk.App) {
		for _, environment := range []string{"Blue", "Green"} {
			props := valid()
			props.Platform.StackName = environment + "-platform"
			microservice.New(awscdk.NewStack(app, jsii.String(environment), nil), "Cart", props)
		}
	})
}
