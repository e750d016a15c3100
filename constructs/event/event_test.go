package event

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/internal/expect"
)

type review struct {
	ProductID string            `json:"productId"`
	Stars     int               `json:"stars"`
	Posted    time.Time         `json:"posted"`
	Comment   string            `json:"comment,omitempty"`
	Photos    []photo           `json:"photos,omitempty"`
	Labels    map[string]string `json:"labels,omitempty"`
}

type photo struct {
	Key string `json:"key"`
}

type recursive struct {
	Next *recursive
}

var posted = Event{Source: "shop.reviews", DetailType: "ReviewPosted", Detail: review{}}

func with(change func(*Event)) Event {
	e := posted
	change(&e)
	return e
}

func TestValidate(t *testing.T) {
	const source = `Events[0].Source must be letters, digits, dots, hyphens, underscores and slashes, starting with a letter, at most 256, such as "shop.reviews", got `
	const kind = `Events[0].DetailType must be letters, digits, spaces, hyphens and underscores, starting with a letter, at most 100, such as "ReviewPosted", got `
	const detail = "Events[0].Detail must be a value of the detail's Go type, which is a struct, such as Review{}, got "
	long := strings.Repeat("x", 101)
	for name, c := range map[string]struct {
		event Event
		want  []string
	}{
		"valid":                   {posted, nil},
		"one letter":              {with(func(e *Event) { e.DetailType, e.Source = "X", "s" }), nil},
		"words":                   {with(func(e *Event) { e.DetailType = "Review posted" }), nil},
		"the longest":             {with(func(e *Event) { e.DetailType = long[1:] }), nil},
		"the last version":        {with(func(e *Event) { e.Version = 999 }), nil},
		"nothing":                 {Event{}, []string{source + `""`, kind + `""`, detail + "<nil>"}},
		"of AWS":                  {with(func(e *Event) { e.Source = "aws.reviews" }), []string{`Events[0].Source must not begin with "aws.", which EventBridge rejects, got "aws.reviews"`}},
		"a variable of IAM":       {with(func(e *Event) { e.Source = "shop.${aws:username}" }), []string{source + `"shop.${aws:username}"`}},
		"a wildcard":              {with(func(e *Event) { e.DetailType = "Review*" }), []string{kind + `"Review*"`}},
		"a version in the name":   {with(func(e *Event) { e.DetailType = "ReviewPosted.v2" }), []string{kind + `"ReviewPosted.v2"`}},
		"a space at the end":      {with(func(e *Event) { e.DetailType = "Review " }), []string{kind + `"Review "`}},
		"too long":                {with(func(e *Event) { e.DetailType = long }), []string{kind + `"` + long + `"`}},
		"a version below":         {with(func(e *Event) { e.Version = -1 }), []string{"Events[0].Version must be from 1 to 999, got -1"}},
		"a version above":         {with(func(e *Event) { e.Version = 1000 }), []string{"Events[0].Version must be from 1 to 999, got 1000"}},
		"a pointer":               {with(func(e *Event) { e.Detail = &review{} }), []string{detail + "*event.review"}},
		"a text":                  {with(func(e *Event) { e.Detail = "{}" }), []string{detail + "string"}},
		"a type without a schema": {with(func(e *Event) { e.Detail = recursive{} }), []string{"Events[0].Detail must be of a Go type that has a JSON schema, got event.recursive: ForType(event.recursive): cycle detected for type event.recursive"}},
	} {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.event.Validate("Events[0]"), c.want...) })
	}
}

func TestEachEventIsNamedOnce(t *testing.T) {
	first, second := with(func(e *Event) { e.Version = 1 }), with(func(e *Event) { e.Version = 2 })
	expect.Problems(t, Check("Events", []Event{posted, second}))
	expect.Problems(t, Check("Events", []Event{posted, second, first}), `Events must name each event once, got "shop.reviews ReviewPosted" twice`)
	expect.Problems(t, Check("Events", []Event{posted, second, second}), `Events must name each event once, got "shop.reviews ReviewPosted.v2" twice`)
}

func TestTheVersionIsPartOfTheType(t *testing.T) {
	for version, want := range map[int]string{0: "ReviewPosted", 1: "ReviewPosted", 2: "ReviewPosted.v2", 999: "ReviewPosted.v999"} {
		e := with(func(e *Event) { e.Version = version })
		if e.Type() != want || e.String() != "shop.reviews "+want {
			t.Errorf("version %d is %q and %q, want %q", version, e.Type(), e, want)
		}
		if len(with(func(e *Event) { e.DetailType, e.Version = strings.Repeat("x", 100), version }).Type()) > 128 {
			t.Errorf("version %d of the longest type is longer than EventBridge allows", version)
		}
	}
}

