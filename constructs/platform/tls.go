package platform

import (
	"errors"
	"fmt"
	"regexp"

	"github.com/aws/aws-cdk-go/awscdk/v2/awscertificatemanager"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsec2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awselasticloadbalancingv2"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// TLS configures HTTPS between the API and the load balancer. Services use it if [Ref.TLS] is set in their environment.
type TLS struct {
	// Certificate is a certificate of the platform's region that a public authority issued for ServerName, such as one of
	// ACM. Required.
	Certificate awscertificatemanager.ICertificate
	// ServerName is the domain name that API Gateway verifies the certificate for, such as "internal.shop.example.com". It
	// need not be in DNS, since API Gateway reaches the load balancer through the VPC link. Required.
	ServerName string
	// KeepHTTP keeps the listener for plain HTTP beside that for HTTPS, while the services of a running platform change
	// from one to the other.
	KeepHTTP bool
}

// on reports whether there is an HTTPS listener.
func (t TLS) on() bool { return t != TLS{} }

var domainName = regexp.MustCompile(`^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$`)

func (t TLS) validate() error {
	if !t.on() {
		return nil
	}
	var problems []error
	if t.Certificate == nil {
		problems = append(problems, errors.New("TLS.Certificate is missing: set it, such as to awscertificatemanager.Certificate_FromCertificateArn(…)"))
	}
	if len(t.ServerName) > 253 || !domainName.MatchString(t.ServerName) {
		problems = append(problems, fmt.Errorf("TLS.ServerName must be a domain name of the certificate in lower case, such as internal.shop.example.com, got %q", t.ServerName))
	}
	return errors.Join(problems...)
}

// validateFor rejects TLS that differs from the environment's reference to the platform, which services use.
func (t TLS) validateFor(ref Ref) error {
	switch {
	case ref == (Ref{}):
		return nil
	case ref.TLS && !t.on():
		return errors.New("TLS is missing, since Platform.TLS of the environment is set: set Certificate and ServerName, or remove it there")
	case !ref.TLS && t.on() && !t.KeepHTTP:
		return errors.New("TLS needs KeepHTTP until Platform.TLS of the environment is set: services would read a listener for HTTP that does not exist")
	}
	return nil
}

// addListeners defines the listeners of the load balancer, lets the VPC link reach them, and publishes them. They respond
// with 404 to requests that no service's rule matches.
func (p *Platform) addListeners(loadBalancer awselasticloadbalancingv2.ApplicationLoadBalancer, tls TLS, link awsec2.ISecurityGroup) {
	if !tls.on() || tls.KeepHTTP {
		p.listener = loadBalancer.AddListener(jsii.String("Http"), listenerProps(80))
		cdkx.Publish(p, OutputListenerARN, p.listener.ListenerArn())
		p.loadBalancerSecurityGroup.Connections().AllowFrom(link, awsec2.Port_Tcp(jsii.Number(80)), jsii.String("from the VPC link"))
	}
	if tls.on() {
		props := listenerProps(443)
		props.Certificates = &[]awselasticloadbalancingv2.IListenerCertificate{
			awselasticloadbalancingv2.ListenerCertificate_FromCertificateManager(tls.Certificate),
		}
		props.SslPolicy = awselasticloadbalancingv2.SslPolicy_RECOMMENDED_TLS
		p.listener = loadBalancer.AddListener(jsii.String("Https"), props)
		cdkx.Publish(p, OutputHTTPSListenerARN, p.listener.ListenerArn())
		cdkx.Publish(p, OutputTLSServerName, jsii.String(tls.ServerName))
		p.loadBalancerSecurityGroup.Connections().AllowFrom(link, awsec2.Port_Tcp(jsii.Number(443)), jsii.String("from the VPC link"))
	}
}

func listenerProps(port int) *awselasticloadbalancingv2.BaseApplicationListenerProps {
	return &awselasticloadbalancingv2.BaseApplicationListenerProps{
		Port: jsii.Number(port),
		Open: jsii.Bool(false),
		DefaultAction: awselasticloadbalancingv2.ListenerAction_FixedResponse(jsii.Number(404), &awselasticloadbalancingv2.FixedResponseOptions{
			ContentType: jsii.String("application/json"),
			MessageBody: jsii.String(`{"message":"no such service"}`),
		}),
	}
}
