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
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsssm"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/stacks"
)

// ECS assumes the roles of a task for the tasks of this account alone.
func TestRolesOfTasksAreForThisAccount(t *testing.T) {
	everyStack(t, func(t *testing.T, _ stacks.Environment, stack string, template reviewed) {
		for _, role := range template.Resources("AWS::IAM::Role") {
			statement := "Properties.AssumeRolePolicyDocument.Statement.0."
			if role.Get(statement+"Principal.Service") != "ecs-tasks.amazonaws.com" {
				continue
			}
			template.saw("role of a task")
			if got := role.Get(statement + "Condition.StringEquals.aws:SourceAccount"); got == nil {
				t.Errorf("%s: tasks of any account may assume %s", stack, role.LogicalID)
			}
			if got := fmt.Sprint(role.Get(statement + "Condition.ArnLike.aws:SourceArn")); !strings.Contains(got, ":ecs:") {
				t.Errorf("%s: %s may be assumed for %s", stack, role.LogicalID, got)
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