func TestTheSchemaIsThatOfTheGoType(t *testing.T) {
	got, err := posted.Schema()
	if err != nil {
		t.Fatal(err)
	}
	var schema any
	if err := json.Unmarshal(got, &schema); err != nil {
		t.Fatal(err)
	}
	text := map[string]any{"type": "string"}
	want := map[string]any{
		"type":     "object",
		"required": []any{"productId", "stars", "posted"},
		"properties": map[string]any{
			"productId": text, "stars": map[string]any{"type": "integer"}, "posted": text, "comment": text,
			"photos": map[string]any{"type": []any{"null", "array"}, "items": map[string]any{
				"type": "object", "required": []any{"key"}, "properties": map[string]any{"key": text},
			}},
			"labels": map[string]any{"type": "object", "additionalProperties": text},
		},
	}
	if diff := cmp.Diff(want, schema); diff != "" {
		t.Errorf("the schema (-want +got):\n%s", diff)
	}
}

// delivered is an event as it is in a queue: as the publisher put it, or as the pipe of an outbox did, by its template.
func message(detail string) []byte {
	return fmt.Appendf(nil, `{"version":"0","id":"bus-1","detail-type":"ReviewPosted","source":"shop.reviews","account":"111122223333",
		"time":"2026-11-26T13:00:00Z","region":"eu-central-1","resources":[],"detail":%s}`, detail)
}

func TestWhatIsWrittenIntoAnOutboxIsRead(t *testing.T) {
	sent := review{ProductID: "p-1", Stars: 5, Comment: "\"quoted\"\n<$.x> 'größer' \\"}
	item, err := posted.Outbox(sent)
	if err != nil {
		t.Fatal(err)
	}
	if item.Type != "ReviewPosted" || strings.ContainsAny(item.Detail, "\"\\<\n") {
		t.Errorf("the item is %+v", item)
	}
	read, err := Parse(message(fmt.Sprintf(`{"outbox":{"id":"c81e","sequence":"111","detail":"%s"}}`, item.Detail)))
	if err != nil {
		t.Fatal(err)
	}
	var got review
	if err := json.Unmarshal(read.Detail, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(sent, got); diff != "" {
		t.Errorf("the detail (-sent +read):\n%s", diff)
	}
	read.Detail = nil
	want := Message{ID: "c81e", Source: "shop.reviews", Type: "ReviewPosted", Time: time.Date(2026, 11, 26, 13, 0, 0, 0, time.UTC), Sequence: "111"}
	if diff := cmp.Diff(want, read); diff != "" {
		t.Errorf("the message (-want +got):\n%s", diff)
	}
	if !read.Is(posted) || read.Is(with(func(e *Event) { e.Version = 2 })) || read.Is(with(func(e *Event) { e.Source = "shop.photos" })) {
		t.Error("the message is not recognized as what it is")
	}
}

func TestWhatIsPutOnTheBusIsRead(t *testing.T) {
	again, err := Parse([]byte(strings.Replace(string(message(`{}`)), `{`, `{"replay-name":"last-night",`, 1)))
	if err != nil || again.ReplayName != "last-night" {
		t.Errorf("a replayed event: got %+v, %v", again, err)
	}
	read, err := Parse(message(`{"productId":"p-1","stars":5}`))
	if err != nil || read.ID != "bus-1" || read.Sequence != "" || string(read.Detail) != `{"productId":"p-1","stars":5}` {
		t.Errorf("got %+v (%v)", read, err)
	}
}

func TestWhatIsNoEvent(t *testing.T) {
	const none = "the message is not an event: it has no id, source, detail-type or detail"
	for body, want := range map[string]string{
		"":     "the message is not an event: unexpected end of JSON input",
		"{}":   none,
		`"{}"`: "the message is not an event: json: cannot unmarshal string into Go value of type event.delivered",
		string(message(`{"outbox":{"id":"1","sequence":"2","detail":"bm90IEpTT04="}}`)): "the detail of shop.reviews ReviewPosted is not JSON",
	} {
		if _, err := Parse([]byte(body)); err == nil || err.Error() != want {
			t.Errorf("%s: got %v, want %s", body, err, want)
		}
	}
}

func TestAnOutboxHasTheDetailOfItsEvent(t *testing.T) {
	for want, detail := range map[string]any{
		"the detail of shop.reviews ReviewPosted must be of type event.review, got event.photo":                                                        photo{},
		"the detail of shop.reviews ReviewPosted must be of type event.review, got <nil>":                                                              nil,
		"the detail of shop.reviews ReviewPosted must be at most 190000 bytes, got 200063: publish where the data is, such as a key, and not the data": review{Comment: strings.Repeat("x", 200_000-8)},
	} {
		if _, err := posted.Outbox(detail); err == nil || err.Error() != want {
			t.Errorf("got %v, want %s", err, want)
		}
	}
}
