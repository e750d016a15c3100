package image

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/storefront-cdk/storefront/internal/expect"
)

var digest = "sha256:" + strings.Repeat("0123456789abcdef", 4)

func TestRegistry(t *testing.T) {
	const (
		noReference = "must be a reference such as public.ecr.aws/acme/cart:1.4.2, got "
		noTag       = "must have a tag or digest, so that every task runs the same code, got "
	)
	for reference, want := range map[string]string{
		"public.ecr.aws/acme/cart:1.4.2":           "",
		"public.ecr.aws/acme/cart@" + digest:       "",
		"public.ecr.aws/acme/cart:1.4.2@" + digest: "",
		"nginx:1.27":            "",
		"acme/cart:v1":          "",
		"9.example.com/9cart:1": "",
		"localhost/cart:1":      "",
		"localhost:5000/cart:1": "",
		"registry.example.com:5000/a/b/c/cart:latest": "",
		"Registry.Example.com/cart:1":                 "",
		"quay.io/acme/cart_api__v2.x--y:Rel_1.0-rc":   "",
		"acme/cart:" + strings.Repeat("a", 128):       "",

		"public.ecr.aws/acme/cart":         noTag,
		"registry.example.com:5000/cart":   noTag,
		"registry.example.com:5000/a/cart": noTag,

		"":                                       noReference,
		":1":                                     noReference,
		"cart:":                                  noReference,
		"cart:1:2":                               noReference,
		"cart:-1":                                noReference,
		"cart:" + strings.Repeat("a", 129):       noReference,
		"cart:1.4.2 ":                            noReference,
		"cart :1":                                noReference,
		"acme/Cart:1":                            noReference,
		"acme/cart/Api:1":                        noReference,
		"/acme/cart:1":                           noReference,
		"acme/:1":                                noReference,
		"acme//cart:1":                           noReference,
		"acme/../cart:1":                         noReference,
		"acme/cart-:1":                           noReference,
		"acme/.cart:1":                           noReference,
		"acme/a..b:1":                            noReference,
		"acme/a___b:1":                           noReference,
		"-host.example.com/cart:1":               noReference,
		"registry.example.com:port/cart:1":       noReference,
		"registry.example.com:/cart:1":           noReference,
		"a:1:2/cart:1":                           noReference,
		"https://public.ecr.aws/acme/cart:1.4.2": noReference,
		"acme/cart@sha256:abc":                   noReference,
		"acme/cart@" + digest + "0":              noReference,
		"acme/cart@" + strings.ToUpper(digest):   noReference,
		"acme/cart@" + digest + ":1":             noReference,
		"acme/cart:1\n":                          noReference,
	} {
		t.Run(reference, func(t *testing.T) {
			if want != "" {
				want += quoted(reference)
			}
			expect.Problems(t, Registry(reference).Validate(), want)
		})
	}
}

func TestARegistryReferenceToECRWithoutATag(t *testing.T) {
	const cart = "111122223333.dkr.ecr.eu-central-1.amazonaws.com/acme/cart"
	expect.Problems(t, Registry(cart).Validate(),
		`must have a tag or digest, so that every task runs the same code, got "`+cart+`"`,
		`is in a private repository of ECR, which a task may pull only with permission: use image.ECR("`+cart+`", "1.4.2")`)
}

func quoted(s string) string { return `"` + strings.ReplaceAll(s, "\n", `\n`) + `"` }

func TestECR(t *testing.T) {
	const (
		noRepository = "repository must be a name such as acme/cart, or a URI such as 111122223333.dkr.ecr.eu-central-1.amazonaws.com/acme/cart, got "
		noTag        = "tag must be a tag such as 1.4.2, or a digest that starts with sha256:, got "
	)
	cases := map[string]struct {
		repository, tag string
		want            []string
	}{
		"tag":                      {"acme/cart", "1.4.2", nil},
		"digest":                   {"cart", digest, nil},
		"separators":               {"9a.b/c-d/e_f9", "_Rel-1.x", nil},
		"longest tag":              {"cart", strings.Repeat("t", 128), nil},
		"tag too long":             {"cart", strings.Repeat("t", 129), []string{noTag + quoted(strings.Repeat("t", 129))}},
		"no tag":                   {"cart", "", []string{noTag + `""`}},
		"tag starts with a hyphen": {"cart", "-1", []string{noTag + `"-1"`}},
		"short digest":             {"cart", "sha256:abc", []string{noTag + `"sha256:abc"`}},
		"no repository":            {"", "1", []string{noRepository + `""`}},
		"uppercase":                {"acme/Cart", "1", []string{noRepository + `"acme/Cart"`}},
		"ends in a slash":          {"acme/", "1", []string{noRepository + `"acme/"`}},
		"starts with a slash":      {"/cart", "1", []string{noRepository + `"/cart"`}},
		"tag in the repository":    {"cart:1", "1", []string{noRepository + `"cart:1"`}},
		"two slashes in a row":     {"acme//cart", "1", []string{noRepository + `"acme//cart"`}},
		"another account":          {"111122223333.dkr.ecr.eu-central-1.amazonaws.com/acme/cart", "1.4.2", nil},
		"China":                    {"111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/cart", digest, nil},
		"dual-stack":               {"111122223333.dkr-ecr.eu-central-1.on.aws/cart", "1", nil},
		"no name after the host":   {"111122223333.dkr.ecr.eu-central-1.amazonaws.com/", "1", []string{noRepository + `"111122223333.dkr.ecr.eu-central-1.amazonaws.com/"`}},
		"both":                     {"Cart", "a b", []string{noRepository + `"Cart"`, noTag + `"a b"`}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			expect.Problems(t, ECR(c.repository, c.tag).Validate(), c.want...)
			expect.Problems(t, PullThroughCache(c.repository, c.tag).Validate(), c.want...)
		})
	}
}

