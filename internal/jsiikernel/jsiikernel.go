// Package jsiikernel makes the runtime of jsii start faster and respond faster. jsii starts two processes, one that relays and
// one that has its kernel, and compiles the CDK's JavaScript anew each time. With this package there is only the kernel, and what
// V8 has compiled is kept in the user's cache folder. Importing it is enough. What is synthesized is the same.
//
// It makes Node.js preload a file, by NODE_OPTIONS, while the Go bindings of the CDK are initialized: they copy the environment
// then. Go initializes this package before them, as package cdkenv explains, so it must not import more than os/exec imports. A package
// that imports both the bindings and this one calls [Restore] when it is initialized itself.
//
// It does nothing on Windows, if the program has its own JSII_RUNTIME, or if STOREFRONT_JSII is "unchanged"; and jsii starts as it
// always does if the preloaded file finds anything that it does not expect.
package jsiikernel

import (
	_ "embed" // for preload
	"hash/fnv"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
)

//go:embed preload.cjs
var preload string

const (
	variable  = "NODE_OPTIONS"
	setting   = "STOREFRONT_JSII"
	unchanged = "unchanged"
	// heap is the option that jsii sets if NODE_OPTIONS is not set.
	heap = "--max-old-space-size=4069"
	// loading is in the form that preload looks for.
	loading = "--preserve-symlinks --require="
)

// before is NODE_OPTIONS as the program was started with it.
var before, wasSet = os.LookupEnv(variable)

func init() {
	if runtime.GOOS == "windows" || os.Getenv("JSII_RUNTIME") != "" || os.Getenv(setting) == unchanged {
		return
	}
	file, err := install()
	if err != nil {
		return // jsii starts without it
	}
	options := before
	if !wasSet {
		options = heap
	}
	_ = os.Setenv(variable, strings.TrimSpace(options+" "+loading+quote(file)))
}

// Restore sets NODE_OPTIONS as the program was started with it, so that other programs which it starts get that.
func Restore() {
	if wasSet {
		_ = os.Setenv(variable, before)
	} else {
		_ = os.Unsetenv(variable)
	}
}

// install writes the file that is preloaded into the user's cache folder, if it is not there, and returns its path. Each content
// has a folder of its own, so that programs with other versions of this package can run at the same time.
func install() (string, error) {
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	dir := filepath.Join(cache, "storefront-jsii", hash(preload))
	file := filepath.Join(dir, "preload.cjs")
	if text, err := os.ReadFile(file); err == nil && string(text) == preload {
		return file, nil
	}
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	temporary, err := os.CreateTemp(dir, "preload-")
	if err != nil {
		return "", err
	}
	_, err = temporary.WriteString(preload)
	if closing := temporary.Close(); err == nil {
		err = closing
	}
	if err == nil {
		err = os.Rename(temporary.Name(), file)
	}
	if err != nil {
		_ = os.Remove(temporary.Name())
	}
	return file, err
}

// hash identifies the content of a file.
func hash(text string) string {
	sum := fnv.New64a()
	_, _ = sum.Write([]byte(text)) // which returns no error
	return strconv.FormatUint(sum.Sum64(), 16)
}

// quote writes a path as one argument in NODE_OPTIONS.
func quote(path string) string {
	return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(path) + `"`
}
