package app

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

// process synthesizes one share.
type process struct {
	*exec.Cmd
	outdir   string
	output   [2]string // the files of standard output and standard error
	from, to *os.File
	record   record
	done     chan struct{}
	err      error
}

// start starts a process, which calls failed if it fails.
func start(ctx context.Context, failed func(), scratch string, n, of int) (*process, error) {
	program, err := os.Executable()
	if err != nil {
		return nil, err
	}
	p := &process{Cmd: exec.CommandContext(ctx, program, os.Args[1:]...), outdir: filepath.Join(scratch, strconv.Itoa(n)), done: make(chan struct{})}
	if err := os.Mkdir(p.outdir, 0o755); err != nil {
		return nil, err
	}
	for _, each := range os.Environ() {
		if name, _, _ := strings.Cut(each, "="); name != outdirVariable && name != countersVariable && name != shareVariable {
			p.Env = append(p.Env, each)
		}
	}
	p.Env = append(p.Env, outdirVariable+"="+p.outdir, fmt.Sprintf("%s=%d/%d/%d", shareVariable, os.Getpid(), n, of))
	var closing []io.Closer
	defer func() {
		for _, each := range closing {
			_ = each.Close()
		}
	}()
	for n, into := range []*io.Writer{&p.Stdout, &p.Stderr} {
		file, err := os.Create(fmt.Sprint(p.outdir, ".output", n))
		if err != nil {
			return nil, err
		}
		closing = append(closing, file)
		*into, p.output[n] = file, file.Name()
	}
	from, said, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	told, to, err := os.Pipe()
	if err != nil {
		return nil, errors.Join(err, from.Close(), said.Close())
	}
	closing = append(closing, said, told)
	p.from, p.to, p.ExtraFiles = from, to, []*os.File{said, told}
	separate(p.Cmd)
	p.WaitDelay = 5 * time.Second
	if err := p.Start(); err != nil {
		return nil, errors.Join(err, from.Close(), to.Close())
	}
	go func() {
		if p.err = p.Wait(); p.err != nil {
			failed()
		}
		close(p.done)
	}()
	return p, nil
}

// wait returns why the process has failed, once it has ended.
func (p *process) wait() error {
	<-p.done
	_, _ = p.from.Close(), p.to.Close() // again, if it was called before
	return p.err
}

// replay prints what the processes printed while they defined and synthesized the app, in their order. A line that a process
// before has printed is not repeated: it is of all services alike, such as the warning that a construct is deprecated.
func replay(all []*process) error {
	for n, to := range []io.Writer{os.Stdout, os.Stderr} {
		printed := map[string]bool{}
		for _, p := range all {
			text, err := os.ReadFile(p.output[n])
			if err != nil {
				return err
			}
			var lines []string
			for line := range bytes.Lines(text[min(int64(len(text)), p.record.Output[n]):]) {
				if !printed[string(line)] {
					_, _ = to.Write(line)
				}
				lines = append(lines, string(line))
			}
			for _, line := range lines {
				printed[line] = true
			}
		}
	}
	return nil
}
