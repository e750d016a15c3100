package run

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/aws-sdk-go-v2/service/sts/types"
)

// vendor hands out the credentials of the task roles, as the container credentials endpoint of ECS does. Each task has a token for
// its own.
type vendor struct {
	client *sts.Client
	url    string // of the endpoint

	mutex  sync.Mutex
	grants map[string]*grant // by task
}

// grant is what one task may ask for.
type grant struct {
	token, role string
	mutex       sync.Mutex
	cached      *types.Credentials
}

// credentialsPath is followed by the name of a task.
const credentialsPath = "/credentials/"

// early is how long before their end credentials are replaced. The SDKs ask again some minutes before.
const early = 15 * time.Minute

// admit returns the variables with which a task gets the credentials of its role.
func (v *vendor) admit(task, role string) []string {
	if role == "" {
		return nil
	}
	g := &grant{token: rand.Text(), role: role}
	v.mutex.Lock()
	defer v.mutex.Unlock()
	v.grants[task] = g
	return []string{"AWS_CONTAINER_CREDENTIALS_FULL_URI=" + v.url + credentialsPath + task, "AWS_CONTAINER_AUTHORIZATION_TOKEN=" + g.token}
}

func (v *vendor) withdraw(task string) {
	v.mutex.Lock()
	defer v.mutex.Unlock()
	delete(v.grants, task)
}

// ServeHTTP responds in the format of the endpoint of ECS.
func (v *vendor) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	task := strings.TrimPrefix(r.URL.Path, credentialsPath)
	v.mutex.Lock()
	g := v.grants[task]
	v.mutex.Unlock()
	if g == nil || subtle.ConstantTimeCompare([]byte(r.Header.Get("Authorization")), []byte(g.token)) != 1 {
		refuse(w, http.StatusForbidden, "AccessDenied", "the token is not that of a running task")
		return
	}
	got, err := g.retrieve(r.Context(), v.client, task)
	if err != nil {
		refuse(w, http.StatusBadGateway, "AssumeRoleFailed", err.Error())
		return
	}
	writeJSON(w, http.StatusOK, map[string]string{
		"RoleArn": g.role, "AccessKeyId": aws.ToString(got.AccessKeyId), "SecretAccessKey": aws.ToString(got.SecretAccessKey),
		"Token": aws.ToString(got.SessionToken), "Expiration": aws.ToTime(got.Expiration).UTC().Format(time.RFC3339),
	})
}

func refuse(w http.ResponseWriter, status int, code, message string) {
	writeJSON(w, status, map[string]string{"code": code, "message": message})
}

func writeJSON(w http.ResponseWriter, status int, value any) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(value)
}

func (g *grant) retrieve(ctx context.Context, client *sts.Client, task string) (*types.Credentials, error) {
	g.mutex.Lock()
	defer g.mutex.Unlock()
	if g.cached != nil && time.Until(aws.ToTime(g.cached.Expiration)) > early {
		return g.cached, nil
	}
	got, err := assume(ctx, client, g.role, task)
	if err != nil {
		return nil, err
	}
	g.cached = got
	return got, nil
}

func assume(ctx context.Context, client *sts.Client, role, session string) (*types.Credentials, error) {
	assumed, err := client.AssumeRole(ctx, &sts.AssumeRoleInput{RoleArn: &role, RoleSessionName: &session})
	if err != nil {
		return nil, fmt.Errorf("assume role %s: %w", role, err)
	}
	return assumed.Credentials, nil
}

// as returns the configuration with the credentials of a role.
func as(config aws.Config, got *types.Credentials) aws.Config {
	config = config.Copy()
	config.Credentials = credentials.NewStaticCredentialsProvider(aws.ToString(got.AccessKeyId), aws.ToString(got.SecretAccessKey), aws.ToString(got.SessionToken))
	return config
}
