package image

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// Image is the source of a container image. Its zero value is invalid; use [Registry], [ECR] or [Build].
type Image struct {
	source source
}

// source is implemented by each kind of image.
type source interface {
	validate() error
	define(scope constructs.Construct, platform awsecrassets.Platform) awsecs.ContainerImage
}

// Registry returns an image that can be pulled from a registry without credentials. The reference is registry,
// repository, and tag or digest.
func Registry(reference string) Image { return Image{registry(reference)} }

// ECR returns an image in an ECR repository of the account and region that the service runs in. The tag can also be a
// digest that starts with "sha256:".
func ECR(repository, tag string) Image { return Image{ecr{repository, tag}} }

// Build returns an image that is built from the Dockerfile in a folder, relative to the working directory.
func Build(folder string) Image { return Image{build(folder)} }

// Validate returns one error that lists every problem with the image, or nil.
func (i Image) Validate() error {
	if i.source == nil {
		return errors.New("is missing: use image.Registry, image.ECR or image.Build")
	}
	return i.source.validate()
}

// Define returns the image as a CDK container image, for tasks of the given platform, which only [Build] uses. The
// image must be valid.
func (i Image) Define(scope constructs.Construct, platform awsecrassets.Platform) awsecs.ContainerImage {
	return i.source.define(scope, platform)
}

type registry string

// reference is the grammar of image references of the distribution project, without its length limits.
var reference = regexp.MustCompile(`^([a-zA-Z0-9][a-zA-Z0-9.-]*(:[0-9]+)?/)?[a-z0-9]+(([._]|__|-+|/)[a-z0-9]+)*(:\w[\w.-]{0,127})?(@sha256:[a-f0-9]{64})?$`)

func (r registry) validate() error {
	if !reference.MatchString(string(r)) {
		return fmt.Errorf("must be a reference such as public.ecr.aws/acme/cart:1.4.2, got %q", string(r))
	}
	if last := r[strings.LastIndex(string(r), "/")+1:]; !strings.ContainsAny(string(last), ":@") {
		return fmt.Errorf("must have a tag or digest, so that every task runs the same code, got %q", string(r))
	}
	return nil
}

func (r registry) define(constructs.Construct, awsecrassets.Platform) awsecs.ContainerImage {
	return awsecs.ContainerImage_FromRegistry(jsii.String(string(r)), nil)
}

type ecr struct{ repository, tag string }

var (
	ecrRepository = regexp.MustCompile(`^[a-z0-9]+([._/-][a-z0-9]+)*$`)
	ecrTag        = regexp.MustCompile(`^(\w[\w.-]{0,127}|sha256:[a-f0-9]{64})$`)
)

func (e ecr) validate() error {
	var problems []error
	if !ecrRepository.MatchString(e.repository) {
		problems = append(problems, fmt.Errorf("repository must be a name such as acme/cart, got %q", e.repository))
	}
	if !ecrTag.MatchString(e.tag) {
		problems = append(problems, fmt.Errorf("tag must be a tag such as 1.4.2, or a digest that starts with sha256:, got %q", e.tag))
	}
	return errors.Join(problems...)
}

func (e ecr) define(scope constructs.Construct, _ awsecrassets.Platform) awsecs.ContainerImage {
	repository := awsecr.Repository_FromRepositoryName(scope, jsii.String("Repository"), jsii.String(e.repository))
	return awsecs.ContainerImage_FromEcrRepository(repository, jsii.String(e.tag))
}

type build string

func (b build) validate() error {
	dockerfile := filepath.Join(string(b), "Dockerfile")
	if _, err := os.Stat(dockerfile); err != nil {
		return fmt.Errorf("must be a folder with a Dockerfile: %w", err)
	}
	return nil
}

func (b build) define(_ constructs.Construct, platform awsecrassets.Platform) awsecs.ContainerImage {
	return awsecs.ContainerImage_FromAsset(jsii.String(string(b)), &awsecs.AssetImageProps{Platform: platform})
}
