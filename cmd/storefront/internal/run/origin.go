package run

import (
	"context"
	"fmt"
	"maps"
	"net/http"
	"net/http/httputil"
	"slices"
	"strings"
	"sync"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/apigatewayv2"
)

// Origins are those of the pages that the deployed APIs admit by CORS.
func Origins(ctx context.Context, config aws.Config, urls map[string]string) ([]string, error) {
	client := apigatewayv2.NewFromConfig(config)
	var all []string
	for _, id := range slices.Sorted(maps.Keys(urls)) {
		got, err := client.GetApi(ctx, &apigatewayv2.GetApiInput{ApiId: &id})
		if err != nil {
			return nil, fmt.Errorf("read the API %s: %w", id, err)
		}
		if got.CorsConfiguration != nil {
			all = append(all, got.CorsConfiguration.AllowOrigins...)
		}
	}
	return slices.DeleteFunc(all, func(origin string) bool { return strings.Contains(origin, "*") }), nil
}

// origin makes a page of the front one of the CDN that the front stands for: it may have any port, while buckets admit the pages of
// the environment alone. To AWS it has the first origin that the API admits.
type origin struct {
	mutex    sync.Mutex
	port     string // of the front
	admitted []string
}

func (o *origin) admit(origins []string) {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	o.admitted = origins
}

// of is the origin that stands for one of the front, or nothing.
func (o *origin) of(sent string) string {
	o.mutex.Lock()
	defer o.mutex.Unlock()
	own := sent == "http://"+loopback+":"+o.port || sent == "http://localhost:"+o.port
	if !own || len(o.admitted) == 0 || slices.Contains(o.admitted, sent) {
		return ""
	}
	return o.admitted[0]
}

// replaced is the key of the origin of a request that another one stands for.
type replaced struct{}

func (o *origin) rewrite(r *httputil.ProxyRequest) {
	sent := r.In.Header.Get("Origin")
	if stands := o.of(sent); stands != "" {
		r.Out.Header.Set("Origin", stands)
		r.Out = r.Out.WithContext(context.WithValue(r.Out.Context(), replaced{}, sent))
	}
}

func (o *origin) restore(response *http.Response) error {
	const allowed = "Access-Control-Allow-Origin"
	sent, ok := response.Request.Context().Value(replaced{}).(string)
	if ok && response.Header.Get(allowed) == response.Request.Header.Get("Origin") {
		response.Header.Set(allowed, sent)
	}
	return nil
}
