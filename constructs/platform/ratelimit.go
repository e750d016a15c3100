package platform

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awswafv2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// RateLimit limits the requests of each client, by the address from which it calls the API. A client above the limit gets
// the status 429 until its rate is below. AWS WAF counts at the load balancer, so a request that the API refuses does not
// count. A limit names a path and not a service, so the platform can be deployed before the service.
type RateLimit struct {
	// Path is the beginning of the paths whose requests count, such as "/login". If empty, all do.
	Path string
	// Requests is the maximum number of requests of one client in five minutes, from 10 to 100,000,000. Required. WAF notices
	// an excess within about half a minute.
	Requests int
}

// Source: https://docs.aws.amazon.com/waf/latest/developerguide/waf-rule-statement-type-rate-based-high-level-settings.html
const (
	rateLimitSeconds = 300
	minRateLimit     = 10
	maxRateLimit     = 100000000
	maxRateLimits    = 50
)

// limitedPath is at most 200 bytes, the limit of WAF.
var limitedPath = regexp.MustCompile(`^/[A-Za-z0-9._~!$&'()*+,;=:@/-]{0,199}$`)

func validateRateLimits(limits []RateLimit) error {
	var problems []error
	if len(limits) > maxRateLimits {
		problems = append(problems, fmt.Errorf("RateLimits must be at most %d, got %d", maxRateLimits, len(limits)))
	}
	seen := map[string]int{}
	for n, limit := range limits {
		if limit.Path != "" && !limitedPath.MatchString(limit.Path) {
			problems = append(problems, fmt.Errorf("RateLimits[%d].Path must start with a slash and be the beginning of a path without variables, at most 200 characters, got %q", n, limit.Path))
		}
		problems = append(problems, cdkx.CheckWithin(fmt.Sprintf("RateLimits[%d].Requests", n), limit.Requests, minRateLimit, maxRateLimit))
		if other, known := seen[limit.Path]; known {
			problems = append(problems, fmt.Errorf("RateLimits[%d].Path %q is already limited by RateLimits[%d]: keep one", n, limit.Path, other))
		}
		seen[limit.Path] = n
	}
	return errors.Join(problems...)
}

// addRateLimits has AWS WAF count requests by the header with the client's address, which API Gateway overwrites. HTTP APIs do
// not support web ACLs.
func (p *Platform) addRateLimits(loadBalancer awselasticloadbalancingv2.ApplicationLoadBalancer, limits []RateLimit) {
	if len(limits) == 0 {
		return
	}
	rules := make([]*awswafv2.CfnWebACL_RuleProperty, len(limits))
	for n, limit := range limits {
		name := fmt.Sprint("Limit", n+1)
		rules[n] = &awswafv2.CfnWebACL_RuleProperty{
			Name:      jsii.String(name),
			Priority:  jsii.Number(n),
			Statement: limit.statement(),
			Action: &awswafv2.CfnWebACL_RuleActionProperty{Block: &awswafv2.CfnWebACL_BlockActionProperty{
				CustomResponse: &awswafv2.CfnWebACL_CustomResponseProperty{ResponseCode: jsii.Number(429)},
			}},
			VisibilityConfig: visible(name),
		}
	}
	acl := awswafv2.NewCfnWebACL(p, jsii.String("RateLimits"), &awswafv2.CfnWebACLProps{
		Description:      jsii.String("Limits the requests of each client of the API"),
		Scope:            jsii.String("REGIONAL"),
		DefaultAction:    &awswafv2.CfnWebACL_DefaultActionProperty{Allow: &awswafv2.CfnWebACL_AllowActionProperty{}},
		Rules:            &rules,
		VisibilityConfig: visible("RateLimits"),
	})
	awswafv2.NewCfnWebACLAssociation(p, jsii.String("RateLimited"), &awswafv2.CfnWebACLAssociationProps{
		ResourceArn: loadBalancer.LoadBalancerArn(),
		WebAclArn:   acl.AttrArn(),
	})
}

func (l RateLimit) statement() *awswafv2.CfnWebACL_StatementProperty {
	limited := &awswafv2.CfnWebACL_RateBasedStatementProperty{
		Limit:               jsii.Number(l.Requests),
		EvaluationWindowSec: jsii.Number(rateLimitSeconds),
		AggregateKeyType:    jsii.String("FORWARDED_IP"),
		ForwardedIpConfig: &awswafv2.CfnWebACL_ForwardedIPConfigurationProperty{
			HeaderName:       jsii.String(HeaderClientIP),
			FallbackBehavior: jsii.String("NO_MATCH"),
		},
	}
	if l.Path != "" {
		limited.ScopeDownStatement = &awswafv2.CfnWebACL_StatementProperty{ByteMatchStatement: &awswafv2.CfnWebACL_ByteMatchStatementProperty{
			FieldToMatch:         &awswafv2.CfnWebACL_FieldToMatchProperty{UriPath: map[string]any{}},
			PositionalConstraint: jsii.String("STARTS_WITH"),
			SearchString:         jsii.String(l.Path),
			// API Gateway decodes a path before it matches a route.
			TextTransformations: &[]*awswafv2.CfnWebACL_TextTransformationProperty{{Priority: jsii.Number(0), Type: jsii.String("URL_DECODE")}},
		}}
	}
	return &awswafv2.CfnWebACL_StatementProperty{RateBasedStatement: limited}
}

func visible(metric string) *awswafv2.CfnWebACL_VisibilityConfigProperty {
	return &awswafv2.CfnWebACL_VisibilityConfigProperty{
		CloudWatchMetricsEnabled: jsii.Bool(true), MetricName: jsii.String(metric), SampledRequestsEnabled: jsii.Bool(true),
	}
}
