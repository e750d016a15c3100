package image

import (
	"errors"
	"fmt"
	"regexp"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecr"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// ECR returns an image in a private repository of ECR. A name alone, such as "acme/cart", is a repository of the account
// and region that the service runs in. The repository of another account or region is written as its URI,
// "111122223333.dkr.ecr.eu-central-1.amazonaws.com/acme/cart"; the policy of the repository must allow the service's
// account to pull. The tag can also be a digest that starts with "sha256:".
func ECR(repository, tag string) Image { return Image{ecr{repository, tag, false}} }

// PullThroughCache is like [ECR], for a repository that caches the images of another registry. ECR creates the
// repository and imports an image when the first task pulls it, which the task execution role must be allowed to do. ECR
// imports over the internet: in a network without NAT, pull each image once from elsewhere before a task does.
//
//	image.PullThroughCache("docker-hub/library/nginx", "1.27")
//
// Source: https://docs.aws.amazon.com/AmazonECR/latest/userguide/pull-through-cache-iam.html
func PullThroughCache(repository, tag string) Image { return Image{ecr{repository, tag, true}} }

type ecr struct {
	repository, tag string
	caches          bool
}

var (
	ecrRepository = regexp.MustCompile(`^[a-z0-9]+([._/-][a-z0-9]+)*$`)
	ecrTag        = regexp.MustCompile(`^(\w[\w.-]{0,127}|sha256:[a-f0-9]{64})$`)
	// privateECR matches the URI of a private repository of any partition, by IPv4 or dual-stack, with or without FIPS.
	// The first two groups are the account and the region.
	privateECR = regexp.MustCompile(`^(\d{12})\.dkr[.-]ecr(?:-fips)?\.([a-z0-9-]+)\.[a-z0-9.-]+/(.*)$`)
)

// parts returns the account and region of a URI, which are empty for a name, and the name of the repository.
func (e ecr) parts() (account, region, name string) {
	if found := privateECR.FindStringSubmatch(e.repository); found != nil {
		return found[1], found[2], found[3]
	}
	return "", "", e.repository
}

func (e ecr) validate() error {
	var problems []error
	if _, _, name := e.parts(); !ecrRepository.MatchString(name) {
		problems = append(problems, fmt.Errorf(
			"repository must be a name such as acme/cart, or a URI such as 111122223333.dkr.ecr.eu-central-1.amazonaws.com/acme/cart, got %q", e.repository))
	}
	if !ecrTag.MatchString(e.tag) {
		problems = append(problems, fmt.Errorf("tag must be a tag such as 1.4.2, or a digest that starts with sha256:, got %q", e.tag))
	}
	return errors.Join(problems...)
}

func (e ecr) pinned() bool { return strings.HasPrefix(e.tag, "sha256:") }

func (e ecr) define(scope constructs.Construct, _ awsecrassets.Platform, puller awsiam.IGrantable) awsecs.ContainerImage {
	account, region, name := e.parts()
	var repository awsecr.IRepository
	if account == "" {
		repository = awsecr.Repository_FromRepositoryName(scope, jsii.String("Repository"), jsii.String(name))
	} else {
		repository = awsecr.Repository_FromRepositoryAttributes(scope, jsii.String("Repository"), &awsecr.RepositoryAttributes{
			RepositoryName: jsii.String(name),
			RepositoryArn:  jsii.String(fmt.Sprintf("arn:%s:ecr:%s:%s:repository/%s", *awscdk.Aws_PARTITION(), region, account, name)),
		})
	}
	if e.caches {
		repository.Grant(puller, jsii.String("ecr:BatchImportUpstreamImage"), jsii.String("ecr:CreateRepository"))
	}
	return awsecs.ContainerImage_FromEcrRepository(repository, jsii.String(e.tag))
}
