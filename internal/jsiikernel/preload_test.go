package jsiikernel

import (
	"bufio"
	"encoding/json"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	_ "github.com/storefront-cdk/storefront/internal/cdkenv" // the Node.js that the project pins
)

// relayed is what stands for jsii's relay: it says that it was started, and exits.
const relayed = `console.log("relayed");`

// kernel stands for jsii's kernel. It makes its folder as that does, prints in every way, and echoes each line of the channel.
const kernel = `
const fs = require("node:fs"), os = require("node:os"), path = require("node:path"), { spawnSync } = require("node:child_process");
const dir = fs.mkdtempSync(path.join(os.tmpdir(), "jsii-kernel-"));
process.on("exit", () => fs.rmSync(dir, { recursive: true, force: true }));
fs.writeFileSync(path.join(dir, "package.js"), "module.exports = () => 'of a package';");
console.log(require(path.join(dir, "package.js"))());
console.error("an error");
spawnSync("sh", ["-c", "cat; echo of a child"], { stdio: "inherit" });
spawnSync("sh", ["-c", "echo of a bundler"], { stdio: ["ignore", process.stdout, process.stderr] });
const reply = (value) => fs.writeSync(3, JSON.stringify(value) + "\n");
reply({ dir, options: process.env.NODE_OPTIONS ?? "", execArgv: process.execArgv, argv: process.argv.slice(1), main: require.main.filename });
const buffer = Buffer.alloc(1 << 16);
for (;;) {
  const n = fs.readSync(3, buffer, 0, buffer.length, null);
  if (n === 0) break;
  fs.writeSync(3, buffer, 0, n);
}
`

// hello is the first response of the kernel.
type hello struct {
	Dir, Options, Main string
	ExecArgv, Argv     []string
}

// jsiiRuntime is a runtime of jsii, with a relay and a kernel, and the file that is preloaded.
type jsiiRuntime struct{ bin, preload string }

func newRuntime(t *testing.T) jsiiRuntime {
	t.Helper()
	if _, err := exec.LookPath("node"); err != nil {
		t.Fatal(err)
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := jsiiRuntime{filepath.Join(dir, "bin", "jsii-runtime.js"), filepath.Join(dir, "preload.cjs")}
	for file, text := range map[string]string{r.bin: relayed, filepath.Join(dir, "lib", "program.js"): kernel, r.preload: preload} {
		write(t, file, text)
	}
	return r
}

// compiled returns the number of files in the compile cache.
func (r jsiiRuntime) compiled() (n int) {
	_ = filepath.WalkDir(filepath.Join(filepath.Dir(r.preload), "compiled"), func(_ string, entry os.DirEntry, _ error) error {
		if entry != nil && entry.Type().IsRegular() {
			n++
		}
		return nil
	})
	return n
}

func write(t *testing.T, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

// started is a process of a runtime.
type started struct {
	*exec.Cmd
	requests  io.WriteCloser
	responses *bufio.Reader
	printed   *strings.Builder
}

// start runs the file as jsii does, and first preloads the other files, before that of this package.
func (r jsiiRuntime) start(t *testing.T, file string, others ...string) *started {
	t.Helper()
	options := "--no-warnings"
	for _, other := range others {
		options += " --require=" + quote(other)
	}
	s := &started{Cmd: exec.Command("node", file), printed: &strings.Builder{}}
	s.Env = append(os.Environ(), "NODE_OPTIONS="+options+" "+loading+quote(r.preload))
	s.Stderr = s.printed
	var err error
	if s.requests, err = s.StdinPipe(); err != nil {
		t.Fatal(err)
	}
	responses, err := s.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	s.responses = bufio.NewReader(responses)
	if err := s.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Process.Kill() })
	return s
}

func (s *started) line(t *testing.T) string {
	t.Helper()
	text, err := s.responses.ReadString('\n')
	if err != nil {
		_ = s.Wait()
		t.Fatalf("no response (%v); it printed:\n%s", err, s.printed)
	}
	return strings.TrimSuffix(text, "\n")
}

func (s *started) hello(t *testing.T) (h hello) {
	t.Helper()
	if text := s.line(t); json.Unmarshal([]byte(text), &h) != nil {
		t.Fatalf("the response is %s", text)
	}
	return h
}

func (s *started) end(t *testing.T) {
	t.Helper()
	if err := s.requests.Close(); err != nil {
		t.Fatal(err)
	}
	if err := s.Wait(); err != nil {
		t.Fatalf("%v; it printed:\n%s", err, s.printed)
	}
}

