package app

import (
	"encoding/json"
	"fmt"
	"io"
	"os"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/internal/fleet"
)

// shareVariable tells a process which share of the services it synthesizes: the process that has started it, the number of the
// share, and how many there are.
const shareVariable = "STOREFRONT_SHARE"

// share is one of several processes that synthesize an app: its services are every so many, and the first has the shared stacks.
type share struct {
	number, of int
	to, from   *os.File // the process that has started it
	answer     chan record
	output     [2]int64
}

// started returns the share of this process, or nil if it synthesizes the app by itself.
func started() *share {
	value, set := os.LookupEnv(shareVariable)
	if !set {
		return nil
	}
	_ = os.Unsetenv(shareVariable)
	s := &share{}
	parent := 0
	if _, err := fmt.Sscanf(value, "%d/%d/%d", &parent, &s.number, &s.of); err != nil || parent != os.Getppid() {
		return nil // a program that a share has started, and that is an app itself
	}
	s.to, s.from, s.answer = inherited(3), inherited(4), make(chan record, 1)
	go s.listen()
	for n, file := range []*os.File{os.Stdout, os.Stderr} {
		s.output[n], _ = file.Seek(0, io.SeekCurrent) // 0 if it is no file, which it always is
	}
	return s
}

// services returns every so many of the services.
func (s *share) services(all []Service) (some []Service) {
	for n := s.number; n < len(all); n += s.of {
		some = append(some, all[n])
	}
	return some
}

// defineShare defines a share of the stacks that the context selects, and what depends on the others, as [App.Define] would.
func (a App) defineShare(app awscdk.App, s *share) error {
	whole, err := a.configure(app)
	if err != nil {
		return err
	}
	config := whole
	config.Services = s.services(whole.Services)
	config.WithoutShared = whole.WithoutShared || s.number > 0
	defined := a.define(app, config)
	registry, _ := app.Node().TryFindChild(jsii.String(fleet.RegistryID)).(fleet.Registry)
	mine := record{Output: s.output, References: config.Environment.of.calls.all, Outside: outside(app)}
	if registry != nil {
		mine.Entries = registry.Entries()
	}
	all, err := s.exchange(mine)
	if err != nil {
		return err
	}
	described := a.assembly(whole, all.References)
	if registry != nil {
		var names []string
		for _, id := range described.Stacks {
			names = append(names, a.stackName(whole.Environment, id))
		}
		if err := registry.Join(all.Entries, names); err != nil {
			return err
		}
	}
	_, cyclic := (&calls{all.References}).ordered()
	noteCycles(cyclic, defined)
	// The CDK validates stacks in the order of their dependencies, of which some are in other processes. These dependencies give it
	// that order, and are not in what is merged.
	last := ""
	for _, id := range described.Deployed() {
		if defined[id] == nil {
			continue
		}
		if last != "" && !slices.Contains(described.After[id], last) {
			defined[id].AddStackDependency(defined[last], nil)
		}
		last = id
	}
	return nil
}

// outside returns what services have set on the whole app, from where it reaches the services of other shares, or "". What they
// define there is in the tree, which is compared when it is merged, and the CDK allows no context to be set any more.
func outside(app awscdk.App) string {
	switch {
	case len(*awscdk.Aspects_Of(app).All()) > 0:
		return "a service adds an aspect or a tag to the whole app"
	case len(*awscdk.PropertyInjectors_Of(app).SupportedClasses()) > 0:
		return "a service adds a property injector to the whole app"
	}
	return ""
}

// exchange sends what the share has defined, and returns what all have defined.
func (s *share) exchange(mine record) (record, error) {
	text, err := json.Marshal(mine)
	if err != nil {
		return record{}, err
	}
	if _, err := s.to.Write(append(text, '\n')); err != nil {
		return record{}, err
	}
	return <-s.answer, nil
}

// listen receives what all have defined, and ends this process if the one that has started it has ended, which then has no use for
// it.
func (s *share) listen() {
	var all record
	if err := json.NewDecoder(s.from).Decode(&all); err == nil {
		s.answer <- all
		_, _ = io.Copy(io.Discard, s.from)
	}
	terminate()
}
