package test

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/store"
	"github.com/storefront-cdk/storefront/constructs/table"
)

// ECS assumes the roles of a task for the tasks of this account alone.
func TestRolesOfTasksAreForThisAccount(t *testing.T) {
	everyStack(t, func(t *testing.T, env app.Environment, stack string, template reviewed) {
		account := map[string]any{"Ref": "AWS::AccountId"}
		tasks := []any{"arn:", map[string]any{"Ref": "AWS::Partition"}, ":ecs:" + env.Region + ":", account, ":*"}
		for _, role := range template.Resources("AWS::IAM::Role") {
			statement := "Properties.AssumeRolePolicyDocument.Statement.0."
			if role.Get(statement+"Principal.Service") != "ecs-tasks.amazonaws.com" {
				continue
			}
			template.saw("role of a task")
			if got := role.Get(statement + "Condition.StringEquals.aws:SourceAccount"); !cmp.Equal(got, any(account)) {
				t.Errorf("%s: tasks of the account %v may assume %s", stack, got, role.LogicalID)
			}
			if got := role.Get(statement + "Condition.ArnLike.aws:SourceArn.Fn::Join.1"); !cmp.Equal(got, any(tasks)) {
				t.Errorf("%s: %s may be assumed for %v, want %v", stack, role.LogicalID, got, tasks)
			}
		}
	})
}

func TestImagesOfECR(t *testing.T) {
	props := valid()
	for name, c := range map[string]struct {
		image       image.Image
		reference   []string // what is in the reference
		repository  string   // what is in the ARN that may be pulled from
		alsoAllowed bool
	}{
		"another account": {
			image.ECR("111122223333.dkr.ecr.us-west-2.amazonaws.com/acme/cart", "1"),
			[]string{"111122223333.dkr.ecr.us-west-2.", "/acme/cart:1"},
			":ecr:us-west-2:111122223333:repository/acme/cart", false,
		},
		"digest": {
			image.ECR("acme/cart", "sha256:"+strings.Repeat("0123456789abcdef", 4)), []string{"/acme/cart@sha256:0123"}, ":repository/acme/cart", false,
		},
		"cache": {
			image.PullThroughCache("docker-hub/library/nginx", "1.27"), []string{"/docker-hub/library/nginx:1.27"}, ":repository/docker-hub/library/nginx", true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			props.Image = c.image
			template := cart(t, props)
			reference := fmt.Sprint(template.One(t, "AWS::ECS::TaskDefinition").Get("Properties.ContainerDefinitions.0.Image"))
			for _, part := range c.reference {
				if !strings.Contains(reference, part) {
					t.Errorf("the image is %s, want %s in it", reference, part)
				}
			}
			actions := actionsOn(template, "ExecutionRole")
			if !strings.Contains(actions, "ecr:BatchGetImage") || !strings.Contains(actions, "ecr:GetAuthorizationToken") {
				t.Errorf("the execution role may only %s", actions)
			}
			for _, action := range []string{"ecr:BatchImportUpstreamImage", "ecr:CreateRepository"} {
				if strings.Contains(actions, action) != c.alsoAllowed {
					t.Errorf("the execution role may %s", actions)
				}
			}
			for _, policy := range template.Resources("AWS::IAM::Policy") {
				if encoded, _ := json.Marshal(policy.Raw); !strings.Contains(string(encoded), c.repository) {
					t.Errorf("%s: want %s in %s", policy.LogicalID, c.repository, encoded)
				}
			}
		})
	}
}

func TestAPrivateRegistryHasCredentials(t *testing.T) {
	template := inStack(t, func(stack awscdk.Stack) {
		props := valid()
		props.Image = image.PrivateRegistry("registry.example.com/acme/cart:1", awssecretsmanager.NewSecret(stack, jsii.String("Credentials"), nil))
		microservice.New(stack, "Cart", props)
	})
	secret := template.One(t, "AWS::SecretsManager::Secret").LogicalID
	expect(t, "Shop", template.One(t, "AWS::ECS::TaskDefinition"), map[string]any{
		"ContainerDefinitions.0.Image":                                          "registry.example.com/acme/cart:1",
		"ContainerDefinitions.0.RepositoryCredentials.CredentialsParameter.Ref": secret,
	})
	if got := actionsOn(template, "ExecutionRole"); !strings.Contains(got, "secretsmanager:GetSecretValue") {
		t.Errorf("the execution role may only %s", got)
	}
}

