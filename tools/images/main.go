// Images builds the container images of the services in Go, on any machine and without Docker: the same as their Dockerfiles, for
// both architectures of Fargate. It writes them as OCI layouts, one folder each, or pushes them.
//
//	go run ./images -services ../services -out ../bin/images
//	go run ./images -services ../services -push 111122223333.dkr.ecr.eu-central-1.amazonaws.com/storefront -version 0.1.0
package main

import (
	"archive/tar"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"

	"github.com/google/go-containerregistry/pkg/authn"
	"github.com/google/go-containerregistry/pkg/name"
	v1 "github.com/google/go-containerregistry/pkg/v1"
	"github.com/google/go-containerregistry/pkg/v1/empty"
	"github.com/google/go-containerregistry/pkg/v1/layout"
	"github.com/google/go-containerregistry/pkg/v1/mutate"
	"github.com/google/go-containerregistry/pkg/v1/remote"
	"github.com/google/go-containerregistry/pkg/v1/tarball"
	"github.com/google/go-containerregistry/pkg/v1/types"
)

// architectures are those of Fargate.
var architectures = []string{"amd64", "arm64"}

// defaultBase has the certificates of public authorities, time zones, and the user 65532, and no shell.
const defaultBase = "gcr.io/distroless/static-debian12:nonroot"

// program is where the image has the service's program.
const program = "/app"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "images:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("images", flag.ContinueOnError)
	services := flags.String("services", "../services", "the folder of the services")
	from := flags.String("base", defaultBase, "the base image: a reference, or oci: and the folder of an OCI layout")
	layouts := flags.String("out", "", "the folder to write OCI layouts into")
	registry := flags.String("push", "", "the registry and path to push to, such as 111122223333.dkr.ecr.eu-central-1.amazonaws.com/storefront")
	version := flags.String("version", "0.1.0", "the tag of the images")
	if err := flags.Parse(args); err != nil {
		return err
	}
	if (*layouts == "") == (*registry == "") {
		return errors.New("give either -out, a folder, or -push, a registry")
	}
	names, err := programs(*services)
	if err != nil {
		return err
	}
	base, err := bases(ctx, *from)
	if err != nil {
		return fmt.Errorf("the base image %s: %w", *from, err)
	}
	for _, service := range names {
		index, err := build(ctx, *services, service, base)
		if err != nil {
			return fmt.Errorf("%s: %w", service, err)
		}
		where := filepath.Join(*layouts, service)
		if *registry != "" {
			where = *registry + "/" + service + ":" + *version
			err = push(ctx, where, index)
		} else {
			err = write(where, index)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", where, err)
		}
		digest, err := index.Digest()
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "%s@%s\n", where, digest); err != nil {
			return err
		}
	}
	return nil
}

// programs returns the folders with a service in Go. A folder without a Dockerfile is a program that no image is for.
func programs(services string) ([]string, error) {
	found, err := filepath.Glob(filepath.Join(services, "*", "Dockerfile"))
	if err != nil {
		return nil, err
	}
	var names []string
	for _, file := range found {
		if _, err := os.Stat(filepath.Join(filepath.Dir(file), "main.go")); err == nil {
			names = append(names, filepath.Base(filepath.Dir(file)))
		}
	}
	if len(names) == 0 {
		return nil, fmt.Errorf("%s has no folder with a Dockerfile and a main.go", services)
	}
	return names, nil
}

