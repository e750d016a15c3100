package test

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/bucket"
	"github.com/storefront-cdk/storefront/constructs/cache"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/queue"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/searchdomain"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/constructs/sqldb"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/stacks"
)

// inProfile synthesizes a stack in an environment with the given profile.
func inProfile(t testing.TB, of profile.Profile, define func(stack awscdk.Stack)) snapshot.Template {
	t.Helper()
	return synthesize(t, nil, func(app awscdk.App) {
		environment.Set(app, environment.Environment{Profile: of})
		define(awscdk.NewStack(app, jsii.String("Shop"), nil))
	}).templates["Shop"]
}

// After a first deployment without protection, the next one turns it on: in place, and changes nothing else.
func TestSlowProtectionIsTurnedOnInPlace(t *testing.T) {
	skipInShort(t)
	first := storefront(t, map[string]any{"env": "production", "protection": "off"})
	protected := environments(t)["production"]
	changed := map[string]int{}
	for stack, template := range protected.templates {
		for line := range strings.Lines(snapshot.Diff(first.templates[stack], template)) {
			changed[flagDifference(t, template, line)]++
		}
	}
	want := map[string]int{
		"AWS::DynamoDB::GlobalTable Replicas.DeletionProtectionEnabled":          len(resourcesOf(protected, "AWS::DynamoDB::GlobalTable")),
		"AWS::Cognito::UserPool DeletionProtection":                              1,
		"AWS::ElasticLoadBalancingV2::LoadBalancer LoadBalancerAttributes.Value": 1,
	}
	for what, count := range changed {
		if want[what] != count {
			t.Errorf("the second deployment changes %s of %d resources, want %d", what, count, want[what])
		}
	}
	if len(changed) != len(want) {
		t.Errorf("the second deployment changes %q, want %q", slices.Sorted(maps.Keys(changed)), slices.Sorted(maps.Keys(want)))
	}
	for stack, protected := range terminationProtection(t, first) {
		if protected {
			t.Errorf("%s has termination protection in its first deployment", stack)
		}
	}
	for stack, protected := range terminationProtection(t, protected) {
		if !protected {
			t.Errorf("%s has no termination protection", stack)
		}
	}
}

func resourcesOf(a assembly, resourceType string) []snapshot.Resource {
	var all []snapshot.Resource
	for _, template := range a.templates {
		all = append(all, template.Resources(resourceType)...)
	}
	return all
}

// terminationProtection reads it from the manifest, by stack.
func terminationProtection(t *testing.T, a assembly) map[string]bool {
	t.Helper()
	var manifest struct {
		Artifacts map[string]struct {
			Type       string
			Properties struct{ TerminationProtection bool }
		}
	}
	if err := json.Unmarshal(read(t, a.dir, "manifest.json"), &manifest); err != nil {
		t.Fatal(err)
	}
	found := map[string]bool{}
	for name, artifact := range manifest.Artifacts {
		if artifact.Type == "aws:cloudformation:stack" {
			found[name] = artifact.Properties.TerminationProtection
		}
	}
	if len(found) != len(a.templates) {
		t.Fatalf("the manifest has %d stacks, want %d", len(found), len(a.templates))
	}
	return found
}

func TestStacksAreProtectedFromTerminationByProfile(t *testing.T) {
	for _, env := range stacks.Storefront().Environments {
		for stack, protected := range terminationProtection(t, environments(t)[env.Name]) {
			if protected != env.Profile.DeletionProtection {
				t.Errorf("%s/%s: termination protection is %t", env.Name, stack, protected)
			}
		}
	}
}

