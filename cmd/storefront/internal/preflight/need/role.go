package need

import (
	"slices"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/assembly"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// Role is a service-linked role.
type Role struct {
	Service string // the service principal
	Name    string

	order int
}

// The service-linked roles that resources need. AWS creates a missing one at the first use, but ECS does not wait until it
// can be assumed, and OpenSearch refuses a domain in a VPC instead.
var (
	roleECS = Role{"ecs.amazonaws.com", "AWSServiceRoleForECS", 1}
	roleELB = Role{"elasticloadbalancing.amazonaws.com", "AWSServiceRoleForElasticLoadBalancing", 2}
	roleAPI = Role{"ops.apigateway.amazonaws.com", "AWSServiceRoleForAPIGateway", 3}
	// Application Auto Scaling has a role for each kind of target.
	roleScalingECS      = Role{"ecs.application-autoscaling.amazonaws.com", "AWSServiceRoleForApplicationAutoScaling_ECSService", 4}
	roleScalingDynamoDB = Role{"dynamodb.application-autoscaling.amazonaws.com", "AWSServiceRoleForApplicationAutoScaling_DynamoDBTable", 5}
	roleSearch          = Role{"opensearchservice.amazonaws.com", "AWSServiceRoleForAmazonOpenSearchService", 6}
	roleCache           = Role{"elasticache.amazonaws.com", "AWSServiceRoleForElastiCache", 7}
	roleDatabase        = Role{"rds.amazonaws.com", "AWSServiceRoleForRDS", 8}
)

func (c *collector) roles(stack assembly.Stack) {
	for _, r := range stack.Resources("") {
		if role, ok := roleOf(r); ok && !slices.Contains(c.need.Roles, role) {
			c.need.Roles = append(c.need.Roles, role)
		}
	}
}

func roleOf(r snapshot.Resource) (Role, bool) {
	switch r.Type {
	case "AWS::ECS::Cluster", "AWS::ECS::Service":
		return roleECS, true
	case "AWS::ElasticLoadBalancingV2::LoadBalancer":
		return roleELB, true
	case "AWS::ApiGatewayV2::VpcLink":
		return roleAPI, true
	case "AWS::ApplicationAutoScaling::ScalableTarget":
		switch r.Get("Properties.ServiceNamespace") {
		case "ecs":
			return roleScalingECS, true
		case "dynamodb":
			return roleScalingDynamoDB, true
		}
	case "AWS::DynamoDB::GlobalTable":
		// Its provisioned capacity is always scaled.
		return roleScalingDynamoDB, r.Get("Properties.BillingMode") == "PROVISIONED"
	case "AWS::OpenSearchService::Domain":
		return roleSearch, r.Get("Properties.VPCOptions") != nil
	case "AWS::ElastiCache::ServerlessCache", "AWS::ElastiCache::ReplicationGroup", "AWS::ElastiCache::CacheCluster":
		return roleCache, true
	case "AWS::RDS::DBCluster", "AWS::RDS::DBInstance":
		return roleDatabase, true
	}
	return Role{}, false
}
