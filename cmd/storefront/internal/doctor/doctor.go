// Package doctor checks that this machine and the repository of an app have what the tool needs. It changes nothing, and needs no
// network.
package doctor

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/project"
)

// Run checks the machine, and the repository unless p is nil.
func Run(ctx context.Context, p *project.Project) []finding.Finding {
	d := &doctor{ctx: ctx, project: p}
	checks := []func() finding.Finding{d.golang, d.npm, d.node, d.python, d.git, d.port, packageCache, docker}
	if p != nil {
		checks = append(checks, d.app, d.cdk, d.flags, d.lock, d.goModIgnore, d.gitIgnore, d.committed)
	}
	var findings []finding.Finding
	for _, check := range checks {
		if f := check(); f.Check != "" && ctx.Err() == nil {
			findings = append(findings, f)
		}
	}
	return findings
}

type doctor struct {
	ctx     context.Context
	project *project.Project // or nil
}

// root is the folder in which programs are run.
func (d *doctor) root() string {
	if d.project == nil {
		return ""
	}
	return d.project.Root
}

// output is what a program prints, without the space around it. The error is its last line on standard error.
func (d *doctor) output(program string, args ...string) (string, error) {
	command := exec.CommandContext(d.ctx, program, args...)
	command.Dir = d.root()
	// Neither may it fetch a newer Go, nor a module.
	command.Env = append(os.Environ(), "GOFLAGS=-mod=readonly", "GOPROXY=off", "CDK_DISABLE_VERSION_CHECK=1")
	var problems bytes.Buffer
	command.Stderr = &problems
	output, err := command.Output()
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		lines := strings.Split(strings.TrimSpace(problems.String()), "\n")
		err = errors.New(cmp.Or(strings.TrimSpace(lines[len(lines)-1]), err.Error()))
	}
	return strings.TrimSpace(string(output)), err
}

func ok(check, detail string) finding.Finding {
	return finding.Finding{Check: check, Detail: detail}
}

func warning(check, detail, fix string) finding.Finding {
	return finding.Finding{Check: check, Detail: detail, Fix: fix, Status: finding.Warning}
}

func missing(check, detail, fix string) finding.Finding {
	return finding.Finding{Check: check, Detail: detail, Fix: fix, Status: finding.Missing}
}
