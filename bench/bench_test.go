package main

import (
	"bytes"
	"encoding/xml"
	"errors"
	"io"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
	"time"
)

func TestDifferencesAreFound(t *testing.T) {
	of := func(types ...string) template {
		r := template{Resources: map[string]resource{}, Outputs: map[string]any{"Url": "x"}}
		for n, name := range types {
			r.Resources[strings.Repeat("R", n+1)] = resource{Type: name, Properties: map[string]any{"List": []any{"a", name}}}
		}
		return r
	}
	reversed := of("Queue", "Table")
	reversed.Resources["R"] = resource{Type: "Queue", Properties: map[string]any{"List": []any{"Queue", "a"}}}
	silent := of("Queue", "Table")
	silent.Outputs = nil
	for name, c := range map[string]struct {
		twin map[string]template
		same int
		want []string
	}{
		"none":              {map[string]template{"Cart": of("Queue", "Table")}, 2, nil},
		"the order in list": {map[string]template{"Cart": reversed}, 2, nil},
		"another count":     {map[string]template{"Cart": of("Queue", "Table", "Queue")}, 2, []string{"stack Cart: Queue: 1 in Go, 2 in TypeScript"}},
		"another type": {map[string]template{"Cart": of("Queue", "Bucket")}, 1, []string{
			"stack Cart: Bucket: 0 in Go, 1 in TypeScript", "stack Cart: Table: 1 in Go, 0 in TypeScript",
		}},
		"no output":     {map[string]template{"Cart": silent}, 2, []string{"stack Cart: output Url: in Go only"}},
		"another stack": {map[string]template{"Orders": of()}, 0, []string{"stack Cart: in Go only", "stack Orders: in TypeScript only"}},
	} {
		t.Run(name, func(t *testing.T) {
			got := compare(map[string]template{"Cart": of("Queue", "Table")}, c.twin)
			if got.same != c.same || !slices.Equal(got.differences, c.want) {
				t.Errorf("got %d the same and %q, want %d and %q", got.same, got.differences, c.same, c.want)
			}
		})
	}
}

func TestRatiosAreMediansOfPairs(t *testing.T) {
	run := func(wall float64) sample { return sample{Wall: wall, CPU: 2 * wall, Others: wall / 100} }
	f := summarize([]pair{{run(4), run(1)}, {run(2), run(2)}, {run(9), run(3)}})
	if f.Pairs != 3 || f.Go.Wall != 4 || f.TypeScript.CPU != 4 || f.Wall != 3 || f.CPU != 3 || f.Others != 0.09 {
		t.Errorf("got %+v", f)
	}
	if even := median([]float64{4, 1, 3, 2}); even != 2.5 {
		t.Errorf("got %v, want 2.5", even)
	}
}