// What CloudFormation deletes with its stack must not have a protection that makes the deletion fail half-way.
func TestOnlyWhatIsRetainedHasDeletionProtection(t *testing.T) {
	protecting := profile.Sandbox()
	protecting.DeletionProtection = true
	for name, test := range map[string]struct {
		profile profile.Profile
		retain  profile.Choice
		want    bool
	}{
		"production":                           {profile.Production(), profile.ByProfile, true},
		"production, and not retained":         {profile.Production(), profile.Off, false},
		"the sandbox":                          {profile.Sandbox(), profile.ByProfile, false},
		"the sandbox, and retained":            {profile.Sandbox(), profile.On, false},
		"a profile that protects":              {protecting, profile.ByProfile, false},
		"a profile that protects and a choice": {protecting, profile.On, true},
	} {
		template := inProfile(t, test.profile, func(stack awscdk.Stack) {
			table.New(stack, "Items", table.Props{PartitionKey: table.String("id"), Retain: test.retain})
		})
		if got := template.One(t, "AWS::DynamoDB::GlobalTable").Get("Properties.Replicas.0.DeletionProtectionEnabled"); got != test.want {
			t.Errorf("%s: deletion protection is %v, want %t", name, got, test.want)
		}
	}
}

// Each change of a table is made in place: neither its logical ID nor what replaces a table differs.
func TestAChangeOfATableIsMadeInPlace(t *testing.T) {
	define := func(props table.Props) snapshot.Resource {
		t.Helper()
		props.PartitionKey = table.String("id")
		props.Indexes = []table.Index{{Name: "by-state", PartitionKey: table.String("state")}}
		return inStack(t, func(stack awscdk.Stack) { table.New(stack, "Items", props) }).One(t, "AWS::DynamoDB::GlobalTable")
	}
	onDemand := define(table.Props{TTLAttribute: "expiresAt"})
	for name, test := range map[string]struct {
		props table.Props
		want  map[string]any
	}{
		// CloudFormation rejects the change of the billing mode without a seed capacity for the table and each index.
		"on demand to capacity": {
			table.Props{TTLAttribute: "expiresAt", Capacity: table.Capacity{MinRead: 5, MaxRead: 50, MinWrite: 2, MaxWrite: 20}},
			map[string]any{
				"BillingMode": "PROVISIONED",
				"WriteProvisionedThroughputSettings.WriteCapacityAutoScalingSettings.SeedCapacity":                                   json.Number("20"),
				"GlobalSecondaryIndexes.0.WriteProvisionedThroughputSettings.WriteCapacityAutoScalingSettings.SeedCapacity":          json.Number("20"),
				"Replicas.0.ReadProvisionedThroughputSettings.ReadCapacityAutoScalingSettings.SeedCapacity":                          json.Number("50"),
				"Replicas.0.GlobalSecondaryIndexes.0.ReadProvisionedThroughputSettings.ReadCapacityAutoScalingSettings.SeedCapacity": json.Number("50"),
			},
		},
		// DynamoDB turns the expiry off if the attribute is named, and not if it is left out.
		"TTL turned off": {
			table.Props{TTLAttribute: "expiresAt", DisableTTL: true},
			map[string]any{"TimeToLiveSpecification.AttributeName": "expiresAt", "TimeToLiveSpecification.Enabled": false},
		},
		"TTL by another attribute, after it was turned off": {
			table.Props{TTLAttribute: "forgetAt"},
			map[string]any{"TimeToLiveSpecification.AttributeName": "forgetAt", "TimeToLiveSpecification.Enabled": true},
		},
		"no TTL, after it was turned off": {table.Props{}, map[string]any{"TimeToLiveSpecification": nil}},
	} {
		t.Run(name, func(t *testing.T) {
			changed := define(test.props)
			expect(t, "Shop", changed, test.want)
			for _, replaces := range []string{"KeySchema", "TableName", "LocalSecondaryIndexes"} {
				if was, is := fmt.Sprint(onDemand.Get("Properties."+replaces)), fmt.Sprint(changed.Get("Properties."+replaces)); was != is {
					t.Errorf("%s was %s and is %s", replaces, was, is)
				}
			}
			if onDemand.LogicalID != changed.LogicalID {
				t.Errorf("%s is replaced by %s", onDemand.LogicalID, changed.LogicalID)
			}
		})
	}
}

