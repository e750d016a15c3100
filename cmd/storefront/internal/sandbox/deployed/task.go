package deployed

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ecs"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"
	"github.com/aws/aws-sdk-go-v2/service/sts"
)

// Task is one deployed task definition.
type Task struct {
	Stack, LogicalID string
	Definition       *types.TaskDefinition
}

// Tasks returns the task definitions of an app.
func Tasks(ctx context.Context, s *App) ([]Task, error) {
	client := ecs.NewFromConfig(s.Config)
	var all []Task
	for _, each := range s.Stacks {
		for _, resource := range each.Template.Resources("AWS::ECS::TaskDefinition") {
			arn := each.Resources[resource.LogicalID].PhysicalID
			described, err := client.DescribeTaskDefinition(ctx, &ecs.DescribeTaskDefinitionInput{TaskDefinition: &arn})
			if err != nil {
				return nil, fmt.Errorf("%s: %s: read the task definition: %w", each.Name, resource.LogicalID, err)
			}
			all = append(all, Task{each.Name, resource.LogicalID, described.TaskDefinition})
		}
	}
	return all, nil
}

// Service is the name of the service of a task.
func (t Task) Service() string {
	for _, container := range t.Definition.ContainerDefinitions {
		for _, variable := range container.Environment {
			if aws.ToString(variable.Name) == "SERVICE_NAME" {
				return aws.ToString(variable.Value)
			}
		}
	}
	return aws.ToString(t.Definition.Family)
}

// Variables are the environment variables of its containers.
func (t Task) Variables() map[string]string {
	variables := map[string]string{}
	for _, container := range t.Definition.ContainerDefinitions {
		for _, variable := range container.Environment {
			variables[aws.ToString(variable.Name)] = aws.ToString(variable.Value)
		}
	}
	return variables
}

// Assume returns the configuration with the credentials of a role.
func Assume(ctx context.Context, config aws.Config, role, session string) (aws.Config, error) {
	assumed, err := sts.NewFromConfig(config).AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: &session})
	if err != nil {
		return aws.Config{}, err
	}
	got := assumed.Credentials
	config = config.Copy()
	config.Credentials = credentials.NewStaticCredentialsProvider(aws.ToString(got.AccessKeyId), aws.ToString(got.SecretAccessKey), aws.ToString(got.SessionToken))
	return config, nil
}
