package test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/stacks"
)

// recordedRequests is the file with the requests to jsii for a further service. Rewrite it with make golden.
const recordedRequests = "testdata/requests.json"

// requestsOf is the variable with the folder of an own process of this test, in which it counts.
const requestsOf = "STOREFRONT_TEST_REQUESTS"

// further is the service whose requests are counted. It is defined beside others.
const (
	others  = "catalog"
	further = "cart"
)

// Most of the time of a synthesis is that of requests to jsii. Their number for a further service grows by no more than a tenth.
func TestTheRequestsOfAFurtherService(t *testing.T) {
	got := countRequests(t)
	if os.Getenv("SNAPSHOT_UPDATE") == "1" {
		text, err := json.MarshalIndent(got, "", "  ")
		if err == nil {
			err = os.WriteFile(recordedRequests, append(text, '\n'), 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	var recorded map[string]requests
	if err := json.Unmarshal(read(t, "", recordedRequests), &recorded); err != nil {
		t.Fatal(err)
	}
	for _, environment := range []string{"sandbox", "production"} {
		is, was := got[environment], recorded[environment]
		t.Logf("%s: %d requests, %d are recorded", environment, is.total(), was.total())
		if is.total() <= was.total()*11/10 {
			continue
		}
		t.Errorf("%s beside %s makes %d requests to jsii in %s, and %d are recorded. Read what is known from the props or from package place, and share what is constant; if there is a good reason, record the new number with make golden. More than before are:\n%s",
			further, others, is.total(), environment, was.total(), strings.Join(is.more(was), "\n"))
	}
}

// requests are the numbers of requests by kind, such as "create aws_iam.Role" or "get constructs.Construct.node".
type requests map[string]int

func (r requests) total() (n int) {
	for _, each := range r {
		n += each
	}
	return n
}

// more returns a line for each kind of which there are more than in other, the largest growth first.
func (r requests) more(other requests) []string {
	kinds := slices.SortedFunc(maps.Keys(r), func(a, b string) int {
		if by := (r[b] - other[b]) - (r[a] - other[a]); by != 0 {
			return by
		}
		return strings.Compare(a, b)
	})
	var lines []string
	for _, kind := range kinds {
		if r[kind] > other[kind] {
			lines = append(lines, fmt.Sprintf("%d instead of %d: %s", r[kind], other[kind], kind))
		}
	}
	return lines
}

// countRequests runs this test binary in a process of its own, whose requests to jsii a script copies into a file.
func countRequests(t *testing.T) map[string]requests {
	t.Helper()
	dir := t.TempDir()
	script, copied := filepath.Join(dir, "node"), filepath.Join(dir, "requests")
	if err := os.WriteFile(script, []byte("#!/bin/sh\ntee -a '"+copied+"' | node \"$@\"\n"), 0o700); err != nil {
		t.Fatal(err)
	}
	counting := exec.Command(os.Args[0])
	counting.Env = append(os.Environ(), requestsOf+"="+dir, "JSII_NODE="+script, "STOREFRONT_JSII=unchanged")
	if out, err := counting.CombinedOutput(); err != nil {
		t.Fatalf("%v:\n%s", err, out)
	}
	text, err := os.ReadFile(copied)
	if err != nil {
		t.Fatal(err)
	}
	var apps []requests
	for line := range bytes.Lines(text) {
		kind := requestKind(t, line)
		if kind == "create App" {
			apps = append(apps, requests{})
		}
		if len(apps) > 0 && kind != "load" { // of the CDK, once the runtime is started
			apps[len(apps)-1][kind]++
		}
	}
	if len(apps) != 5 {
		t.Fatalf("%d apps were defined, want 5", len(apps))
	}
	sameTemplates(t, filepath.Join(dir, "sandbox1"), filepath.Join(dir, "again"))
	return map[string]requests{"sandbox": apps[1].without(apps[0]), "production": apps[3].without(apps[2])}
}

// sameTemplates fails the test if two folders have other templates. Nothing that an app remembers may get into one that is defined
// after the runtime was closed.
func sameTemplates(t *testing.T, folder, other string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.template.json"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no templates in %s (%v)", folder, err)
	}
	for _, file := range files {
		if name := filepath.Base(file); !bytes.Equal(read(t, folder, name), read(t, other, name)) {
			t.Errorf("%s is another after the runtime was closed", name)
		}
	}
}

// without returns the difference. That of a kind may be negative.
func (r requests) without(other requests) requests {
	difference := requests{}
	for kind := range r {
		if n := r[kind] - other[kind]; n != 0 {
			difference[kind] = n
		}
	}
	for kind, n := range other {
		if r[kind] == 0 {
			difference[kind] = -n
		}
	}
	return difference
}

// requestKind describes a request by what it calls, without its arguments.
func requestKind(t *testing.T, line []byte) string {
	t.Helper()
	var request struct {
		API, FQN, Method, Property string
		ObjRef                     struct {
			ByRef string `json:"$jsii.byref"`
		}
	}
	if err := json.Unmarshal(line, &request); err != nil {
		t.Fatalf("%v: %s", err, line)
	}
	of, _, _ := strings.Cut(request.FQN+request.ObjRef.ByRef, "@1")
	words := []string{request.API, strings.TrimPrefix(of, "aws-cdk-lib.")}
	if request.API == "" {
		words[0] = "end of a callback"
	}
	if member := request.Method + request.Property; member != "" {
		words[1] += "." + member
	}
	return strings.TrimSpace(strings.Join(words, " "))
}

// defineCounted is the program of the process in which requests are counted.
func defineCounted(dir string) {
	for _, environment := range []string{"sandbox", "production"} {
		for n, only := range []string{others, others + "," + further} {
			defineServices(filepath.Join(dir, fmt.Sprint(environment, n)), environment, only)
		}
	}
	jsii.Close()
	defineServices(filepath.Join(dir, "again"), "sandbox", others+","+further)
	jsii.Close()
}

func defineServices(dir, environment, only string) {
	app := awscdk.NewApp(&awscdk.AppProps{
		Outdir:  jsii.String(dir),
		Context: &map[string]any{"env": environment, "only": only},
	})
	if err := stacks.Storefront().Define(app); err != nil {
		panic(err)
	}
	app.Synth(nil)
}
