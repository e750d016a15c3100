package cdk

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
)

// gate is a named pipe in a folder of its own. The CLI passes no file descriptor to the app, so the pipe needs a name.
type gate struct {
	dir  string
	pipe *os.File
}

func newGate() (*gate, error) {
	dir, err := os.MkdirTemp("", "storefront-gate-")
	if err != nil {
		return nil, err
	}
	g := &gate{dir: dir}
	err = syscall.Mkfifo(g.name(), 0o600)
	if err == nil {
		// Opened for writing alone, it would wait for the app.
		g.pipe, err = os.OpenFile(g.name(), os.O_RDWR, 0)
	}
	if err != nil {
		_ = os.RemoveAll(dir)
		return nil, err
	}
	return g, nil
}

func (g *gate) name() string { return filepath.Join(g.dir, "compiled") }

// command returns the command that waits until the gate is open and then runs a program, without variables that were set for the
// CLI alone. It fails if this process ends before.
func (g *gate) command(program string, settings []string) string {
	wait := "read -r compiled < " + quote(g.name())
	for _, setting := range settings {
		key, _, _ := strings.Cut(setting, "=")
		wait += " && unset " + key
	}
	return wait + " && exec " + quote(program)
}

func (g *gate) open() error {
	_, err := fmt.Fprintln(g.pipe)
	return err
}

func (g *gate) remove() {
	_ = g.pipe.Close()
	_ = os.RemoveAll(g.dir)
}

// quote writes a path as one word of a shell.
func quote(path string) string { return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'" }

// compileCache returns the settings with which Node.js keeps what it compiles of the CLI, a file of 16 MB, in the user's cache
// folder. There are none if they are the user's, or if STOREFRONT_JSII turns that off, as it does for the kernel of jsii.
func compileCache() []string {
	if os.Getenv("NODE_COMPILE_CACHE") != "" || os.Getenv("NODE_DISABLE_COMPILE_CACHE") != "" || os.Getenv("STOREFRONT_JSII") == "unchanged" {
		return nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return nil
	}
	dir := filepath.Join(cache, "storefront-cdk")
	if os.MkdirAll(dir, 0o700) != nil {
		return nil
	}
	return []string{"NODE_COMPILE_CACHE=" + dir}
}
