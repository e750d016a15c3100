//go:build unix

package app

import (
	"os"
	"os/exec"
	"syscall"
)

// separable is set where processes can inherit files.
const separable = true

// separate has a process, and those that it starts, end together.
func separate(command *exec.Cmd) {
	command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	command.Cancel = func() error { return syscall.Kill(-command.Process.Pid, syscall.SIGTERM) }
}

// terminate ends this process, and those that it has started.
func terminate() {
	_ = syscall.Kill(0, syscall.SIGTERM)
	os.Exit(1) // if the program handles that signal
}

// inherited returns a file that the process was started with, which those that it starts do not get.
func inherited(descriptor uintptr) *os.File {
	syscall.CloseOnExec(int(descriptor))
	return os.NewFile(descriptor, "share")
}
