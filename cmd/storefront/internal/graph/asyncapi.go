package graph

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// AsyncAPI returns the AsyncAPI documents of the services that publish or receive events, by their names.
//
// Source: https://www.asyncapi.com/docs/reference/specification/v3.0.0
func (g *Graph) AsyncAPI() map[string]any {
	documents := map[string]any{}
	for _, s := range g.Services {
		if len(s.Publishes)+len(s.Subscribes) > 0 {
			documents[g.document(s)] = s.asyncAPI()
		}
	}
	return documents
}

// document is the name of the document of a service: that of the service, with its environment where there are several.
func (g *Graph) document(s Service) string { return strings.ReplaceAll(g.name(s), " of ", ".") }

// EventsFolder is the folder of the documents, and DocumentEnd follows the names of their services.
const (
	EventsFolder = "events"
	DocumentEnd  = ".asyncapi.json"
)

// WrittenBy is a sentence of every document.
const WrittenBy = "storefront graph writes this document."

// object is an object of a document, whose keys are sorted when it is marshaled.
type object = map[string]any

func (s Service) asyncAPI() object {
	channels, operations, messages, schemas := object{}, object{}, object{}, object{}
	add := func(action, verb string, e Exchange, from string) {
		id := identifier(e.Source) + "." + identifier(e.DetailType)
		messages[id] = message(e, id)
		schemas[id] = e.schema()
		channels[id] = object{
			"address": e.Source + "/" + e.DetailType,
			"title":   e.DetailType,
			"description": "The events of this source and detail type on the platform's bus in Amazon EventBridge. " +
				"A rule on the bus sends them to the queue of each subscriber.",
			"messages": object{id: reference("#/components/messages/" + id)},
		}
		operations[verb+"."+id] = object{
			"action":   action,
			"summary":  from,
			"channel":  reference("#/channels/" + id),
			"messages": []any{reference("#/channels/" + id + "/messages/" + id)},
		}
	}
	for _, e := range s.Publishes {
		add("send", "publish", e, s.Name+" publishes the event.")
	}
	for _, e := range s.Subscribes {
		add("receive", "receive", e, s.Name+" receives the event from its queue, at least once.")
	}
	return object{
		"asyncapi":           "3.0.0",
		"info":               object{"title": s.Name, "version": s.version(), "description": "The events of the service " + s.Name + ". " + WrittenBy, "contact": object{"name": s.Owner}},
		"defaultContentType": "application/json",
		"channels":           channels, "operations": operations,
		"components": object{"messages": messages, "schemas": schemas},
	}
}

var versioned = regexp.MustCompile(`\.v([0-9]+)$`)

// version is the highest one of the service's events.
func (s Service) version() string {
	highest := 1
	for _, e := range slices.Concat(s.Publishes, s.Subscribes) {
		if found := versioned.FindStringSubmatch(e.DetailType); found != nil {
			var n int
			_, _ = fmt.Sscan(found[1], &n) // it is of digits
			highest = max(highest, n)
		}
	}
	return fmt.Sprintf("%d.0.0", highest)
}

// identifier is text in the key of a component: letters, digits, dots, hyphens and underscores.
func identifier(text string) string {
	return regexp.MustCompile(`[^a-zA-Z0-9._-]`).ReplaceAllString(text, "_")
}

func reference(to string) object { return object{"$ref": to} }

// schema is that of the detail as the publisher declares it. It allows anything if no template has it.
func (e Exchange) schema() any {
	var declared object
	if json.Unmarshal(e.Schema, &declared) != nil || declared == nil {
		return object{"description": "No template here has the schema: the publisher is in another app."}
	}
	return declared
}

// message describes an event as EventBridge delivers it.
//
// Source: https://docs.aws.amazon.com/eventbridge/latest/ref/overiew-event-structure.html
func message(e Exchange, id string) object {
	text := func(description string) object { return object{"type": "string", "description": description} }
	return object{
		"name":        e.DetailType,
		"title":       e.DetailType,
		"contentType": "application/json",
		"payload": object{
			"type":     "object",
			"required": []string{"version", "id", "detail-type", "source", "account", "time", "region", "resources", "detail"},
			"properties": object{
				"version":     text("The version of the form of events, 0."),
				"id":          text("Identifies the delivery: an event that is published again has another one."),
				"detail-type": object{"const": e.DetailType},
				"source":      object{"const": e.Source},
				"account":     text("The AWS account of the publisher."),
				"time":        object{"type": "string", "format": "date-time"},
				"region":      text("The AWS region of the publisher."),
				"resources":   object{"type": "array", "items": object{"type": "string"}},
				"detail":      e.detail(id),
			},
		},
	}
}

// detail is the schema of the detail in each form in which it is published.
func (e Exchange) detail(id string) object {
	plain := reference("#/components/schemas/" + id)
	outbox := object{
		"type": "object", "required": []string{"outbox"},
		"properties": object{"outbox": object{
			"type": "object", "required": []string{"id", "sequence", "detail"},
			"properties": object{
				"id":       object{"type": "string", "description": "Identifies the event: it is the same when the event is published again."},
				"sequence": object{"type": "string", "description": "Digits: a number that increases with the changes of one item of the publisher's table."},
				"detail": object{
					"type": "string", "description": "The detail, as JSON in base64.",
					"contentEncoding": "base64", "contentMediaType": "application/json", "contentSchema": plain,
				},
			},
		}},
	}
	switch {
	case !slices.Contains(e.Forms, Outbox):
		return plain
	case slices.Contains(e.Forms, Plain):
		return object{"anyOf": []any{outbox, plain}}
	}
	return outbox
}
