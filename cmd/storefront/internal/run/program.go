package run

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/progress"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/python"
)

// Builder builds the programs of a repository: in Go with the go command, in Python with a virtual environment.
type Builder struct {
	Project *project.Project
	Config  Config
	Dir     string // where programs are built
	Tell    io.Writer
}

// folder returns the folder of a program, or nothing if there is none.
func (b Builder) folder(name string) (string, error) {
	if given, ok := b.Config.Programs[name]; ok {
		folder := filepath.Join(b.Project.Root, given)
		if language(folder) == "" {
			return "", fmt.Errorf("cdk.json: %s: programs: %s: %s has neither a main.go nor a pyproject.toml", ConfigKey, name, given)
		}
		return folder, nil
	}
	folder := filepath.Join(b.Project.Root, "services", name)
	if language(folder) == "" {
		return "", nil
	}
	return folder, nil
}

const (
	inGo     = "Go"
	inPython = "Python"
)

// language is that of the program in a folder, or nothing.
func language(folder string) string {
	for file, language := range map[string]string{"main.go": inGo, "pyproject.toml": inPython} {
		if _, err := os.Stat(filepath.Join(folder, file)); err == nil {
			return language
		}
	}
	return ""
}

// imageName is the last part of the name of an image: cart for public.ecr.aws/storefront/cart:1.2.
func imageName(image string) string {
	image, _, _ = strings.Cut(image, "@")
	name, _, _ := strings.Cut(path.Base(image), ":")
	return name
}

// All builds every program of the repository: those in services, and those that cdk.json names. It returns them by their folder.
func (b Builder) All(ctx context.Context) (map[string]Program, error) {
	found, err := project.Glob(filepath.Join(b.Project.Root, "services"), "*")
	if err != nil {
		return nil, err
	}
	for _, given := range b.Config.Programs {
		found = append(found, filepath.Join(b.Project.Root, given))
	}
	found = append(found, b.Config.seed(b.Project.Root))
	found = slices.DeleteFunc(found, func(folder string) bool { return language(folder) == "" })
	slices.Sort(found)
	return b.build(ctx, slices.Compact(found))
}

// Assign sets the programs of the services, and of the containers beside their applications. It returns the services that have none: their images are built elsewhere.
func (b Builder) Assign(built map[string]Program, services []Service) ([]string, error) {
	var without []string
	for n, s := range services {
		folder, err := b.folder(s.Name)
		if name := imageName(s.Task.Image); err == nil && folder == "" && name != s.Name {
			folder, err = b.folder(name)
		}
		if err != nil {
			return nil, err
		}
		if folder == "" {
			without = append(without, s.Name)
			continue
		}
		services[n].Program = built[folder]
		task := &services[n].Task
		var run []Sidecar
		for _, sidecar := range task.Sidecars {
			folder, err := b.folder(imageName(sidecar.Image))
			if err != nil {
				return nil, err
			}
			if folder == "" {
				task.NotRun = append(task.NotRun, sidecar.Container)
				continue
			}
			sidecar.Program = built[folder]
			run = append(run, sidecar)
		}
		task.Sidecars = run
	}
	return without, nil
}

// Seed is the program that fills a new sandbox; it has no command if there is none.
func (b Builder) Seed(built map[string]Program) Program { return built[b.Config.seed(b.Project.Root)] }

func (b Builder) build(ctx context.Context, folders []string) (map[string]Program, error) {
	built := map[string]Program{}
	modules := map[string][]string{} // folders in Go, by that of their module
	for _, folder := range folders {
		if language(folder) == inGo {
			module := moduleOf(folder)
			modules[module] = append(modules[module], folder)
			continue
		}
		program, err := b.python(ctx, folder)
		if err != nil {
			return nil, err
		}
		built[folder] = program
	}
	for _, module := range slices.Sorted(maps.Keys(modules)) {
		if err := b.golang(ctx, module, modules[module], built); err != nil {
			return nil, err
		}
	}
	return built, nil
}

// moduleOf is the folder with the go.mod of a folder, or the folder itself.
func moduleOf(folder string) string {
	for dir := folder; ; dir = filepath.Dir(dir) {
		if _, err := os.Stat(filepath.Join(dir, "go.mod")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return folder
		}
	}
}

