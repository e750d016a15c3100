package microservice

import (
	"errors"
	"fmt"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/deployment"
	"github.com/storefront-cdk/storefront/constructs/environment"
	"github.com/storefront-cdk/storefront/constructs/identity"
	"github.com/storefront-cdk/storefront/constructs/image"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/internal/expect"
)

// production is the environment of an app that names nothing else.
func production() environment.Environment {
	return environment.Environment{Profile: profile.Production()}
}

// problems are all that is wrong with the props of a service, and with its routes.
func problems(p Props, id string, in environment.Environment) error {
	p = p.withDefaults(id, in)
	_, routes := parseRoutes(p.Routes)
	return errors.Join(p.validate(), routes)
}

func valid() Props {
	return Props{
		Platform: platform.Ref{StackName: "shop-platform"},
		Identity: identity.Ref{StackName: "shop-identity"},
		Owner:    "checkout",
		Image:    image.Registry("public.ecr.aws/acme/cart:1.4.2"),
		Routes:   []Route{{Path: "/cart/{proxy+}"}},
	}
}

func TestDefaults(t *testing.T) {
	service := Props{
		Name: "order-history", Size: Size{256, 512, 0}, Architecture: ARM64, Port: 8080, User: "65532:65532",
		Routes:  []Route{{Path: "/orders"}},
		Scaling: scaling.Policy{}.WithDefaults(2),
		Alarms:  Alarms{}.withDefaults(2),
		Health: Health{
			Path: "/health", HealthyCodes: "200", StartPeriod: 30 * time.Second, Interval: 10 * time.Second, Timeout: 5 * time.Second,
			HealthyThreshold: 2, UnhealthyThreshold: 3,
		},
		Deployment:          deployment.Canary{Percent: 10, Bake: 5 * time.Minute},
		DeregistrationDelay: 20 * time.Second,
		StopTimeout:         30 * time.Second,
		Priority:            priority("order-history"),
	}
	worker := service
	worker.Routes, worker.Health.Path, worker.Health.HealthyCodes, worker.Deployment = nil, "", "", deployment.Rolling{}
	own := Props{
		Platform: platform.Ref{StackName: "shop-platform", Zones: 2}, Identity: identity.Ref{StackName: "shop-identity"},
		Owner: "checkout", Name: "orders", Size: Size{512, 1024, 30}, Architecture: X86_64,
		Routes: []Route{{Path: "/orders"}}, Scaling: scaling.Policy{Min: 1, Max: 2, MemoryPercent: 4, ScaleInCooldown: time.Hour, ScaleOutCooldown: time.Hour},
		Alarms: Alarms{
			Enabled: profile.Off, Errors: alarm.Share{Percent: 1, MinRequests: 2}, TypicalLatency: alarm.Latency{Longest: 3, MinRequests: 4},
			SlowestLatency: alarm.Latency{Longest: 5, MinRequests: 6}, HealthyTasks: alarm.Least{Tasks: 1}, ClientErrors: alarm.Share{Percent: 8, MinRequests: 9},
			MissingTasks: alarm.Events{Count: 10}, CPU: alarm.Utilization{Percent: 11}, Memory: alarm.Utilization{Percent: 12},
		},
		Deployment: deployment.BlueGreen{Bake: time.Hour},
		Port:       9000, Health: Health{"/up", "200-299", []string{"/probe"}, time.Minute, 20 * time.Second, 3 * time.Second, 4, 5}, Command: []string{"serve"},
		Environment: map[string]string{"A": "1"}, User: "root", WritableRootFilesystem: true,
		LoadBalancing: LoadBalancing{SlowStart: time.Minute}, DeregistrationDelay: 5 * time.Second, StopTimeout: time.Minute, Priority: 7,
	}
	cases := map[string]struct{ props, want Props }{
		"service":                 {Props{Routes: service.Routes}, service},
		"worker":                  {Props{}, worker},
		"nothing to be filled in": {own, own},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got := c.props.withDefaults("OrderHistory", production())
			if diff := cmp.Diff(c.want, got, cmp.Comparer(func(a, b image.Image) bool { return reflect.DeepEqual(a, b) })); diff != "" {
				t.Errorf("props (-want +got):\n%s", diff)
			}
		})
	}
	for _, c := range []struct {
		props   Props
		profile profile.Profile
		want    deployment.Strategy
	}{
		{valid(), profile.Sandbox(), deployment.Rolling{}},
		{valid(), profile.Profile{CanaryPercent: 25, CanaryBakeMinutes: 90}, deployment.Canary{Percent: 25, Bake: 90 * time.Minute}},
		{Props{Deployment: deployment.Rolling{}, Routes: service.Routes}, profile.Production(), deployment.Rolling{}},
		{Props{Deployment: deployment.Linear{}, Routes: service.Routes}, profile.Sandbox(), deployment.Linear{StepPercent: 10, StepBake: time.Minute, Bake: 5 * time.Minute}},
	} {
		if got := c.props.withDefaults("Cart", environment.Environment{Profile: c.profile}).Deployment; got != c.want {
			t.Errorf("deployment is %+v, want %+v", got, c.want)
		}
	}
	fast := Props{Health: Health{Interval: 5 * time.Second}}.withDefaults("Cart", environment.Environment{Profile: profile.Sandbox()})
	if fast.Health.Timeout != 2*time.Second {
		t.Errorf("half of an interval of 5s is %s", fast.Health.Timeout)
	}
	named := Props{Name: "orders"}.withDefaults("OrderHistory", environment.Environment{Profile: profile.Sandbox()})
	if named.Priority != priority("orders") || named.Scaling.Min != 1 {
		t.Errorf("the priority does not follow the name, or the scaling the profile: %+v", named)
	}
}

