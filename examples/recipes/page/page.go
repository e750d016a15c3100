// Package page is the recipe of docs/recipes/page.md: a page on the origin of the API.
package page

import (
	_ "embed"
	"fmt"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfront"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudfrontorigins"
	"github.com/aws/aws-cdk-go/awscdk/v2/awss3"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/platform"
)

// paths is the code of the function that gives each path of the page index.html.
//
//go:embed paths.js
var paths string

// Define puts a page in front of the API of the environment's platform: /shop is a file, everything else a request to the API.
func Define(stack awscdk.Stack, _ app.Environment) {
	files := awss3.NewBucket(stack, jsii.String("Files"), &awss3.BucketProps{
		BlockPublicAccess: awss3.BlockPublicAccess_BLOCK_ALL(),
		EnforceSSL:        jsii.Bool(true),
		RemovalPolicy:     awscdk.RemovalPolicy_DESTROY, // make web makes them again
	})
	api := platform.Of(stack).API()
	page := &awscloudfront.BehaviorOptions{
		Origin:                awscloudfrontorigins.S3BucketOrigin_WithOriginAccessControl(files, nil),
		ViewerProtocolPolicy:  awscloudfront.ViewerProtocolPolicy_REDIRECT_TO_HTTPS,
		ResponseHeadersPolicy: awscloudfront.ResponseHeadersPolicy_SECURITY_HEADERS(),
		FunctionAssociations: &[]*awscloudfront.FunctionAssociation{{
			EventType: awscloudfront.FunctionEventType_VIEWER_REQUEST,
			Function: awscloudfront.NewFunction(stack, jsii.String("Paths"), &awscloudfront.FunctionProps{
				Code:    awscloudfront.FunctionCode_FromInline(&paths),
				Runtime: awscloudfront.FunctionRuntime_JS_2_0(),
			}),
		}},
	}
	distribution := awscloudfront.NewDistribution(stack, jsii.String("Distribution"), &awscloudfront.DistributionProps{
		AdditionalBehaviors: &map[string]*awscloudfront.BehaviorOptions{"/": page, "/shop": page, "/shop/*": page},
		DefaultBehavior: &awscloudfront.BehaviorOptions{
			Origin: awscloudfrontorigins.NewHttpOrigin(jsii.String(fmt.Sprintf("%s.execute-api.%s.%s",
				*api.ApiId(), *stack.Region(), *stack.UrlSuffix())), nil),
			ViewerProtocolPolicy: awscloudfront.ViewerProtocolPolicy_HTTPS_ONLY,
			AllowedMethods:       awscloudfront.AllowedMethods_ALLOW_ALL(),
			// A response can be for one user alone. The tokens and all else of a request go to the API.
			CachePolicy:         awscloudfront.CachePolicy_CACHING_DISABLED(),
			OriginRequestPolicy: awscloudfront.OriginRequestPolicy_ALL_VIEWER_EXCEPT_HOST_HEADER(),
		},
	})
	awscdk.NewCfnOutput(stack, jsii.String("PageUrl"), &awscdk.CfnOutputProps{
		Value: jsii.String("https://" + *distribution.DistributionDomainName()),
	})
	awscdk.NewCfnOutput(stack, jsii.String("FilesBucketName"), &awscdk.CfnOutputProps{Value: files.BucketName()})
}
