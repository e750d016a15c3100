package run

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/secretsmanager"
	"github.com/aws/aws-sdk-go-v2/service/ssm"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// secrets reads the variables of a task that come from AWS Secrets Manager and from parameters, with the credentials of its
// execution role, as ECS does.
func secrets(ctx context.Context, config aws.Config, t Task) ([]string, error) {
	if len(t.Secrets) == 0 {
		return nil, nil
	}
	if t.ExecutionRole != "" {
		got, err := assume(ctx, sts.NewFromConfig(config), t.ExecutionRole, "secrets")
		if err != nil {
			return nil, err
		}
		config = as(config, got)
	}
	var variables []string
	for _, name := range slices.Sorted(maps.Keys(t.Secrets)) {
		value, err := secret(ctx, config, t.Secrets[name])
		if err != nil {
			return nil, fmt.Errorf("variable %s from %s: %w", name, t.Secrets[name], err)
		}
		variables = append(variables, name+"="+value)
	}
	return variables, nil
}

// secret reads one value: of a parameter by its name or ARN, or of a secret by its ARN, which may be followed by a key of JSON, a
// stage and a version.
func secret(ctx context.Context, config aws.Config, from string) (string, error) {
	parts := strings.Split(from, ":")
	if len(parts) < 7 || parts[2] != "secretsmanager" {
		name := from
		if _, path, ok := strings.Cut(from, ":parameter"); ok {
			name = path
		}
		got, err := ssm.NewFromConfig(config).GetParameter(ctx, &ssm.GetParameterInput{Name: &name, WithDecryption: aws.Bool(true)})
		if err != nil {
			return "", err
		}
		return aws.ToString(got.Parameter.Value), nil
	}
	id := strings.Join(parts[:7], ":")
	rest := slices.Concat(parts[7:], []string{"", "", ""})
	input := &secretsmanager.GetSecretValueInput{SecretId: &id}
	if rest[1] != "" {
		input.VersionStage = &rest[1]
	}
	if rest[2] != "" {
		input.VersionId = &rest[2]
	}
	got, err := secretsmanager.NewFromConfig(config).GetSecretValue(ctx, input)
	if err != nil {
		return "", err
	}
	text := aws.ToString(got.SecretString)
	if rest[0] == "" {
		return text, nil
	}
	var keys map[string]any
	if err := json.Unmarshal([]byte(text), &keys); err != nil {
		return "", fmt.Errorf("want JSON with the key %s: %w", rest[0], err)
	}
	value, ok := keys[rest[0]]
	if !ok {
		return "", fmt.Errorf("the secret has no key %s", rest[0])
	}
	if text, ok := value.(string); ok {
		return text, nil
	}
	encoded, err := json.Marshal(value)
	return string(encoded), err
}
