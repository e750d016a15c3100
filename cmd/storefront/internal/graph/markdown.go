package graph

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Markdown returns the graph as a page: one picture of the services, their calls and their events, and a table each of what would
// make the picture unreadable. The page says that the command by writes it.
func (g *Graph) Markdown(by string) string {
	var b strings.Builder
	b.WriteString("# Who calls whom?\n\n")
	fmt.Fprintf(&b, "%s writes this page from the templates of %s. Do not edit it. What each role may do is in [least-privilege.md](least-privilege.md).\n\n", code(by), g.Of())
	if len(g.Services) == 0 {
		b.WriteString("No template has a service.\n")
		return b.String()
	}
	g.picture(&b)
	g.services(&b)
	g.events(&b)
	g.schedules(&b)
	g.routes(&b)
	return b.String()
}

// Of names the environments of the services.
func (g *Graph) Of() string {
	if len(g.Environments) == 0 {
		return "the app"
	}
	return strings.Join(g.Environments, " and ")
}

// The most edges and characters of a picture, above which Mermaid shows an error in its place.
const (
	maxEdges = 500
	maxText  = 50_000
)

// picture writes the services, calls and events as a flowchart of Mermaid.
func (g *Graph) picture(b *strings.Builder) {
	var alone []string
	for _, s := range g.Services {
		if g.alone(s) {
			alone = append(alone, g.name(s))
		}
	}
	text, edges := g.mermaid()
	switch {
	case len(alone) == len(g.Services):
		b.WriteString("No service calls another one, exchanges events or shares data.\n\n")
		return
	case edges > maxEdges || len(text) > maxText:
		fmt.Fprintf(b, "The %d arrows of this graph are more than Mermaid draws. The tables have all of them, and `graph --only` draws a part.\n\n", edges)
		return
	}
	fmt.Fprintf(b, "```mermaid\n%s```\n\nA box is a service with its owner, and a solid arrow is a call.", text)
	if len(g.Events) > 0 {
		b.WriteString(" What is rounded is an event: a dotted arrow leads to it from its publisher, and from it to each subscriber.")
	}
	if len(g.shared()) > 0 {
		b.WriteString(" A cylinder is data that services of one stack share.")
	}
	if strings.Contains(text, elsewhereStyle) {
		b.WriteString(" What has a dashed border is in another app.")
	}
	if len(alone) > 0 {
		fmt.Fprintf(b, " Not drawn, as they neither call nor exchange events nor share data: %s.", strings.Join(alone, ", "))
	}
	b.WriteString("\n\n")
}

// alone reports whether nothing leads from or to a service.
func (g *Graph) alone(s Service) bool {
	same := func(n int) bool { return n >= 0 && g.Services[n].Path == s.Path && g.Services[n].Stack == s.Stack }
	called := slices.ContainsFunc(g.Services, func(other Service) bool {
		return slices.ContainsFunc(other.Calls, func(c Call) bool { return same(g.callee(c)) })
	})
	shares := slices.ContainsFunc(g.shared(), func(d data) bool { return slices.ContainsFunc(d.services, same) })
	return len(s.Calls)+len(s.Publishes)+len(s.Subscribes) == 0 && !called && !shares
}

// elsewhereStyle marks the node of what is in another app.
const elsewhereStyle = ":::elsewhere"

