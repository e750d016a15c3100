package image

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssecretsmanager"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Registry returns an image that can be pulled from a registry without credentials. The reference is registry,
// repository, and tag or digest.
func Registry(reference string) Image { return Image{registry(reference)} }

// PrivateRegistry returns an image of a registry that requires credentials. The secret is a JSON object with the keys
// username and password. The task execution role may read it, and may use its key, if the secret has the EncryptionKey,
// such as one of awssecretsmanager.Secret_FromSecretAttributes.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth.html
func PrivateRegistry(reference string, credentials awssecretsmanager.ISecret) Image {
	return Image{privateRegistry{registry(reference), credentials}}
}

type registry string

// reference is the grammar of image references of the distribution project, without its length limits.
var reference = regexp.MustCompile(`^([a-zA-Z0-9][a-zA-Z0-9.-]*(:[0-9]+)?/)?[a-z0-9]+(([._]|__|-+|/)[a-z0-9]+)*(:\w[\w.-]{0,127})?(@sha256:[a-f0-9]{64})?$`)

func (r registry) validate() error {
	if !reference.MatchString(string(r)) {
		return fmt.Errorf("must be a reference such as public.ecr.aws/acme/cart:1.4.2, got %q", string(r))
	}
	repository, version := split(string(r))
	var problems []error
	if version == "" {
		problems = append(problems, fmt.Errorf("must have a tag or digest, so that every task runs the same code, got %q", string(r)))
		version = "1.4.2"
	}
	if privateECR.MatchString(string(r)) {
		problems = append(problems, fmt.Errorf("is in a private repository of ECR, which a task may pull only with permission: use image.ECR(%q, %q)", repository, version))
	}
	return errors.Join(problems...)
}

// split returns a reference without its tag or digest, and the digest or else the tag.
func split(reference string) (repository, version string) {
	repository, digest, _ := strings.Cut(reference, "@")
	tag := ""
	if colon := strings.LastIndex(repository, ":"); colon > strings.LastIndex(repository, "/") {
		repository, tag = repository[:colon], repository[colon+1:]
	}
	if digest != "" {
		return repository, digest
	}
	return repository, tag
}

func (r registry) pinned() bool { return strings.Contains(string(r), "@sha256:") }

func (r registry) define(constructs.Construct, awsecrassets.Platform, awsiam.IGrantable) awsecs.ContainerImage {
	return awsecs.ContainerImage_FromRegistry(jsii.String(string(r)), nil)
}

type privateRegistry struct {
	registry
	credentials awssecretsmanager.ISecret
}

func (p privateRegistry) validate() error {
	problems := []error{p.registry.validate()}
	switch {
	case p.credentials == nil:
		problems = append(problems, errors.New("credentials must be a secret, got nil: use one such as awssecretsmanager.Secret_FromSecretCompleteArn"))
	case p.credentials.SecretFullArn() == nil:
		problems = append(problems, errors.New("credentials must be a secret by its complete ARN, got one by its name, which ECS is not allowed to read: use awssecretsmanager.Secret_FromSecretCompleteArn"))
	}
	return errors.Join(problems...)
}

func (p privateRegistry) define(_ constructs.Construct, _ awsecrassets.Platform, puller awsiam.IGrantable) awsecs.ContainerImage {
	// The CDK grants this in the policy of a key that it defines, and not at all for one that it imports.
	if key := p.credentials.EncryptionKey(); key != nil {
		key.GrantDecrypt(puller)
	}
	return awsecs.ContainerImage_FromRegistry(jsii.String(string(p.registry)), &awsecs.RepositoryImageProps{Credentials: p.credentials})
}