// A key that is imported has no policy in the template, so that the role needs the permission.
func TestAPrivateRegistryMayUseTheKeyOfItsCredentials(t *testing.T) {
	template := inStack(t, func(stack awscdk.Stack) {
		props := valid()
		arn := "arn:aws:secretsmanager:eu-central-1:111122223333:secret:registry-AbCdEf"
		props.Image = image.PrivateRegistry("registry.example.com/acme/cart:1", awssecretsmanager.Secret_FromSecretAttributes(stack, jsii.String("Credentials"),
			&awssecretsmanager.SecretAttributes{
				SecretCompleteArn: jsii.String(arn),
				EncryptionKey:     awskms.Key_FromKeyArn(stack, jsii.String("Key"), jsii.String("arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-1111-2222-3333-444455556666")),
			}))
		microservice.New(stack, "Cart", props)
	})
	if got := actionsOn(template, "ExecutionRole"); !strings.Contains(got, "kms:Decrypt") {
		t.Errorf("the execution role may only %s", got)
	}
}

// What docs/containers.md does for a secret that a key of the account's own encrypts.
func TestASecretWithAKeyOfItsOwn(t *testing.T) {
	template := cart(t, valid(), func(cart *microservice.Microservice) {
		key := awskms.Key_FromKeyArn(cart, jsii.String("Key"), jsii.String("arn:aws:kms:eu-central-1:111122223333:key/0a1b2c3d-1111-2222-3333-444455556666"))
		key.GrantDecrypt(cart.TaskDefinition().ObtainExecutionRole())
	})
	if got := actionsOn(template, "ExecutionRole"); !strings.Contains(got, "kms:Decrypt") {
		t.Errorf("the execution role may only %s", got)
	}
}

func TestABuildHasItsOptions(t *testing.T) {
	folder := t.TempDir()
	if err := os.WriteFile(filepath.Join(folder, "worker.Dockerfile"), []byte("FROM scratch AS release\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	assembly := synthesize(t, nil, func(app awscdk.App) {
		props := valid()
		props.Image = image.BuildWith(image.BuildProps{Folder: folder, Dockerfile: "worker.Dockerfile", Target: "release", Args: map[string]string{"VERSION": "1.4.2"}})
		microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
	})
	manifest := string(read(t, assembly.dir, "Shop.assets.json"))
	for _, want := range []string{`"dockerFile": "worker.Dockerfile"`, `"dockerBuildTarget": "release"`, `"VERSION": "1.4.2"`, `"platform": "linux/arm64"`} {
		if !strings.Contains(manifest, want) {
			t.Errorf("the asset has no %s", want)
		}
	}
}

// A migration runs before the application, with its own secrets, and does not stop the task when it ends.
func TestAStepBeforeTheApplication(t *testing.T) {
	template := inStack(t, func(stack awscdk.Stack) {
		props := valid()
		key := awsssm.StringParameter_FromSecureStringParameterAttributes(stack, jsii.String("Key"), &awsssm.SecureStringParameterAttributes{
			ParameterName: jsii.String("/shop/database"),
		})
		props.Sidecars = []microservice.Sidecar{{
			Name: "migrate", Image: props.Image, Command: []string{"migrate"}, Completes: true, WritableRootFilesystem: true,
			Secrets: map[string]awsecs.Secret{"DATABASE_URL": awsecs.Secret_FromSsmParameter(key)},
		}}
		microservice.New(stack, "Cart", props)
	})
	expect(t, "Shop", template.One(t, "AWS::ECS::TaskDefinition"), map[string]any{
		"ContainerDefinitions.0.DependsOn":              []any{map[string]any{"ContainerName": "migrate", "Condition": "SUCCESS"}},
		"ContainerDefinitions.1.Essential":              false,
		"ContainerDefinitions.1.ReadonlyRootFilesystem": false,
		"ContainerDefinitions.1.Secrets.0.Name":         "DATABASE_URL",
	})
	if got := actionsOn(template, "ExecutionRole"); !strings.Contains(got, "ssm:GetParameter") {
		t.Errorf("the execution role may only %s", got)
	}
}

