package place

import (
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/jsii-runtime-go"
)

// Stack is a stack, and what is remembered of it. Its values are tokens where they are not known before a deployment.
type Stack struct {
	CDK                                           awscdk.Stack
	place                                         *Place
	name, region, account, partition, environment *string
	around                                        []string
}

// NewStack defines a stack, as awscdk.NewStack does. Its props must have a name and a region.
func NewStack(app awscdk.App, id string, props *awscdk.StackProps) awscdk.Stack {
	defined := awscdk.NewStack(app, jsii.String(id), props)
	p := within(defined, app, id)
	p.stack = &Stack{CDK: defined, place: p, name: props.StackName, region: props.Env.Region, account: props.Env.Account, around: []string{*props.StackName}}
	return defined
}

// ofStack returns what is remembered of a stack.
func ofStack(stack awscdk.Stack) *Stack {
	p := Of(stack)
	if p.stack == nil {
		p.stack = &Stack{CDK: stack, place: p}
	}
	return p.stack
}

// once reads a value, unless it was read already.
func once(value **string, read func() *string) string {
	if *value == nil {
		*value = read()
	}
	return **value
}

// Name returns the stack's name.
func (s *Stack) Name() string { return once(&s.name, s.CDK.StackName) }

// Path returns the path of the stack in the app.
func (s *Stack) Path() string { return s.place.Path() }

// Names returns the stack's name, and those of the stacks in which it is nested.
func (s *Stack) Names() []string {
	if s.around == nil {
		s.around = []string{s.Name()}
		if parent := s.CDK.NestedStackParent(); parent != nil {
			s.around = append(s.around, ofStack(parent).Names()...)
		}
	}
	return s.around
}

// The stacks of an app that were given the same region, and no account, have these in common.
type (
	accountOf     struct{}
	environmentOf struct{ account, region string }
	partitionOf   struct{ region string }
)

// Account returns the ID of the account.
func (s *Stack) Account() string {
	return once(&s.account, func() *string {
		if s.place.scope == nil {
			return s.CDK.Account()
		}
		return Shared(s.CDK, accountOf{}, s.CDK.Account)
	})
}

// Region returns the name of the region.
func (s *Stack) Region() string { return once(&s.region, s.CDK.Region) }

// Partition returns the partition of the region, such as "aws".
func (s *Stack) Partition() string {
	return once(&s.partition, func() *string { return Shared(s.CDK, partitionOf{s.Region()}, s.CDK.Partition) })
}

// Where returns the account and region. If they are not known, two stages may be deployed to different ones.
func (s *Stack) Where() string {
	return once(&s.environment, func() *string {
		where := Shared(s.CDK, environmentOf{s.Account(), s.Region()}, s.CDK.Environment)
		if stage := s.Stage(); stage != nil && strings.Contains(*where, "unknown-") {
			return jsii.String(*where + " of " + stage.Path())
		}
		return where
	})
}

// Stage returns the app or stage that the stack is in, and nil if it is in none.
func (s *Stack) Stage() *Place {
	if s.place.scope != nil {
		return s.place.scope
	}
	stage := awscdk.Stage_Of(s.CDK)
	if stage == nil {
		return nil
	}
	return Of(stage)
}