// bases returns the base image of each architecture.
func bases(ctx context.Context, from string) (map[string]v1.Image, error) {
	var index v1.ImageIndex
	if dir, local := strings.CutPrefix(from, "oci:"); local {
		path, err := layout.FromPath(dir)
		if err != nil {
			return nil, err
		}
		if index, err = path.ImageIndex(); err != nil {
			return nil, err
		}
	} else {
		reference, err := name.ParseReference(from)
		if err != nil {
			return nil, err
		}
		if index, err = remote.Index(reference, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain)); err != nil {
			return nil, err
		}
	}
	manifest, err := index.IndexManifest()
	if err != nil {
		return nil, err
	}
	found := map[string]v1.Image{}
	for _, m := range manifest.Manifests {
		// A layout that a tool has saved has the index as its only entry.
		if m.MediaType.IsIndex() && len(manifest.Manifests) == 1 {
			if index, err = index.ImageIndex(m.Digest); err != nil {
				return nil, err
			}
			if manifest, err = index.IndexManifest(); err != nil {
				return nil, err
			}
			break
		}
	}
	for _, m := range manifest.Manifests {
		if m.Platform == nil || m.Platform.OS != "linux" || !slices.Contains(architectures, m.Platform.Architecture) {
			continue
		}
		if found[m.Platform.Architecture], err = index.Image(m.Digest); err != nil {
			return nil, err
		}
	}
	for _, architecture := range architectures {
		if found[architecture] == nil {
			return nil, fmt.Errorf("it has no image for linux/%s", architecture)
		}
	}
	return found, nil
}

// build compiles a service and returns an index of its images.
func build(ctx context.Context, services, service string, base map[string]v1.Image) (v1.ImageIndex, error) {
	index := mutate.IndexMediaType(empty.Index, types.OCIImageIndex)
	for _, architecture := range architectures {
		layer, err := compile(ctx, services, service, architecture)
		if err != nil {
			return nil, err
		}
		image, err := mutate.AppendLayers(base[architecture], layer)
		if err != nil {
			return nil, err
		}
		config, err := image.ConfigFile()
		if err != nil {
			return nil, err
		}
		config = config.DeepCopy()
		config.OS, config.Architecture = "linux", architecture
		config.Config.Entrypoint, config.Config.Cmd = []string{program}, nil
		config.Config.User, config.Config.WorkingDir = "65532:65532", "/"
		if image, err = mutate.ConfigFile(image, config); err != nil {
			return nil, err
		}
		index = mutate.AppendManifests(index, mutate.IndexAddendum{
			Add:        image,
			Descriptor: v1.Descriptor{Platform: &v1.Platform{OS: "linux", Architecture: architecture}},
		})
	}
	return index, nil
}

// compile returns a layer with the program. It has no times, so that the same source is the same image.
func compile(ctx context.Context, services, service, architecture string) (v1.Layer, error) {
	dir, err := os.MkdirTemp("", "images-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "app")
	command := exec.CommandContext(ctx, "go", "build", "-C", services, "-trimpath", "-buildvcs=false", "-tags=grpcnotrace", "-ldflags=-s -w", "-o", file, "./"+service)
	command.Env = append(os.Environ(), "CGO_ENABLED=0", "GOOS=linux", "GOARCH="+architecture, "GOFLAGS=")
	if output, err := command.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("go build for linux/%s: %w\n%s", architecture, err, output)
	}
	content, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var archive bytes.Buffer
	tape := tar.NewWriter(&archive)
	if err := tape.WriteHeader(&tar.Header{Name: strings.TrimPrefix(program, "/"), Mode: 0o555, Size: int64(len(content)), Typeflag: tar.TypeReg}); err != nil {
		return nil, err
	}
	if _, err := tape.Write(content); err != nil {
		return nil, err
	}
	if err := tape.Close(); err != nil {
		return nil, err
	}
	return tarball.LayerFromOpener(func() (io.ReadCloser, error) { return io.NopCloser(bytes.NewReader(archive.Bytes())), nil }, tarball.WithMediaType(types.OCILayer))
}

func write(dir string, index v1.ImageIndex) error {
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(dir), 0o755); err != nil {
		return err
	}
	_, err := layout.Write(dir, index)
	return err
}

func push(ctx context.Context, where string, index v1.ImageIndex) error {
	reference, err := name.ParseReference(where)
	if err != nil {
		return err
	}
	return remote.WriteIndex(reference, index, remote.WithContext(ctx), remote.WithAuthFromKeychain(authn.DefaultKeychain))
}
