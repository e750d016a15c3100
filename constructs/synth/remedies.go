package synth

import (
	"fmt"
	"regexp"
	"strings"
)

// remedies are messages of the CDK that do not name the construct first, or not what to do, and what they mean. The constructs
// of this module are rejected with messages of their own.
var remedies = []struct {
	says  *regexp.Regexp
	means string
}{
	{
		regexp.MustCompile(`^There is already a Construct with name '([^']*)' in \w+ \[([^\]]+)\]`),
		`$2: the ID "$1" is already used in this scope: choose another ID`,
	},
	{
		regexp.MustCompile(`^There is already a Construct with name '([^']*)' in \w+(?: \[\])?`),
		`the ID "$1" is already used in the app: choose another ID`,
	},
	{
		regexp.MustCompile(`^(?:ShouldBeCreatedInStackScope: )?\w+ at '([^']+)' should be created in the scope of a Stack, but no Stack found`),
		`$1: it is in no stack: define it in one, such as awscdk.NewStack(app, jsii.String("Shop"), nil)`,
	},
	{
		regexp.MustCompile(`^(?:ShouldBeCreatedInStackScope: )?\w+ at '' should be created in the scope of a Stack, but no Stack found`),
		`the app is in no stack: pass a stack, such as awscdk.NewStack(app, jsii.String("Shop"), nil)`,
	},
	{
		regexp.MustCompile(`^(?:SectionAlreadyContains: )?section '(\w+)' already contains '([^']+)'`),
		`$1: two constructs of one stack have the logical ID "$2": choose another ID for one of them, or do not override it`,
	},
	{
		regexp.MustCompile(`^(?:DependencyCycle: )?'([^']*)' depends on '([^']*)' \((.*)\)\. Adding this dependency \((.*)\) would create a cyclic reference\.`),
		`$2: it depends on $1 ($4), which depends on it ($3): remove one of the two, or define in one stack what refers to each other`,
	},
	{
		regexp.MustCompile(`^(?:TooManyResourcesInStack: )?Number of resources in stack '([^']*)': (\d+) is greater than allowed maximum of (\d+): `),
		`$1: a stack must have at most $3 resources, got $2: define some of them in another stack. It has `,
	},
	{
		regexp.MustCompile(`^(?:NoCrossStageDependency: )?You cannot have a dependency from '([^']*)' \(in (.*)\) to '([^']*)' \(in (.*)\): dependency cannot cross stage boundaries`),
		`$1: it is in $2 and depends on $3 in $4, which are deployed apart: define both in one stage, or refer to it by its name or ARN`,
	},
	{
		regexp.MustCompile("^(?:CannotUseCrossEnvironment: )?Cannot use resource '([^']*)' in a cross-environment fashion, .*"),
		`$1: it is used in a stack of another account or region, in which CloudFormation cannot resolve it: refer to it by its ARN, or give it a name`,
	},
	{
		regexp.MustCompile(`^(?:CanTGatewayEndpointVpc: )?Can't add a gateway endpoint to VPC; route table IDs are not available`),
		`the VPC has no route tables to add a gateway endpoint to, since it is imported without them: set PrivateSubnetRouteTableIds in awsec2.Vpc_FromVpcAttributes`,
	},
	{
		regexp.MustCompile(`^(?:StackAccountRegionNotSpecified: )?Cannot retrieve value from context provider ([\w-]+) since account/region are not specified.*`),
		`a lookup ($1) requires the account and the region of the stack: set Env in awscdk.StackProps`,
	},
	{
		regexp.MustCompile(`^this process has been closed$`),
		`the jsii runtime has ended, after jsii.Close or after an earlier error: call jsii.Close once, when everything is synthesized`,
	},
}

// circular matches the message about a value of a template that contains itself, and captures its path there.
var circular = regexp.MustCompile(`^(?:CircularReferenceDetected: )?Unable to resolve object tree with circular reference\. Path: /(\S+)`)

// resource matches the start of such a path, and captures the construct's path, whose slashes are dots in a token.
var resource = regexp.MustCompile(`^Resources/\$\{Token\[(.+)\.LogicalID\.\d+\]\}/`)

// circularity returns what is circular, and where. The path repeats itself, up to 200 names, so that a few of them show it.
func circularity(path string) (text string, placed bool) {
	const shown = 6
	construct := ""
	if found := resource.FindStringSubmatch(path); found != nil {
		construct = strings.ReplaceAll(found[1], ".", "/") + ": "
		path = strings.TrimPrefix(path, found[0])
	}
	names := strings.Split(path, "/")
	if len(names) > shown {
		names = append(names[:shown], "…")
	}
	return fmt.Sprintf("%sthe value at %s contains itself, or is nested in more than 200 others: refer to it by its name or ARN instead", construct, strings.Join(names, "/")), construct != ""
}
