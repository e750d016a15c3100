// Package featureflag reads the feature flags that a version of the AWS CDK recommends for a new app.
package featureflag

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// Recommended returns the recommended flags and their values, from the JavaScript that the Go module
// github.com/aws/aws-cdk-go/awscdk/v2 in a folder carries.
func Recommended(module string) (map[string]any, error) {
	archives, err := filepath.Glob(filepath.Join(module, "jsii", "*.tgz"))
	if err != nil {
		return nil, err
	}
	if len(archives) != 1 {
		return nil, fmt.Errorf("%s has %d archives of the CDK, want one", module, len(archives))
	}
	file, err := os.Open(archives[0])
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	unzipped, err := gzip.NewReader(file)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", archives[0], err)
	}
	for archive := tar.NewReader(unzipped); ; {
		entry, err := archive.Next()
		if errors.Is(err, io.EOF) {
			err = errors.New("it has no recommended-feature-flags.json")
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", archives[0], err)
		}
		if entry.Name == "package/recommended-feature-flags.json" {
			var flags map[string]any
			if err := json.NewDecoder(archive).Decode(&flags); err != nil {
				return nil, fmt.Errorf("%s: %s: %w", archives[0], entry.Name, err)
			}
			return flags, nil
		}
	}
}
