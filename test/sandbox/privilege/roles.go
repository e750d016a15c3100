package privilege

import (
	"context"
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/storefront-cdk/storefront/test/sandbox/deployed"
)

// thing is something that a role may be allowed to use: a resource of a stack, or a part of one.
type thing struct {
	kind     kind
	stack    string
	physical string
	arn      string // as it is asked about
	pattern  string // as a policy names it: arn, unless the thing is one of many
}

// right is an action on a resource.
type right struct{ action, resource string }

// role is one deployed role and all that it needs.
type role struct {
	stack, logicalID, name, arn string
	purpose                     string         // such as "task role of cart"
	ofTask                      bool           // or else of something else, which needs nothing
	needs                       map[right]int  // by what is asked about
	grants                      map[right]int  // the same, as policies name it
	allowed                     map[right]bool // by simulation
}

func (r *role) need(t thing, actions ...string) {
	for _, action := range actions {
		r.needs[right{action, t.arn}]++
		r.grants[right{action, t.pattern}]++
	}
}

// may says whether the role is to be allowed an action on a thing.
func (r *role) may(action string, on thing) bool { return r.needs[right{action, on.arn}] > 0 }

// landscape is the roles and the things of a storefront.
type landscape struct {
	arns   arns
	things []thing
	roles  []*role
}

// task is one deployed task definition, and where it is.
type task struct {
	stack, logicalID string
	definition       *types.TaskDefinition
}

// survey reads what there is, and what of it each role needs. What it cannot tell is a finding.
func survey(ctx context.Context, s *deployed.Storefront, declared []Declaration) (*landscape, []Finding, error) {
	land := &landscape{arns: arns{partition(s.Config.Region), s.Config.Region, s.Account}}
	findings := land.addThings(s)
	tasks, err := tasks(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	land.addRoles(s)
	for _, each := range tasks {
		findings = append(findings, land.addNeeds(each, declared)...)
	}
	return land, findings, nil
}

func (l *landscape) add(t thing) {
	if t.pattern == "" {
		t.pattern = t.arn
	}
	l.things = append(l.things, t)
}

func (l *landscape) addThings(s *deployed.Storefront) (findings []Finding) {
	l.add(thing{kind: account, arn: "*"})
	for _, each := range s.Stacks {
		l.add(thing{kind: stack, stack: each.Name, arn: l.arns.of("cloudformation", "stack/"+each.Name+"/"+probe), pattern: l.arns.of("cloudformation", "stack/"+each.Name+"/*")})
		for _, resource := range each.Template.Resources("") {
			id := each.Resources[resource.LogicalID].PhysicalID
			parts, known := asked[resource.Type]
			if known {
				for _, part := range parts(l.arns, id, resource) {
					part.stack, part.physical = each.Name, id
					l.add(part)
				}
				continue
			}
			if !slices.ContainsFunc(onTheAccount, func(prefix string) bool { return strings.HasPrefix(resource.Type, prefix) }) {
				findings = append(findings, Finding{
					Stack: each.Name, LogicalID: resource.LogicalID, How: "surveyed", What: "resources of type " + resource.Type,
					Want: "a type of which the catalogue says who may use it", Got: "one that it does not name: add it to asked or to onTheAccount in catalog.go",
				})
			}
		}
	}
	return findings
}

func (l *landscape) addRoles(s *deployed.Storefront) {
	for _, each := range s.Stacks {
		for _, resource := range each.Template.Resources("AWS::IAM::Role") {
			name := each.Resources[resource.LogicalID].PhysicalID
			l.roles = append(l.roles, &role{
				stack: each.Name, logicalID: resource.LogicalID, name: name, arn: l.arns.global("iam", "role/"+name),
				purpose: "role of no task", needs: map[right]int{}, grants: map[right]int{}, allowed: map[right]bool{},
			})
		}
	}
}

func tasks(ctx context.Context, s *deployed.Storefront) ([]task, error) {
	client := ecs.NewFromConfig(s.Config)
	var all []task
	for _, each := range s.Stacks {
		for _, resource := range each.Template.Resources("AWS::ECS::TaskDefinition") {
			arn := each.Resources[resource.LogicalID].PhysicalID
			described, err := client.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn})
			if err != nil {
				return nil, fmt.Errorf("%s: %s: read the task definition: %w", each.Name, resource.LogicalID, err)
			}
			all = append(all, task{each.Name, resource.LogicalID, described.TaskDefinition})
		}
	}
	return all, nil
}

