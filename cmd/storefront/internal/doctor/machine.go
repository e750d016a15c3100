package doctor

import (
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/python"
)

func (d *doctor) golang() finding.Finding {
	const check = "Go"
	if _, err := exec.LookPath("go"); err != nil {
		return missing(check, "is not on the PATH", "install the version of Go that go.mod names, or a newer one")
	}
	version, err := d.output("go", "version")
	if err != nil {
		return missing(check, err.Error(), "install the version of Go that go.mod names, or unset GOTOOLCHAIN so that the go command fetches it")
	}
	return ok(check, strings.TrimPrefix(version, "go version "))
}

func (d *doctor) npm() finding.Finding {
	const check, remedy = "npm", "install Node.js 20 or newer, which brings npm"
	if _, err := exec.LookPath("npm"); err != nil {
		return missing(check, "is not on the PATH: it installs the CDK CLI and the pinned Node.js", remedy)
	}
	version, err := d.output("npm", "--version")
	if err != nil {
		return missing(check, "cannot run: "+err.Error(), remedy)
	}
	return ok(check, version)
}

// node is the Node.js that jsii runs: the pinned one, or else the first one on the PATH.
func (d *doctor) node() finding.Finding {
	const check = "Node.js"
	onPath, err := d.output("node", "--version")
	if err != nil {
		onPath = "none"
	}
	if d.project == nil {
		if onPath == "none" {
			return missing(check, "is not on the PATH: npm needs it", "install Node.js 20 or newer")
		}
		return ok(check, onPath+" on the PATH")
	}
	pinned := d.pinned("node")
	switch {
	case pinned == "" && onPath == "none":
		return missing(check, "is neither pinned nor on the PATH", "npm install --save-dev --save-exact node@24")
	case pinned == "":
		return warning(check, onPath+" on the PATH, and package.json pins none: each machine synthesizes with its own",
			"npm install --save-dev --save-exact node@24")
	}
	installed, err := d.output(d.project.Bin("node"), "--version")
	switch {
	case os.IsNotExist(err), err != nil && strings.Contains(err.Error(), "no such file"):
		return warning(check, pinned+" is pinned and not installed yet; "+onPath+" on the PATH", "storefront setup")
	case err != nil:
		return missing(check, d.project.Bin("node")+" cannot run: "+err.Error(), "remove node_modules, and run storefront setup")
	case strings.TrimPrefix(installed, "v") != pinned:
		return warning(check, pinned+" is pinned, and "+installed+" is installed", "storefront setup")
	}
	return ok(check, installed+", as pinned; "+onPath+" on the PATH is not used")
}

func (d *doctor) python() finding.Finding {
	const check = "Python"
	found, err := python.Find(d.ctx)
	if err != nil {
		return finding.Finding{Check: check, Detail: err.Error(), Status: finding.Unknown}
	}
	if found == "" {
		return missing(check, "none on the PATH is 3.10 or newer and has venv: lint and sandbox need one", "on Debian: apt-get install python3 python3-venv")
	}
	version, err := d.output(found, "--version")
	if err != nil {
		return finding.Finding{Check: check, Detail: err.Error(), Status: finding.Unknown}
	}
	return ok(check, strings.TrimPrefix(version, "Python ")+" with venv, "+found)
}

func (d *doctor) git() finding.Finding {
	const check = "git"
	version, err := d.output("git", "--version")
	if err != nil {
		return warning(check, "cannot run: "+err.Error(), "install git: without it, what must not be committed cannot be checked")
	}
	return ok(check, strings.TrimPrefix(version, "git version "))
}

// port is where the emulator listens.
func (d *doctor) port() finding.Finding {
	const check = "sandbox port"
	wanted := os.Getenv("SANDBOX_PORT")
	number, err := strconv.Atoi(wanted)
	if wanted != "" && (err != nil || number < 1 || number > 65535) {
		return missing(check, fmt.Sprintf("SANDBOX_PORT must be a port, 1 to 65535, or empty for a free one, got %q", wanted), "unset SANDBOX_PORT")
	}
	listener, err := new(net.ListenConfig).Listen(d.ctx, "tcp4", net.JoinHostPort("127.0.0.1", strconv.Itoa(number)))
	if err != nil && wanted != "" {
		return warning(check, wanted+" of 127.0.0.1 is in use, by a sandbox of yours or another program",
			"set SANDBOX_PORT to another one, or leave it out for a free one")
	}
	if err != nil {
		return missing(check, "no program can listen on 127.0.0.1: "+err.Error(), "allow it: the emulator listens there")
	}
	_ = listener.Close()
	if wanted == "" {
		return ok(check, "a free one of 127.0.0.1; SANDBOX_PORT chooses one")
	}
	return ok(check, wanted+" of 127.0.0.1 is free")
}

// packageCache is where jsii keeps what it has unpacked of the CDK's JavaScript.
func packageCache() finding.Finding {
	const check, slow = "jsii package cache", "without it each synthesis and each test takes about 4 times as long"
	if setting := os.Getenv("JSII_RUNTIME_PACKAGE_CACHE"); setting != "" && !strings.EqualFold(setting, "enabled") {
		return warning(check, "JSII_RUNTIME_PACKAGE_CACHE="+setting+" turns it off: "+slow, "unset JSII_RUNTIME_PACKAGE_CACHE")
	}
	root := os.Getenv("JSII_RUNTIME_PACKAGE_CACHE_ROOT")
	if root == "" {
		home, err := os.UserHomeDir()
		if err != nil {
			return warning(check, err.Error(), "set HOME, or JSII_RUNTIME_PACKAGE_CACHE_ROOT to a folder of your own")
		}
		root = filepath.Join(home, ".cache", "aws", "jsii", "package-cache")
		if runtime.GOOS == "darwin" {
			root = filepath.Join(home, "Library", "Caches", "com.amazonaws.jsii", "package-cache")
		}
	}
	there := root
	for {
		if _, err := os.Stat(there); err == nil || there == filepath.Dir(there) {
			break
		}
		there = filepath.Dir(there)
	}
	probe, err := os.MkdirTemp(there, ".storefront-doctor-")
	if err != nil {
		return missing(check, there+" is not writable: the CDK cannot start", "make it writable, or set JSII_RUNTIME_PACKAGE_CACHE_ROOT to a folder of your own")
	}
	_ = os.Remove(probe)
	if there != root {
		return ok(check, root+", which the first synthesis creates")
	}
	return ok(check, root)
}

func docker() finding.Finding {
	const check = "Docker"
	if _, err := exec.LookPath("docker"); err != nil {
		return ok(check, "not on the PATH, and not needed: only the deployment of images that the app builds needs it")
	}
	return ok(check, "on the PATH; only the deployment of images that the app builds needs it")
}