// ECS reads a secret by its complete ARN, for which there is no permission if the secret is named by its name: no task
// would start.
func TestASecretByItsNameStartsNoTask(t *testing.T) {
	const problem = " is a secret by its name (%s), which ECS may not read, since its permission is for the complete ARN: use awssecretsmanager.Secret_FromSecretCompleteArn"
	arn := "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/key"
	for name, c := range map[string]struct {
		secret func(stack awscdk.Stack) awsecs.Secret
		want   string
	}{
		"name": {func(stack awscdk.Stack) awsecs.Secret {
			return awsecs.Secret_FromSecretsManager(awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("S"), jsii.String("shop/payments")), nil)
		}, "shop/payments"},
		"a field of a name": {func(stack awscdk.Stack) awsecs.Secret {
			return awsecs.Secret_FromSecretsManager(awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("S"), jsii.String("shop/payments")), jsii.String("key"))
		}, "shop/payments"},
		"a name that ends like an ARN": {func(stack awscdk.Stack) awsecs.Secret {
			return awsecs.Secret_FromSecretsManager(awssecretsmanager.Secret_FromSecretNameV2(stack, jsii.String("S"), jsii.String("payments-secret")), nil)
		}, "payments-secret"},
		"partial ARN": {func(stack awscdk.Stack) awsecs.Secret {
			return awsecs.Secret_FromSecretsManager(awssecretsmanager.Secret_FromSecretPartialArn(stack, jsii.String("S"), jsii.String(arn)), nil)
		}, "shop/key"},
		"complete ARN": {func(stack awscdk.Stack) awsecs.Secret {
			return awsecs.Secret_FromSecretsManager(awssecretsmanager.Secret_FromSecretCompleteArn(stack, jsii.String("S"), jsii.String(arn+"-AbCdEf")), jsii.String("key"))
		}, ""},
		"a secret of the stack": {func(stack awscdk.Stack) awsecs.Secret {
			return awsecs.Secret_FromSecretsManager(awssecretsmanager.NewSecret(stack, jsii.String("S"), nil), nil)
		}, ""},
	} {
		t.Run(name, func(t *testing.T) {
			err := trySynthesize(t.TempDir(), nil, func(app awscdk.App) {
				stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
				props := valid()
				props.Secrets = map[string]awsecs.Secret{"KEY": c.secret(stack)}
				microservice.New(stack, "Cart", props)
			})
			got, want := "", ""
			if err != nil {
				got = err.Error()
			}
			if c.want != "" {
				want = `Shop/Cart: Secrets["KEY"]` + fmt.Sprintf(problem, c.want)
			}
			if got != want {
				t.Errorf("got  %s\nwant %s", got, want)
			}
		})
	}
}

func TestATaskDefinitionHasALimit(t *testing.T) {
	try := func(variables int) error {
		return trySynthesize(t.TempDir(), nil, func(app awscdk.App) {
			props := valid()
			props.Environment = map[string]string{}
			for n := range variables {
				props.Environment[fmt.Sprint("VARIABLE_", n)] = strings.Repeat("x", 1024)
			}
			microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
		})
	}
	if err := try(55); err != nil {
		t.Error(err)
	}
	err := try(100)
	if err == nil || !strings.HasPrefix(err.Error(), "Shop/Cart: the containers must fit into 64512 bytes of a task definition, got 10") {
		t.Errorf("got %v", err)
	}
}

