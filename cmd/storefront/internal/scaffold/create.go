package scaffold

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
)

// Place is where an app is created, and what it requires.
type Place struct {
	// Dir is the folder, which may exist.
	Dir string
	// Version is that of the library and of the tool. With a Library it is not used.
	Version string
	// Library, if it is not empty, is a folder with a copy of the library, by which go.mod replaces it.
	Library string
	// Tell receives a line before what takes long.
	Tell io.Writer
}

// The files that Go has in a module. An app is created in a module that exists, too.
const (
	goMod = "go.mod"
	goSum = "go.sum"
)

// goVersion is the version of Go that a new module names, the one that the library needs.
const goVersion = "1.26.0"

// npmModules is the folder that npm installs into.
const npmModules = "node_modules"

// Check returns one error that lists why the app cannot be created in the place, or nil.
func (p Place) Check(files []File) error {
	var problems []error
	for _, program := range []struct{ name, fix string }{
		{"go", "install Go 1.26 or newer"}, {"npm", "install Node.js, which has it"},
	} {
		if _, err := exec.LookPath(program.name); err != nil {
			problems = append(problems, fmt.Errorf("%s is not on the PATH: %s", program.name, program.fix))
		}
	}
	return errors.Join(append(problems, p.checkDir(files), p.checkLibrary())...)
}

func (p Place) checkDir(files []File) error {
	info, err := os.Stat(p.Dir)
	if errors.Is(err, syscall.ENOTDIR) || err == nil && !info.IsDir() {
		return fmt.Errorf("%s must be a folder, and is a file or below one: choose another", p.Dir)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var taken []string
	for _, file := range append(files, File{Path: npmModules}, File{Path: "testdata/golden"}) {
		if _, err := os.Lstat(filepath.Join(p.Dir, filepath.FromSlash(file.Path))); err == nil {
			taken = append(taken, file.Path)
		}
	}
	code, err := project.Glob(p.Dir, "*.go")
	if err != nil {
		return err
	}
	for _, file := range code {
		if file = filepath.Base(file); !slices.Contains(taken, file) {
			taken = append(taken, file)
		}
	}
	if len(taken) > 0 {
		slices.Sort(taken)
		return fmt.Errorf("%s has %s, which would be overwritten or in the way: move them, or choose another folder", p.Dir, strings.Join(taken, ", "))
	}
	return nil
}

func (p Place) checkLibrary() error {
	if p.Library == "" {
		return nil
	}
	for module, dir := range p.replaced() {
		text, err := os.ReadFile(filepath.Join(dir, goMod))
		if err != nil || !bytes.HasPrefix(text, []byte("module "+module+"\n")) {
			return fmt.Errorf("--library must be the root of a copy of %s, got %q", Library, p.Library)
		}
	}
	return nil
}

// replaced are the folders of the modules in the library's copy.
func (p Place) replaced() map[string]string {
	return map[string]string{Library: p.Library, Tool: filepath.Join(p.Library, "cmd", "storefront")}
}

// Module returns the path of the module that the folder has, or nothing.
func (p Place) Module(ctx context.Context) (string, error) {
	// Without one, or in what is no folder, which Check reports.
	if _, err := os.Stat(filepath.Join(p.Dir, goMod)); err != nil {
		return "", nil //nolint:nilerr // there is no module
	}
	command := exec.CommandContext(ctx, "go", "mod", "edit", "-json")
	command.Dir = p.Dir
	text, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s is not a file that Go can read: %w", filepath.Join(p.Dir, goMod), err)
	}
	var mod struct{ Module struct{ Path string } }
	if err := json.Unmarshal(text, &mod); err != nil {
		return "", err
	}
	return mod.Module.Path, nil
}

// Create writes the app, and returns the files that it has written, sorted by what they are for. An error or an interruption
// leaves the folder as it was: everything is made in a folder within it, and moved when it is complete.
func (p Place) Create(ctx context.Context, app App, files []File) (written []File, err error) {
	made, err := makeDir(p.Dir)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err == nil {
			return
		}
		for _, dir := range made {
			_ = os.Remove(dir) // unless something is in it by now
		}
		if ctx.Err() != nil {
			err = errors.New("interrupted: nothing was written")
		}
	}()
	draft, err := os.MkdirTemp(p.Dir, ".storefront-init-")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(draft) }()
	if err := p.draft(ctx, draft, app, files); err != nil {
		return nil, err
	}
	golden, err := goldens(draft)
	if err != nil {
		return nil, err
	}
	written = slices.Concat(files, []File{{Path: goMod}, {Path: goSum}}, golden)
	return written, move(draft, p.Dir, append(written[:len(written):len(written)], File{Path: npmModules}))
}