// A queue that is FIFO has a dead-letter queue that is FIFO, which SQS requires, and no name, to which CloudFormation adds
// .fifo.
func TestFIFOQueues(t *testing.T) {
	for name, test := range map[string]struct {
		props queue.Props
		want  map[string]any
	}{
		"FIFO": {
			queue.Props{FIFO: true},
			map[string]any{"ContentBasedDeduplication": false, "DeduplicationScope": nil, "FifoThroughputLimit": nil},
		},
		"by content, with high throughput": {
			queue.Props{FIFO: true, ContentBasedDeduplication: true, HighThroughput: true},
			map[string]any{"ContentBasedDeduplication": true, "DeduplicationScope": "messageGroup", "FifoThroughputLimit": "perMessageGroupId"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			template := inStack(t, func(stack awscdk.Stack) {
				consumer := worker(stack, func(props *microservice.Props) {
					props.Scaling.Backlog = scaling.Backlog{MessageDuration: time.Second, AcceptableDelay: time.Minute}
				})
				orders := queue.New(consumer, "Orders", test.props)
				consumer.Uses(orders, queue.SendAndConsume)
				if binding, err := orders.Bind(consumer, queue.Consume); err != nil || len(binding.Alarms) != 2 {
					t.Errorf("it has %d alarms, want 2 (%v)", len(binding.Alarms), err)
				}
			})
			main, deadLetters := queues(t, template)
			expect(t, "Shop", main, test.want)
			for _, resource := range []snapshot.Resource{main, deadLetters} {
				expect(t, "Shop", resource, map[string]any{"FifoQueue": true, "QueueName": nil})
			}
			if len(template.Resources("AWS::ApplicationAutoScaling::ScalingPolicy")) == 0 {
				t.Error("the backlog does not scale the service")
			}
		})
	}
}

func TestASearchDomainNeedsSubnets(t *testing.T) {
	vpc := func(stack awscdk.Stack, subnets awsec2.SubnetType) awsec2.IVpc {
		return awsec2.NewVpc(stack, jsii.String("Vpc"), &awsec2.VpcProps{
			SubnetConfiguration: &[]*awsec2.SubnetConfiguration{{Name: jsii.String("only"), SubnetType: subnets}},
		})
	}
	template := inStack(t, func(stack awscdk.Stack) {
		searchdomain.New(stack, "Documents", searchdomain.Props{VPC: vpc(stack, awsec2.SubnetType_PRIVATE_ISOLATED)})
	})
	if got := template.One(t, "AWS::OpenSearchService::Domain").Get("Properties.VPCOptions.SubnetIds.0"); got == nil {
		t.Error("the domain has no subnet")
	}
	err := trySynthesize(t.TempDir(), nil, func(app awscdk.App) {
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		searchdomain.New(stack, "Documents", searchdomain.Props{VPC: vpc(stack, awsec2.SubnetType_PUBLIC), InstanceType: "x"})
	})
	want := `Shop/Documents: InstanceType must be one that OpenSearch Service has for data nodes, such as r7g.large.search, got "x"
Shop/Documents: VPC must have private subnets, in which the domain is, got none: set PrivateSubnetIds in awsec2.Vpc_FromVpcAttributes, or use network.New`
	if err == nil || err.Error() != want {
		t.Errorf("got\n%v\nwant\n%s", err, want)
	}
}

