package main

import (
	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticache"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/metric"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/store"
)

// cache is a store that the library does not have: a serverless cache for Valkey, which accepts connections over TLS alone.
type cache struct {
	awselasticache.CfnServerlessCache
	connections awsec2.Connections
}

var _ store.Store = cache{}

// newCache defines a cache with the name of its stack. A stack has one.
func newCache(scope constructs.Construct, id string) cache {
	c := awselasticache.NewCfnServerlessCache(scope, jsii.String(id), &awselasticache.CfnServerlessCacheProps{
		Engine:              jsii.String("valkey"),
		MajorEngineVersion:  jsii.String("8"),
		ServerlessCacheName: awscdk.Stack_Of(scope).StackName(),
		CacheUsageLimits: &awselasticache.CfnServerlessCache_CacheUsageLimitsProperty{
			EcpuPerSecond: &awselasticache.CfnServerlessCache_ECPUPerSecondProperty{Maximum: jsii.Number(5000)},
		},
	})
	vpc := platform.Of(scope).VPC()
	group := awsec2.NewSecurityGroup(c, jsii.String("SecurityGroup"), &awsec2.SecurityGroupProps{Vpc: vpc, AllowAllOutbound: jsii.Bool(false)})
	subnets := (*vpc.SelectSubnets(nil).SubnetIds)[:2] // of all: a zone that is appended would replace the cache
	c.SetSubnetIds(&subnets)
	c.SetSecurityGroupIds(&[]*string{group.SecurityGroupId()})
	return cache{c, group.Connections()}
}

// Bind lets the consumer connect, sets the address, and adds an alarm on refused commands.
func (c cache) Bind(consumer store.Consumer, access store.Access) (store.Binding, error) {
	if access != store.ReadWrite {
		return store.Binding{}, store.Unsupported(access, store.ReadWrite)
	}
	c.connections.AllowFrom(consumer, awsec2.Port_Tcp(jsii.Number(6379)), nil)
	return store.Binding{
		Environment: map[string]string{"CACHE_HOST": *c.AttrEndpointAddress()},
		Alarms: []alarm.Alarm{{
			ID: "Throttled",
			Metric: metric.Metric{
				Namespace: "AWS/ElastiCache", Name: "ThrottledCmds", Statistic: metric.Sum,
				Dimensions: map[string]string{"clusterId": *c.ServerlessCacheName()},
			},
			Comparison: alarm.AtLeast, Threshold: 10, Periods: 5, Datapoints: 3, Missing: alarm.NotBreaching,
			Meaning: "the cache refuses commands. Free times are read from the table, and requests are slower.",
			LookAt:  [3]string{"the rate of commands, ElastiCacheProcessingUnits.", "the maximum EcpuPerSecond of the cache.", alarm.LookAtDeployment},
		}},
	}, nil
}