// What the environment names, a service need not; what its props say comes before.
func TestPropsComeBeforeTheEnvironment(t *testing.T) {
	in := environment.Environment{
		Profile:  profile.Profile{Zones: 2, MinTasks: 3, LogRetentionDays: 7},
		Platform: platform.Ref{StackName: "shop-platform", Zones: 2},
		Identity: identity.Ref{StackName: "shop-identity"},
	}
	got := Props{}.withDefaults("Cart", in)
	if got.Platform != in.Platform || got.Identity != in.Identity {
		t.Errorf("the environment's are %+v and %+v, got %+v and %+v", in.Platform, in.Identity, got.Platform, got.Identity)
	}
	if got.Scaling.Min != 3 || got.Alarms.HealthyTasks.Tasks != 2 {
		t.Errorf("got at least %d tasks and an alarm below %d, want 3 and 2", got.Scaling.Min, got.Alarms.HealthyTasks.Tasks)
	}
	own := Props{Platform: platform.Ref{StackName: "other-platform"}, Identity: identity.Ref{StackName: "other-identity"}}
	got = own.withDefaults("Cart", in)
	if got.Platform != own.Platform || got.Identity != own.Identity {
		t.Errorf("the service's are %+v and %+v, got %+v and %+v", own.Platform, own.Identity, got.Platform, got.Identity)
	}
	smallest := Props{Owner: "checkout", Image: image.Registry("public.ecr.aws/acme/cart:1.4.2"), Routes: []Route{{Path: "/cart"}}}
	expect.Problems(t, problems(smallest, "Cart", in))
}

// A changed priority is a rule that two deployments of one platform fight over: these are pinned.
func TestPrioritiesArePinned(t *testing.T) {
	for name, want := range map[string]int{
		"photos": 18591, "reviews": 35116, "catalog": 31831, "cart": 23119, "orders": 26722, "recommendations": 31484, "search": 29411, "login": 23183,
	} {
		if got := priority(name); got != want {
			t.Errorf("%s: got %d, want %d", name, got, want)
		}
	}
}

func TestPrioritiesCoverAllThatAListenerHas(t *testing.T) {
	lowest, highest := 49999, 1
	for n := range 500000 {
		got := priority(fmt.Sprint("service-", n))
		lowest, highest = min(lowest, got), max(highest, got)
	}
	if lowest != 1 || highest != 49999 {
		t.Errorf("priorities run from %d to %d", lowest, highest)
	}
}

