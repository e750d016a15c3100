package privilege

import (
	"context"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// thing is what a permission may be for: a resource of a stack, or a part of one.
type thing struct {
	kind     kind
	stack    string
	path     string // of its construct
	physical string
	arn      string // as it is simulated
	pattern  string // as a policy names it: arn, unless the policy names many at once

	event   deployed.Event    // that is put on a bus
	context map[string]string // of a request, on which policies have conditions
}

// named returns the name by which a right has a thing: its ARN or pattern, and the event.
func (t thing) named(arn string) string { return about(arn, t.event) }

func about(arn string, event deployed.Event) string {
	if event == (deployed.Event{}) {
		return arn
	}
	return arn + " for " + event.String()
}

// right is a permission: an action on a resource.
type right struct{ action, resource string }

// role is one deployed role and its needs.
type role struct {
	stack, logicalID, name, arn string
	path                        string         // of its construct
	purpose                     string         // such as "task role of cart"
	principal                   string         // the service that assumes it, if it is known what it needs; otherwise it needs nothing
	needs                       map[right]int  // by arn
	grants                      map[right]int  // the same, by pattern
	allowed                     map[right]bool // according to the simulation

	unknown bool     // whether nothing says what it needs: it is no task's, or of a service without a record
	own     []string // names of resources of its service's own stores, of which nothing says what an access needs
}

// owns reports whether a resource is one of its service's own stores.
func (r *role) owns(arn string) bool {
	return slices.ContainsFunc(r.own, func(name string) bool { return strings.Contains(arn, name) })
}

func (r *role) need(t thing, actions ...string) {
	for _, action := range actions {
		r.needs[right{action, t.named(t.arn)}]++
		r.grants[right{action, t.named(t.pattern)}]++
	}
}

// may reports whether the role needs an action on a thing.
func (r *role) may(action string, on thing) bool { return r.needs[right{action, on.named(on.arn)}] > 0 }

// landscape is the roles and resources of a storefront.
type landscape struct {
	arns   arns
	things []thing
	roles  []*role
	notRun []string

	resources []held // of all types
}

// held is a resource of a stack.
type held struct{ stack, path, physical string }

// survey reads the roles and resources of a storefront, and which of them each role needs. What it cannot determine is a
// finding; what nothing declares, such as what a service without a record needs, is not checked.
func survey(ctx context.Context, s *deployed.App) (*landscape, []Finding, error) {
	land := &landscape{arns: arns{partition(s.Config.Region), s.Config.Region, s.Account}}
	land.addThings(s)
	if err := land.addDatabases(ctx, s); err != nil {
		return nil, nil, err
	}
	var findings []Finding
	tasks, err := deployed.Tasks(ctx, s)
	if err != nil {
		return nil, nil, err
	}
	land.addRoles(s)
	land.addEvents(s, tasks)
	if err := land.locateStreams(ctx, s); err != nil {
		return nil, nil, err
	}
	if err := land.addRuns(ctx, s); err != nil {
		return nil, nil, err
	}
	for _, each := range tasks {
		record, err := deployed.ReadRecord(each.Service(), s.Stack(each.Stack).Template)
		if err != nil {
			land.notRun = append(land.notRun, fmt.Sprintf("the roles of %s of %s: %v", each.LogicalID, each.Stack, err))
			for _, r := range land.roles {
				if r.arn == aws.ToString(each.Definition.TaskRoleArn) || r.arn == aws.ToString(each.Definition.ExecutionRoleArn) {
					r.unknown = true
				}
			}
			continue
		}
		findings = append(findings, land.addNeeds(each, record.Uses)...)
		land.addSchedules(each)
	}
	return land, findings, nil
}

func (l *landscape) add(t thing) {
	if t.pattern == "" {
		t.pattern = t.arn
	}
	l.things = append(l.things, t)
}

func (l *landscape) addThings(s *deployed.App) {
	l.add(thing{kind: account, arn: "*"})
	for _, each := range s.Stacks {
		l.add(thing{kind: stack, stack: each.Name, arn: l.arns.of("cloudformation", "stack/"+each.Name+"/"+probe), pattern: l.arns.of("cloudformation", "stack/"+each.Name+"/*")})
		for _, resource := range each.Template.Resources("") {
			id := each.Resources[resource.LogicalID].PhysicalID
			path := pathOf(resource)
			if id == "" {
				continue // not created
			}
			l.resources = append(l.resources, held{each.Name, path, id})
			if parts, known := asked[resource.Type]; known {
				for _, part := range parts(l.arns, id, resource) {
					part.stack, part.path, part.physical = each.Name, path, id
					l.add(part)
				}
			}
		}
	}
}

// addDatabases adds the users of the databases that the library defines. A policy names them by an ID of the cluster that only
// its attribute has.
func (l *landscape) addDatabases(ctx context.Context, s *deployed.App) error {
	for _, each := range s.Stacks {
		for _, resource := range each.Template.Resources("AWS::RDS::DBCluster") {
			owner, named := resource.Get("Properties.MasterUsername").(string)
			if !named || resource.Get("Properties.MasterUserAuthenticationType") != "iam-db-auth" || each.Resources[resource.LogicalID].PhysicalID == "" {
				continue
			}
			id, err := s.Resolve(ctx, each, map[string]any{"Fn::GetAtt": []any{resource.LogicalID, "DBClusterResourceId"}})
			if err != nil {
				return err
			}
			l.addDatabase(each.Name, resource, each.Resources[resource.LogicalID].PhysicalID, fmt.Sprint(id), owner)
		}
	}
	return nil
}

func (l *landscape) addDatabase(stack string, resource snapshot.Resource, physical, id, owner string) {
	path := pathOf(resource)
	users := l.arns.of("rds-db", "dbuser:"+id+"/")
	l.add(thing{kind: dbOwner, stack: stack, path: path, physical: physical, arn: users + owner})
	l.add(thing{kind: dbReader, stack: stack, path: path, physical: physical, arn: users + "reader"})
}

func pathOf(resource snapshot.Resource) string {
	path, _ := resource.Get("Metadata.aws:cdk:path").(string)
	return path
}

func (l *landscape) addRoles(s *deployed.App) {
	for _, each := range s.Stacks {
		for _, resource := range each.Template.Resources("AWS::IAM::Role") {
			name := each.Resources[resource.LogicalID].PhysicalID
			if name == "" {
				continue
			}
			l.roles = append(l.roles, &role{
				stack: each.Name, logicalID: resource.LogicalID, name: name, arn: l.arns.global("iam", "role/"+name), path: pathOf(resource),
				purpose: "role of no task", needs: map[right]int{}, grants: map[right]int{}, allowed: map[right]bool{},
			})
		}
	}
}

// addNeeds finds the two roles of a task, and what they need: the declared stores, the log group and the image.
func (l *landscape) addNeeds(t deployed.Task, uses []deployed.Use) (findings []Finding) {
	complain := func(what, want, got string) {
		findings = append(findings, Finding{Stack: t.Stack, LogicalID: t.LogicalID, How: "surveyed", What: what, Want: want, Got: got})
	}
	service := t.Service()
	claim := func(arn *string, purpose string) *role {
		for _, each := range l.roles {
			if each.arn != aws.ToString(arn) || each.stack != t.Stack {
				continue
			}
			if each.principal != "" {
				complain("the "+purpose, "a role of its own", fmt.Sprintf("%s, the %s", each.logicalID, each.purpose))
			}
			each.principal, each.purpose = ofTasks, purpose+" of "+service
			return each
		}
		complain("the "+purpose, "a role of the same stack", fmt.Sprintf("%q", aws.ToString(arn)))
		return nil
	}
	application, agent := claim(t.Definition.TaskRoleArn, "task role"), claim(t.Definition.ExecutionRoleArn, "execution role")
	if application == nil || agent == nil {
		return findings
	}

	variables := t.Variables()
	for _, container := range t.Definition.ContainerDefinitions {
		for _, from := range container.Secrets {
			if err := l.addSecret(agent, aws.ToString(from.ValueFrom)); err != nil {
				complain("secret "+aws.ToString(from.Name), "a secret or a parameter", err.Error())
			}
		}
		l.addImage(agent, aws.ToString(container.Image))
		if err := l.addLogs(agent, container.LogConfiguration); err != nil {
			complain("logs of container "+aws.ToString(container.Name), "a log group of the same stack", err.Error())
		}
	}
	declared := map[string]bool{}
	for _, use := range uses {
		if !ofTheLibrary(use) {
			l.addOwn(application, use, variables)
			for _, variable := range use.Variables {
				declared[variable] = true
			}
			continue
		}
		if err := l.addDeclared(application, use, variables, service); err != nil {
			complain("store "+use.Store, "what the record of "+service+" declares", err.Error())
		}
		for _, variable := range use.Variables {
			declared[variable] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(variables)) {
		if !declared[name] && l.namesStore(name, variables[name]) {
			complain("variable "+name, "a store that the service declares with Uses", fmt.Sprintf("%q, which %s does not declare", variables[name], service))
		}
	}
	return findings
}

// storeVariables end the names of the variables through which applications find stores.
var storeVariables = []string{"_TABLE_NAME", "_BUCKET_NAME", "_DOMAIN_URL", "_QUEUE_URL", "USER_POOL_ID"}

// namesStore reports whether a variable appears to lead to a store: by its name, or by its value.
func (l *landscape) namesStore(name, value string) bool {
	return slices.ContainsFunc(storeVariables, func(ending string) bool { return strings.HasSuffix(name, ending) }) ||
		slices.ContainsFunc(l.things, func(t thing) bool { return accesses[t.kind] != nil && found(t, value) })
}

// addStore adds what a declared access allows on the resources below the store's construct, which must be in the role's
// own stack. A store without resources is an imported one: the user pool that one of its variables names.
func (l *landscape) addStore(r *role, use deployed.Use, variables map[string]string) error {
	named := func(t thing) bool {
		return slices.ContainsFunc(use.Variables, func(name string) bool { return found(t, variables[name]) })
	}
	var parts []thing
	for _, t := range l.things {
		if accesses[t.kind] != nil && t.stack == r.stack && strings.HasPrefix(t.path+"/", use.Store+"/") {
			parts = append(parts, t)
		}
	}
	if parts == nil {
		for _, t := range l.things {
			if t.kind == pool && named(t) {
				parts = append(parts, t)
			}
		}
	}
	if parts == nil {
		return fmt.Errorf("no resource below that path in stack %s, and no user pool in %v, of a kind that the catalog knows: add it to catalog.go", r.stack, use.Variables)
	}
	// Nothing but SQS writes to a dead-letter queue, which no variable names.
	parts = slices.DeleteFunc(parts, func(t thing) bool { return t.kind == queue && !named(t) })
	if !slices.ContainsFunc(parts, named) {
		return fmt.Errorf("no environment variable of %v with the store's name or address", use.Variables)
	}
	for _, t := range parts {
		actions, known := t.kind.allows(use.Access)
		if !known {
			return fmt.Errorf("an access %s that the catalog does not know for a %s", use.Access, t.kind)
		}
		r.need(t, actions...)
	}
	if slices.ContainsFunc(parts, func(t thing) bool { return slices.Contains(encryptsItself, t.kind) }) {
		return nil
	}
	for _, t := range l.things {
		if t.kind == key && t.stack == r.stack && strings.HasPrefix(t.path+"/", use.Store+"/") {
			r.need(t, usesKey(use.Access)...)
		}
	}
	return nil
}

// addOwn accepts what a role may do with the resources of a team's own store: those below its construct, and those that its
// variables name, such as an event bus of the platform.
func (l *landscape) addOwn(r *role, use deployed.Use, variables map[string]string) {
	for _, each := range l.resources {
		below := each.stack == r.stack && strings.HasPrefix(each.path+"/", use.Store+"/")
		if below || slices.ContainsFunc(use.Variables, func(name string) bool { return variables[name] == each.physical }) {
			r.own = append(r.own, each.physical[strings.LastIndex(each.physical, "/")+1:]) // of a queue's URL, its name
		}
	}
	l.notRun = append(l.notRun, fmt.Sprintf("what the %s may do with %s: the catalog has no accesses of a %s", r.purpose, use.Store, use.Type))
}

// addSecret adds what ECS needs to read a secret or a parameter for a container.
func (l *landscape) addSecret(r *role, from string) error {
	if !strings.HasPrefix(from, "arn:") { // a parameter by its name
		from = l.arns.of("ssm", "parameter/"+strings.TrimPrefix(from, "/"))
	}
	parts := strings.Split(from, ":")
	switch {
	case len(parts) >= 7 && parts[2] == "secretsmanager":
		arn := strings.Join(parts[:7], ":") // without the JSON key and the version
		whole := l.thing(secret, arn)
		r.need(whole, readsSecret...)
		// The ARN of a secret that was made elsewhere may be known without its last six characters.
		for _, action := range readsSecret {
			r.grants[right{action, arn + "-??????"}]++
		}
	case len(parts) >= 6 && parts[2] == "ssm":
		r.need(l.thing(parameter, from), readsParameter...)
	default:
		return fmt.Errorf("%q", from)
	}
	return nil
}

// thing returns the thing with an ARN, which is added if it is of no stack.
func (l *landscape) thing(of kind, arn string) thing {
	at := slices.IndexFunc(l.things, func(t thing) bool { return t.kind == of && t.arn == arn })
	if at < 0 {
		l.add(thing{kind: of, arn: arn})
		at = len(l.things) - 1
	}
	return l.things[at]
}

// found reports whether an application finds a resource by a variable's value: the resource's name, or the address of a
// domain, which holds its name.
func found(t thing, value string) bool {
	if t.physical == "" {
		return false
	}
	if t.kind == domain || t.kind == documents {
		return strings.HasPrefix(value, "https://") && strings.Contains(value, t.physical)
	}
	if t.kind == dbOwner || t.kind == dbReader { // by its endpoint, which begins with its name
		return strings.HasPrefix(value, t.physical+".")
	}
	if t.kind == queue && strings.HasPrefix(t.physical, "https://") { // by its URL, of which a client may know another host
		return strings.HasSuffix(value, t.physical[strings.LastIndex(t.physical, "/"):])
	}
	return t.physical == value
}

var privateImage = regexp.MustCompile(`^(\d{12})\.dkr\.ecr\.([a-z0-9-]+)\.amazonaws\.com(?:\.cn)?/([^:@]+)`)

// addImage adds what pulling an image from a private registry needs.
func (l *landscape) addImage(r *role, image string) {
	parts := privateImage.FindStringSubmatch(image)
	if parts == nil {
		return
	}
	arn := arns{l.arns.partition, parts[2], parts[1]}.of("ecr", "repository/"+parts[3])
	r.need(l.thing(repository, arn), pullsImages...)
	r.need(l.things[0], logsIn)
}

func (l *landscape) addLogs(r *role, logs *types.LogConfiguration) error {
	if logs == nil || logs.LogDriver != types.LogDriverAwslogs {
		return nil // which needs no permission of ECS
	}
	for _, t := range l.things {
		if t.kind == logGroup && t.stack == r.stack && t.physical == logs.Options["awslogs-group"] {
			r.need(t, writesLogs...)
			return nil
		}
	}
	return fmt.Errorf("%q", logs.Options["awslogs-group"])
}
