package test

import (
	"bytes"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/team"
)

// An app that is synthesized by several processes starts its own program again, so the test program is an app if this is set: to
// the name of a fleet.
const fleetVariable = "STOREFRONT_TEST_FLEET"

// processVariable names a file in which each process that defines a service writes its ID.
const processVariable = "STOREFRONT_TEST_PROCESSES"

func runFleet() {
	if name, set := os.LookupEnv(fleetVariable); set {
		os.Exit(app.Run(fleets[name]()))
	}
}

// fleets are apps whose services depend on each other. Those but the first cannot be defined, or not by several processes.
var fleets = map[string]func() app.App{
	"whole": fleet,
	"one name": fleetWith("Sixth", func(stack awscdk.Stack, env app.Environment) {
		microservice.New(stack, "Sixth", microservice.Props{Owner: "b", Name: "first", Image: env.Image("second")})
	}),
	"no publisher": fleetWith("Sixth", func(stack awscdk.Stack, env app.Environment) {
		served(stack, env, "Sixth", false).Subscribes(reviewChanged)
	}),
	"another detail": fleetWith("Sixth", func(stack awscdk.Stack, env app.Environment) {
		other := reviewPosted
		other.Detail = struct{ Stars int }{}
		served(stack, env, "Sixth", false).Subscribes(other)
	}),
	"an event of two": fleetWith("Sixth", func(stack awscdk.Stack, env app.Environment) {
		served(stack, env, "Sixth", false).Publishes(reviewPosted)
	}),
	"not callable": fleetWith("Sixth", func(stack awscdk.Stack, env app.Environment) {
		served(stack, env, "Sixth", false).Calls(env.Service("second"))
	}),
	"a crowded platform": fleetWith("Sixth", func(stack awscdk.Stack, env app.Environment) { many(stack, env, "Sixth", 160) }),
	"no such image": fleetWith("Second", func(stack awscdk.Stack, _ app.Environment) {
		microservice.New(stack, "Second", microservice.Props{Owner: "b"})
	}),
	"a construct at the root": fleetWith("Sixth", func(stack awscdk.Stack, _ app.Environment) {
		constructs.NewConstruct(stack.Node().Root().(constructs.Construct), jsii.String("Beside"))
	}),
	"an aspect at the root": fleetWith("Sixth", func(stack awscdk.Stack, _ app.Environment) {
		awscdk.Tags_Of(stack.Node().Root()).Add(jsii.String("all"), jsii.String("services"), nil)
	}),
	"asleep": fleetWith("Sixth", func(stack awscdk.Stack, env app.Environment) {
		served(stack, env, "Sixth", false)
		time.Sleep(time.Hour)
	}),
	"services that share a variable": func() app.App {
		var first *microservice.Microservice
		a := fleetWith("First", func(stack awscdk.Stack, env app.Environment) { first = served(stack, env, "First", true) })()
		a.Services[1].Define = func(stack awscdk.Stack, env app.Environment) {
			served(stack, env, "Second", false).SetVariable("FIRST", first.Name())
		}
		return a
	},
}

// unseparable are the fleets that one process can synthesize, and several cannot.
var unseparable = []string{"a construct at the root", "an aspect at the root", "services that share a variable"}

// fleetWith returns the fleet with another definition of a service.
func fleetWith(id string, define func(awscdk.Stack, app.Environment)) func() app.App {
	return func() app.App {
		a := fleet()
		a.Services[slices.IndexFunc(a.Services, func(s app.Service) bool { return s.ID == id })].Define = define
		return a
	}
}

