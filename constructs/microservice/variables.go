package microservice

import (
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/internal/cdkx"
	"github.com/storefront-cdk/storefront/internal/problem"
)

var variableName = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// The environment variables that the construct sets itself.
const (
	variablePort    = "PORT"
	variableService = "SERVICE_NAME"
)

// reserved maps each environment variable that cannot be set in props to what to do instead.
var reserved = map[string]string{
	variablePort:                             "set Props.Port",
	variableService:                          "set Props.Name",
	"AWS_ACCESS_KEY_ID":                      "the task role provides credentials: grant to the service",
	"AWS_SECRET_ACCESS_KEY":                  "the task role provides credentials: grant to the service",
	"AWS_SESSION_TOKEN":                      "the task role provides credentials: grant to the service",
	"AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "ECS sets it",
	"AWS_DEFAULT_REGION":                     "ECS sets it",
	"AWS_EXECUTION_ENV":                      "ECS sets it",
	"AWS_REGION":                             "ECS sets it",
	"ECS_AGENT_URI":                          "ECS sets it",
	"ECS_CONTAINER_METADATA_URI":             "ECS sets it",
	"ECS_CONTAINER_METADATA_URI_V4":          "ECS sets it",
}

func (p Props) validateVariables() error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(p.Environment)) {
		problems = append(problems, checkVariable("Environment", name))
	}
	for _, name := range slices.Sorted(maps.Keys(p.Secrets)) {
		problems = append(problems, checkVariable("Secrets", name))
	}
	return errors.Join(append(problems, validateSecrets("", p.Environment, p.Secrets))...)
}

// validateSecrets returns an error for each secret of a container that ECS could not read, or that is a plain environment
// variable, too. Its messages begin with prefix.
func validateSecrets(prefix string, environment map[string]string, secrets map[string]awsecs.Secret) error {
	var problems []error
	for _, name := range slices.Sorted(maps.Keys(secrets)) {
		field := fmt.Sprintf("%sSecrets[%q]", prefix, name)
		if problem.IsNil(secrets[name]) {
			problems = append(problems, fmt.Errorf("%s is nil: use awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter", field))
		} else {
			problems = append(problems, checkSecretARN(field, secrets[name]))
		}
		if _, ok := environment[name]; ok {
			problems = append(problems, fmt.Errorf("%s is in Environment too: keep one", field))
		}
	}
	return errors.Join(problems...)
}

var (
	// secretName matches the name of a secret in an ARN of Secrets Manager that is not a CDK token.
	secretName = regexp.MustCompile(`:secretsmanager:[^:]*:[^:]*:secret:([^:]+)`)
	// secretSuffix is what Secrets Manager adds to the name of a secret in its ARN.
	secretSuffix = regexp.MustCompile(`-[A-Za-z0-9]{6}$`)
)

const byName = "%s is a secret by its name (%s), which ECS may not read, since its permission is for the complete ARN: use awssecretsmanager.Secret_FromSecretCompleteArn"

// checkSecretARN returns an error for a secret whose ARN has no suffix, such as one of Secret_FromSecretNameV2 or of
// Secret_FromSecretPartialArn.
func checkSecretARN(field string, secret awsecs.Secret) error {
	found := secretName.FindStringSubmatch(*secret.Arn())
	if found == nil || strings.Contains(found[1], "${Token[") || secretSuffix.MatchString(found[1]) {
		return nil
	}
	return fmt.Errorf(byName, field, found[1])
}

