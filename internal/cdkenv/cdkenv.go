// Package cdkenv sets the environment variables with which a test runs the CDK. Importing it is enough, and calling it would be
// too late: the Go bindings of the CDK look for node and copy the environment when they are initialized, before any TestMain.
//
// Go initializes this package before them. Of the packages whose imports are initialized, the one whose import path sorts first
// comes next, and the bindings need os/exec, which sorts after this package and imports all that it imports. So it must not
// import more.
//
// Source: https://go.dev/ref/spec#Program_initialization
package cdkenv

import (
	"os"
	"path/filepath"
)

func init() {
	if bin := Nearest(filepath.Join("node_modules", ".bin")); bin != "" {
		_ = os.Setenv("PATH", bin+string(os.PathListSeparator)+os.Getenv("PATH"))
	}
	if _, set := os.LookupEnv("CDK_VALIDATION"); !set {
		_ = os.Setenv("CDK_VALIDATION", "false")
	}
}

// Nearest returns the path of a file in the working directory, or in the nearest folder above that has it, or an empty string.
func Nearest(name string) string {
	dir, err := os.Getwd()
	if err != nil {
		return ""
	}
	for {
		file := filepath.Join(dir, name)
		if _, err := os.Stat(file); err == nil {
			return file
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return ""
		}
		dir = parent
	}
}