// Keys of the account's own: one for each store, which lives as long as the store does, and which its consumers may use.
func TestDataIsEncryptedByProfile(t *testing.T) {
	encrypting := profile.Production()
	encrypting.EncryptData = true
	template := inProfile(t, encrypting, defineEachStore)
	keys := template.Resources("AWS::KMS::Key")
	if len(keys) != 6 {
		t.Fatalf("%d keys, want one for each store", len(keys))
	}
	for _, key := range keys {
		expect(t, "Shop", key, map[string]any{"EnableKeyRotation": true})
		if got := key.Get("DeletionPolicy"); got != "RetainExceptOnCreate" {
			t.Errorf("DeletionPolicy of %s is %v", key.LogicalID, got)
		}
	}
	keyOf := func(resource snapshot.Resource, path, store string) {
		t.Helper()
		if got := fmt.Sprint(resource.Get("Properties." + path + ".Fn::GetAtt.0")); !strings.HasPrefix(got, "Cart"+store+"Key") {
			t.Errorf("%s of %s is %s", path, resource.LogicalID, got)
		}
	}
	encrypted := template.One(t, "AWS::DynamoDB::GlobalTable")
	expect(t, "Shop", encrypted, map[string]any{"SSESpecification.SSEType": "KMS", "SSESpecification.SSEEnabled": true})
	keyOf(encrypted, "Replicas.0.SSESpecification.KMSMasterKeyId", "Items")
	photos := template.One(t, "AWS::S3::Bucket")
	expect(t, "Shop", photos, map[string]any{"BucketEncryption.ServerSideEncryptionConfiguration.0.BucketKeyEnabled": true})
	keyOf(photos, "BucketEncryption.ServerSideEncryptionConfiguration.0.ServerSideEncryptionByDefault.KMSMasterKeyID", "Photos")
	main, deadLetters := queues(t, template)
	keyOf(main, "KmsMasterKeyId", "Orders")
	keyOf(deadLetters, "KmsMasterKeyId", "Orders")
	keyOf(template.One(t, cacheType), "KmsKeyId", "Prices")
	keyOf(template.One(t, clusterType), "KmsKeyId", "Ledger")
	keyOf(template.One(t, clusterType), "PerformanceInsightsKmsKeyId", "Ledger")
	domain := template.One(t, "AWS::OpenSearchService::Domain")
	if got := fmt.Sprint(domain.Get("Properties.EncryptionAtRestOptions.KmsKeyId.Ref")); !strings.HasPrefix(got, "CartDocumentsKey") {
		t.Errorf("the domain is encrypted by %s", got)
	}
	if got := actionsOn(template, "TaskRole"); !strings.Contains(got, "kms:Decrypt") || !strings.Contains(got, "kms:GenerateDataKey") {
		t.Errorf("the service may %s", got)
	}
	for name, of := range map[string]profile.Profile{"sandbox": profile.Sandbox(), "production": profile.Production()} {
		if keys := inProfile(t, of, defineEachStore).Resources("AWS::KMS::Key"); len(keys) > 0 {
			t.Errorf("%s has the key %s, which costs money", name, keys[0].LogicalID)
		}
	}
}

// What a consumer may do with the key is what it may do with the data.
func TestAConsumerMayUseTheKeyOfWhatItUses(t *testing.T) {
	const decrypt = "kms:Decrypt kms:DescribeKey"
	const encrypt = decrypt + " kms:Encrypt kms:GenerateDataKey kms:GenerateDataKeyWithoutPlaintext kms:ReEncryptFrom kms:ReEncryptTo"
	for name, test := range map[string]struct {
		use  func(cart *microservice.Microservice, key awskms.IKey)
		want string
	}{
		"reads a table": {func(cart *microservice.Microservice, key awskms.IKey) {
			cart.Uses(table.New(cart, "Items", table.Props{PartitionKey: table.String("id"), EncryptionKey: key}), table.Read)
		}, decrypt},
		"writes a table": {func(cart *microservice.Microservice, key awskms.IKey) {
			cart.Uses(table.New(cart, "Items", table.Props{PartitionKey: table.String("id"), EncryptionKey: key}), table.Write)
		}, encrypt},
		"reads a bucket": {func(cart *microservice.Microservice, key awskms.IKey) {
			cart.Uses(bucket.New(cart, "Photos", bucket.Props{EncryptionKey: key}), bucket.Read)
		}, decrypt},
		"writes a bucket": {func(cart *microservice.Microservice, key awskms.IKey) {
			cart.Uses(bucket.New(cart, "Photos", bucket.Props{EncryptionKey: key}), bucket.Write)
		}, encrypt},
		"consumes a queue": {func(cart *microservice.Microservice, key awskms.IKey) {
			cart.Uses(queue.New(cart, "Orders", queue.Props{EncryptionKey: key}), queue.Consume)
		}, decrypt},
		"sends to a queue": {func(cart *microservice.Microservice, key awskms.IKey) {
			cart.Uses(queue.New(cart, "Orders", queue.Props{EncryptionKey: key}), queue.Send)
		}, encrypt},
	} {
		template := cart(t, valid(), func(cart *microservice.Microservice) {
			test.use(cart, awskms.NewKey(cart, jsii.String("Mine"), nil))
		})
		var got []string
		for action := range strings.FieldsSeq(actionsOn(template, "TaskRole")) {
			if strings.HasPrefix(action, "kms:") {
				got = append(got, action)
			}
		}
		if slices.Sort(got); strings.Join(got, " ") != test.want {
			t.Errorf("%s: it may %q, want %q", name, got, test.want)
		}
		if keys := template.Resources("AWS::KMS::Key"); len(keys) != 1 {
			t.Errorf("%s: %d keys, want the given one", name, len(keys))
		}
	}
}