func served(stack awscdk.Stack, env app.Environment, id string, callable bool) *microservice.Microservice {
	if file := os.Getenv(processVariable); file != "" {
		known, _ := os.OpenFile(file, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
		_, _ = fmt.Fprintln(known, os.Getpid())
		_ = known.Close()
	}
	return microservice.New(stack, id, microservice.Props{
		Owner: "b", Image: env.Image(strings.ToLower(id)), Callable: callable, Routes: []microservice.Route{{Path: "/" + strings.ToLower(id), Public: true}},
	})
}

func many(stack awscdk.Stack, env app.Environment, id string, routes int) {
	props := microservice.Props{Owner: "b", Image: env.Image(strings.ToLower(id))}
	for n := range routes {
		props.Routes = append(props.Routes, microservice.Route{Path: fmt.Sprintf("/%s/%d", strings.ToLower(id), n), Methods: []string{"GET"}, Public: true})
	}
	microservice.New(stack, id, props)
}

// subnet has an availability zone in the template, of which the validation warns, in each stack alike.
func subnet(stack awscdk.Stack) {
	awsec2.NewCfnSubnet(stack, jsii.String("Subnet"), &awsec2.CfnSubnetProps{
		VpcId: jsii.String("vpc-1"), CidrBlock: jsii.String("10.0.0.0/24"), AvailabilityZone: jsii.String("eu-central-1a"),
	})
}

// fleet has calls to services before and after, in a cycle too, an event of one service to others, the same asset in two services,
// warnings, alarms that notify no one, and a platform with little room.
func fleet() app.App {
	warn := func(stack awscdk.Stack, text string) {
		awscdk.Annotations_Of(stack).AddWarningV2(jsii.String("test:warning"), jsii.String(text), nil)
	}
	simple := func(id string, callable bool, calls ...string) app.Service {
		return app.Service{ID: id, Define: func(stack awscdk.Stack, env app.Environment) {
			s := served(stack, env, id, callable)
			for _, name := range calls {
				s.Calls(env.Service(name))
			}
		}}
	}
	and := func(s app.Service, more func(awscdk.Stack, app.Environment)) app.Service {
		define := s.Define
		s.Define = func(stack awscdk.Stack, env app.Environment) {
			define(stack, env)
			more(stack, env)
		}
		return s
	}
	return app.App{
		Name: "fleet",
		Environments: []app.Environment{
			{Name: "sandbox", Region: "eu-central-1", Zones: []string{"eu-central-1a", "eu-central-1b"}, Profile: profile.Sandbox(), Images: app.ECRImages("fleet", "1")},
			{
				Name: "production", Account: "111122223333", Region: "eu-central-1", Zones: []string{"eu-central-1a", "eu-central-1b"}, Images: app.ECRImages("fleet", "1"),
				Teams: team.Ref{Teams: []team.Team{{Name: "b", Email: "b@fleet.example"}, {Name: "platform", Email: "p@fleet.example"}}},
			},
			{Name: "elsewhere", Region: "eu-central-1", Profile: profile.Sandbox(), Images: app.ECRImages("fleet", "1"), Platform: platform.Ref{StackName: "base-platform"}},
		},
		Services: []app.Service{
			and(simple("First", true, "fourth", "third"), func(stack awscdk.Stack, _ app.Environment) {
				warn(stack, "of two services")
				subnet(stack)
			}),
			{ID: "Second", Define: func(stack awscdk.Stack, env app.Environment) {
				served(stack, env, "Second", false).Subscribes(reviewPosted)
				subnet(stack)
			}},
			and(simple("Third", true, "fifth"), func(stack awscdk.Stack, _ app.Environment) {
				warn(stack, "of one service")
				microservice.New(stack, "Built", microservice.Props{Owner: "b", Name: "built-third", Image: image.Build(filepath.Join("testdata", "image"))})
			}),
			{ID: "Fourth", Define: func(stack awscdk.Stack, env app.Environment) {
				served(stack, env, "Fourth", true).Publishes(reviewPosted)
				microservice.New(stack, "Built", microservice.Props{Owner: "b", Name: "built-fourth", Image: image.Build(filepath.Join("testdata", "image"))})
			}},
			and(simple("Fifth", true, "first"), func(stack awscdk.Stack, _ app.Environment) {
				warn(stack, "of two services")
				subnet(stack)
			}),
			simple("Sixth", false, "fifth"),
			{ID: "Seventh", Define: func(stack awscdk.Stack, env app.Environment) { many(stack, env, "Seventh", 234) }},
		},
	}
}

// runIn runs the fleet by a number of processes, and returns the IDs of those that have defined services.
func runIn(t *testing.T, name string, jobs int, settings map[string]any, environment ...string) (dir, stderr string, status int, ids []string) {
	t.Helper()
	settings = maps.Clone(settings)
	settings["storefront:jobs"] = jobs
	file := filepath.Join(t.TempDir(), "processes")
	dir, stderr, status = run(t, os.Args[0], settings, append(environment, fleetVariable+"="+name, processVariable+"="+file)...)
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	ids = strings.Fields(string(text))
	slices.Sort(ids)
	return dir, stderr, status, slices.Compact(ids)
}

// kernelFolder matches the folders of a process of jsii, which stack traces name.
var kernelFolder = regexp.MustCompile(`/[^ ("]*?/(?:kernels/\d+|jsii-(?:kernel-|runtime\.)\w+)/`)

// files returns the content of all files in a folder.
func files(t *testing.T, dir string) map[string]string {
	t.Helper()
	all := map[string]string{}
	err := filepath.WalkDir(dir, func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		name, err := filepath.Rel(dir, path)
		text := kernelFolder.ReplaceAllString(string(read(t, dir, name)), "/kernel/")
		all[name] = strings.ReplaceAll(text, dir, "OUTDIR")
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// Like the CDK CLI, which prints the report of the validation itself.
var byCLI = map[string]any{"@aws-cdk/core:failSynthOnValidationErrors": false, "@aws-cdk/core:annotationsInValidationReport": true}

// Stack traces by the CDK name nothing of a program in Go, so it takes them only where the app's settings say so.
func TestStackTracesOfTheCDKAreOff(t *testing.T) {
	for name, c := range map[string]struct {
		settings map[string]any
		taken    bool
	}{
		"by default":  {map[string]any{}, false},
		"in cdk.json": {map[string]any{"aws:cdk:disable-creation-stack-traces": false}, true},
	} {
		t.Run(name, func(t *testing.T) {
			settings := map[string]any{"only": "sixth"}
			maps.Copy(settings, c.settings)
			dir, said, status, _ := runIn(t, "whole", 1, settings)
			if status != 0 {
				t.Fatal(said)
			}
			if taken := bytes.Contains(read(t, dir, "Sixth.metadata.json"), []byte("aws:cdk:creationStack")); taken != c.taken {
				t.Errorf("traces are taken: %t, want %t", taken, c.taken)
			}
		})
	}
}

func TestSlowSeveralProcessesMakeWhatOneMakes(t *testing.T) {
	skipInShort(t)
	for name, c := range map[string]struct {
		settings   map[string]any
		jobs, want int
	}{
		"sandbox":                        {map[string]any{"env": "sandbox"}, 2, 2},
		"production":                     {map[string]any{"env": "production"}, 3, 3},
		"on the platform of another app": {map[string]any{"env": "elsewhere"}, 2, 2},
		"some services":                  {map[string]any{"only": "sixth,first,third"}, 2, 2},
		"more processes than services":   {map[string]any{"only": "second,first"}, 5, 2},
	} {
		t.Run(name, func(t *testing.T) {
			settings := maps.Clone(byCLI)
			maps.Copy(settings, c.settings)
			one, saidByOne, status, ids := runIn(t, "whole", 1, settings, "CDK_VALIDATION=true")
			if status != 0 || len(ids) != 1 {
				t.Fatalf("one process: status %d of the processes %q\n%s", status, ids, saidByOne)
			}
			several, said, status, ids := runIn(t, "whole", c.jobs, settings, "CDK_VALIDATION=true")
			if status != 0 || len(ids) != c.want || said != saidByOne {
				t.Fatalf("several processes: status %d of the processes %q, want %d\n%s\nwant\n%s", status, ids, c.want, said, saidByOne)
			}
			if diff := cmp.Diff(files(t, one), files(t, several)); diff != "" {
				t.Errorf("files (-one process +several):\n%s", diff)
			}
		})
	}
}

func TestSlowSeveralProcessesFindWhatOneFinds(t *testing.T) {
	skipInShort(t)
	for name := range fleets {
		if name == "whole" || name == "asleep" {
			continue
		}
		t.Run(name, func(t *testing.T) {
			one, saidByOne, statusOfOne, _ := runIn(t, name, 1, byCLI)
			several, said, status, ids := runIn(t, name, 2, byCLI)
			if want := slices.Contains(unseparable, name); status != statusOfOne || status == 0 != want || want && len(ids) < 2 {
				t.Errorf("the status of one process is %d, and of several %d of the processes %q", statusOfOne, status, ids)
			}
			if status == 0 {
				const again = "the app was synthesized again in one process, since several would not have made the same"
				if strings.HasPrefix(said, again) == (name == "services that share a variable") {
					t.Errorf("several processes said %q", said)
				}
				said = saidByOne
			}
			if diff := cmp.Diff(saidByOne, said); diff != "" {
				t.Errorf("errors (-one process +several):\n%s", diff)
			}
			if diff := cmp.Diff(files(t, one), files(t, several)); diff != "" {
				t.Errorf("files (-one process +several):\n%s", diff)
			}
		})
	}
}

// The processes end with the one that has started them, whether it can clean up or not.
func TestSlowInterruptedProcessesEnd(t *testing.T) {
	skipInShort(t)
	for name, c := range map[string]struct {
		signal os.Signal
		clean  bool
	}{
		"interrupted": {os.Interrupt, true},
		"killed":      {os.Kill, false},
	} {
		t.Run(name, func(t *testing.T) {
			dir, file := t.TempDir(), filepath.Join(t.TempDir(), "processes")
			command := exec.Command(os.Args[0])
			command.Env = append(os.Environ(), fleetVariable+"=asleep", processVariable+"="+file, "CDK_OUTDIR="+dir, `CDK_CONTEXT_JSON={"storefront:jobs":2}`)
			if err := command.Start(); err != nil {
				t.Fatal(err)
			}
			defined := func() []string {
				text, _ := os.ReadFile(file)
				return strings.Fields(string(text))
			}
			wait(t, "the services are defined", func() bool { return len(defined()) == 6 })
			if err := command.Process.Signal(c.signal); err != nil {
				t.Fatal(err)
			}
			if err := command.Wait(); err == nil {
				t.Error("the status is 0")
			}
			wait(t, "the processes have ended", func() bool {
				return !slices.ContainsFunc(defined(), func(id string) bool {
					_, err := os.Stat(filepath.Join("/proc", id))
					return err == nil
				})
			})
			if left, _ := os.ReadDir(dir); len(left) > 0 && c.clean {
				t.Errorf("it left %v", left)
			}
		})
	}
}

// wait waits until a condition is met.
func wait(t *testing.T, what string, met func() bool) {
	t.Helper()
	for end := time.Now().Add(2 * time.Minute); !met(); time.Sleep(20 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("timeout: until %s", what)
		}
	}
}