// mermaid returns the text of the picture, and how many edges it has.
func (g *Graph) mermaid() (text string, edges int) {
	var nodes, links strings.Builder
	link := func(from, arrow, to string) {
		fmt.Fprintf(&links, "  %s %s %s\n", from, arrow, to)
		edges++
	}
	for n, s := range g.Services {
		if g.alone(s) {
			continue
		}
		fmt.Fprintf(&nodes, "  s%d[\"%s<br/><i>%s</i>\"]\n", n, label(g.name(s)), label(s.Owner))
	}
	elsewhere := map[string]string{} // nodes of services of other apps, by the names of their stacks
	other := func(id, name string) string {
		if elsewhere[id] == "" {
			elsewhere[id] = fmt.Sprintf("x%d", len(elsewhere))
			fmt.Fprintf(&nodes, "  %s[\"%s\"]%s\n", elsewhere[id], label(name), elsewhereStyle)
		}
		return elsewhere[id]
	}
	for n, s := range g.Services {
		for _, c := range s.Calls {
			to := fmt.Sprintf("s%d", max(0, g.callee(c)))
			if !c.Here {
				to = other(c.StackName, c.Service)
			}
			link(fmt.Sprintf("s%d", n), "-->", to)
		}
	}
	for n, together := range g.together() {
		id, e := fmt.Sprintf("e%d", n), together[0]
		var names []string
		for _, each := range together {
			names = append(names, label(each.DetailType))
		}
		fmt.Fprintf(&nodes, "  %s([\"%s\"])\n", id, strings.Join(names, "<br/>"))
		if len(e.Publishers) == 0 {
			link(other("source "+e.Source, e.Source), "-.->", id)
		}
		for _, s := range g.indexes(e, e.Publishers) {
			link(fmt.Sprintf("s%d", s), "-.->", id)
		}
		for _, s := range g.indexes(e, e.Subscribers) {
			link(id, "-.->", fmt.Sprintf("s%d", s))
		}
	}
	for n, data := range g.shared() {
		var names []string
		for _, store := range data.stores {
			names = append(names, label(store))
		}
		fmt.Fprintf(&nodes, "  d%d[(\"%s\")]\n", n, strings.Join(names, "<br/>"))
		for _, s := range data.services {
			link(fmt.Sprintf("s%d", s), "---", fmt.Sprintf("d%d", n))
		}
	}
	if len(elsewhere) > 0 {
		links.WriteString("  classDef elsewhere stroke-dasharray:5 5\n")
	}
	return "flowchart LR\n" + nodes.String() + links.String(), edges
}

// data are stores that several services use.
type data struct {
	stores   []string
	services []int
}

// shared are the stores that more than one service uses, those of the same services together.
func (g *Graph) shared() []data {
	users := map[string][]int{}
	for n, s := range g.Services {
		for _, store := range s.Stores {
			if store.Store != store.Type && !slices.Contains(users[store.Store], n) {
				users[store.Store] = append(users[store.Store], n)
			}
		}
	}
	var all []data
	for _, store := range slices.Sorted(maps.Keys(users)) {
		if len(users[store]) < 2 {
			continue
		}
		name := store[strings.LastIndex(store, "/")+1:]
		n := slices.IndexFunc(all, func(known data) bool { return slices.Equal(known.services, users[store]) })
		if n < 0 {
			all = append(all, data{[]string{name}, users[store]})
			continue
		}
		all[n].stores = append(all[n].stores, name)
	}
	return all
}

// together are the events, those with the same publisher and the same subscribers together.
func (g *Graph) together() [][]Event {
	var all [][]Event
	for _, e := range g.Events {
		n := slices.IndexFunc(all, func(known []Event) bool {
			k := known[0]
			return k.Environment == e.Environment && slices.Equal(k.Publishers, e.Publishers) && slices.Equal(k.Subscribers, e.Subscribers) &&
				(len(k.Publishers) > 0 || k.Source == e.Source)
		})
		if n < 0 {
			all = append(all, []Event{e})
			continue
		}
		all[n] = append(all[n], e)
	}
	return all
}

// indexes are those of the services of an event's environment with the names.
func (g *Graph) indexes(e Event, names []string) []int {
	var found []int
	for n, s := range g.Services {
		if s.Environment == e.Environment && slices.Contains(names, s.Name) {
			found = append(found, n)
		}
	}
	return found
}

// name is the name of a service, with its environment where there are several.
func (g *Graph) name(s Service) string {
	if len(g.Environments) < 2 || s.Environment == "" {
		return s.Name
	}
	return s.Name + " of " + s.Environment
}

// label is text in a label of Mermaid between quotes.
func label(text string) string {
	return strings.NewReplacer(`"`, "#quot;", "<", "#lt;", ">", "#gt;", "#", "#35;").Replace(text)
}

func (g *Graph) services(b *strings.Builder) {
	b.WriteString("## Services\n\n| service | owner | its data | calls |\n|---|---|---|---|\n")
	for _, s := range g.Services {
		var stores, calls []string
		for _, store := range s.Stores {
			stores = append(stores, s.store(store))
		}
		for _, c := range s.Calls {
			name := c.Service
			if !c.Here {
				name += " (stack " + code(c.StackName) + ", of another app)"
			}
			calls = append(calls, name)
		}
		row(b, g.name(s), s.Owner, strings.Join(stores, "<br>"), strings.Join(calls, ", "))
	}
}

