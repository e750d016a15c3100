package changes

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

const goldens = "../../../../../test/testdata/golden/"

// shop is a world in which a part of the storefront's production is deployed, and the same is deployed again. Its
// templates are a copy, since these tests are about a change and not about the storefront.
func shop(t *testing.T) *world {
	t.Helper()
	return worldOf(t, "testdata/shop", "production")
}

func worldOf(t *testing.T, dir, environment string) *world {
	t.Helper()
	files, err := filepath.Glob(dir + "/*.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates in %s: %v", dir, err)
	}
	w := &world{outputs: map[string]map[string]string{}, others: map[string]snapshot.Template{}}
	for _, file := range files {
		id := strings.TrimSuffix(filepath.Base(file), ".json")
		s := &stack{id: id, name: "storefront-" + environment + "-" + strings.ToLower(id), new: parse(t, file), old: parse(t, file)}
		if id != "Platform" && id != "Teams" {
			s.before = []string{"Platform", "Teams", "Identity"}
		}
		w.outputs[s.name] = map[string]string{}
		for output := range s.old.Outputs() {
			w.outputs[s.name][output] = "live-" + output
		}
		w.stacks = append(w.stacks, s)
	}
	return w
}

func parse(t *testing.T, file string) snapshot.Template {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	template, err := snapshot.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	return template
}

func (w *world) stack(t *testing.T, id string) *stack {
	t.Helper()
	for _, s := range w.stacks {
		if s.id == id {
			return s
		}
	}
	t.Fatalf("no stack %s", id)
	return nil
}

// first is the first resource of a type in the new template, to be changed.
func (s *stack) first(t *testing.T, resourceType string) (id string, properties map[string]any) {
	t.Helper()
	found := s.new.Resources(resourceType)
	if len(found) == 0 {
		t.Fatalf("%s has no %s", s.id, resourceType)
	}
	return found[0].LogicalID, found[0].Get("Properties").(map[string]any)
}

func (s *stack) resources() map[string]any { return s.new["Resources"].(map[string]any) }

// rename gives the resource another logical ID, also where the template refers to it.
func (s *stack) rename(t *testing.T, id, to string) {
	t.Helper()
	text := regexp.MustCompile(`"`+id+`"`).ReplaceAll(s.new.JSON(), []byte(`"`+to+`"`))
	template, err := snapshot.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	s.new = template
}

// report is what the command prints of a comparison, without the line that counts.
func report(t *testing.T, w *world) string {
	t.Helper()
	var all []finding.Finding
	found := w.compare()
	for _, s := range w.stacks {
		all = append(all, found[s]...)
	}
	return written(t, all)
}

func written(t *testing.T, all []finding.Finding) string {
	t.Helper()
	var b strings.Builder
	if err := finding.Write(&b, all, false); err != nil {
		t.Fatal(err)
	}
	text, _, _ := strings.Cut("\n"+b.String(), "\n\n")
	return strings.TrimPrefix(text, "\n")
}

func TestNothingChanges(t *testing.T) {
	for _, environment := range []string{"sandbox", "production"} {
		if got := report(t, worldOf(t, goldens+environment, environment)); got != "" {
			t.Errorf("%s:\n%s", environment, got)
		}
	}
}

// What a team changes every day must not be reported.
func TestHarmlessChanges(t *testing.T) {
	w := shop(t)
	cart := w.stack(t, "Cart")
	_, task := cart.first(t, "AWS::ECS::TaskDefinition")
	task["Cpu"], task["Memory"] = "1024", "2048"
	task["ContainerDefinitions"].([]any)[0].(map[string]any)["Image"] = "example.com/cart:2"
	_, scaling := cart.first(t, "AWS::ApplicationAutoScaling::ScalableTarget")
	scaling["MaxCapacity"] = json.Number("40")
	_, table := cart.first(t, "AWS::DynamoDB::GlobalTable")
	table["GlobalSecondaryIndexes"] = []any{index("byProduct", "productId")}
	_, group := cart.first(t, "AWS::ElasticLoadBalancingV2::TargetGroup")
	group["HealthCheckIntervalSeconds"] = json.Number("20")
	route := map[string]any{}
	_, old := cart.first(t, "AWS::ApiGatewayV2::Route")
	for key, value := range old {
		route[key] = value
	}
	route["RouteKey"] = "GET /cart/total"
	cart.resources()["CartRoutesTotal"] = map[string]any{"Type": "AWS::ApiGatewayV2::Route", "Properties": route}
	if got := report(t, w); got != "" {
		t.Errorf("got:\n%s", got)
	}
}

func index(name, key string) any {
	return map[string]any{
		"IndexName":  name,
		"KeySchema":  []any{map[string]any{"AttributeName": key, "KeyType": "HASH"}},
		"Projection": map[string]any{"ProjectionType": "ALL"},
	}
}

const (
	tableType = "AWS::DynamoDB::GlobalTable"
	groupType = "AWS::ElasticLoadBalancingV2::TargetGroup"
	taskType  = "AWS::ECS::TaskDefinition"
)