// checkGranted returns an error for each secret that is named by its name, although the name ends like the suffix of an
// ARN: the statements of the execution role, as JSON, then have a pattern for the suffix.
func (m *Microservice) checkGranted(statements string) error {
	var problems []error
	check := func(field, name string, value any) {
		secret, ok := value.(awsecs.Secret)
		if !ok {
			return
		}
		if found := secretName.FindStringSubmatch(*secret.Arn()); found != nil && strings.Contains(statements, found[1]+"-??????") {
			problems = append(problems, fmt.Errorf(byName, fmt.Sprintf("%s[%q]", field, name), found[1]))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(m.variables)) {
		check("Secrets", name, m.variables[name])
	}
	for n, sidecar := range m.props.Sidecars {
		for _, name := range slices.Sorted(maps.Keys(sidecar.Secrets)) {
			check(fmt.Sprintf("Sidecars[%d].Secrets", n), name, sidecar.Secrets[name])
		}
	}
	return errors.Join(problems...)
}

// checkVariableName returns an error if an environment variable has a malformed name. Its message begins with field.
func checkVariableName(field, name string) error {
	switch {
	case name == "__proto__":
		return fmt.Errorf("%s must not have %s, which the CDK's runtime drops without an error: choose another name", field, name)
	case !variableName.MatchString(name):
		return fmt.Errorf("%s must have names of letters, digits and underscores that do not start with a digit, got %q", field, name)
	}
	return nil
}

// checkVariable is like checkVariableName, and rejects the names of variables that are set already for the application.
func checkVariable(field, name string) error {
	if err := checkVariableName(field, name); err != nil {
		return err
	}
	if instead, ok := reserved[name]; ok {
		return fmt.Errorf("%s must not set %s, which is reserved: %s", field, name, instead)
	}
	return nil
}

// SetVariable sets an environment variable of the application. The value may be a CDK token. It panics if the name is
// malformed, reserved, or already set to another value.
func (m *Microservice) SetVariable(name, value string) {
	m.must("SetVariable")
	problem.MustAt(m, m.checkValue("SetVariable", name, value))
	m.setVariable(name, value)
}

// SetSecret sets an environment variable of the application that ECS reads from Secrets Manager or Systems Manager when
// a task starts, and allows ECS to read it. It panics like SetVariable, and if the secret is nil.
func (m *Microservice) SetSecret(name string, secret awsecs.Secret) {
	m.must("SetSecret")
	problem.MustAt(m, m.checkSecret("SetSecret", name, secret))
	m.setSecret(name, secret)
}

// setVariable sets an environment variable that was checked, unless it is set already.
func (m *Microservice) setVariable(name, value string) {
	if _, there := m.variables[name]; !there {
		m.variables[name] = value
		m.container.AddEnvironment(jsii.String(name), jsii.String(value))
	}
}

// setSecret is like setVariable.
func (m *Microservice) setSecret(name string, secret awsecs.Secret) {
	if _, there := m.variables[name]; !there {
		m.variables[name] = secret
		m.container.AddSecret(jsii.String(name), secret)
	}
}

// checkValue returns an error if the caller named by may not set an environment variable. It may set it again to the same
// value.
func (m *Microservice) checkValue(by, name string, value any) error {
	if err := checkVariable(by, name); err != nil {
		return err
	}
	if old, taken := m.variables[name]; taken && !m.same(old, value) {
		return fmt.Errorf("%s: the environment variable %s is already set: change the ID of the store, or the name of the variable", by, name)
	}
	return nil
}

// checkSecret is like checkValue.
func (m *Microservice) checkSecret(by, name string, secret awsecs.Secret) error {
	if problem.IsNil(secret) {
		return fmt.Errorf("%s: the secret %s is nil: use awsecs.Secret_FromSecretsManager or awsecs.Secret_FromSsmParameter", by, name)
	}
	return errors.Join(m.checkValue(by, name, secret), checkSecretARN(by+": the secret "+name, secret))
}

// same reports whether two values, strings or secrets, are the same in the template.
func (m *Microservice) same(a, b any) bool {
	one, isSecret := a.(awsecs.Secret)
	other, areSecrets := b.(awsecs.Secret)
	if isSecret && areSecrets && one != other {
		return cdkx.Same(m, *one.Arn(), *other.Arn())
	}
	return cdkx.Same(m, a, b)
}
