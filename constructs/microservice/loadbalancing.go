package microservice

import (
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// LoadBalancing sets how the load balancer chooses a task for a request. If zero, round robin.
type LoadBalancing struct {
	// LeastOutstandingRequests chooses the task with the fewest outstanding requests, for requests that differ much in
	// duration.
	LeastOutstandingRequests bool
	// SlowStart is the time over which the share of a new task increases, for applications that warm up, in whole
	// seconds from 30s to 15m. If zero, a new task gets its full share at once. It has no effect on the first tasks of
	// a target group, and so none on a gradual deployment, whose tasks are all new; it excludes
	// LeastOutstandingRequests.
	SlowStart time.Duration
	// TLS sends requests and health checks over HTTPS, for an application that serves TLS at Port. The load balancer accepts
	// any certificate, also a self-signed or an expired one, and does not verify it: requests are encrypted, and the security
	// groups alone say to whom they go. Set it when the service is first deployed, since a change replaces its target groups.
	TLS bool
}

// Source: https://docs.aws.amazon.com/elasticloadbalancing/latest/application/edit-target-group-attributes.html
const (
	minSlowStart = 30 * time.Second
	maxSlowStart = 15 * time.Minute
)

func (p Props) validateLoadBalancing() error {
	b := p.LoadBalancing
	if b == (LoadBalancing{}) {
		return nil
	}
	if len(p.Routes) == 0 {
		return errors.New("LoadBalancing needs Routes, since a worker gets no requests, got none")
	}
	if b.SlowStart == 0 {
		return nil
	}
	var excluded error
	if b.LeastOutstandingRequests {
		excluded = fmt.Errorf("LoadBalancing.SlowStart excludes LeastOutstandingRequests, got %s with it: keep one", b.SlowStart)
	}
	return errors.Join(excluded, cdkx.CheckSeconds("LoadBalancing.SlowStart", b.SlowStart, minSlowStart, maxSlowStart))
}

// algorithm returns the load balancer's default, too: a target group keeps the attributes that an update leaves out.
func (b LoadBalancing) algorithm() awselasticloadbalancingv2.TargetGroupLoadBalancingAlgorithmType {
	if b.LeastOutstandingRequests {
		return awselasticloadbalancingv2.TargetGroupLoadBalancingAlgorithmType_LEAST_OUTSTANDING_REQUESTS
	}
	return awselasticloadbalancingv2.TargetGroupLoadBalancingAlgorithmType_ROUND_ROBIN
}

// protocols returns the protocols of requests and of health checks. The load balancer's default for the second is HTTP,
// whatever the first is.
func (b LoadBalancing) protocols() (awselasticloadbalancingv2.ApplicationProtocol, awselasticloadbalancingv2.Protocol) {
	if b.TLS {
		return awselasticloadbalancingv2.ApplicationProtocol_HTTPS, awselasticloadbalancingv2.Protocol_HTTPS
	}
	return awselasticloadbalancingv2.ApplicationProtocol_HTTP, ""
}
