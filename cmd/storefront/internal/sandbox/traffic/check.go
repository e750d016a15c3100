package traffic

import (
	"context"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"slices"
	"strconv"
	"strings"
)

// Finding is a request that did not reach the service that declares its route.
type Finding struct {
	Stack, LogicalID string // of the route; empty if no route matches
	What             string
	Want, Got        string
}

func (f Finding) String() string {
	where := "API"
	if f.Stack != "" {
		where = f.Stack + ": " + f.LogicalID
	}
	return fmt.Sprintf("%s: %s: want %s, got %s", where, f.What, f.Want, f.Got)
}

func (r *route) finding(what, want, got string) Finding {
	if r == nil {
		return Finding{What: what, Want: want, Got: got}
	}
	return Finding{Stack: r.stack, LogicalID: r.logicalID, What: what, Want: want, Got: got}
}

// Report is the result of a check.
type Report struct {
	Services, Routes int
	Requests         int
	Findings         []Finding
	NotRun           []string // what was not checked, and why
}

func (r Report) String() string {
	return fmt.Sprintf("%d requests on %d routes of %d services; %d findings", r.Requests, r.Routes, r.Services, len(r.Findings))
}

// The headers that tell a service who calls it.
const (
	headerUserID   = "X-User-Id"
	headerClientIP = "X-Client-Ip"
)

// Forged values of these headers. The address is reserved for documentation.
const (
	anotherUser    = "11111111-1111-1111-1111-111111111111"
	anotherAddress = "203.0.113.66"
	preflight      = "_preflight"
)

// Check sends the requests for all routes of the templates.
func (h *Harness) Check(ctx context.Context) (Report, error) {
	var findings []Finding
	for _, api := range slices.Sorted(maps.Keys(h.urls)) {
		different, err := compareRoutes(ctx, h.config, api, h.routes)
		if err != nil {
			return Report{}, err
		}
		findings = append(findings, different...)
	}
	return h.check(ctx, findings)
}

// shapes returns the requests for the routes of each API.
func (h *Harness) shapes() (answered, unknown []shape) {
	for _, api := range slices.Sorted(maps.Keys(h.urls)) {
		of := slices.DeleteFunc(slices.Clone(h.routes), func(r *route) bool { return r.api != api })
		if len(of) == 0 {
			continue
		}
		known, none := shapes(of)
		answered, unknown = append(answered, known...), append(unknown, none...)
	}
	return answered, unknown
}

func (h *Harness) check(ctx context.Context, findings []Finding) (Report, error) {
	answered, unknown := h.shapes()
	for _, r := range h.routes {
		if !slices.ContainsFunc(answered, func(s shape) bool { return s.route == r }) {
			findings = append(findings, r.finding("requests for "+r.key(), "some", "none, since others are always picked before it"))
		}
	}
	var trials []trial
	for _, s := range answered {
		switch {
		case s.route.preflight:
			trials = append(trials, h.asBrowser(s)...)
		case s.route.service == "":
		case s.route.signedIn:
			trials = append(trials, h.signedIn(s)...)
		default:
			trials = append(trials, h.public(s)...)
		}
	}
	for _, s := range unknown {
		trials = append(trials, h.unknown(s)...)
	}
	return h.report(ctx, trials, findings)
}

// CheckWithout sends a request to each route after the stack of one service was deleted: the API responds with 404 to the
// service's own, and to all others as before.
func (h *Harness) CheckWithout(ctx context.Context, name string) (Report, error) {
	if !slices.ContainsFunc(h.services, func(s *service) bool { return s.name == name }) {
		return Report{}, fmt.Errorf("want a service with routes, got %q", name)
	}
	var trials []trial
	answered, _ := h.shapes()
	for _, s := range answered {
		switch {
		case s.route.service == "":
		case s.route.service != name:
			trials = append(trials, h.good(s, "with an ID token", h.token(s.route)))
		default:
			trials = append(trials, trial{shape: s, how: "after its stack was deleted", token: h.token(s.route), forged: h.another(name), status: http.StatusNotFound})
		}
	}
	return h.report(ctx, trials, nil)
}

