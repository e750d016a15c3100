package test

import (
	"bytes"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/snapshot"
	"github.com/storefront-cdk/storefront/stacks"
)

// resize gives a task another size while it is defined, as a change of the service's file would.
type resize struct{}

func (*resize) ConstructUniqueId() *string {
	return jsii.String("aws-cdk-lib.aws-ecs.FargateTaskDefinition")
}

func (*resize) Inject(any, *awscdk.InjectionContext) any {
	return &awsecs.FargateTaskDefinitionProps{Cpu: jsii.Number(2048), MemoryLimitMiB: jsii.Number(4096)}
}

var _ awscdk.IPropertyInjector = (*resize)(nil)

func TestSlowASizeIsInOneTemplate(t *testing.T) {
	skipInShort(t)
	before := environments(t)["sandbox"].templates
	for n, service := range stacks.Storefront().Services {
		t.Run(service.Name(), func(t *testing.T) {
			shop := stacks.Storefront()
			shop.Services[n].Define = func(stack awscdk.Stack, env app.Environment) {
				awscdk.PropertyInjectors_Of(stack).Add(&resize{})
				service.Define(stack, env)
			}
			after := storefrontInto(t, t.TempDir(), nil, shop).templates
			if got := changed(before, after); !slices.Equal(got, []string{service.ID}) {
				t.Errorf("a change of the size of %s changed the templates of %q", service.ID, got)
			}
		})
	}
}

// changed names the stacks whose templates differ, or are in one of the two alone.
func changed(before, after map[string]snapshot.Template) []string {
	var names []string
	for name := range before {
		if _, ok := after[name]; !ok || snapshot.Diff(before[name], after[name]) != "" {
			names = append(names, name)
		}
	}
	for name := range after {
		if _, ok := before[name]; !ok {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

func TestOneServiceMoreChangesNoOther(t *testing.T) {
	more := app.Service{ID: "OneMore", Define: func(stack awscdk.Stack, env app.Environment) {
		microservice.New(stack, "OneMore", microservice.Props{
			Owner:  "checkout",
			Image:  env.Image("one-more"),
			Routes: []microservice.Route{{Path: "/one-more/{proxy+}"}},
		})
	}}
	shop := stacks.Storefront()
	shop.Services = append(shop.Services, more)
	after := storefrontInto(t, t.TempDir(), nil, shop).templates
	if got := changed(environments(t)["sandbox"].templates, after); !slices.Equal(got, []string{more.ID}) {
		t.Errorf("one service more changed the templates of %q", got)
	}
}

// A team builds its own stack alone, without the constructs of any other, and gets the same to the last byte.
func TestSlowAServiceAloneIsTheSame(t *testing.T) {
	skipInShort(t)
	for environment, whole := range environments(t) {
		for _, service := range stacks.Storefront().Services {
			t.Run(environment+"/"+service.Name(), func(t *testing.T) {
				alone := storefront(t, map[string]any{"env": environment, "only": service.Name()})
				if got := slices.Collect(maps.Keys(alone.templates)); !slices.Equal(got, []string{service.ID}) {
					t.Errorf("only=%s built the stacks %q", service.Name(), got)
				}
				file := service.ID + ".template.json"
				if !bytes.Equal(read(t, alone.dir, file), read(t, whole.dir, file)) {
					t.Errorf("only=%s built another template:\n%s", service.Name(),
						snapshot.Diff(whole.templates[service.ID], alone.templates[service.ID]))
				}
			})
		}
	}
}

func TestSomeServicesAlone(t *testing.T) {
	some := storefront(t, map[string]any{"only": "reviews, cart"})
	if got := slices.Sorted(maps.Keys(some.templates)); !slices.Equal(got, []string{"Cart", "Reviews"}) {
		t.Errorf("only=reviews,cart built the stacks %q", got)
	}
}

func read(t testing.TB, dir, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// CloudFormation refuses a template whose resources wait for each other. The emulator may not.
func TestNoTemplateIsACircle(t *testing.T) {
	everyStack(t, func(t *testing.T, _ app.Environment, stack string, template reviewed) {
		checkCircle(t, stack, template.Template)
		template.saw("template")
	})
}

// checkCircle finds resources that depend on themselves, by references or by DependsOn.
func checkCircle(t *testing.T, stack string, template snapshot.Template) {
	t.Helper()
	waitsFor := map[string][]string{}
	for _, resource := range template.Resources("") {
		snapshot.Template(resource.Raw).Walk(func(path string, value any) {
			name, ok := value.(string)
			if !ok || template.Get("Resources."+name) == nil || strings.HasPrefix(path, "Metadata.") {
				return
			}
			if strings.HasSuffix(path, ".Ref") || strings.HasSuffix(path, ".Fn::GetAtt.0") || strings.HasPrefix(path, "DependsOn") {
				waitsFor[resource.LogicalID] = append(waitsFor[resource.LogicalID], name)
			}
		})
	}
	done := map[string]bool{}
	var follow func(way []string, id string)
	follow = func(way []string, id string) {
		if at := slices.Index(way, id); at >= 0 {
			t.Errorf("%s: circle of %s", stack, strings.Join(append(way[at:], id), " → "))
			return
		}
		if done[id] {
			return
		}
		for _, other := range waitsFor[id] {
			follow(append(way, id), other)
		}
		done[id] = true
	}
	for id := range waitsFor {
		follow(nil, id)
	}
}

// What one stack exports, another locks. What a custom resource does is in no template.
func TestNoStackHoldsOnToAnother(t *testing.T) {
	generated := regexp.MustCompile(`ExportsOutput|PublishOutput`)
	everyStack(t, func(t *testing.T, _ app.Environment, stack string, template reviewed) {
		template.Walk(func(path string, value any) {
			last := path[strings.LastIndex(path, ".")+1:]
			if last == "Fn::ImportValue" || strings.HasPrefix(path, "Outputs.") && last == "Export" {
				t.Errorf("%s: %s ties the stack to another", stack, path)
			}
			if text, ok := value.(string); generated.MatchString(path) || ok && generated.MatchString(text) {
				t.Errorf("%s: %s has a generated name", stack, path)
			}
		})
		for _, resource := range template.Resources("") {
			template.saw("resource")
			if resource.Type == "AWS::Lambda::Function" || resource.Type == "AWS::CloudFormation::CustomResource" || strings.HasPrefix(resource.Type, "Custom::") {
				t.Errorf("%s: %s is a %s", stack, resource.LogicalID, resource.Type)
			}
		}
	})
}
