package job

import (
	"encoding/json"
	"testing"
	"time"
)

func valid() Props { return Props{Command: []string{"rebuild"}} }

// machine is the definition of a state machine, decoded.
func machine(t *testing.T, p Props, flow Flow) map[string]map[string]any {
	t.Helper()
	var decoded struct {
		StartAt string
		States  map[string]map[string]any
	}
	at := target{partition: "aws", cluster: "the-cluster", definition: "the-task:7", family: "the-task", securityGroup: "sg-1"}
	at.Container, at.SubnetIDs = "app", []string{"subnet-1", "subnet-2"}
	if err := json.Unmarshal([]byte(p.WithDefaults(time.Hour).definition(at, flow)), &decoded); err != nil {
		t.Fatal(err)
	}
	if decoded.StartAt != "Begin" {
		t.Errorf("it starts at %s", decoded.StartAt)
	}
	return decoded.States
}

// Every state is reached, and none that does not exist.
func TestTheStatesAreConnected(t *testing.T) {
	alone := Flow{Identifier: "RUN", States: map[string]Object{Overlap: {"Type": "Succeed"}}}
	for name, c := range map[string]struct {
		props Props
		flow  Flow
	}{
		"defaults": {valid(), alone}, "no retries": {Props{Retries: NoRetries}, alone},
		"concurrent": {valid(), Flow{Concurrent: true}}, "neither": {Props{Retries: NoRetries}, Flow{Concurrent: true}},
	} {
		states := machine(t, c.props, c.flow)
		reached := map[string]bool{"Begin": true}
		var visit func(any)
		visit = func(part any) {
			switch part := part.(type) {
			case map[string]any:
				for key, value := range part {
					if next, ok := value.(string); ok && (key == "Next" || key == "Default") {
						reached[next] = true
					}
					visit(value)
				}
			case []any:
				for _, value := range part {
					visit(value)
				}
			}
		}
		visit(map[string]any{"states": func() (all []any) {
			for _, state := range states {
				all = append(all, state)
			}
			return all
		}()})
		for state := range reached {
			if states[state] == nil {
				t.Errorf("%s: there is no state %s", name, state)
			}
		}
		for state := range states {
			if !reached[state] {
				t.Errorf("%s: %s is never reached", name, state)
			}
		}
	}
}

func TestWhatPropsChangeInAStateMachine(t *testing.T) {
	states := machine(t, valid(), Flow{Identifier: "RUN"})
	if got := states["Begin"]["Next"]; got != "Others" {
		t.Errorf("it begins with %v", got)
	}
	if got := states["Run"]["TimeoutSeconds"]; got != 3600. {
		t.Errorf("the timeout is %v", got)
	}
	p := valid()
	p.Retries, p.Timeout = NoRetries, 2*time.Minute
	states = machine(t, p, Flow{Concurrent: true})
	for _, absent := range []string{"Wait", "Others", "Earlier", Overlap} {
		if states[absent] != nil {
			t.Errorf("there is a state %s", absent)
		}
	}
	if got := states["Begin"]["Next"]; got != "Run" {
		t.Errorf("it begins with %v", got)
	}
	if got := states["Run"]["TimeoutSeconds"]; got != 120. {
		t.Errorf("the timeout is %v", got)
	}
}

func TestDefaults(t *testing.T) {
	p := valid().WithDefaults(time.Hour)
	if p.Timeout != time.Hour || p.Retries != DefaultRetries || p.Size != (Size{}) {
		t.Errorf("got %+v", p)
	}
	for given, want := range map[Size]Size{{}: {}, {CPU: 1024}: {1024, 2048}, {MemoryMiB: 2048}: {256, 2048}, {512, 4096}: {512, 4096}} {
		if got := (Props{Size: given}).WithDefaults(time.Hour).Size; got != want {
			t.Errorf("%+v: got %+v, want %+v", given, got, want)
		}
	}
}

func TestTheLongestRun(t *testing.T) {
	for retries, want := range map[int]time.Duration{NoRetries: 10 * time.Minute, 1: 21 * time.Minute, 2: 33 * time.Minute} {
		if got := (Props{Timeout: 10 * time.Minute, Retries: retries}).Longest(); got != want {
			t.Errorf("%d retries: got %s, want %s", retries, got, want)
		}
	}
}
