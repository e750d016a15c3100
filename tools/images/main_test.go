package main

import (
	"archive/tar"
	"bytes"
	"io"
	"log"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-containerregistry/pkg/name"
	"github.com/google/go-containerregistry/pkg/registry"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/random"
	"github.com/google/go-containerregistry/pkg/v1/remote"
)

// services returns a folder with the service hello, a program that is none, and a service in Python.
func services(t *testing.T) string {
	dir := t.TempDir()
	for file, text := range map[string]string{
		"go.mod":            "module example.com/services\n\ngo 1.26.0\n",
		"hello/main.go":     "package main\n\nfunc main() { println(\"hello\") }\n",
		"hello/Dockerfile":  "FROM scratch\n",
		"seed/main.go":      "package main\n\nfunc main() {}\n",
		"python/Dockerfile": "FROM scratch\n",
	} {
		if err := os.MkdirAll(filepath.Dir(filepath.Join(dir, file)), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, file), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// base writes a base image of one layer for some architectures as an OCI layout.
func base(t *testing.T, architectures ...string) string {
	var index v1.ImageIndex = empty.Index
	for _, architecture := range architectures {
		image, err := random.Image(100, 1)
		if err != nil {
			t.Fatal(err)
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add: image, Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: architecture}},
		})
	}
	dir := t.TempDir()
	if _, err := layout.Write(dir, index); err != nil {
		t.Fatal(err)
	}
	return "oci:" + dir
}

func TestTheImageOfAService(t *testing.T) {
	out, from, source := t.TempDir(), base(t, "amd64", "arm64"), services(t)
	var first, second strings.Builder
	for _, output := range []*strings.Builder{&first, &second} {
		if err := run(t.Context(), []string{"-services", source, "-base", from, "-out", out}, output); err != nil {
			t.Fatal(err)
		}
	}
	if first.String() != second.String() || strings.Count(first.String(), "\n") != 1 {
		t.Errorf("the same source is another image:\n%s%s", &first, &second)
	}
	path, err := layout.FromPath(filepath.Join(out, "hello"))
	if err != nil {
		t.Fatal(err)
	}
	index, err := path.ImageIndex()
	if err != nil {
		t.Fatal(err)
	}
	check(t, index)
}

// check checks an index of images, and runs the program of this machine's architecture.
func check(t *testing.T, index v1.ImageIndex) {
	t.Helper()
	manifest, err := index.IndexManifest()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for _, m := range manifest.Manifests {
		found = append(found, m.Platform.String())
		image, err := index.Image(m.Digest)
		if err != nil {
			t.Fatal(err)
		}
		config, err := image.ConfigFile()
		if err != nil {
			t.Fatal(err)
		}
		if config.Architecture != m.Platform.Architecture || config.Config.User != "65532:65532" || !slices.Equal(config.Config.Entrypoint, []string{"/app"}) {
			t.Errorf("%s has the configuration %+v", m.Platform, config)
		}
		layers, err := image.Layers()
		if err != nil || len(layers) != 2 {
			t.Fatalf("%s has %d layers, want that of the base and the program (%v)", m.Platform, len(layers), err)
		}
		if m.Platform.Architecture == runtime.GOARCH && runtime.GOOS == "linux" {
			if output := execute(t, layers[1]); output != "hello\n" {
				t.Errorf("the program prints %q", output)
			}
		}
	}
	if !slices.Equal(found, []string{"linux/amd64", "linux/arm64"}) {
		t.Errorf("got %v", found)
	}
}

func execute(t *testing.T, layer v1.Layer) string {
	t.Helper()
	content, err := layer.Uncompressed()
	if err != nil {
		t.Fatal(err)
	}
	archive := tar.NewReader(content)
	header, err := archive.Next()
	if err != nil || header.Name != "app" || header.Mode != 0o555 {
		t.Fatalf("got %+v (%v)", header, err)
	}
	text, err := io.ReadAll(archive)
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "app")
	if err := os.WriteFile(file, text, 0o700); err != nil {
		t.Fatal(err)
	}
	output, err := exec.Command(file).CombinedOutput()
	if err != nil {
		t.Fatal(err)
	}
	return string(output)
}

func TestPush(t *testing.T) {
	server := httptest.NewServer(registry.New(registry.Logger(log.New(io.Discard, "", 0))))
	defer server.Close()
	host := strings.TrimPrefix(server.URL, "http://")
	if err := run(t.Context(), []string{"-services", services(t), "-base", base(t, "amd64", "arm64"), "-push", host + "/shop", "-version", "1.2.3"}, io.Discard); err != nil {
		t.Fatal(err)
	}
	reference, err := name.ParseReference(host + "/shop/hello:1.2.3")
	if err != nil {
		t.Fatal(err)
	}
	index, err := remote.Index(reference)
	if err != nil {
		t.Fatal(err)
	}
	check(t, index)
}

func TestErrors(t *testing.T) {
	source := services(t)
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"neither":        {[]string{"-services", source}, "give either -out, a folder, or -push, a registry"},
		"no services":    {[]string{"-services", t.TempDir(), "-out", "x"}, "has no folder with a Dockerfile and a main.go"},
		"a base for one": {[]string{"-services", source, "-base", base(t, "amd64"), "-out", "x"}, "it has no image for linux/arm64"},
		"no base":        {[]string{"-services", source, "-base", "oci:/nonexistent", "-out", "x"}, "the base image oci:/nonexistent: "},
	} {
		err := run(t.Context(), c.args, &bytes.Buffer{})
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: got %v, want %s", name, err, c.want)
		}
	}
}