func TestTheInnermostPartCounts(t *testing.T) {
	got, err := readProfile([]byte(`{
		"nodes": [
			{"id": 1, "callFrame": {"functionName": "(root)", "url": ""}, "children": [2, 5]},
			{"id": 2, "callFrame": {"functionName": "define", "url": "file:///bench/dist/stacks.js"}, "children": [3]},
			{"id": 3, "callFrame": {"functionName": "CfnElement", "url": ""}, "children": [4]},
			{"id": 4, "callFrame": {"functionName": "captureStackTrace", "url": ""}},
			{"id": 5, "callFrame": {"functionName": "define", "url": "node:elsewhere"}}
		],
		"samples": [2, 3, 4, 5, 1],
		"timeDeltas": [1000000, 2000000, 4000000, 8000000, 16000000]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	for part, want := range map[string]float64{partConstructs: 3, partTraces: 4, partOther: 24} {
		if math.Abs(got[part]-want) > 1e-9 {
			t.Errorf("%s: got %v, want %v", part, got[part], want)
		}
	}
}

func TestWhatTheCDKDoesForARequestIsNotJSII(t *testing.T) {
	got, err := readProfile([]byte(`{
		"nodes": [
			{"id": 1, "callFrame": {"functionName": "processRequest", "url": "file:///tmp/jsii-runtime.1/lib/program.js"}, "children": [2, 3, 6]},
			{"id": 2, "callFrame": {"functionName": "deserialize", "url": "file:///tmp/jsii-runtime.1/lib/program.js"}},
			{"id": 3, "callFrame": {"functionName": "Queue", "url": "file:///k/node_modules/aws-cdk-lib/aws-sqs/lib/queue.js"}, "children": [4]},
			{"id": 4, "callFrame": {"functionName": "readLine", "url": "file:///tmp/jsii-runtime.1/lib/program.js"}, "children": [5]},
			{"id": 5, "callFrame": {"functionName": "read", "url": ""}},
			{"id": 6, "callFrame": {"functionName": "writeBuffer", "url": "file:///tmp/jsii-runtime.1/lib/program.js"}, "children": [7]},
			{"id": 7, "callFrame": {"functionName": "fs.writeSync", "url": "file:///k/node_modules/aws-cdk-lib/core/lib/private/perf.js"}}
		],
		"samples": [1, 2, 3, 4, 5, 7],
		"timeDeltas": [1000000, 2000000, 4000000, 8000000, 16000000, 32000000]
	}`))
	if err != nil {
		t.Fatal(err)
	}
	for part, want := range map[string]float64{partJSII: 3, partConstructs: 4, partWaiting: 24, partResponses: 32} {
		if math.Abs(got[part]-want) > 1e-9 {
			t.Errorf("%s: got %v, want %v", part, got[part], want)
		}
	}
}

func TestWhichProcessTheTimeIsOf(t *testing.T) {
	r := &results{Pairs: map[string][]pair{"storefront sandbox": {{sample{CPU: 3, First: 1}, sample{CPU: 1.25}}}}}
	if want := "| 8, sandbox | 1.00 | 2.00 | 1.25 | **2.40** | 1.60 |"; !strings.Contains(r.where(), want) {
		t.Errorf("got\n%s\nwant %q", r.where(), want)
	}
	r.Pairs["storefront sandbox"][0].Go.First = 0
	if got := r.where(); strings.Contains(got, "8, sandbox") {
		t.Errorf("got a row without the time of the Go program:\n%s", got)
	}
}

func TestAProcessIsWatched(t *testing.T) {
	if _, err := os.Stat("/proc/self/stat"); err != nil {
		t.Skip("there is no /proc here")
	}
	watched := watch(os.Getpid())
	for end := time.Now().Add(500 * time.Millisecond); time.Now().Before(end); {
		_ = make([]byte, 1<<10)
	}
	if peak, cpu := watched(); peak < 1 || cpu < 0.1 {
		t.Errorf("got %.1f MiB and %.2f s of CPU of this process", peak, cpu)
	}
}

func TestOnlyWhatIsBetweenMarkersIsWritten(t *testing.T) {
	const page = "# Page\n<!-- measured: one -->\nold\n<!-- end -->\nprose\n<!-- measured: two -->\n<!-- end -->\n"
	got, err := fill(page, map[string]string{"one": "1", "two": "2"})
	if want := "# Page\n<!-- measured: one -->\n\n1\n<!-- end -->\nprose\n<!-- measured: two -->\n\n2\n<!-- end -->\n"; err != nil || got != want {
		t.Errorf("got %q (%v), want %q", got, err, want)
	}
	for name, c := range map[string]struct {
		blocks map[string]string
		want   string
	}{
		"a marker too few":  {map[string]string{"one": "", "two": "", "three": ""}, "it must have the markers of all that is measured, lacks three"},
		"a marker too many": {map[string]string{"one": ""}, `the marker "two" is unknown: use one of one`},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := fill(page, c.blocks); err == nil || err.Error() != c.want {
				t.Errorf("got %v, want %s", err, c.want)
			}
		})
	}
}

func TestTablesAndTheChart(t *testing.T) {
	r := &results{Pairs: map[string][]pair{"storefront sandbox": {{sample{Wall: 2, CPU: 3}, sample{Wall: 1, CPU: 1}}}}}
	if want := "| 8, the storefront | 2.00 | 1.00 | **2.00** | 3.00 | 1.00 | **3.00** | – | – | 1 |"; !strings.Contains(r.times(), want) {
		t.Errorf("times lack %q:\n%s", want, r.times())
	}
	if strings.Contains(r.times(), "| 500 |") {
		t.Errorf("times have a row of what is not measured:\n%s", r.times())
	}
	drawn := r.chart()
	for decoder := xml.NewDecoder(bytes.NewReader(drawn)); ; {
		_, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			t.Fatalf("%v in %s", err, drawn)
		}
	}
	if count := bytes.Count(drawn, []byte("<circle")); count != 2 {
		t.Errorf("got %d points, want 2", count)
	}
}
