package image

import (
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecrassets"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"

	"github.com/storefront-cdk/storefront/internal/cdkx"
)

// Build returns an image that is built from the Dockerfile in a folder, relative to the working directory.
func Build(folder string) Image { return BuildWith(BuildProps{Folder: folder}) }

// BuildWith is like [Build], with the options of docker build.
func BuildWith(props BuildProps) Image { return Image{build(props)} }

// BuildProps set how an image is built. Folder is required.
type BuildProps struct {
	// Folder is the build context, relative to the working directory. Required.
	Folder string
	// Dockerfile is the path of the Dockerfile in Folder. If empty, "Dockerfile".
	Dockerfile string
	// Target is the stage of the Dockerfile that is built. If empty, the last.
	Target string
	// Args are the build arguments. They are in the image's history, so they must not be secret.
	Args map[string]string
}

type build BuildProps

const defaultDockerfile = "Dockerfile"

// buildArg matches the names of ARG in a Dockerfile.
var buildArg = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

func (b build) validate() error {
	var problems []error
	file := b.Dockerfile
	if file == "" {
		file = defaultDockerfile
	}
	if b.Dockerfile != "" && !filepath.IsLocal(b.Dockerfile) {
		problems = append(problems, fmt.Errorf("Dockerfile must be a path in the folder, got %q", b.Dockerfile))
	} else if _, err := os.Stat(filepath.Join(b.Folder, file)); err != nil {
		problems = append(problems, fmt.Errorf("must be a folder with a %s: %w", file, err))
	}
	for _, name := range slices.Sorted(maps.Keys(b.Args)) {
		if !buildArg.MatchString(name) || name == "__proto__" {
			problems = append(problems, fmt.Errorf("Args must have names of letters, digits and underscores that do not start with a digit, got %q", name))
		}
	}
	return errors.Join(problems...)
}

// pinned is true: the image is pushed under a hash of the folder.
func (b build) pinned() bool { return true }

func (b build) define(_ constructs.Construct, platform awsecrassets.Platform, _ awsiam.IGrantable) awsecs.ContainerImage {
	props := &awsecs.AssetImageProps{Platform: platform, File: cdkx.OptionalString(b.Dockerfile), Target: cdkx.OptionalString(b.Target)}
	if len(b.Args) > 0 {
		args := map[string]*string{}
		for name, value := range b.Args {
			args[name] = jsii.String(value)
		}
		props.BuildArgs = &args
	}
	return awsecs.ContainerImage_FromAsset(jsii.String(b.Folder), props)
}
