package image

import (
	"errors"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
)

// Image is the source of a container image. Its zero value is invalid; use [Registry], [PrivateRegistry], [ECR],
// [PullThroughCache], [Build] or [BuildWith].
type Image struct {
	source source
}

// source is implemented by each kind of image.
type source interface {
	validate() error
	// pinned reports whether the image cannot change without a change of the template.
	pinned() bool
	define(scope constructs.Construct, platform awsecrassets.Platform, puller awsiam.IGrantable) awsecs.ContainerImage
}

// Validate returns one error that lists every problem with the image, or nil.
func (i Image) Validate() error {
	if i.source == nil {
		return errors.New("is missing: use image.Registry, image.ECR or image.Build")
	}
	return i.source.validate()
}

// Pinned reports whether the image is named by its digest, or built from a folder, which names it by a hash. A tag may be
// moved to another image, which then runs without a deployment.
func (i Image) Pinned() bool { return i.source != nil && i.source.pinned() }

// Define returns the image as a CDK container image, for tasks of the given platform, which only a build uses. The
// puller, the task execution role, may pull it. The image must be valid.
func (i Image) Define(scope constructs.Construct, platform awsecrassets.Platform, puller awsiam.IGrantable) awsecs.ContainerImage {
	return i.source.define(scope, platform, puller)
}