// A feature adds a container without looking at the sidecars.
func TestATaskHasAtMostTenContainers(t *testing.T) {
	try := func(added int) error {
		return trySynthesize(t.TempDir(), nil, func(app awscdk.App) {
			props := valid()
			props.Sidecars = []microservice.Sidecar{{Name: "proxy", Image: props.Image}}
			service := microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
			for n := range added {
				service.TaskDefinition().AddContainer(jsii.String(fmt.Sprint("added", n)), &awsecs.ContainerDefinitionOptions{
					Image: awsecs.ContainerImage_FromRegistry(jsii.String("public.ecr.aws/acme/agent:1"), nil),
				})
			}
		})
	}
	if err := try(8); err != nil {
		t.Error(err)
	}
	const want = "Shop/Cart: a task must have at most 10 containers, with those that features and TaskDefinition().AddContainer add, got 11: run the others as services of their own"
	if err := try(9); err == nil || err.Error() != want {
		t.Errorf("got %v, want %s", err, want)
	}
}

func TestCapabilities(t *testing.T) {
	for name, c := range map[string]struct {
		change func(*microservice.Props)
		want   any
	}{
		"none":                {func(*microservice.Props) {}, []any{"ALL"}},
		"root's":              {func(p *microservice.Props) { p.User = "root" }, nil},
		"those of a shell":    {func(p *microservice.Props) { p.Exec, p.WritableRootFilesystem = true, true }, nil},
		"those that are kept": {func(p *microservice.Props) { p.KeepCapabilities = true }, nil},
	} {
		t.Run(name, func(t *testing.T) {
			props := valid()
			c.change(&props)
			expect(t, "Shop", cart(t, props).One(t, "AWS::ECS::TaskDefinition"), map[string]any{
				"ContainerDefinitions.0.LinuxParameters.Capabilities.Drop": c.want,
			})
		})
	}
}

func TestRuntimeMonitoringIsAllowedByTheProfile(t *testing.T) {
	monitored := profile.Sandbox()
	monitored.RuntimeMonitoring = true
	for want, defaults := range map[bool]profile.Profile{false: profile.Sandbox(), true: monitored} {
		template := servedBy(t, defaults, valid())
		got := actionsOn(template, "ExecutionRole")
		for _, action := range []string{"ecr:BatchCheckLayerAvailability", "ecr:BatchGetImage", "ecr:GetAuthorizationToken", "ecr:GetDownloadUrlForLayer"} {
			if strings.Contains(got, action) != want {
				t.Errorf("with %t the execution role may %s", want, got)
			}
		}
		// The agent's repository is in an account of GuardDuty's.
		var agent []string
		for _, policy := range template.Resources("AWS::IAM::Policy") {
			statements, _ := policy.Get("Properties.PolicyDocument.Statement").([]any)
			for _, statement := range statements {
				if text := fmt.Sprint(statement); strings.Contains(text, "ecr:BatchGetImage") {
					agent = append(agent, text)
				}
			}
		}
		if allowed := len(agent) == 1 && strings.Contains(agent[0], ":*:repository/aws-guardduty-agent-fargate]"); allowed != want {
			t.Errorf("with %t images are pulled by %q", want, agent)
		}
	}
}

// failureOf is what an app says that cannot be synthesized.
func failureOf(t *testing.T, define func(app awscdk.App)) string {
	t.Helper()
	if err := trySynthesize(t.TempDir(), nil, define); err != nil {
		return err.Error()
	}
	return ""
}

