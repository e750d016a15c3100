package cdkx

import (
	"fmt"
	"hash/fnv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// What ElastiCache and RDS take as a name is at most 40 lower-case letters, digits and single hyphens, which begin with a letter.
const (
	maxName = 40
	digits  = 8 // of the path, and of the stack's ID
)

// UniqueName returns a name for a resource that must have one which is unique in an account and region: of the scope's path in its
// stack, and of the stack's ID, of which another stack of the same name has another. Each variant of a scope has a name of its own.
func UniqueName(scope constructs.Construct, variant string) *string {
	stack := awscdk.Stack_Of(scope)
	path := strings.TrimPrefix(*scope.Node().Path(), *stack.Node().Path()+"/")
	// The ID is arn:aws:cloudformation:region:account:stack/name/4f9a0c1e-…
	unique := awscdk.Fn_Select(jsii.Number(2), awscdk.Fn_Split(jsii.String("/"), stack.StackId(), nil))
	first := awscdk.Fn_Select(jsii.Number(0), awscdk.Fn_Split(jsii.String("-"), unique, nil))
	return awscdk.Fn_Join(jsii.String("-"), &[]*string{jsii.String(stem(path, variant)), first})
}

// stem returns a name without the digits of the stack: what one can read of the path, and digits of all of it.
func stem(path, variant string) string {
	readable := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' || r == '-' {
			return r
		}
		return -1
	}, Kebab(path))
	readable = strings.TrimLeft(readable, "0123456789-")
	if most := maxName - 2*(digits+1); len(readable) > most {
		readable = readable[:most]
	}
	parts := strings.FieldsFunc(readable+"-", func(r rune) bool { return r == '-' })
	if len(parts) == 0 {
		parts = []string{"x"}
	}
	hash := fnv.New32a()
	hash.Write([]byte(path + "\x00" + variant)) // which never fails
	return fmt.Sprintf("%s-%08x", strings.Join(parts, "-"), hash.Sum32())
}