// changed changes one thing of the storefront in production.
var changed = map[string]func(t *testing.T, w *world){
	"the sort key of a table": func(t *testing.T, w *world) {
		_, p := w.stack(t, "Cart").first(t, tableType)
		p["KeySchema"].([]any)[1].(map[string]any)["AttributeName"] = "lineId"
	},
	"the type of a key": func(t *testing.T, w *world) {
		_, p := w.stack(t, "Cart").first(t, tableType)
		p["AttributeDefinitions"].([]any)[1].(map[string]any)["AttributeType"] = "N"
	},
	"two indexes at once": func(t *testing.T, w *world) {
		_, p := w.stack(t, "Cart").first(t, tableType)
		p["GlobalSecondaryIndexes"] = []any{index("byProduct", "productId"), index("byUser", "userId")}
	},
	"an index of one name with another key": func(t *testing.T, w *world) {
		s := w.stack(t, "Cart")
		_, p := s.first(t, tableType)
		p["GlobalSecondaryIndexes"] = []any{index("byProduct", "userId")}
		s.old.Resources(tableType)[0].Get("Properties").(map[string]any)["GlobalSecondaryIndexes"] = []any{index("byProduct", "productId")}
	},
	"TTL taken away": func(t *testing.T, w *world) {
		_, p := w.stack(t, "Cart").first(t, tableType)
		delete(p, "TimeToLiveSpecification")
	},
	"TTL by another attribute": func(t *testing.T, w *world) {
		_, p := w.stack(t, "Cart").first(t, tableType)
		p["TimeToLiveSpecification"] = map[string]any{"AttributeName": "until", "Enabled": true}
	},
	"TTL turned off": func(t *testing.T, w *world) {
		_, p := w.stack(t, "Cart").first(t, tableType)
		p["TimeToLiveSpecification"].(map[string]any)["Enabled"] = false
	},
	"another view of a stream": func(t *testing.T, w *world) {
		s := w.stack(t, "Cart")
		_, p := s.first(t, tableType)
		p["StreamSpecification"] = map[string]any{"StreamViewType": "KEYS_ONLY"}
		s.old.Resources(tableType)[0].Get("Properties").(map[string]any)["StreamSpecification"] = map[string]any{"StreamViewType": "NEW_IMAGE"}
	},
	"the port of target groups": func(t *testing.T, w *world) {
		for _, r := range w.stack(t, "Cart").new.Resources(groupType) {
			r.Get("Properties").(map[string]any)["Port"] = json.Number("9090")
		}
	},
	"the health check with the application": func(t *testing.T, w *world) {
		s := w.stack(t, "Cart")
		for _, r := range s.new.Resources(groupType) {
			r.Get("Properties").(map[string]any)["HealthCheckPath"] = "/ready"
		}
		_, p := s.first(t, taskType)
		p["ContainerDefinitions"].([]any)[0].(map[string]any)["Image"] = "example.com/cart:2"
	},
	"the health check alone": func(t *testing.T, w *world) {
		s := w.stack(t, "Cart")
		for _, r := range s.new.Resources(groupType) {
			r.Get("Properties").(map[string]any)["HealthCheckPath"] = "/ready"
		}
		_, p := s.first(t, taskType)
		p["ContainerDefinitions"].([]any)[0].(map[string]any)["HealthCheck"] = map[string]any{"Command": []any{"CMD", "/check"}}
	},
	"a zone of the VPC link": func(t *testing.T, w *world) {
		_, p := w.stack(t, "Platform").first(t, "AWS::ApiGatewayV2::VpcLink")
		p["SubnetIds"] = p["SubnetIds"].([]any)[:2]
	},
	"the description of a security group": func(t *testing.T, w *world) {
		for _, r := range w.stack(t, "Platform").new.Resources("AWS::EC2::SecurityGroup") {
			p := r.Get("Properties").(map[string]any)
			p["GroupDescription"] = p["GroupDescription"].(string) + "."
		}
	},
	"the VPC": func(t *testing.T, w *world) {
		_, p := w.stack(t, "Platform").first(t, "AWS::EC2::VPC")
		p["CidrBlock"] = "10.1.0.0/16"
	},
	"the logical ID of a table": func(t *testing.T, w *world) {
		s := w.stack(t, "Cart")
		id, _ := s.first(t, tableType)
		s.rename(t, id, "CartLines")
	},
	"a table removed": func(t *testing.T, w *world) {
		s := w.stack(t, "Cart")
		id, _ := s.first(t, tableType)
		delete(s.resources(), id)
	},
	"a table removed that is not retained": func(t *testing.T, w *world) {
		s := w.stack(t, "Cart")
		id, _ := s.first(t, tableType)
		delete(s.resources(), id)
		s.old["Resources"].(map[string]any)[id].(map[string]any)["DeletionPolicy"] = "Delete"
	},
	"a search domain removed with its security group": func(t *testing.T, w *world) {
		s := w.stack(t, "Search")
		for id := range s.resources() {
			if strings.HasPrefix(id, "SearchIndex") {
				delete(s.resources(), id)
			}
		}
	},
	"a route's path variable renamed": func(t *testing.T, w *world) {
		s := w.stack(t, "Photos")
		for _, r := range s.new.Resources(routeType) {
			key := r.Get("Properties.RouteKey").(string)
			if strings.Contains(key, "{") {
				r.Get("Properties").(map[string]any)["RouteKey"] = strings.Replace(key, "{", "{the", 1)
				s.rename(t, r.LogicalID, r.LogicalID+"X")
			}
		}
	},
	"routes that move": func(t *testing.T, w *world) {
		from, to := w.stack(t, "Search"), w.stack(t, "Cart")
		for _, r := range from.new.Resources(routeType) {
			delete(from.resources(), r.LogicalID)
			to.resources()["Cart"+r.LogicalID] = r.Raw
		}
	},
	"a route twice": func(t *testing.T, w *world) {
		from, to := w.stack(t, "Search"), w.stack(t, "Cart")
		r := from.new.Resources(routeType)[0]
		to.resources()["Cart"+r.LogicalID] = r.Raw
	},
	"a named alarm with another ID": func(t *testing.T, w *world) {
		s := w.stack(t, "Cart")
		s.rename(t, "CartAlarmsDeploymentErrors65C8816F", "CartAlarmsErrors")
	},
	"the name of a service": func(t *testing.T, w *world) {
		s := w.stack(t, "Cart")
		metadata := s.new["Metadata"].(map[string]any)
		metadata["storefront:service:basket"] = metadata["storefront:service:cart"]
		delete(metadata, "storefront:service:cart")
		_, p := s.first(t, "AWS::EC2::SecurityGroup")
		p["GroupDescription"] = "The tasks of basket"
	},
	"the type of a resource": func(t *testing.T, w *world) {
		s := w.stack(t, "Cart")
		id, _ := s.first(t, ruleType)
		s.resources()[id].(map[string]any)["Type"] = "AWS::SQS::Queue"
	},
	"an output of the platform that services read": func(t *testing.T, w *world) {
		s := w.stack(t, "Platform")
		delete(s.new["Outputs"].(map[string]any), "ListenerArn")
	},
	"an output that another app reads": func(t *testing.T, w *world) {
		s := w.stack(t, "Platform")
		w.others["wishlist"] = w.stack(t, "Cart").old
		w.stacks = []*stack{s}
		delete(s.new["Outputs"].(map[string]any), "ListenerArn")
	},
	"a load balancer with another ID": func(t *testing.T, w *world) {
		w.stack(t, "Platform").rename(t, "PlatformLoadBalancerHttp4AE22ED9", "PlatformListener")
	},
	"a service before its platform": func(t *testing.T, w *world) {
		cart := w.stack(t, "Cart")
		cart.old = nil
		w.stacks, w.outputs = []*stack{cart}, nil
	},
	"a service that is not ordered after its platform": func(t *testing.T, w *world) {
		cart := w.stack(t, "Cart")
		cart.old, cart.before, w.stack(t, "Platform").old = nil, nil, nil
		w.stacks = []*stack{cart, w.stack(t, "Platform"), w.stack(t, "Identity")}
		delete(w.outputs, "storefront-production-platform")
	},
	"an output that the deployed platform does not have": func(t *testing.T, w *world) {
		w.stacks = []*stack{w.stack(t, "Cart")}
		delete(w.outputs["storefront-production-platform"], "ListenerArn")
	},
	"a queue becomes FIFO": func(t *testing.T, w *world) {
		s := w.stack(t, "Cart")
		s.old["Resources"].(map[string]any)["Orders"] = map[string]any{"Type": "AWS::SQS::Queue", "Properties": map[string]any{}}
		s.resources()["Orders"] = map[string]any{"Type": "AWS::SQS::Queue", "Properties": map[string]any{"FifoQueue": true}}
	},
	"a name that does not change": func(t *testing.T, w *world) {
		s := w.stack(t, "Cart")
		s.old["Resources"].(map[string]any)["Orders"] = map[string]any{"Type": "AWS::SQS::Queue", "Properties": map[string]any{"QueueName": "orders.fifo"}}
		s.resources()["Orders"] = map[string]any{"Type": "AWS::SQS::Queue", "Properties": map[string]any{"QueueName": "orders.fifo", "FifoQueue": true}}
	},
	"what a user pool cannot change": func(t *testing.T, w *world) {
		_, p := w.stack(t, "Identity").first(t, "AWS::Cognito::UserPool")
		p["UsernameAttributes"] = []any{"phone_number"}
	},
}

// TestCompare has what the command says of each change in testdata/changes.txt. SNAPSHOT_UPDATE=1 rewrites it.
func TestCompare(t *testing.T) {
	const file = "testdata/changes.txt"
	var got strings.Builder
	for _, name := range slices.Sorted(maps.Keys(changed)) {
		w := shop(t)
		changed[name](t, w)
		fmt.Fprintf(&got, "--- %s\n%s\n", name, strings.TrimSuffix(report(t, w), "\n"))
	}
	if os.Getenv("SNAPSHOT_UPDATE") != "" {
		if err := os.WriteFile(file, []byte(got.String()), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
