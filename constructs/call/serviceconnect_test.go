package call

import (
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestDefaults(t *testing.T) {
	for name, c := range map[string]struct{ given, want ServiceConnect }{
		"nothing":           {ServiceConnect{}, ServiceConnect{Protocol: HTTP, RequestTimeout: 10 * time.Second, IdleTimeout: 5 * time.Minute}},
		"long requests":     {ServiceConnect{RequestTimeout: 10 * time.Minute}, ServiceConnect{Protocol: HTTP, RequestTimeout: 10 * time.Minute, IdleTimeout: 10 * time.Minute}},
		"all":               {ServiceConnect{GRPC, time.Second, time.Minute, "arn"}, ServiceConnect{GRPC, time.Second, time.Minute, "arn"}},
		"short connections": {ServiceConnect{IdleTimeout: 20 * time.Second}, ServiceConnect{Protocol: HTTP, RequestTimeout: 10 * time.Second, IdleTimeout: 20 * time.Second}},
	} {
		t.Run(name, func(t *testing.T) {
			if got := c.given.WithDefaults(); got != c.want {
				t.Errorf("got %+v, want %+v", got, c.want)
			}
		})
	}
}

func TestValidate(t *testing.T) {
	const authority = "arn:aws:acm-pca:us-east-1:111122223333:certificate-authority/0f1e2d3c-4b5a-6978-8796-a5b4c3d2e1f0"
	for name, c := range map[string]struct {
		given ServiceConnect
		want  []string
	}{
		"nothing":           {ServiceConnect{}, nil},
		"the longest":       {ServiceConnect{HTTP2, time.Hour, 24 * time.Hour, authority}, nil},
		"the shortest":      {ServiceConnect{GRPC, time.Second, time.Second, ""}, nil},
		"an own authority":  {ServiceConnect{CertificateAuthority: "${Token[TOKEN.12]}"}, nil},
		"protocol":          {ServiceConnect{Protocol: "tcp"}, []string{`ServiceConnect.Protocol must be http, http2 or grpc, got "tcp"`}},
		"half a second":     {ServiceConnect{RequestTimeout: 500 * time.Millisecond}, []string{"ServiceConnect.RequestTimeout must be whole seconds from 1s to 1h0m0s, got 500ms"}},
		"negative, for all": {ServiceConnect{IdleTimeout: -1}, []string{"ServiceConnect.IdleTimeout must be whole seconds from 1s to 24h0m0s, got -1ns"}},
		"requests that end early": {
			ServiceConnect{RequestTimeout: time.Minute, IdleTimeout: 30 * time.Second},
			[]string{"ServiceConnect.IdleTimeout must be at least RequestTimeout (1m0s), else it ends requests, got 30s"},
		},
		"all": {ServiceConnect{"tcp", 2 * time.Hour, 48 * time.Hour, "arn:aws:acm:us-east-1:111122223333:certificate/1"}, []string{
			`ServiceConnect.Protocol must be http, http2 or grpc, got "tcp"`,
			"ServiceConnect.RequestTimeout must be whole seconds from 1s to 1h0m0s, got 2h0m0s",
			"ServiceConnect.IdleTimeout must be whole seconds from 1s to 24h0m0s, got 48h0m0s",
			"ServiceConnect.CertificateAuthority must be the ARN of a certificate authority, such as arn:aws:acm-pca:eu-central-1:111122223333:certificate-authority/0f1e2d3c-…, got \"arn:aws:acm:us-east-1:111122223333:certificate/1\"",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			expect.Problems(t, c.given.WithDefaults().Validate(), c.want...)
		})
	}
}