// store describes how the service uses a store, by the name that the code of the service has for it.
func (s Service) store(of Store) string {
	name, typeName, _ := strings.Cut(of.Type, ".")
	if name == "main" { // of the app itself
		name = typeName
	}
	path := strings.TrimPrefix(of.Store, s.Path+"/")
	if path == of.Store {
		path = path[strings.LastIndex(path, "/")+1:]
	}
	if of.Store == of.Type {
		path = ""
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s", cell(path), cell(fmt.Sprintf("(%s, %s)", name, of.Access))))
}

func (g *Graph) events(b *strings.Builder) {
	if len(g.Events) == 0 {
		return
	}
	b.WriteString("\n## Events\n\n| event | source | publisher | subscribers |\n|---|---|---|---|\n")
	for _, e := range g.Events {
		named := func(services []string) string {
			var names []string
			for _, name := range services {
				names = append(names, g.name(Service{Name: name, Environment: e.Environment}))
			}
			return strings.Join(names, ", ")
		}
		publisher := cmp.Or(named(e.Publishers), "in another app") + how(e.Forms)
		document := g.document(Service{Name: slices.Concat(e.Publishers, e.Subscribers)[0], Environment: e.Environment})
		row(b, "["+e.DetailType+"]("+EventsFolder+"/"+document+DocumentEnd+")", e.Source, publisher, cmp.Or(named(e.Subscribers), "nobody here"))
	}
}

// how says by what the publisher of an event publishes it, if not only by itself.
func how(forms []Form) string {
	switch {
	case !slices.Contains(forms, Outbox):
		return ""
	case slices.Contains(forms, Plain):
		return ", by an outbox and itself"
	}
	return ", by an outbox"
}

func (g *Graph) schedules(b *strings.Builder) {
	if !slices.ContainsFunc(g.Services, func(s Service) bool { return len(s.Schedules) > 0 }) {
		return
	}
	b.WriteString("\n## Schedules\n\n| schedule | when | service |\n|---|---|---|\n")
	for _, s := range g.Services {
		for _, at := range s.Schedules {
			when := code(at.Expression)
			if at.TimeZone != "" {
				when += " in " + at.TimeZone
			}
			if at.Disabled {
				when += ", disabled"
			}
			row(b, at.Name, when, g.name(s))
		}
	}
}

func (g *Graph) routes(b *strings.Builder) {
	if !slices.ContainsFunc(g.Services, func(s Service) bool { return len(s.Routes) > 0 }) {
		return
	}
	b.WriteString("\n## Routes of the API\n\n| route | who may call it | service |\n|---|---|---|\n")
	for _, s := range g.Services {
		for _, r := range merged(s.Routes) {
			row(b, code(strings.Join(r.methods, ", ")+" "+r.path)+r.below, r.callers, g.name(s))
		}
	}
}

// paths are routes that differ in their methods alone, and those of everything below their path.
type paths struct {
	methods              []string
	path, below, callers string
}

// merged joins the routes of a service that a reader takes for one.
func merged(routes []Route) []paths {
	var all []paths
	for _, r := range routes {
		one := paths{[]string{r.Method}, r.Path, "", r.callers()}
		n := slices.IndexFunc(all, func(known paths) bool { return known.path == one.path && known.callers == one.callers })
		if n >= 0 {
			all[n].methods = append(all[n].methods, r.Method)
			continue
		}
		all = append(all, one)
	}
	const rest = "/{proxy+}"
	for n := range all {
		all[n].below = map[bool]string{true: " and below"}[slices.ContainsFunc(all, func(other paths) bool {
			return other.path == all[n].path+rest && other.callers == all[n].callers && slices.Equal(other.methods, all[n].methods)
		})]
	}
	return slices.DeleteFunc(all, func(p paths) bool {
		return slices.ContainsFunc(all, func(other paths) bool {
			return other.below != "" && other.path+rest == p.path && other.callers == p.callers && slices.Equal(other.methods, p.methods)
		})
	})
}

func (r Route) callers() string {
	if len(r.Scopes) == 0 {
		return r.Access
	}
	return r.Access + ", scope " + strings.Join(r.Scopes, " or ")
}

// row writes a row of a table. A cell without text is a hyphen.
func row(b *strings.Builder, cells ...string) {
	for _, text := range cells {
		b.WriteString("| " + cmp.Or(strings.ReplaceAll(text, "|", `\|`), "-") + " ")
	}
	b.WriteString("|\n")
}

// cell is text that a table shows as it is.
func cell(text string) string {
	return strings.NewReplacer("<", "&lt;", "*", `\*`, "_", `\_`).Replace(text)
}

// code is text in the font of code.
func code(text string) string { return "`" + text + "`" }
