package account

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecr"
	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/remote/transport"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/preflight/need"
)

// imageTimeout is for one image, whose registry may not respond.
const imageTimeout = 15 * time.Second

// images looks up the manifest of each image. ECS finds a missing one only when it starts the first task, and gives up
// after 5 to 15 minutes.
func (l *look) images(ctx context.Context) []finding.Finding {
	if len(l.need.Images) == 0 {
		return nil
	}
	problems := make([]finding.Finding, len(l.need.Images))
	var group sync.WaitGroup
	for n, image := range l.need.Images {
		group.Go(func() { problems[n] = l.image(ctx, image) })
	}
	group.Wait()
	return summary(l.need.Images, problems)
}

// summary returns one finding for each problem, with all the images that have it.
func summary(images []need.Image, problems []finding.Finding) []finding.Finding {
	const check = "images"
	var findings []finding.Finding
	good := 0
	for n, problem := range problems {
		if problem.Status == finding.OK {
			good++
			continue
		}
		same := slices.IndexFunc(findings, func(f finding.Finding) bool { return f.Detail == problem.Detail && f.Fix == problem.Fix })
		if same < 0 {
			problem.Check, problem.Subject = check, images[n].Reference
			findings = append(findings, problem)
			continue
		}
		findings[same].Subject += ", " + afterPrefix(images[n].Reference, findings[same].Subject)
	}
	if good > 0 {
		findings = append([]finding.Finding{ok(check, "%s for the architecture of the tasks", exist(good))}, findings...)
	}
	return findings
}

func exist(n int) string {
	if n == 1 {
		return "1 exists"
	}
	return fmt.Sprintf("%d exist", n)
}

// afterPrefix leaves out the repository's path if the first image of a list has the same.
func afterPrefix(reference, list string) string {
	first, _, _ := strings.Cut(list, ", ")
	if prefix := first[:strings.LastIndex(first, "/")+1]; prefix != "" && strings.HasPrefix(reference, prefix) {
		return strings.TrimPrefix(reference, prefix)
	}
	return reference
}

// image returns the problem with one image, without its subject.
func (l *look) image(ctx context.Context, image need.Image) finding.Finding {
	ctx, cancel := context.WithTimeout(ctx, imageTimeout)
	defer cancel()
	switch {
	case !image.Resolved:
		return finding.Finding{Detail: "not checked, since its name is not known before the deployment", Status: finding.Warning}
	case image.Secret:
		return finding.Finding{Detail: "not checked, since ECS pulls it with credentials in a secret", Status: finding.Warning}
	case image.Cached:
		return finding.Finding{
			Detail: "not checked, since ECR would import it into its pull-through cache", Status: finding.Warning,
			Fix: "if the network has no NAT, pull it once from elsewhere, since tasks cannot import it",
		}
	}
	reference, err := name.ParseReference(image.Reference)
	if err != nil {
		return finding.Finding{Detail: "is not a reference to an image: " + finding.Brief(err.Error()), Fix: "correct the image, such as by the environment's Images", Status: finding.Missing}
	}
	auth, err := l.credentials(ctx, reference)
	if err != nil {
		return unknown("", "ecr:GetAuthorizationToken", err)[0]
	}
	options := []remote.Option{remote.WithContext(ctx), remote.WithAuth(auth), remote.WithRetryBackoff(remote.Backoff{Steps: 1})}
	if l.Registry != nil {
		options = append(options, remote.WithTransport(l.Registry))
	}
	architectures, err := architectures(reference, options)
	if err != nil {
		return imageProblem(err, auth != authn.Anonymous)
	}
	if !slices.Contains(architectures, image.Architecture) {
		return finding.Finding{
			Detail: fmt.Sprintf("exists for %s, and not for %s", strings.Join(architectures, ", "), image.Architecture), Status: finding.Missing,
			Fix: "build it with docker buildx build --platform linux/" + image.Architecture,
		}
	}
	return finding.Finding{}
}

// architectures returns for which architectures of Linux a registry has an image.
func architectures(reference name.Reference, options []remote.Option) ([]string, error) {
	descriptor, err := remote.Get(reference, options...)
	if err != nil {
		return nil, err
	}
	if !descriptor.MediaType.IsIndex() {
		image, err := descriptor.Image()
		if err != nil {
			return nil, err
		}
		config, err := image.ConfigFile()
		if err != nil {
			return nil, err
		}
		return []string{config.Architecture}, nil
	}
	index, err := descriptor.ImageIndex()
	if err != nil {
		return nil, err
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	var found []string
	for _, one := range manifest.Manifests {
		// Attestations are of the platform unknown/unknown.
		if one.Platform != nil && one.Platform.OS == "linux" && !slices.Contains(found, one.Platform.Architecture) {
			found = append(found, one.Platform.Architecture)
		}
	}
	return found, nil
}

// imageProblem returns what a registry's error means.
func imageProblem(err error, signedIn bool) finding.Finding {
	var answer *transport.Error
	if !errors.As(err, &answer) {
		if unsent := (*url.Error)(nil); errors.As(err, &unsent) {
			err = unsent.Err
		}
		return finding.Finding{Detail: "the registry did not respond: " + finding.Brief(err.Error()), Status: finding.Unknown}
	}
	missing := finding.Finding{Detail: "not found in the registry", Status: finding.Missing, Fix: "push it, or set the environment's Images to ones that exist"}
	switch answer.StatusCode {
	case http.StatusNotFound:
		return missing
	case http.StatusUnauthorized, http.StatusForbidden:
		if signedIn {
			return finding.Finding{
				Detail: "the registry denied access", Status: finding.Unknown, Fix: "allow the credentials ecr:BatchGetImage and ecr:GetDownloadUrlForLayer for its repository",
			}
		}
		missing.Detail = "not found in the registry, or not public"
		return missing
	}
	return finding.Finding{Detail: "the registry did not respond: " + finding.Brief(answer.Error()), Status: finding.Unknown}
}

var privateECR = regexp.MustCompile(`^(\d{12})\.dkr\.ecr(-fips)?\.([a-z0-9-]+)\.amazonaws\.com(\.cn)?$`)

// credentials returns those of Amazon ECR for a private repository, and none for any other registry, as ECS has none.
func (l *look) credentials(ctx context.Context, reference name.Reference) (authn.Authenticator, error) {
	host := privateECR.FindStringSubmatch(reference.Context().RegistryStr())
	if host == nil {
		return authn.Anonymous, nil
	}
	config := l.Config.Copy()
	config.Region = host[3]
	token, err := ecr.NewFromConfig(config).GetAuthorizationToken(ctx, &ecr.GetAuthorizationTokenInput{})
	if err != nil {
		return nil, err
	}
	if len(token.AuthorizationData) == 0 {
		return nil, errors.New("no authorization data")
	}
	decoded, err := base64.StdEncoding.DecodeString(aws.ToString(token.AuthorizationData[0].AuthorizationToken))
	if err != nil {
		return nil, err
	}
	user, password, _ := strings.Cut(string(decoded), ":")
	return &authn.Basic{Username: user, Password: password}, nil
}