func TestTheKernelIsStartedWithoutTheRelay(t *testing.T) {
	r := newRuntime(t)
	s := r.start(t, r.bin)
	h := s.hello(t)
	program := filepath.Join(filepath.Dir(filepath.Dir(r.bin)), "lib", "program.js")
	if h.Main != program || !slices.Equal(h.Argv, []string{program}) || !slices.Contains(h.ExecArgv, "--preserve-symlinks") {
		t.Errorf("the kernel is started as %+v", h)
	}
	if h.Options != "--no-warnings" {
		t.Errorf("what the kernel starts has the options %q", h.Options)
	}
	const many = 200_000 // more than a pipe holds
	for _, text := range []string{"a", strings.Repeat("b", many), "ü"} {
		go func() { _, _ = io.WriteString(s.requests, text+"\n") }()
		if got := s.line(t); got != text {
			t.Errorf("of %d bytes came back %d", len(text), len(got))
		}
	}
	s.end(t)

	// Nothing of it appeared between the responses, and what is not from a child says where it was printed.
	var got []string
	for line := range strings.Lines(s.printed.String()) {
		var message struct{ Stdout, Stderr []byte }
		line = strings.TrimSuffix(line, "\n")
		if json.Unmarshal([]byte(line), &message) == nil {
			line = "stdout: " + string(message.Stdout)
			if message.Stderr != nil {
				line = "stderr: " + string(message.Stderr)
			}
		}
		got = append(got, line)
	}
	want := []string{"stdout: of a package\n", "stderr: an error\n", "of a child", "of a bundler"}
	if !slices.Equal(got, want) {
		t.Errorf("it printed %q, want %q", got, want)
	}
}

// What is compiled is found again only if the packages are in the folder of before.
func TestThePackagesAreInTheSameFolder(t *testing.T) {
	r := newRuntime(t)
	var dirs []string
	for range 2 {
		s := r.start(t, r.bin)
		dirs = append(dirs, s.hello(t).Dir)
		s.end(t)
	}
	if want := filepath.Join(filepath.Dir(r.preload), "kernels", "0"); dirs[0] != want || dirs[1] != want {
		t.Errorf("the folders are %q, want %s", dirs, want)
	}
	if _, err := os.Stat(dirs[0]); !os.IsNotExist(err) {
		t.Errorf("%s is left: %v", dirs[0], err)
	}
	if got := r.compiled(); got != 1 {
		t.Errorf("%d files are kept, want that of the package: others have other names each time", got)
	}
}

// Each process has a folder of its own, also after others were killed and left theirs.
func TestNoTwoProcessesHaveOneFolder(t *testing.T) {
	r := newRuntime(t)
	const folders, more = 8, 2
	owned := func(s *started) bool {
		return strings.HasPrefix(s.hello(t).Dir, filepath.Join(filepath.Dir(r.preload), "kernels"))
	}
	for range 2 { // the second time, all owners are dead
		all := make([]*started, folders+more)
		for n := range all {
			all[n] = r.start(t, r.bin)
		}
		numbered := 0
		for _, s := range all {
			if owned(s) {
				numbered++
			}
		}
		if numbered != folders {
			t.Errorf("%d of %d processes have one of the %d folders", numbered, len(all), folders)
		}
		for _, s := range all {
			_ = s.Process.Kill()
			_ = s.Wait()
		}
	}
}

func TestJsiiStartsAsAlways(t *testing.T) {
	r := newRuntime(t)
	without := newRuntime(t)
	if err := os.RemoveAll(filepath.Join(filepath.Dir(filepath.Dir(without.bin)), "lib")); err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	version, pipes, other := filepath.Join(dir, "version.cjs"), filepath.Join(dir, "pipes.cjs"), filepath.Join(dir, "main.js")
	write(t, version, `Object.defineProperty(process.versions, "node", { value: "20.1.0" });`)
	write(t, pipes, `const fs = require("node:fs"), { openSync } = fs;
fs.openSync = (file, ...rest) => { if (file === "/dev/fd/1") throw new Error("no such device"); return openSync(file, ...rest); };`)
	write(t, other, relayed)
	for name, c := range map[string]struct {
		runtime jsiiRuntime
		file    string
		others  []string
	}{
		"a version that jsii warns of": {r, r.bin, []string{version}},
		"no such pipes":                {r, r.bin, []string{pipes}},
		"no kernel":                    {without, without.bin, nil},
		"another program":              {r, other, nil},
	} {
		t.Run(name, func(t *testing.T) {
			s := c.runtime.start(t, c.file, c.others...)
			if got := s.line(t); got != "relayed" {
				t.Errorf("it printed %q", got)
			}
			s.end(t)
		})
	}
}

// A cache folder that cannot be written is no reason to fail.
func TestWithoutACache(t *testing.T) {
	r := newRuntime(t)
	write(t, filepath.Join(filepath.Dir(r.preload), "kernels"), "not a folder")
	write(t, filepath.Join(filepath.Dir(r.preload), "compiled"), "not a folder")
	s := r.start(t, r.bin)
	if h := s.hello(t); strings.HasPrefix(h.Dir, filepath.Dir(r.preload)) {
		t.Errorf("the folder is %s", h.Dir)
	}
	s.end(t)
}