// Services do not use the key of a domain, so that an alias works for it.
func TestADomainMayHaveAKeyByItsAlias(t *testing.T) {
	domain := inStack(t, func(stack awscdk.Stack) {
		searchdomain.New(stack, "Documents", searchdomain.Props{
			VPC:           awsec2.NewVpc(stack, jsii.String("Vpc"), nil),
			EncryptionKey: awskms.Alias_FromAliasName(stack, jsii.String("Alias"), jsii.String("alias/shop")),
		})
	}).One(t, "AWS::OpenSearchService::Domain")
	expect(t, "Shop", domain, map[string]any{"EncryptionAtRestOptions.KmsKeyId": "alias/shop"})
}

// Requests of a bucket are recorded where those of the load balancer are, in a folder of the bucket's own.
func TestBucketsLogAccessByProfile(t *testing.T) {
	define := func(env environment.Environment) snapshot.Resource {
		return synthesize(t, nil, func(app awscdk.App) {
			environment.Set(app, env)
			bucket.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Photos", bucket.Props{})
		}).templates["Shop"].One(t, "AWS::S3::Bucket")
	}
	shared := valid().Platform
	expect(t, "Shop", define(environment.Environment{Profile: profile.Production(), Platform: shared}), map[string]any{
		"LoggingConfiguration.LogFilePrefix":                                       "buckets/Shop/Photos/",
		"LoggingConfiguration.DestinationBucketName.Fn::GetStackOutput.OutputName": "LogBucketName",
	})
	for name, env := range map[string]environment.Environment{
		"the sandbox": {Profile: profile.Sandbox(), Platform: shared}, "without a platform": {Profile: profile.Production()},
	} {
		if got := define(env).Get("Properties.LoggingConfiguration"); got != nil {
			t.Errorf("%s logs access: %v", name, got)
		}
	}
}

