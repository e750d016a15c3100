package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"syscall"
	"time"
)

// sample is one run of a program with all the processes that it starts. Times are in seconds.
type sample struct {
	Wall float64
	// CPU is that of user and system together.
	CPU float64
	// PeakMiB is the largest resident memory of all processes together, sampled ten times a second. It is zero where there is no
	// /proc.
	PeakMiB float64
	// First is the CPU of the first process alone, without those that it starts, as of a tenth of a second before its end. It is zero
	// where there is no /proc.
	First float64
	// Others is the share of the machine's processors that other programs used meanwhile. It is zero where there is no /proc.
	Others float64
}

// synthesize runs an app once, into a folder that is empty then.
func (b *bench) synthesize(ctx context.Context, l language, s scenario, out string) (sample, error) {
	if err := os.RemoveAll(out); err != nil {
		return sample{}, err
	}
	command, err := b.command(ctx, l, s, out)
	if err != nil {
		return sample{}, err
	}
	taken, err := measure(command)
	if err != nil {
		return sample{}, fmt.Errorf("%s in %s: %w", s, l, err)
	}
	return taken, nil
}

// measure runs a command.
func measure(command *exec.Cmd) (sample, error) {
	var output bytes.Buffer
	command.Stdout, command.Stderr = &output, &output
	busy, began := busySeconds(), time.Now()
	if err := command.Start(); err != nil {
		return sample{}, err
	}
	watched := watch(command.Process.Pid)
	err := command.Wait()
	wall := time.Since(began).Seconds()
	peak, first := watched()
	taken := sample{Wall: wall, PeakMiB: peak, First: first}
	if usage, ok := command.ProcessState.SysUsage().(*syscall.Rusage); ok {
		taken.CPU = seconds(usage.Utime) + seconds(usage.Stime)
	}
	taken.Others = max(0, busySeconds()-busy-taken.CPU) / wall / processors()
	if err != nil {
		return sample{}, fmt.Errorf("%w\n%s", err, output.Bytes())
	}
	return taken, nil
}

func seconds(of syscall.Timeval) float64 { return time.Duration(of.Nano()).Seconds() }