// Without permission to pull, no task of the service would start.
func TestAPrivateRepositoryOfECRIsNoRegistry(t *testing.T) {
	for reference, instead := range map[string]string{
		"111122223333.dkr.ecr.eu-central-1.amazonaws.com/acme/cart:1.4.2": `"111122223333.dkr.ecr.eu-central-1.amazonaws.com/acme/cart", "1.4.2"`,
		"111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/cart:1":         `"111122223333.dkr.ecr.cn-north-1.amazonaws.com.cn/cart", "1"`,
		"111122223333.dkr.ecr.us-gov-west-1.amazonaws.com/cart:1":         `"111122223333.dkr.ecr.us-gov-west-1.amazonaws.com/cart", "1"`,
		"111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/cart:1":        `"111122223333.dkr.ecr-fips.us-east-1.amazonaws.com/cart", "1"`,
		"111122223333.dkr-ecr.eu-central-1.on.aws/cart:1":                 `"111122223333.dkr-ecr.eu-central-1.on.aws/cart", "1"`,
		"111122223333.dkr.ecr.us-iso-east-1.c2s.ic.gov/cart:1":            `"111122223333.dkr.ecr.us-iso-east-1.c2s.ic.gov/cart", "1"`,
		"111122223333.dkr.ecr.eusc-de-east-1.amazonaws.eu/cart:1":         `"111122223333.dkr.ecr.eusc-de-east-1.amazonaws.eu/cart", "1"`,
		"111122223333.dkr.ecr.eu-west-1.amazonaws.com/cart:1@" + digest:   `"111122223333.dkr.ecr.eu-west-1.amazonaws.com/cart", "` + digest + `"`,
	} {
		want := "is in a private repository of ECR, which a task may pull only with permission: use image.ECR(" + instead + ")"
		expect.Problems(t, Registry(reference).Validate(), want)
		repository, version := split(reference)
		expect.Problems(t, ECR(repository, version).Validate())
	}
	expect.Problems(t, Registry("public.ecr.aws/acme/cart:1").Validate())
	expect.Problems(t, Registry("dkr.ecr.example.com/cart:1").Validate())
}

func TestCredentialsAreNeeded(t *testing.T) {
	expect.Problems(t, PrivateRegistry("cart", nil).Validate(),
		`must have a tag or digest, so that every task runs the same code, got "cart"`,
		"credentials must be a secret, got nil: use one such as awssecretsmanager.Secret_FromSecretCompleteArn")
}

func TestPinned(t *testing.T) {
	for name, c := range map[string]struct {
		image Image
		want  bool
	}{
		"tag":                   {Registry("acme/cart:1"), false},
		"digest":                {Registry("acme/cart@" + digest), true},
		"tag and digest":        {Registry("acme/cart:1@" + digest), true},
		"private, tag":          {PrivateRegistry("acme/cart:1", nil), false},
		"private, digest":       {PrivateRegistry("acme/cart@"+digest, nil), true},
		"tag of ECR":            {ECR("acme/cart", "1"), false},
		"digest of ECR":         {ECR("acme/cart", digest), true},
		"cached":                {PullThroughCache("docker-hub/library/nginx", "1.27"), false},
		"cached, by its digest": {PullThroughCache("docker-hub/library/nginx", digest), true},
		"built":                 {Build("cart"), true},
		"none":                  {Image{}, false},
	} {
		if got := c.image.Pinned(); got != c.want {
			t.Errorf("%s: pinned is %t, want %t", name, got, c.want)
		}
	}
}

func TestBuild(t *testing.T) {
	t.Chdir(t.TempDir())
	expect.Problems(t, Build("cart").Validate(), "must be a folder with a Dockerfile: stat "+filepath.Join("cart", "Dockerfile")+": no such file or directory")
	if err := os.Mkdir("cart", 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join("cart", "Dockerfile"), nil, 0o600); err != nil {
		t.Fatal(err)
	}
	expect.Problems(t, Build("cart").Validate())
	expect.Problems(t, BuildWith(BuildProps{Folder: "cart", Target: "release", Args: map[string]string{"GO_VERSION": "1.26"}}).Validate())
	expect.Problems(t, BuildWith(BuildProps{Folder: "cart", Dockerfile: "worker.Dockerfile", Args: map[string]string{"a b": "", "__proto__": ""}}).Validate(),
		"must be a folder with a worker.Dockerfile: stat "+filepath.Join("cart", "worker.Dockerfile")+": no such file or directory",
		`Args must have names of letters, digits and underscores that do not start with a digit, got "__proto__"`,
		`Args must have names of letters, digits and underscores that do not start with a digit, got "a b"`)
	expect.Problems(t, BuildWith(BuildProps{Folder: "cart", Dockerfile: "../Dockerfile"}).Validate(), `Dockerfile must be a path in the folder, got "../Dockerfile"`)
}

func TestNoImage(t *testing.T) {
	expect.Problems(t, Image{}.Validate(), "is missing: use image.Registry, image.ECR or image.Build")
}
