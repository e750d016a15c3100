package problem

import (
	"errors"
	"fmt"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/constructs-go/constructs/v10"

	"github.com/storefront-cdk/storefront/internal/place"
)

// Problem is the value with which a construct panics if its props are invalid: its construct path, and everything that
// is wrong with it. A CDK app has no other way to fail a constructor.
type Problem struct {
	Path string
	Err  error
}

// Error returns one line for each problem, each prefixed with the construct's path. An app has no path. In a line that
// quotes a token of the CDK, "a token of the CDK" replaces it, since its reader did not write "${Token[TOKEN.12]}".
func (p *Problem) Error() string {
	lines := strings.Split(p.Err.Error(), "\n")
	for i, line := range lines {
		lines[i] = withoutTokens(line)
		if p.Path != "" {
			lines[i] = p.Path + ": " + lines[i]
		}
	}
	return strings.Join(lines, "\n")
}

// Unwrap returns the error without the path, for errors.Is and errors.As.
func (p *Problem) Unwrap() error { return p.Err }

// MustScope panics with a [Problem] if scope is nil, or if nothing can be defined in it as id. A constructor calls it before it
// uses scope.
func MustScope(scope constructs.IConstruct, id string) {
	MustHaveScope(scope, id)
	if err := Plain("id", id); err != nil {
		MustAt(scope, err)
	}
	if _, ok := scope.(stage); ok {
		panic(&Problem{Path: strings.TrimPrefix(place.Of(scope).Path()+"/"+id, "/"), Err: errors.New(`scope must be a stack or a construct in one, got the app or a stage: define a stack in it, such as awscdk.NewStack(app, jsii.String("Shop"), nil)`)})
	}
	if id == "" {
		MustAt(scope, errors.New(`id is missing: give each construct its own in its scope, such as "Cart"`))
	}
	if Inherited(id) {
		MustAt(scope, fmt.Errorf("the ID %q is the name of what every JavaScript object has, so that the CDK finds it in any scope: choose another ID", id))
	}
	if owner, ok := scope.(interface{ Reserves(id string) bool }); ok && owner.Reserves(id) {
		MustAt(scope, fmt.Errorf("the ID %q is used by the service itself, in this environment or in another: choose another ID", id))
	}
	if place.Of(scope).Node().TryFindChild(&id) != nil {
		MustAt(scope, fmt.Errorf("the ID %q is already used in this scope: choose another ID", id))
	}
}

// MustHaveScope panics with a [Problem] if scope is nil. A function that imports something into a scope calls it before it uses
// scope; id is what it imports.
func MustHaveScope(scope constructs.IConstruct, id string) {
	if IsNil(scope) {
		panic(&Problem{Path: id, Err: errors.New("scope is nil: pass the app, stage, stack or construct in which to define it")})
	}
}

// inherited are the names that every JavaScript object has. The CDK finds a construct with one of them where there is none, and
// its runtime is unusable after it has handed out one of the objects that it finds.
var inherited = []string{
	"__defineGetter__", "__defineSetter__", "__lookupGetter__", "__lookupSetter__", "__proto__", "constructor", "hasOwnProperty",
	"isPrototypeOf", "propertyIsEnumerable", "toLocaleString", "toString", "valueOf",
}

// Inherited reports whether no construct can have the ID, since every JavaScript object has something of that name.
func Inherited(id string) bool { return slices.Contains(inherited, id) }

// stage is what an app and a stage have, and no other construct.
type stage interface{ AssetOutdir() *string }

// IsNil reports whether an interface has no value, or a nil pointer or function as its value.
func IsNil(value any) bool {
	of := reflect.ValueOf(value)
	return !of.IsValid() || (of.Kind() == reflect.Pointer || of.Kind() == reflect.Func) && of.IsNil()
}

// NilPart returns the name of an embedded field of a struct, or of one that value points to, that is nil, and an empty text if
// there is none. Calling a method of that field would be a nil dereference: it is so in a construct that no constructor
// returned, and in a struct around a construct that was not set.
func NilPart(value any) string {
	of := reflect.Indirect(reflect.ValueOf(value))
	if of.Kind() != reflect.Struct {
		return ""
	}
	for n := range of.NumField() {
		part := of.Field(n)
		if of.Type().Field(n).Anonymous && (part.Kind() == reflect.Interface || part.Kind() == reflect.Pointer) && part.IsNil() {
			return of.Type().Field(n).Name
		}
	}
	return ""
}

// Must panics with a [Problem] if err, found before the construct id was defined in scope, is not nil.
func Must(scope constructs.Construct, id string, err error) {
	if err == nil {
		return
	}
	path := *scope.Node().Path()
	if path != "" {
		path += "/"
	}
	panic(&Problem{Path: path + id, Err: err})
}

// MustAt panics with a [Problem] if err, found in a call on the construct at, is not nil.
func MustAt(at constructs.IConstruct, err error) {
	if err == nil {
		return
	}
	path := ""
	if !IsNil(at) {
		path = *at.Node().Path()
	}
	panic(&Problem{Path: path, Err: err})
}

// MustIn panics with a [Problem] if err, found where no construct is at hand, is not nil. The path may be empty.
func MustIn(path string, err error) {
	if err != nil {
		panic(&Problem{Path: path, Err: err})
	}
}