func TestValidate(t *testing.T) {
	const (
		owner    = "Owner must be 1 to 256 letters, digits, spaces and _.:/=+@-, as it becomes a tag, got "
		name     = "Name must be lower-case letters, digits and hyphens between them, starting with a letter, got "
		noJWT    = `Identity is missing: Routes[%d] is not Public, so set Identity of app.App, or name the stack of its authorizer in the environment or here, such as identity.Ref{StackName: "shop-identity"}`
		health   = "Health.Path must start with a slash and have only characters of a path and a query, at most 1024, got "
		codes    = `Health.HealthyCodes must be codes from 200 to 499, such as "200", "200,204" or "200-299", got `
		start    = "Health.StartPeriod must be whole seconds from 1s to 5m0s, got "
		delay    = "DeregistrationDelay must be whole seconds from 1s to 1m59s, got "
		interval = "Health.Interval must be whole seconds from 5s to 5m0s, got "
		timeout  = "Health.Timeout must be whole seconds from 2s to 1m0s, got "
		worker   = "Deployment must be deployment.Rolling without Routes, since a worker gets no requests to shift, got "
		stop     = "StopTimeout must be whole seconds from 1s to 2m0s, got "
	)
	long := strings.Repeat("a", 63)
	hook := struct {
		awsecs.IDeploymentLifecycleHookTarget
	}{}
	cases := map[string]struct {
		change func(*Props)
		want   []string
	}{
		"valid": {func(*Props) {}, nil},

		"no platform": {
			func(p *Props) { p.Platform = platform.Ref{} },
			[]string{`Platform is missing: name its stack in environment.Environment or here, such as platform.Ref{StackName: "shop-platform"}`},
		},
		"platform without a stack": {
			func(p *Props) { p.Platform = platform.Ref{Zones: 2} },
			[]string{"Platform.StackName is missing: name the stack that publishes the contract"},
		},
		"platform of seven zones": {func(p *Props) { p.Platform.Zones = 7 }, []string{"Platform.Zones must be from 1 to 6, got 7"}},

		"no owner":               {func(p *Props) { p.Owner = "" }, []string{"Owner is missing: name the team that owns the service"}},
		"owner of all letters":   {func(p *Props) { p.Owner = "Käufer & Co" }, []string{owner + `"Käufer & Co"`}},
		"owner of other scripts": {func(p *Props) { p.Owner = "Käufer 購入 _.:/=+@-1" }, nil},
		"shortest owner":         {func(p *Props) { p.Owner = "o" }, nil},
		"longest owner":          {func(p *Props) { p.Owner = strings.Repeat("ä", 256) }, nil},
		"too long an owner":      {func(p *Props) { p.Owner = strings.Repeat("o", 257) }, []string{owner + `"` + strings.Repeat("o", 257) + `"`}},

		"no image": {func(p *Props) { p.Image = image.Image{} }, []string{"Image is missing: use image.Registry, image.ECR or image.Build"}},
		"image wrong in two ways": {
			func(p *Props) { p.Image = image.ECR("Cart", "") },
			[]string{
				`Image repository must be a name such as acme/cart, or a URI such as 111122223333.dkr.ecr.eu-central-1.amazonaws.com/acme/cart, got "Cart"`,
				`Image tag must be a tag such as 1.4.2, or a digest that starts with sha256:, got ""`,
			},
		},

		"shortest name":          {func(p *Props) { p.Name = "a" }, nil},
		"longest name":           {func(p *Props) { p.Name = long }, nil},
		"too long a name":        {func(p *Props) { p.Name = long + "a" }, []string{`Name must be at most 63 characters, as it becomes a DNS label, got 64: "` + long + `a"`}},
		"name with digits":       {func(p *Props) { p.Name = "cart-9b" }, nil},
		"name in uppercase":      {func(p *Props) { p.Name = "Cart" }, []string{name + `"Cart"`}},
		"name starts with digit": {func(p *Props) { p.Name = "2cart" }, []string{name + `"2cart"`}},
		"name ends in a hyphen":  {func(p *Props) { p.Name = "cart-" }, []string{name + `"cart-"`}},
		"name with a dot":        {func(p *Props) { p.Name = "cart.v2" }, []string{name + `"cart.v2"`}},

		"size": {func(p *Props) { p.Size.CPU = 300 }, []string{"Size.CPU must be 256, 512, 1024, 2048, 4096, 8192 or 16384, got 300"}},

		"X86_64":               {func(p *Props) { p.Architecture = X86_64 }, nil},
		"no such architecture": {func(p *Props) { p.Architecture = "arm64" }, []string{`Architecture must be ARM64 or X86_64, got "arm64"`}},

		"public routes without identity": {func(p *Props) { p.Routes[0].Public, p.Identity = true, identity.Ref{} }, nil},
		"worker without identity":        {func(p *Props) { p.Routes, p.Identity = nil, identity.Ref{} }, nil},
		"routes without identity": {
			func(p *Props) { p.Routes, p.Identity = []Route{{Path: "/a"}, {Path: "/b"}}, identity.Ref{} },
			[]string{fmt.Sprintf(noJWT, 0)},
		},
		"second route without identity": {
			func(p *Props) {
				p.Routes, p.Identity = []Route{{Path: "/a", Public: true}, {Path: "/b"}, {Path: "/c"}}, identity.Ref{}
			},
			[]string{fmt.Sprintf(noJWT, 1)},
		},
		"identity of no stack": {
			func(p *Props) { p.Identity.StackName = "shop.identity" },
			[]string{`Identity.StackName must be a letter, then letters, digits and hyphens, at most 128 in all, got "shop.identity"`},
		},
		"routes": {
			func(p *Props) {
				p.Routes = []Route{{Path: "cart"}, {Path: "/a", Methods: []string{"get"}}, {Path: "/a"}}
			},
			[]string{
				`Routes[0].Path must start with a slash, such as /cart/{proxy+}, got "cart"`,
				`Routes[1].Methods must be of GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS, or empty for all, got "get"`,
			},
		},
		"a route twice": {
			func(p *Props) { p.Routes = append(p.Routes, p.Routes...) },
			[]string{"Routes[1]: ANY /cart/{proxy+} is already a route of this service, as ANY /cart/{proxy+}"},
		},

		"scaling":               {func(p *Props) { p.Scaling = scaling.Policy{Min: 3, Max: 2} }, []string{"Scaling.Max must be at least Min (3), got 2"}},
		"scaling below profile": {func(p *Props) { p.Scaling.Max = 1 }, []string{"Scaling.Max must be at least Min (2), got 1"}},
		"requests of a service": {func(p *Props) { p.Scaling.RequestsPerTask = 9 }, nil},
		"requests of a worker": {
			func(p *Props) { p.Routes, p.Scaling.RequestsPerTask = nil, 1 },
			[]string{"Scaling.RequestsPerTask needs Routes to count requests on, got 1 without any"},
		},

		"alarms":                        {func(p *Props) { p.Alarms.CPU.Percent = 100 }, []string{"Alarms.CPU.Percent must be more than 0 and less than 100, got 100"}},
		"all tasks must be healthy":     {func(p *Props) { p.Scaling.Min, p.Alarms.HealthyTasks.Tasks = 4, 4 }, nil},
		"more must be healthy than run": {func(p *Props) { p.Scaling.Min, p.Alarms.HealthyTasks.Tasks = 4, 5 }, []string{"Alarms.HealthyTasks.Tasks must be from 1 to 4, the smallest minimum of Scaling, got 5"}},

		"lowest port":     {func(p *Props) { p.Port = 1024 }, nil},
		"highest port":    {func(p *Props) { p.Port = 65535 }, nil},
		"user by name":    {func(p *Props) { p.User = "www-data" }, nil},
		"group of a user": {func(p *Props) { p.User = "1000:staff" }, nil},
		"no user":         {func(p *Props) { p.User = "www data" }, []string{`User must be a user or user:group such as "65532:65532", by names or numbers, got "www data"`}},
		"no group":        {func(p *Props) { p.User = "1000:" }, []string{`User must be a user or user:group such as "65532:65532", by names or numbers, got "1000:"`}},
		"root's port":     {func(p *Props) { p.Port, p.User = 80, "root" }, nil},
		"root's no port":  {func(p *Props) { p.Port, p.User = -1, "root" }, []string{"Port must be from 1 to 65535, got -1"}},
		"port of root":    {func(p *Props) { p.Port = 1023 }, []string{`Port must be from 1024 to 65535 unless User is "root", got 1023`}},
		"too high a port": {func(p *Props) { p.Port = 65536 }, []string{`Port must be from 1024 to 65535 unless User is "root", got 65536`}},

		"health of the root":      {func(p *Props) { p.Health.Path = "/" }, nil},
		"health of a path":        {func(p *Props) { p.Health.Path = "/v1.0/_up~%20-A" }, nil},
		"health without slash":    {func(p *Props) { p.Health.Path = "health" }, []string{health + `"health"`}},
		"health with a query":     {func(p *Props) { p.Health.Path = "/up?a=b&c" }, nil},
		"health with a space":     {func(p *Props) { p.Health.Path = "/is up" }, []string{health + `"/is up"`}},
		"longest health path":     {func(p *Props) { p.Health.Path = "/" + strings.Repeat("a", 1023) }, nil},
		"too long a health path":  {func(p *Props) { p.Health.Path = "/" + strings.Repeat("a", 1024) }, []string{health + `"/` + strings.Repeat("a", 1024) + `"`}},
		"a code":                  {func(p *Props) { p.Health.HealthyCodes = "204" }, nil},
		"codes":                   {func(p *Props) { p.Health.HealthyCodes = "200-299,401,499" }, nil},
		"a code of an error":      {func(p *Props) { p.Health.HealthyCodes = "500" }, []string{codes + `"500"`}},
		"a code of a redirection": {func(p *Props) { p.Health.HealthyCodes = "200, 302" }, []string{codes + `"200, 302"`}},
		"a command of nothing":    {func(p *Props) { p.Health.Command = []string{"", "up"} }, []string{`Health.Command must begin with a program, got ["" "up"]`}},
		"a command of a worker":   {func(p *Props) { p.Routes, p.Health.Command = nil, []string{"/probe"} }, nil},
		"health with a line more": {func(p *Props) { p.Health.Path = "/up\n" }, []string{health + `"/up\n"`}},
		"health of a worker": {func(p *Props) { p.Routes, p.Health.Path, p.Health.HealthyCodes = nil, "/up", "204" }, []string{
			`Health.Path needs Routes, since no load balancer checks a worker, got "/up": use Health.Command`,
			`Health.HealthyCodes needs Routes, since no load balancer checks a worker, got "204": use Health.Command`,
		}},
		"shortest start":            {func(p *Props) { p.Health.StartPeriod = time.Second }, nil},
		"longest start":             {func(p *Props) { p.Health.StartPeriod = 5 * time.Minute }, nil},
		"too short a start":         {func(p *Props) { p.Health.StartPeriod = time.Millisecond }, []string{start + "1ms"}},
		"too long a start":          {func(p *Props) { p.Health.StartPeriod = 301 * time.Second }, []string{start + "5m1s"}},
		"half seconds of a start":   {func(p *Props) { p.Health.StartPeriod = 1500 * time.Millisecond }, []string{start + "1.5s"}},
		"start before it was begun": {func(p *Props) { p.Health.StartPeriod = -time.Second }, []string{start + "-1s"}},

		"health at the least": {
			func(p *Props) {
				p.Health = Health{StartPeriod: 10 * time.Second, Interval: 5 * time.Second, Timeout: 2 * time.Second, HealthyThreshold: 2, UnhealthyThreshold: 2}
			},
			nil,
		},
		"health at the most": {
			func(p *Props) {
				p.Health = Health{StartPeriod: 5 * time.Minute, Interval: 30 * time.Second, Timeout: 29 * time.Second, HealthyThreshold: 10, UnhealthyThreshold: 10}
			},
			nil,
		},
		"health checked too often":  {func(p *Props) { p.Health.Interval = 4 * time.Second }, []string{interval + "4s"}},
		"health checked too rarely": {func(p *Props) { p.Health.Interval = 301 * time.Second }, []string{interval + "5m1s"}},
		"no time to answer":         {func(p *Props) { p.Health.Timeout = time.Second }, []string{timeout + "1s"}},
		"too much time to answer":   {func(p *Props) { p.Health.Interval, p.Health.Timeout = 90*time.Second, 61*time.Second }, []string{timeout + "1m1s"}},
		"answers after the next check": {
			func(p *Props) { p.Health.Timeout = 10 * time.Second },
			[]string{"Health.Timeout must be less than Interval (10s), else one check begins before the last has ended, got 10s"},
		},
		"healthy after one check":     {func(p *Props) { p.Health.HealthyThreshold = 1 }, []string{"Health.HealthyThreshold must be from 2 to 10, got 1"}},
		"healthy after many checks":   {func(p *Props) { p.Health.HealthyThreshold = 11 }, []string{"Health.HealthyThreshold must be from 2 to 10, got 11"}},
		"unhealthy after one check":   {func(p *Props) { p.Health.UnhealthyThreshold = 1 }, []string{"Health.UnhealthyThreshold must be from 2 to 10, got 1"}},
		"unhealthy after many checks": {func(p *Props) { p.Health.UnhealthyThreshold = 11 }, []string{"Health.UnhealthyThreshold must be from 2 to 10, got 11"}},
		"unhealthy when the canary is over": {
			func(p *Props) { p.Health.Interval, p.Health.UnhealthyThreshold = time.Minute, 6 },
			[]string{"Health.UnhealthyThreshold × Interval must be at most what Deployment waits before its next step (5m0s), else an unhealthy task is detected too late, got 6 × 1m0s = 6m0s"},
		},
		"unhealthy as the canary is over": {func(p *Props) { p.Health.Interval, p.Health.UnhealthyThreshold = time.Minute, 5 }, nil},
		"unhealthy at any time": {
			func(p *Props) {
				p.Deployment, p.Health.Interval, p.Health.UnhealthyThreshold = deployment.Rolling{}, time.Minute, 10
			},
			nil,
		},

		"rolling":               {func(p *Props) { p.Deployment = deployment.Rolling{} }, nil},
		"a pointer to a canary": {func(p *Props) { p.Deployment = &deployment.Canary{Percent: 5} }, nil},
		"a nil canary": {
			func(p *Props) {
				p.Deployment, p.DeploymentHooks = (*deployment.Canary)(nil), []awsecs.IDeploymentLifecycleHookTarget{(*hookPointer)(nil)}
			},
			[]string{
				"Deployment must not be a nil *deployment.Canary: leave it out for the profile's, or use the value",
				"DeploymentHooks[0] is nil: use awsecs.NewDeploymentLifecycleLambdaTarget",
			},
		},
		"a disk that the user may not write to": {
			func(p *Props) { p.Size.EphemeralStorageGiB = 50 },
			[]string{"Size.EphemeralStorageGiB needs WritableRootFilesystem or Mounts, since the disk holds the root filesystem with its /tmp, and volumes, got 50 without them"},
		},
		"a disk for a volume": {func(p *Props) {
			p.Size.EphemeralStorageGiB, p.Mounts = 50, []Mount{{Volume: "scratch", Path: "/var/scratch"}}
		}, nil},
		"a disk for a sidecar's volume": {
			func(p *Props) {
				p.Size.EphemeralStorageGiB = 50
				p.Sidecars = []Sidecar{{Name: "proxy", Image: p.Image, Mounts: []Mount{{Volume: "scratch", Path: "/var/scratch"}}}}
			}, nil,
		},
		"wrong mounts": {
			func(p *Props) {
				p.Mounts = []Mount{{Volume: "a b", Path: "var/log"}, {Volume: "logs", Path: "/tmp"}, {Volume: "logs", Path: "/var/log"}, {Volume: "more", Path: "/var/log"}}
				p.Sidecars = []Sidecar{{Name: "proxy", Image: p.Image, Mounts: []Mount{{Path: "/var/../log"}, {Volume: "logs", Path: "/var/log/"}}}}
			},
			[]string{
				`Sidecars[0].Mounts[0].Volume must be 1 to 255 letters, digits, hyphens and underscores, got ""`,
				`Sidecars[0].Mounts[0].Path must be the absolute path of a folder, such as /var/log/app, got "/var/../log"`,
				`Sidecars[0].Mounts[1].Path must be the absolute path of a folder, such as /var/log/app, got "/var/log/"`,
				`Mounts[0].Volume must be 1 to 255 letters, digits, hyphens and underscores, got "a b"`,
				`Mounts[0].Path must be the absolute path of a folder, such as /var/log/app, got "var/log"`,
				`Mounts[1].Path must not be /tmp, to which only root could write: choose another folder, such as /var/tmp/app`,
				`Mounts[3].Path must differ from that of Mounts[2], got "/var/log" twice`,
			},
		},
		"a disk":                 {func(p *Props) { p.Size.EphemeralStorageGiB, p.WritableRootFilesystem = 50, true }, nil},
		"rolling worker":         {func(p *Props) { p.Routes, p.Deployment = nil, deployment.Rolling{} }, nil},
		"wrong deployment":       {func(p *Props) { p.Deployment = deployment.Canary{Percent: 100} }, []string{"Deployment.Percent must be from 1 to 99, got 100: to shift all requests at once, use deployment.BlueGreen"}},
		"canary of a worker":     {func(p *Props) { p.Routes, p.Deployment = nil, deployment.Canary{Percent: 100} }, []string{worker + "deployment.Canary"}},
		"linear of a worker":     {func(p *Props) { p.Routes, p.Deployment = nil, deployment.Linear{} }, []string{worker + "deployment.Linear"}},
		"blue/green of a worker": {func(p *Props) { p.Routes, p.Deployment = nil, deployment.BlueGreen{} }, []string{worker + "deployment.BlueGreen"}},
		"hooks":                  {func(p *Props) { p.DeploymentHooks = []awsecs.IDeploymentLifecycleHookTarget{hook} }, nil},
		"no hook":                {func(p *Props) { p.DeploymentHooks = []awsecs.IDeploymentLifecycleHookTarget{hook, nil} }, []string{"DeploymentHooks[1] is nil: use awsecs.NewDeploymentLifecycleLambdaTarget"}},
		"hooks of rolling": {
			func(p *Props) {
				p.Deployment, p.DeploymentHooks = deployment.Rolling{}, []awsecs.IDeploymentLifecycleHookTarget{hook}
			},
			[]string{"DeploymentHooks need a gradual Deployment, since a rolling one has no stages, got deployment.Rolling"},
		},

		"exec":                        {func(p *Props) { p.Exec, p.WritableRootFilesystem = true, true }, nil},
		"exec that can write nothing": {func(p *Props) { p.Exec = true }, []string{"Exec needs WritableRootFilesystem, since the agent that ECS puts into the container writes there"}},

		"least outstanding requests": {func(p *Props) { p.LoadBalancing.LeastOutstandingRequests = true }, nil},
		"too slow a start, and both": {
			func(p *Props) {
				p.LoadBalancing = LoadBalancing{LeastOutstandingRequests: true, SlowStart: 901 * time.Second}
			},
			[]string{
				"LoadBalancing.SlowStart excludes LeastOutstandingRequests, got 15m1s with it: keep one",
				"LoadBalancing.SlowStart must be whole seconds from 30s to 15m0s, got 15m1s",
			},
		},
		"an owner with two problems": {
			func(p *Props) { p.Owner = "aws:a\tb" },
			[]string{
				`Owner must be 1 to 256 letters, digits, spaces and _.:/=+@-, as it becomes a tag, got "aws:a\tb"`,
				`Owner must not begin with aws:, which AWS reserves for its own tags, got "aws:a\tb"`,
			},
		},
		"a name with two problems": {
			func(p *Props) { p.Name = strings.Repeat("A", 64) },
			[]string{
				fmt.Sprintf("Name must be at most 63 characters, as it becomes a DNS label, got 64: %q", strings.Repeat("A", 64)),
				fmt.Sprintf("Name must be lower-case letters, digits and hyphens between them, starting with a letter, got %q", strings.Repeat("A", 64)),
			},
		},
		"slowest start":         {func(p *Props) { p.LoadBalancing.SlowStart = 15 * time.Minute }, nil},
		"fastest slow start":    {func(p *Props) { p.LoadBalancing.SlowStart = 30 * time.Second }, nil},
		"too fast a slow start": {func(p *Props) { p.LoadBalancing.SlowStart = 29 * time.Second }, []string{"LoadBalancing.SlowStart must be whole seconds from 30s to 15m0s, got 29s"}},
		"too slow a start":      {func(p *Props) { p.LoadBalancing.SlowStart = 901 * time.Second }, []string{"LoadBalancing.SlowStart must be whole seconds from 30s to 15m0s, got 15m1s"}},
		"slow start and fewest requests": {
			func(p *Props) {
				p.LoadBalancing = LoadBalancing{LeastOutstandingRequests: true, SlowStart: time.Minute}
			},
			[]string{"LoadBalancing.SlowStart excludes LeastOutstandingRequests, got 1m0s with it: keep one"},
		},
		"TLS to the tasks": {func(p *Props) { p.LoadBalancing.TLS = true }, nil},
		"TLS to a worker": {
			func(p *Props) { p.Routes, p.LoadBalancing.TLS = nil, true },
			[]string{"LoadBalancing needs Routes, since a worker gets no requests, got none"},
		},
		"balanced worker": {
			func(p *Props) { p.Routes, p.LoadBalancing.LeastOutstandingRequests = nil, true },
			[]string{"LoadBalancing needs Routes, since a worker gets no requests, got none"},
		},

		"callable":          {func(p *Props) { p.Callable = true }, nil},
		"a callable worker": {func(p *Props) { p.Routes, p.Callable = nil, true }, nil},
		"settings of calls": {func(p *Props) { p.Callable, p.ServiceConnect.RequestTimeout = true, time.Second }, nil},
		"settings of calls that nobody makes": {
			func(p *Props) { p.ServiceConnect.RequestTimeout = time.Second },
			[]string{"ServiceConnect needs Callable, since no service calls this one, got none: set Callable"},
		},
		"invalid settings of calls, at the proxy's port": {
			func(p *Props) { p.Callable, p.ServiceConnect.RequestTimeout, p.Port = true, -time.Second, 18080 },
			[]string{
				"ServiceConnect.RequestTimeout must be whole seconds from 1s to 1h0m0s, got -1s",
				"Port must not be 18080, where the proxy takes calls: choose another",
			},
		},
		"the proxy's port without calls": {func(p *Props) { p.Port = 18080 }, nil},

		"shortest delay": {func(p *Props) { p.DeregistrationDelay, p.StopTimeout = time.Second, 2*time.Second }, nil},
		"longest delay":  {func(p *Props) { p.DeregistrationDelay, p.StopTimeout = 119*time.Second, 2*time.Minute }, nil},
		"too long to stop and to wait": {
			func(p *Props) { p.DeregistrationDelay, p.StopTimeout = 2*time.Minute, 121*time.Second }, []string{delay + "2m0s", stop + "2m1s"},
		},
		"parts of seconds": {
			func(p *Props) { p.DeregistrationDelay, p.StopTimeout = time.Millisecond, 1500*time.Millisecond }, []string{delay + "1ms", stop + "1.5s"},
		},
		"stopped as requests end": {
			func(p *Props) { p.DeregistrationDelay = 30 * time.Second },
			[]string{"StopTimeout must be longer than DeregistrationDelay (30s), else requests are cut off, got 30s"},
		},
		"stopped before requests end": {
			func(p *Props) { p.StopTimeout = 5 * time.Second },
			[]string{"StopTimeout must be longer than DeregistrationDelay (20s), else requests are cut off, got 5s"},
		},
		"worker without requests": {func(p *Props) { p.Routes, p.StopTimeout = nil, time.Second }, nil},

		"lowest priority":     {func(p *Props) { p.Priority = 1 }, nil},
		"highest priority":    {func(p *Props) { p.Priority = 49999 }, nil},
		"negative priority":   {func(p *Props) { p.Priority = -1 }, []string{"Priority must be from 1 to 49999, got -1"}},
		"too high a priority": {func(p *Props) { p.Priority = 50000 }, []string{"Priority must be from 1 to 49999, got 50000"}},

		"everything": {
			func(p *Props) {
				*p = Props{
					Name: "C", Size: Size{CPU: 1}, Architecture: "x", Routes: []Route{{}}, Scaling: scaling.Policy{CPUPercent: 101}, Port: 80,
					Alarms:      Alarms{Memory: alarm.Utilization{Percent: -1}},
					Health:      Health{Path: "x", StartPeriod: time.Hour},
					Deployment:  deployment.BlueGreen{Bake: time.Second},
					Sidecars:    []Sidecar{{}},
					Exec:        true,
					Environment: map[string]string{"PORT": "80"}, DeregistrationDelay: time.Hour, Priority: -1,
				}
			},
			[]string{
				`Platform is missing: name its stack in environment.Environment or here, such as platform.Ref{StackName: "shop-platform"}`,
				fmt.Sprintf(noJWT, 0),
				"Owner is missing: name the team that owns the service",
				"Image is missing: use image.Registry, image.ECR or image.Build",
				name + `"C"`,
				"Size.CPU must be 256, 512, 1024, 2048, 4096, 8192 or 16384, got 1",
				`Architecture must be ARM64 or X86_64, got "x"`,
				"Scaling.CPUPercent must be from 1 to 100, or 0 for none, got 101",
				"Deployment.Bake must be whole minutes, as ECS requires, from 1m0s to 24h0m0s, got 1s",
				health + `"x"`,
				start + "1h0m0s",
				"Alarms.Memory.Percent must be more than 0 and less than 100, got -1",
				`Port must be from 1024 to 65535 unless User is "root", got 80`,
				"Environment must not set PORT, which is reserved: set Props.Port",
				`Sidecars[0].Name must be lower-case letters, digits and hyphens between them, starting with a letter, at most 63, got ""`,
				"Sidecars[0].Image is missing: use image.Registry, image.ECR or image.Build",
				"Exec needs WritableRootFilesystem, since the agent that ECS puts into the container writes there",
				delay + "1h0m0s",
				"Priority must be from 1 to 49999, got -1",
				`Routes[0].Path must start with a slash, such as /cart/{proxy+}, got ""`,
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := valid()
			c.change(&p)
			expect.Problems(t, problems(p, "Cart", production()), c.want...)
		})
	}
}