// addNeeds finds the two roles of a task, and what the task's containers say that they need.
func (l *landscape) addNeeds(t task, declared []Declaration) (findings []Finding) {
	complain := func(what, want, got string) {
		findings = append(findings, Finding{Stack: t.stack, LogicalID: t.logicalID, How: "surveyed", What: what, Want: want, Got: got})
	}
	service := serviceOf(t.definition)
	claim := func(arn *string, purpose string) *role {
		for _, each := range l.roles {
			if each.arn != aws.ToString(arn) || each.stack != t.stack {
				continue
			}
			if each.ofTask {
				complain("the "+purpose, "a role of its own", fmt.Sprintf("%s, the %s", each.logicalID, each.purpose))
			}
			each.ofTask, each.purpose = true, purpose+" of "+service
			return each
		}
		complain("the "+purpose, "a role of the same stack", fmt.Sprintf("%q", aws.ToString(arn)))
		return nil
	}
	application, agent := claim(t.definition.TaskRoleArn, "task role"), claim(t.definition.ExecutionRoleArn, "execution role")
	if application == nil || agent == nil {
		return findings
	}

	used := map[string]bool{} // declarations, by where they stand
	for _, container := range t.definition.ContainerDefinitions {
		for _, variable := range container.Environment {
			name, value := aws.ToString(variable.Name), aws.ToString(variable.Value)
			declaration := find(declared, service, name)
			if declaration == nil {
				if l.namesStore(name, value) {
					complain("variable "+name, "a store that the source declares with Uses", fmt.Sprintf("%q, of which %s declares nothing", value, service))
				}
				continue
			}
			used[declaration.At] = true
			if err := l.addStore(application, *declaration, value); err != nil {
				complain("variable "+name, "what "+declaration.At+" declares", err.Error())
			}
		}
		for _, secret := range container.Secrets {
			complain("secret "+aws.ToString(secret.Name), "nothing: the catalogue does not say yet what a secret needs", aws.ToString(secret.ValueFrom))
		}
		l.addImage(agent, aws.ToString(container.Image))
		if err := l.addLogs(agent, container.LogConfiguration); err != nil {
			complain("logs of container "+aws.ToString(container.Name), "a log group of the same stack", err.Error())
		}
	}
	for _, each := range declared {
		switch {
		case !same(each.Service, service):
		case stores[each.Package].kinds == nil:
			complain("Uses at "+each.At, "a store that the catalogue knows", "one of package "+each.Package+": add it to catalog.go")
		case !each.Conditional && !used[each.At]:
			complain("Uses at "+each.At, "an environment variable by which the application finds the store", "none")
		}
	}
	return findings
}

// serviceOf is what the gateway calls the service of a task.
func serviceOf(definition *types.TaskDefinition) string {
	for _, container := range definition.ContainerDefinitions {
		for _, variable := range container.Environment {
			if aws.ToString(variable.Name) == "SERVICE_NAME" {
				return aws.ToString(variable.Value)
			}
		}
	}
	return aws.ToString(definition.Family)
}

// find gives the declaration behind an environment variable, or nil.
func find(declared []Declaration, service, variable string) *Declaration {
	for i, each := range declared {
		store, known := stores[each.Package]
		id, isOne := strings.CutSuffix(variable, store.variable)
		if known && isOne && same(each.Service, service) && same(each.Store, id) {
			return &declared[i]
		}
	}
	return nil
}

// namesStore says whether a variable looks as if an application found a store by it: by its name, or by its value.
func (l *landscape) namesStore(name, value string) bool {
	for _, store := range stores {
		if strings.HasSuffix(name, store.variable) {
			return true
		}
	}
	return slices.ContainsFunc(l.things, func(t thing) bool { return accesses[t.kind] != nil && found(t, value) })
}

// same compares names that differ only in how words are joined: "OrderHistory", "order-history" and "ORDER_HISTORY".
func same(a, b string) bool {
	joined := strings.NewReplacer("-", "", "_", "")
	return strings.EqualFold(joined.Replace(a), joined.Replace(b))
}

// addStore adds what an access to a store allows on the thing that an environment variable names. It must be the
// service's own, but for users, who are everybody's.
func (l *landscape) addStore(r *role, d Declaration, value string) error {
	known := false
	for _, kind := range stores[d.Package].kinds {
		actions, ok := kind.allows(d.Access)
		if !ok {
			return fmt.Errorf("an access %s that the catalogue does not know for a %s", d.Access, kind)
		}
		for _, t := range l.things {
			if t.kind == kind && t.physical != "" && found(t, value) && (t.stack == r.stack || kind == pool) {
				known = true
				r.need(t, actions...)
			}
		}
	}
	if !known {
		return fmt.Errorf("%q, which is no %s of stack %s", value, stores[d.Package].kinds[0], r.stack)
	}
	return nil
}

// found says whether a variable's value is by what an application finds a thing: its name, or the address of a domain,
// which holds its name.
func found(t thing, value string) bool {
	if t.kind == domain || t.kind == documents {
		return strings.HasPrefix(value, "https://") && strings.Contains(value, t.physical)
	}
	return t.physical == value
}

var privateImage = regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([^:@]+)`)

// addImage adds what pulling an image needs: nothing, from a public registry.
func (l *landscape) addImage(r *role, image string) {
	parts := privateImage.FindStringSubmatch(image)
	if parts == nil {
		return
	}
	arn := arns{l.arns.partition, parts[2], parts[1]}.of("ecr", "repository/"+parts[3])
	at := slices.IndexFunc(l.things, func(t thing) bool { return t.arn == arn })
	if at < 0 {
		l.add(thing{kind: repository, arn: arn})
		at = len(l.things) - 1
	}
	r.need(l.things[at], pullsImages...)
	r.need(l.things[0], logsIn)
}

func (l *landscape) addLogs(r *role, logs *types.LogConfiguration) error {
	if logs == nil || logs.LogDriver != types.LogDriverAwslogs {
		return fmt.Errorf("no log driver awslogs")
	}
	for _, t := range l.things {
		if t.kind == logGroup && t.stack == r.stack && t.physical == logs.Options["awslogs-group"] {
			r.need(t, writesLogs...)
			return nil
		}
	}
	return fmt.Errorf("%q", logs.Options["awslogs-group"])
}