func TestPinnedImagesRefuseTags(t *testing.T) {
	digest := "@sha256:" + strings.Repeat("0123456789abcdef", 4)
	try := func(of image.Image, sidecars ...microservice.Sidecar) string {
		return failureOf(t, func(app awscdk.App) {
			pinned := profile.Sandbox()
			pinned.PinnedImages = true
			environment.Set(app, environment.Environment{Profile: pinned})
			props := valid()
			props.Image, props.Sidecars = of, sidecars
			microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
		})
	}
	if got := try(image.Registry("acme/cart" + digest)); got != "" {
		t.Error(got)
	}
	const tag = " must be named by its digest, as the profile has PinnedImages, got a tag: append @sha256:… or use image.Build"
	want := "Shop/Cart: Image" + tag + "\nShop/Cart: Sidecars[0].Image" + tag
	if got := try(image.Registry("acme/cart:1"), microservice.Sidecar{Name: "proxy", Image: image.ECR("proxy", "1")}); got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// What a service defines in production only is refused in the sandbox, too.
func TestAnIDOfTheServiceIsRefusedInEveryEnvironment(t *testing.T) {
	for name, defaults := range map[string]profile.Profile{"sandbox": profile.Sandbox(), "production": profile.Production()} {
		for _, id := range []string{"Alarms", "AlternateTarget", "TrafficRole", "Task", "Scaling", "SignedIn"} {
			got := failureOf(t, func(app awscdk.App) {
				environment.Set(app, environment.Environment{Profile: defaults})
				service := microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", valid())
				table.New(service, id, table.Props{PartitionKey: table.String("id")})
			})
			want := `Shop/Cart: the ID "` + id + `" is used by the service itself, in this environment or in another: choose another ID`
			if got != want {
				t.Errorf("%s: got  %s\nwant %s", name, got, want)
			}
		}
	}
	got := failureOf(t, func(app awscdk.App) {
		environment.Set(app, environment.Environment{Profile: profile.Sandbox()})
		service := microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", valid())
		awssns.NewTopic(service, jsii.String("AlternateTarget"), nil)
	})
	if want := `Shop/Cart: the ID "AlternateTarget" is used by the service itself in other environments: choose another ID`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A secret of another stack would be exported from it, unless the app references stacks weakly.
func TestASecretOfAnotherStackIsRefused(t *testing.T) {
	const remedy = " of container app is a secret of another stack, which would have to export it: use awssecretsmanager.Secret_FromSecretCompleteArn"
	define := func(app awscdk.App, set func(*microservice.Props, awssecretsmanager.ISecret)) {
		secret := awssecretsmanager.NewSecret(awscdk.NewStack(app, jsii.String("Other"), nil), jsii.String("Password"), nil)
		props := valid()
		set(&props, secret)
		microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
	}
	for want, set := range map[string]func(*microservice.Props, awssecretsmanager.ISecret){
		`Secrets["PASSWORD"]`: func(props *microservice.Props, secret awssecretsmanager.ISecret) {
			props.Secrets = map[string]awsecs.Secret{"PASSWORD": awsecs.Secret_FromSecretsManager(secret, nil)}
		},
		"Image": func(props *microservice.Props, secret awssecretsmanager.ISecret) {
			props.Image = image.PrivateRegistry("registry.example.com/acme/cart:1", secret)
		},
	} {
		if got := failureOf(t, func(app awscdk.App) { define(app, set) }); got != "Shop/Cart: "+want+remedy {
			t.Errorf("got  %s\nwant Shop/Cart: %s%s", got, want, remedy)
		}
	}
}

func TestWhatTheServiceDefinesIsReserved(t *testing.T) {
	defined := map[string]bool{}
	for _, change := range []func(*microservice.Props){
		func(*microservice.Props) {},
		func(props *microservice.Props) {
			props.Image = image.ECR("acme/cart", "1")
			props.Routes = append(props.Routes, microservice.Route{Path: "/offers", Public: true})
			props.Sidecars = []microservice.Sidecar{microservice.OpenTelemetryCollector()}
			props.Exec, props.WritableRootFilesystem = true, true
		},
	} {
		synthesize(t, nil, func(app awscdk.App) {
			props := valid()
			change(&props)
			service := microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
			for _, child := range *service.Node().Children() {
				id := *child.Node().Id()
				// What has the name of a sidecar is in every environment, in which the CDK rejects the same ID.
				if id == "Platform" || id == "Identity" || strings.HasPrefix(id, "Sidecar-") {
					continue
				}
				defined[id] = true
				if !service.Reserves(id) {
					t.Errorf("the service defines %s, which is not reserved", id)
				}
			}
		})
	}
	for _, id := range []string{"Linux", "Public", "Repository", "SignedIn", "TrafficRole"} {
		if !defined[id] {
			t.Errorf("no service here defines %s: %v", id, defined)
		}
	}
}

func TestAServiceIsNotNestedInItsPlatform(t *testing.T) {
	got := failureOf(t, func(app awscdk.App) {
		stack := awscdk.NewStack(app, jsii.String("Shop"), &awscdk.StackProps{StackName: jsii.String("shop-platform")})
		microservice.New(awscdk.NewNestedStack(stack, jsii.String("Services"), nil), "Cart", valid())
	})
	if want := `Shop/Services/Cart: Platform.StackName must be another stack than the one that reads it, got "shop-platform" for both: give each its own stack`; got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A load balancer has at most 100 target groups, of which a service has two in production: fifty services fit.
func TestSlowAPlatformHasRoomForSoManyServices(t *testing.T) {
	skipInShort(t)
	got := failureOf(t, func(app awscdk.App) {
		for n := range 51 {
			props := valid()
			props.Routes = []microservice.Route{{Path: fmt.Sprint("/s", n), Methods: []string{"GET"}, Public: true}}
			props.Priority = n + 1
			microservice.New(awscdk.NewStack(app, jsii.String(fmt.Sprint("S", n)), nil), "Service"+fmt.Sprint(n), props)
		}
	})
	want := "S50/Service50: the platform shop-platform would have 102 target groups with this service, of at most 100: define a second platform for further services"
	if got != want {
		t.Errorf("got  %s\nwant %s", got, want)
	}
}

// A platform of which little is left has room all the same: with the CDK's recommended flags a warning would fail the
// synthesis.
func TestAPlatformWithLittleRoomIsNoFailure(t *testing.T) {
	dir := t.TempDir()
	err := trySynthesize(dir, map[string]any{"@aws-cdk/core:validateAgainstDefaultRules": true, "@aws-cdk/core:strictCfnValidateErrors": true}, func(app awscdk.App) {
		props := valid()
		props.Routes = nil
		for n := range 240 {
			props.Routes = append(props.Routes, microservice.Route{Path: fmt.Sprint("/s", n), Methods: []string{"GET"}, Public: true})
		}
		microservice.New(awscdk.NewStack(app, jsii.String("Shop"), nil), "Cart", props)
	})
	if err != nil {
		t.Fatal(err)
	}
	const want = "the platform shop-platform has 240 routes of at most 300: plan a second platform for further services"
	var notices string
	for _, pattern := range []string{"manifest.json", "*.metadata.json"} {
		files, _ := filepath.Glob(filepath.Join(dir, pattern))
		for _, file := range files {
			content, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			notices += string(content)
		}
	}
	if !strings.Contains(notices, want) {
		t.Errorf("the assembly does not have the notice %q", want)
	}
}

// odd is a store of a user's whose binding is wrong.
type odd struct{ secret awsecs.Secret }

func (o odd) Bind(store.Consumer, store.Access) (store.Binding, error) {
	return store.Binding{
		Environment: map[string]string{"EMPTY": "", "BOTH": "x"},
		Secrets:     map[string]awsecs.Secret{"BOTH": o.secret},
		Alarms:      []alarm.Alarm{{ID: "late"}},
		Backlog:     store.Backlog{Metric: metric.Metric{Namespace: "AWS/SQS"}},
	}, nil
}

func TestAStoreThatReturnsNothingUseful(t *testing.T) {
	got := failureOf(t, func(app awscdk.App) {
		stack := awscdk.NewStack(app, jsii.String("Shop"), nil)
		secret := awsecs.Secret_FromSecretsManager(awssecretsmanager.NewSecret(stack, jsii.String("S"), nil), nil)
		microservice.New(stack, "Cart", valid()).Uses(odd{secret}, store.Read)
	})
	for _, want := range []string{
		"Shop/Cart: Uses of test.odd: the environment variable BOTH is a secret, too: return it as one of the two from Bind\n" +
			"Shop/Cart: Uses of test.odd: the environment variable EMPTY is empty: return its value from Bind\n",
		"Shop/Cart: Uses of test.odd: Alarm.ID must be ", "Shop/Cart: Uses of test.odd: Backlog.Metric",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("got  %s\nwant %s", got, want)
		}
	}
}