func TestAnIDThatIsNoName(t *testing.T) {
	expect.Problems(t, problems(valid(), "3DPrints", production()),
		`Name must be lower-case letters, digits and hyphens between them, starting with a letter, got "3-d-prints"`)
	expect.Problems(t, problems(valid(), "_", production()),
		`Name must be lower-case letters, digits and hyphens between them, starting with a letter, got ""`)
}

func TestVariables(t *testing.T) {
	const names = " must have names of letters, digits and underscores that do not start with a digit, got "
	known := secret{arn: "arn:aws:secretsmanager:eu-central-1:111122223333:secret:shop/key-AbC123"}
	nobody := secret{arn: "arn:${Token[AWS.Partition.3]}:secretsmanager:${Token[AWS.Region.4]}:${Token[AWS.AccountId.0]}:secret:shop/key:password::"}
	cases := map[string]struct {
		environment map[string]string
		secrets     map[string]awsecs.Secret
		want        []string
	}{
		"none":              {nil, nil, nil},
		"names":             {map[string]string{"LOG_LEVEL": "", "_a1": "x"}, map[string]awsecs.Secret{"API_KEY": known}, nil},
		"reserved, near":    {map[string]string{"aws_region": "", "PORTS": "", "AWS_REGIONS": ""}, nil, nil},
		"empty name":        {map[string]string{"": "x"}, nil, []string{"Environment" + names + `""`}},
		"starts with digit": {map[string]string{"2ND": "x"}, nil, []string{"Environment" + names + `"2ND"`}},
		"hyphen":            {nil, map[string]awsecs.Secret{"API-KEY": known}, []string{"Secrets" + names + `"API-KEY"`}},
		"line break":        {map[string]string{"A\n": "x"}, nil, []string{"Environment" + names + `"A\n"`}},
		"a secret by its name": {nil, map[string]awsecs.Secret{"API_KEY": nobody}, []string{
			`Secrets["API_KEY"] is a secret by its name (shop/key), which ECS may not read, since its permission is for the complete ARN: use awssecretsmanager.Secret_FromSecretCompleteArn`,
		}},
		"a secret of the stack": {nil, map[string]awsecs.Secret{"API_KEY": secret{arn: "${Token[TOKEN.12]}:password::"}}, nil},
		"a parameter":           {nil, map[string]awsecs.Secret{"API_KEY": secret{arn: "arn:aws:ssm:eu-central-1:111122223333:parameter/shop/key"}}, nil},
		"a name that is dropped": {map[string]string{"__proto__": "x"}, nil, []string{
			"Environment must not have __proto__, which the CDK's runtime drops without an error: choose another name",
		}},
		"nil secret": {nil, map[string]awsecs.Secret{"API_KEY": nil}, []string{
			`Secrets["API_KEY"] is nil: use awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter`,
		}},
		"in both": {map[string]string{"API_KEY": "x"}, map[string]awsecs.Secret{"API_KEY": known}, []string{
			`Secrets["API_KEY"] is in Environment too: keep one`,
		}},
		"reserved for a secret": {nil, map[string]awsecs.Secret{"AWS_SECRET_ACCESS_KEY": known}, []string{
			"Secrets must not set AWS_SECRET_ACCESS_KEY, which is reserved: the task role provides credentials: grant to the service",
		}},
		"everything, by name": {
			map[string]string{"b c": "", "PORT": "", "2": ""},
			map[string]awsecs.Secret{"PORT": nil, "A": known, "-": known},
			[]string{
				"Environment" + names + `"2"`,
				"Environment must not set PORT, which is reserved: set Props.Port",
				"Environment" + names + `"b c"`,
				"Secrets" + names + `"-"`,
				"Secrets must not set PORT, which is reserved: set Props.Port",
				`Secrets["PORT"] is nil: use awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter`,
				`Secrets["PORT"] is in Environment too: keep one`,
			},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			expect.Problems(t, Props{Environment: c.environment, Secrets: c.secrets}.validateVariables(), c.want...)
		})
	}
}

