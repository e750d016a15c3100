package command

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/run"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/target"
)

// inputs is the file that says from what the last successful deployment was synthesized.
func (p place) inputs() string { return filepath.Join(p.run, "inputs") }

// deployOnce deploys the app, unless nothing that its templates are made of has changed since it was deployed. A synthesis takes
// some seconds, which nobody should wait for who has changed a program.
func (p place) deployOnce(ctx context.Context, t *target.Target, settings map[string]string, config run.Config) (*deployed.App, error) {
	if err := p.Install(ctx, p.problems); err != nil {
		return nil, err
	}
	program, err := p.Build(ctx, p.problems)
	if err != nil {
		return nil, err
	}
	now, err := p.made(program, settings, config)
	if err != nil {
		return nil, err
	}
	if before, err := os.ReadFile(p.inputs()); err == nil && string(before) == now {
		return deployed.Read(ctx, t.Config, filepath.Join(p.assemblies, folderOf(settings)))
	}
	app, _, err := p.deploy(ctx, t, settings)
	if err != nil {
		return nil, err
	}
	return app, os.WriteFile(p.inputs(), []byte(now), 0o600)
}

// made differs if what the templates are made of does: the program of the app, the settings, and the files of the repository but
// for Go code, which is in the program, and the folders of the services' programs and of the page.
func (p place) made(program string, settings map[string]string, config run.Config) (string, error) {
	hash := sha256.New()
	_, _ = fmt.Fprintln(hash, program)
	for _, key := range slices.Sorted(maps.Keys(settings)) {
		_, _ = fmt.Fprintf(hash, "%s=%s\n", key, settings[key])
	}
	if err := hashFile(hash, strings.Fields(program)[0]); err != nil {
		return "", err
	}
	compiled := program != p.App
	apart := append(config.Folders(), "node_modules", "cdk.out", "bin", "docs")
	err := filepath.WalkDir(p.Root, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() && file != p.Root && (strings.HasPrefix(name, ".") || filepath.Dir(file) == p.Root && slices.Contains(apart, name)) {
			return fs.SkipDir
		}
		if !entry.Type().IsRegular() || compiled && strings.HasSuffix(name, ".go") {
			return nil
		}
		info, err := entry.Info()
		if err != nil {
			return err
		}
		_, err = fmt.Fprintf(hash, "%s %d %d\n", file, info.Size(), info.ModTime().UnixNano())
		return err
	})
	return hex.EncodeToString(hash.Sum(nil)), err
}

// hashFile adds the content of a program. A command on the PATH is none.
func hashFile(hash io.Writer, program string) error {
	file, err := os.Open(program)
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	_, err = io.Copy(hash, file)
	return err
}