// draft makes all of the app in a folder.
func (p Place) draft(ctx context.Context, dir string, app App, files []File) error {
	for _, file := range files {
		if err := writeFile(filepath.Join(dir, filepath.FromSlash(file.Path)), file.Text); err != nil {
			return err
		}
	}
	if err := p.writeModule(dir, app.Module); err != nil {
		return err
	}
	at := &project.Project{Root: dir, App: "go run ."}
	edit := []string{"mod", "edit", "-tool=" + Tool, "-ignore=./cdk.out", "-ignore=./" + npmModules}
	for module, folder := range p.replaced() {
		version := p.Version
		if p.Library != "" {
			version = "v0.0.0"
			edit = append(edit, "-replace="+module+"="+folder)
		}
		edit = append(edit, "-require="+module+"@"+version)
	}
	if err := p.run(ctx, at, "", "go", edit...); err != nil {
		return err
	}
	if err := p.run(ctx, at, "fetching the modules of the AWS CDK and of the tool (a minute or so, once)", "go", "mod", "tidy"); err != nil {
		return err
	}
	if err := at.Install(ctx, p.Tell); err != nil {
		return err
	}
	return p.accept(ctx, at, ".")
}

// accept writes the golden templates of the package in a folder.
func (p Place) accept(ctx context.Context, at *project.Project, dir string) error {
	return p.run(ctx, at, "compiling the AWS CDK, for the golden templates (some minutes, once)",
		"go", "test", "-count=1", "-run=^TestTemplates$", "./"+filepath.ToSlash(dir))
}

// writeModule copies the go.mod that the folder has, or writes a first one.
func (p Place) writeModule(dir, module string) error {
	text, err := os.ReadFile(filepath.Join(p.Dir, goMod))
	if errors.Is(err, fs.ErrNotExist) {
		return writeFile(filepath.Join(dir, goMod), fmt.Appendf(nil, "module %s\n\ngo %s\n", module, goVersion))
	}
	if err != nil {
		return err
	}
	if err := writeFile(filepath.Join(dir, goMod), text); err != nil {
		return err
	}
	if text, err = os.ReadFile(filepath.Join(p.Dir, goSum)); errors.Is(err, fs.ErrNotExist) {
		return nil
	} else if err != nil {
		return err
	}
	return writeFile(filepath.Join(dir, goSum), text)
}

// run runs a program in the root of a project, and returns what it printed if it fails. It tells what takes long, if it does.
func (p Place) run(ctx context.Context, at *project.Project, long, name string, args ...string) error {
	if long != "" {
		slow := time.AfterFunc(2*time.Second, func() { _, _ = fmt.Fprintln(p.Tell, long+" ...") })
		defer slow.Stop()
	}
	command := at.Command(ctx, name, args...)
	// The app may be below a folder with a workspace, which does not have it yet.
	command.Env = append(command.Env, "GOWORK=off", "CDK_VALIDATION=false", "SNAPSHOT_UPDATE=1")
	if output, err := command.CombinedOutput(); err != nil {
		return fmt.Errorf("%s %s: %w\n%s", name, strings.Join(args, " "), err, bytes.TrimSpace(output))
	}
	return nil
}

// goldenFiles matches the golden templates in the folder of an app.
const goldenFiles = "testdata/golden/*/*.json"

// goldens are the golden templates of an app.
func goldens(dir string) ([]File, error) {
	paths, err := project.Glob(dir, goldenFiles)
	if err != nil {
		return nil, err
	}
	var files []File
	for _, file := range paths {
		relative, err := filepath.Rel(dir, file)
		if err != nil {
			return nil, err
		}
		files = append(files, File{Path: filepath.ToSlash(relative)})
	}
	return files, nil
}

// makeDir creates a folder, and returns those that it has created, the innermost first.
func makeDir(dir string) (made []string, err error) {
	for folder := filepath.Clean(dir); ; folder = filepath.Dir(folder) {
		if _, err := os.Stat(folder); err == nil || folder == filepath.Dir(folder) {
			break
		}
		made = append(made, folder)
	}
	return made, os.MkdirAll(dir, 0o755) //nolint:gosec // as git and go create folders
}

func writeFile(file string, text []byte) error {
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil { //nolint:gosec // as git and go create folders
		return err
	}
	return os.WriteFile(file, text, 0o644) //nolint:gosec // as git and go create files
}

// move moves files from a folder to another one. If one cannot be moved, it leaves no file there and no folder that it has made.
func move(from, to string, files []File) error {
	var made []string
	for n, file := range files {
		target := filepath.Join(to, filepath.FromSlash(file.Path))
		folders, err := makeDir(filepath.Dir(target))
		made = slices.Concat(folders, made)
		if err == nil {
			err = os.Rename(filepath.Join(from, filepath.FromSlash(file.Path)), target)
		}
		if err != nil {
			for _, moved := range files[:n] {
				_ = os.Rename(filepath.Join(to, filepath.FromSlash(moved.Path)), filepath.Join(from, filepath.FromSlash(moved.Path)))
			}
			for _, folder := range made {
				_ = os.Remove(folder)
			}
			return err
		}
	}
	return nil
}