func TestReservedVariables(t *testing.T) {
	for instead, names := range map[string][]string{
		"set Props.Port": {"PORT"},
		"set Props.Name": {"SERVICE_NAME"},
		"the task role provides credentials: grant to the service": {"AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"},
		"ECS sets it": {
			"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI", "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "AWS_REGION",
			"ECS_AGENT_URI", "ECS_CONTAINER_METADATA_URI", "ECS_CONTAINER_METADATA_URI_V4",
		},
	} {
		for _, name := range names {
			expect.Problems(t, checkVariable("Uses", name), "Uses must not set "+name+", which is reserved: "+instead)
		}
	}
}

func TestSidecars(t *testing.T) {
	const (
		name      = "Sidecars[0].Name must be lower-case letters, digits and hyphens between them, starting with a letter, at most 63, got "
		different = "Sidecars[%d].Name must differ from those of the other containers, got %q"
		rest      = "Sidecars reserve %d of 512 MiB (Size.MemoryMiB); leave memory for the application"
	)
	proxy := func(change func(*Sidecar)) []Sidecar {
		s := Sidecar{Name: "proxy", Image: image.Registry("public.ecr.aws/acme/proxy:7")}
		change(&s)
		return []Sidecar{s}
	}
	many := func(n int) (all []Sidecar) {
		for i := range n {
			all = append(all, proxy(func(s *Sidecar) { s.Name = fmt.Sprint("proxy-", i) })...)
		}
		return all
	}
	twice := append(proxy(func(*Sidecar) {}), proxy(func(*Sidecar) {})...)
	cases := map[string]struct {
		sidecars []Sidecar
		want     []string
	}{
		"valid":                  {proxy(func(*Sidecar) {}), nil},
		"longest name":           {proxy(func(s *Sidecar) { s.Name = strings.Repeat("a", 63) }), nil},
		"too long a name":        {proxy(func(s *Sidecar) { s.Name = strings.Repeat("a", 64) }), []string{name + `"` + strings.Repeat("a", 64) + `"`}},
		"name in uppercase":      {proxy(func(s *Sidecar) { s.Name = "Proxy" }), []string{name + `"Proxy"`}},
		"the application's name": {proxy(func(s *Sidecar) { s.Name = "app" }), []string{fmt.Sprintf(different, 0, "app")}},
		"a name of JavaScript's": {proxy(func(s *Sidecar) { s.Name = "constructor" }), []string{`Sidecars[0].Name must not be "constructor", which every JavaScript object has, so that the CDK takes it for used: choose another name`}},
		"one name twice":         {twice, []string{fmt.Sprintf(different, 1, "proxy")}},
		"no image":               {proxy(func(s *Sidecar) { s.Image = image.Image{} }), []string{"Sidecars[0].Image is missing: use image.Registry, image.ECR or image.Build"}},
		"least memory":           {proxy(func(s *Sidecar) { s.MemoryMiB = 6 }), nil},
		"too little memory":      {proxy(func(s *Sidecar) { s.MemoryMiB = 5 }), []string{"Sidecars[0].MemoryMiB must be at least 6, or 0 for no limit, got 5"}},
		"negative memory":        {proxy(func(s *Sidecar) { s.MemoryMiB = -1 }), []string{"Sidecars[0].MemoryMiB must be at least 6, or 0 for no limit, got -1"}},
		"nearly all memory":      {proxy(func(s *Sidecar) { s.MemoryMiB = 511 }), nil},
		"all memory":             {proxy(func(s *Sidecar) { s.MemoryMiB = 512 }), []string{fmt.Sprintf(rest, 512)}},
		"all memory of two": {
			append(proxy(func(s *Sidecar) { s.MemoryMiB = 256 }), proxy(func(s *Sidecar) { s.Name, s.MemoryMiB = "agent", 256 })...),
			[]string{fmt.Sprintf(rest, 512)},
		},
		"user":    {proxy(func(s *Sidecar) { s.User = "1000:1000" }), nil},
		"no user": {proxy(func(s *Sidecar) { s.User = "a b" }), []string{`Sidecars[0].User must be a user or user:group such as "65532:65532", by names or numbers, got "a b"`}},
		"no variable": {
			proxy(func(s *Sidecar) { s.Environment = map[string]string{"A-B": ""} }),
			[]string{`Sidecars[0].Environment must have names of letters, digits and underscores that do not start with a digit, got "A-B"`},
		},
		"what the application may not set": {proxy(func(s *Sidecar) { s.Environment = map[string]string{"PORT": "9"} }), nil},
		"no permission": {
			proxy(func(s *Sidecar) { s.Permissions = []awsiam.PolicyStatement{nil} }),
			[]string{"Sidecars[0].Permissions[0] is nil: use awsiam.NewPolicyStatement"},
		},
		"nil permission": {
			proxy(func(s *Sidecar) { s.Permissions = []awsiam.PolicyStatement{(*permission)(nil)} }),
			[]string{"Sidecars[0].Permissions[0] is nil: use awsiam.NewPolicyStatement"},
		},
		"secrets": {
			proxy(func(s *Sidecar) {
				s.Environment = map[string]string{"IN_BOTH": "x", "__proto__": "x"}
				s.Secrets = map[string]awsecs.Secret{"IN_BOTH": secret{arn: "arn:aws:ssm:::parameter/key"}, "NONE": nil, "a b": secret{arn: ":secretsmanager:::secret:shop/key"}}
			}),
			[]string{
				"Sidecars[0].Environment must not have __proto__, which the CDK's runtime drops without an error: choose another name",
				`Sidecars[0].Secrets must have names of letters, digits and underscores that do not start with a digit, got "a b"`,
				`Sidecars[0].Secrets["IN_BOTH"] is in Environment too: keep one`,
				`Sidecars[0].Secrets["NONE"] is nil: use awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter`,
				`Sidecars[0].Secrets["a b"] is a secret by its name (shop/key), which ECS may not read, since its permission is for the complete ARN: use awssecretsmanager.Secret_FromSecretCompleteArn`,
			},
		},
		"a step before the application": {proxy(func(s *Sidecar) { s.Completes, s.WritableRootFilesystem = true, true }), nil},
		"a step that is checked, and stops the task": {
			proxy(func(s *Sidecar) { s.Completes, s.Essential, s.Health = true, true, []string{"", "up"} }),
			[]string{
				`Sidecars[0].Health must begin with a program, got ["" "up"]`,
				"Sidecars[0].Completes excludes Health, since a container that has exited is not checked: keep one",
				"Sidecars[0].Completes excludes Essential, since the task would stop when the container exits: keep one",
			},
		},
		"as many as a task has": {many(9), nil},
		"too many":              {many(10), []string{"Sidecars must be at most 9, since a task has at most 10 containers, got 10"}},
		"more memory than numbers have": {
			append(proxy(func(s *Sidecar) { s.MemoryMiB = 1 << 62 }), proxy(func(s *Sidecar) { s.Name, s.MemoryMiB = "agent", 1<<62 })...),
			[]string{fmt.Sprintf(rest, 1024)},
		},
		"a variable of the application's": {
			proxy(func(s *Sidecar) { s.Variables = map[string]string{"LOG_LEVEL": "debug"} }),
			[]string{"Sidecars[0].Variables sets LOG_LEVEL, which is already set for the application: keep one"},
		},
		"a secret of the application's": {
			proxy(func(s *Sidecar) { s.Variables = map[string]string{"API_KEY": "x"} }),
			[]string{"Sidecars[0].Variables sets API_KEY, which is already set for the application: keep one"},
		},
		"a variable of another sidecar's": {
			append(
				proxy(func(s *Sidecar) {
					s.Variables = map[string]string{"ADDRESS": "127.0.0.1:1", "MODE": "a", "SHARED": "x"}
				}),
				proxy(func(s *Sidecar) {
					s.Name, s.Variables = "agent", map[string]string{"ADDRESS": "127.0.0.1:2", "LEVEL": "b", "SHARED": "x"}
				})...,
			),
			[]string{"Sidecars[1].Variables has ADDRESS, which Sidecars[0].Variables sets to another value: keep one"},
		},
		"a reserved variable": {
			proxy(func(s *Sidecar) { s.Variables = map[string]string{"PORT": "9"} }),
			[]string{"Sidecars[0].Variables must not set PORT, which is reserved: set Props.Port"},
		},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			p := valid()
			p.Environment = map[string]string{"LOG_LEVEL": "info"}
			p.Secrets = map[string]awsecs.Secret{"API_KEY": secret{arn: "arn:aws:ssm:::parameter/key"}}
			p.Sidecars = c.sidecars
			expect.Problems(t, problems(p, "Cart", production()), c.want...)
		})
	}
}

// hookPointer and permission are types of which a pointer may be nil.
type (
	hookPointer struct {
		awsecs.IDeploymentLifecycleHookTarget
	}
	permission struct{ awsiam.PolicyStatement }
)