func (h *Harness) report(ctx context.Context, trials []trial, findings []Finding) (Report, error) {
	report := Report{Services: len(h.services), Routes: len(h.routes), Requests: len(trials), Findings: findings, NotRun: slices.Clone(h.notRun)}
	for _, t := range trials {
		got, err := h.send(ctx, t)
		if err != nil {
			return Report{}, fmt.Errorf("%s %s: %w", t.shape, t.how, err)
		}
		report.Findings = append(report.Findings, h.judge(t, got)...)
	}
	if h.target.Address == "" && len(h.services) > 0 {
		report.NotRun = append(report.NotRun, "which service a request reaches, and with which headers: the load balancer cannot reach processes of this machine, so there are no stand-ins for tasks")
	}
	return report, nil
}

// trial is one request and its expected result.
type trial struct {
	shape
	how    string // what is special about it
	token  string
	forged string // in the header that names the service
	header http.Header

	status  int
	service string // that receives it, or "" for none
	user    string // the user ID in the headers, or "" for none
}

func (h *Harness) signedIn(s shape) []trial {
	refused := trial{shape: s, forged: h.another(s.route.service), status: http.StatusUnauthorized}
	refused.how = "without a token"
	trials := []trial{refused}
	forged := s.route.caller.forged
	for _, wrong := range slices.Sorted(maps.Keys(forged)) {
		refused.how, refused.token = "with "+wrong, forged[wrong]
		trials = append(trials, refused)
	}
	signedIn := s.route.caller.user
	if signedIn == nil {
		return trials
	}
	asBrowser := h.good(s, "with an ID token and as a browser's question", signedIn.id)
	asBrowser.forged = preflight
	return append(trials, h.good(s, "with an ID token", signedIn.id), h.good(s, "with an access token", signedIn.access), asBrowser)
}

func (h *Harness) public(s shape) []trial {
	asBrowser := h.good(s, "as a browser's question", "")
	asBrowser.forged = preflight
	trials := []trial{h.good(s, "without a token", "")}
	if token := h.token(s.route); token != "" {
		trials = append(trials, h.good(s, "with an ID token", token))
	}
	return append(trials, h.good(s, "with an invalid token", "x"), asBrowser)
}

// token is an ID token for a route: one that it accepts, or of any user if it is public. It is empty if there is none.
func (h *Harness) token(r *route) string {
	for _, c := range h.callers() {
		if c.user != nil && (r == nil || r.caller == nil || r.caller == c) {
			return c.user.id
		}
	}
	return ""
}

// good is a request that reaches its service, unless the token lacks a scope that the route requires, which the tokens of a
// password never have.
func (h *Harness) good(s shape, how, token string) trial {
	t := trial{shape: s, how: how, token: token, forged: h.another(s.route.service)}
	if len(s.route.scopes) > 0 && !hasScope(token, s.route.scopes) {
		t.how, t.status = how+" without the scope", http.StatusForbidden
		return t
	}
	if s.route.signedIn && s.route.caller.user == nil {
		t.how, t.status = how+" of nobody", http.StatusUnauthorized
		return t
	}
	t.status, t.service = http.StatusOK, s.route.service
	if s.route.signedIn {
		t.user = s.route.caller.user.subject
	}
	return t
}

// asBrowser is a CORS preflight request, which never has a token.
func (h *Harness) asBrowser(s shape) []trial {
	question := http.Header{"Origin": {"https://shop.example.com"}, "Access-Control-Request-Method": {http.MethodPut}, "Access-Control-Request-Headers": {"authorization"}}
	plain := trial{shape: s, how: "without a token", status: http.StatusNoContent}
	asked, misled, refused := plain, plain, plain
	asked.how, asked.header = "as browsers ask", question
	misled.how, misled.forged, misled.header = "for another service", h.another(""), question
	refused.how, refused.token = "with an invalid token", "x"
	return []trial{plain, asked, misled, refused}
}

func (h *Harness) unknown(s shape) []trial {
	t := trial{shape: s, how: "without a token", status: http.StatusNotFound}
	named := t
	named.how, named.forged, named.token = "for a service, with an ID token", h.another(""), h.token(nil)
	return []trial{t, named}
}