// A domain may write its logs, by a resource of CloudFormation and for domains of its account alone, before it is created.
func TestSearchLogs(t *testing.T) {
	define := func(stack awscdk.Stack) {
		searchdomain.New(stack, "Documents", searchdomain.Props{VPC: awsec2.NewVpc(stack, jsii.String("Vpc"), nil)})
	}
	template := inProfile(t, profile.Production(), define)
	policy := template.One(t, "AWS::Logs::ResourcePolicy")
	expect(t, "Shop", policy, map[string]any{"PolicyName": "Shop.Shop.Documents"})
	document := fmt.Sprint(policy.Get("Properties.PolicyDocument"))
	for _, part := range []string{`"Service":"es.amazonaws.com"`, "logs:CreateLogStream", "logs:PutLogEventsBatch", "aws:SourceAccount", ":domain/*"} {
		if !strings.Contains(document, part) {
			t.Errorf("the policy %s lacks %s", document, part)
		}
	}
	domain := template.One(t, "AWS::OpenSearchService::Domain")
	for _, logType := range []string{"ES_APPLICATION_LOGS", "INDEX_SLOW_LOGS", "SEARCH_SLOW_LOGS"} {
		expect(t, "Shop", domain, map[string]any{"LogPublishingOptions." + logType + ".Enabled": true})
	}
	if dependencies, _ := domain.Get("DependsOn").([]any); !slices.Contains(dependencies, any(policy.LogicalID)) {
		t.Errorf("the domain depends on %v, not on %s", dependencies, policy.LogicalID)
	}
	// Its name is that of the stack, and CloudFormation creates no policy whose name exists.
	if got := policy.Get("DeletionPolicy"); got != nil {
		t.Errorf("DeletionPolicy of the policy is %v: after the stack is deleted, it cannot be created again", got)
	}
	if got := len(inStack(t, define).Resources("AWS::Logs::ResourcePolicy")); got != 0 {
		t.Errorf("the sandbox has %d policies for logs", got)
	}
}

// defineEachStore defines a service that uses a store of each kind.
func defineEachStore(stack awscdk.Stack) {
	props := valid()
	service := microservice.New(stack, "Cart", props)
	vpc := awsec2.NewVpc(stack, jsii.String("Vpc"), nil)
	for access, used := range map[store.Access][]store.Store{
		store.ReadWrite: {
			table.New(service, "Items", table.Props{PartitionKey: table.String("id")}),
			bucket.New(service, "Photos", bucket.Props{}),
			searchdomain.New(service, "Documents", searchdomain.Props{VPC: vpc}),
			cache.New(service, "Prices", cache.Props{VPC: vpc}),
			sqldb.New(service, "Ledger", sqldb.Props{VPC: vpc}),
		},
		queue.SendAndConsume: {queue.New(service, "Orders", queue.Props{})},
	} {
		for _, each := range used {
			service.Uses(each, access)
		}
	}
}

// A store that is retained keeps what it needs to be as safe as before, and what cannot be deleted while it exists. What
// names another resource is deleted, or that one could not be.
func TestWhatARetainedStoreNeedsIsRetained(t *testing.T) {
	for name, of := range map[string]profile.Profile{"sandbox": profile.Sandbox(), "production": profile.Production()} {
		template := inProfile(t, of, defineEachStore)
		want := "Delete"
		if of.RetainData {
			want = "RetainExceptOnCreate"
		}
		needs := map[string]int{"AWS::S3::BucketPolicy": 1, "AWS::SQS::QueuePolicy": 2}
		for resourceType, count := range needs {
			found := template.Resources(resourceType)
			if len(found) != count {
				t.Errorf("%s: %d of type %s, want %d", name, len(found), resourceType, count)
			}
			for _, resource := range found {
				if got := resource.Get("DeletionPolicy"); got != want {
					t.Errorf("%s: DeletionPolicy of %s is %v, want %s", name, resource.LogicalID, got, want)
				}
			}
		}
		for _, group := range template.Resources("AWS::EC2::SecurityGroup") {
			ofStore := slices.ContainsFunc([]string{"CartDocuments", "CartPrices", "CartLedger"}, func(store string) bool { return strings.HasPrefix(group.LogicalID, store) })
			if got := fmt.Sprint(group.Get("DeletionPolicy")); ofStore != (got == want) {
				t.Errorf("%s: DeletionPolicy of %s is %s", name, group.LogicalID, got)
			}
		}
		for _, rule := range template.Resources("AWS::EC2::SecurityGroupIngress") {
			if got := rule.Get("DeletionPolicy"); got != nil {
				t.Errorf("%s: DeletionPolicy of %s is %v: it would keep the security group that it names", name, rule.LogicalID, got)
			}
		}
	}
}