// golang builds all programs of a module at once. Each runs from a file that is named after its content, since one that runs
// cannot be overwritten.
func (b Builder) golang(ctx context.Context, module string, folders []string, built map[string]Program) error {
	out := filepath.Join(b.Dir, "build")
	if err := os.MkdirAll(out, 0o700); err != nil {
		return err
	}
	defer progress.New(b.Tell).Begin("building %s", strings.Join(names(folders), ", "))()
	args := []string{"build", "-trimpath", "-buildvcs=false", "-ldflags=-s -w", "-o", out + string(filepath.Separator)}
	for _, folder := range folders {
		from, err := filepath.Rel(module, folder)
		if err != nil {
			return err
		}
		args = append(args, "./"+filepath.ToSlash(from))
	}
	command := b.Project.Command(ctx, "go", args...)
	command.Dir = module
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	if err := project.Run(command); errors.Is(err, exec.ErrNotFound) {
		return project.ErrNoGo
	} else if err != nil {
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		return fmt.Errorf("%s do not compile\n%s", strings.Join(names(folders), ", "), bytes.TrimSpace(output.Bytes()))
	}
	for _, folder := range folders {
		name := filepath.Base(folder)
		version, err := sum(filepath.Join(out, name))
		if err != nil {
			return err
		}
		file := filepath.Join(b.Dir, "programs", name+"-"+version)
		if err := keep(filepath.Join(out, name), file); err != nil {
			return err
		}
		built[folder] = Program{Command: []string{file}, Version: version}
	}
	return nil
}

// python installs what a program in Python needs, which requirements.txt pins.
func (b Builder) python(ctx context.Context, folder string) (Program, error) {
	requirements, err := os.ReadFile(filepath.Join(folder, "requirements.txt"))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		return Program{}, err
	}
	name := filepath.Base(folder)
	environment := python.Environment{Dir: filepath.Join(b.Dir, "python", name), Requirements: requirements, For: name, Tell: b.Tell}
	if len(requirements) == 0 {
		return Program{}, fmt.Errorf("%s has no requirements.txt: pin in it what the program uses, with hashes, also if that is nothing but a comment", folder)
	}
	if err := environment.Install(ctx); err != nil {
		return Program{}, err
	}
	version, err := sumAll(folder)
	if err != nil {
		return Program{}, err
	}
	from := folder
	if _, err := os.Stat(filepath.Join(folder, "src")); err == nil {
		from = filepath.Join(folder, "src")
	}
	return Program{
		Command: []string{environment.Program("python"), "-m", strings.ReplaceAll(name, "-", "_")},
		Environ: []string{"PYTHONPATH=" + from, "PYTHONUNBUFFERED=1", "PYTHONDONTWRITEBYTECODE=1"},
		Version: version,
	}, nil
}

func names(folders []string) []string {
	var all []string
	for _, folder := range folders {
		all = append(all, filepath.Base(folder))
	}
	return all
}

// keep copies a program to a file, unless it is there. The original stays, since the go command links no program anew that is there
// and has not changed.
func keep(from, to string) error {
	if _, err := os.Stat(to); err == nil {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o700); err != nil {
		return err
	}
	text, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	if err := os.WriteFile(to+".new", text, 0o700); err != nil { //nolint:gosec // it is to be run
		return err
	}
	return os.Rename(to+".new", to)
}

func sum(file string) (string, error) {
	in, err := os.Open(file)
	if err != nil {
		return "", err
	}
	defer func() { _ = in.Close() }()
	hash := sha256.New()
	if _, err := io.Copy(hash, in); err != nil {
		return "", err
	}
	return hex.EncodeToString(hash.Sum(nil)[:5]), nil
}

// sumAll is the sum of the files of a folder, without those that tests leave.
func sumAll(folder string) (string, error) {
	hash := sha256.New()
	err := filepath.WalkDir(folder, func(file string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := entry.Name()
		if entry.IsDir() {
			if file != folder && (strings.HasPrefix(name, ".") || name == "__pycache__" || name == "tests") {
				return fs.SkipDir
			}
			return nil
		}
		if !entry.Type().IsRegular() {
			return nil
		}
		text, err := os.ReadFile(file)
		if err != nil {
			return err
		}
		_, _ = fmt.Fprintf(hash, "%s %d\n", file, len(text))
		_, _ = hash.Write(text)
		return nil
	})
	return hex.EncodeToString(hash.Sum(nil)[:5]), err
}