// another is the name of another service than the one that a request is for, or of no service if there is only one.
func (h *Harness) another(name string) string {
	for i, s := range h.services {
		if s.name == name {
			if len(h.services) == 1 {
				break
			}
			return h.services[(i+1)%len(h.services)].name
		}
		if name == "" {
			return s.name
		}
	}
	return nobody
}

// nobody is the name of no service.
const nobody = "nobody"

// answer is the result of a request.
type answer struct {
	status  int
	body    string
	sent    string // the body of the request
	address string // from which it was sent
	arrived []arrival
}

func (h *Harness) send(ctx context.Context, t trial) (answer, error) {
	h.requests++
	number := strconv.Itoa(h.requests)
	var got answer
	if slices.Contains([]string{http.MethodPost, http.MethodPut, http.MethodPatch}, t.method) {
		got.sent = `{"request":` + number + `}`
	}
	ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{GotConn: func(connection httptrace.GotConnInfo) {
		got.address, _, _ = net.SplitHostPort(connection.Conn.LocalAddr().String())
	}})
	request, err := http.NewRequestWithContext(ctx, t.method, h.urls[t.api]+t.path, strings.NewReader(got.sent))
	if err != nil {
		return answer{}, err
	}
	for name, values := range t.header {
		request.Header[name] = values
	}
	request.Header.Set(headerRequest, number)
	request.Header.Set("Content-Type", "application/json")
	request.Header[headerUserID] = []string{anotherUser, anotherUser}
	request.Header[headerClientIP] = []string{anotherAddress}
	if t.forged != "" {
		request.Header.Set(headerService, t.forged)
	}
	if t.token != "" {
		request.Header.Set("Authorization", "Bearer "+t.token)
	}
	response, err := h.target.Client.Do(request)
	if err != nil {
		return answer{}, err
	}
	defer func() { _ = response.Body.Close() }()
	body, err := io.ReadAll(response.Body)
	if err != nil {
		return answer{}, err
	}
	got.status, got.body, got.arrived = response.StatusCode, string(body), h.arrivals.of(number)
	return got, nil
}

// judge compares the result of a request with the expected one.
func (h *Harness) judge(t trial, got answer) (findings []Finding) {
	differ := func(what, want, got string) {
		findings = append(findings, t.route.finding(t.String()+" "+t.how+": "+what, want, got))
	}
	if h.target.Address == "" && t.service != "" {
		// The tasks respond, or there are none: only whether the API authorized it can be checked.
		if slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden}, got.status) {
			differ("status", "one of the service or of the load balancer", strconv.Itoa(got.status))
		}
		return findings
	}
	var at []string
	for _, each := range got.arrived {
		at = append(at, each.service)
	}
	where := func(services []string) string {
		if len(services) == 0 || services[0] == "" {
			return "at no service"
		}
		return "at " + strings.Join(services, ", ")
	}
	if got, want := where(at), where([]string{t.service}); got != want {
		differ("arrives", want, got)
	}
	if got.status != t.status {
		differ("status", strconv.Itoa(t.status), fmt.Sprintf("%d %.200q", got.status, got.body))
	}
	if t.service == "" || len(at) != 1 || at[0] != t.service {
		return findings
	}

	if t.method != http.MethodHead && got.body != t.service {
		differ("answer", strconv.Quote(t.service), fmt.Sprintf("%.200q", got.body))
	}
	arrived := got.arrived[0]
	if arrived.request.Method != t.method {
		differ("method", t.method, arrived.request.Method)
	}
	if want, err := url.Parse(t.path); err != nil || arrived.request.URL.Path != want.Path || arrived.request.URL.Query().Encode() != want.Query().Encode() {
		differ("path", t.path, arrived.request.URL.String())
	}
	if arrived.body != got.sent {
		differ("body", strconv.Quote(got.sent), strconv.Quote(arrived.body))
	}
	header := func(name string, want ...string) {
		if values := arrived.request.Header.Values(name); !slices.Equal(values, want) {
			differ("header "+strings.ToLower(name), fmt.Sprintf("%q", want), fmt.Sprintf("%q", values))
		}
	}
	header(headerService, t.service)
	header(headerClientIP, got.address)
	if t.user == "" {
		header(headerUserID)
	} else {
		header(headerUserID, t.user)
	}
	return findings
}
