//go:build !unix

package app

import (
	"os"
	"os/exec"
)

const separable = false

func separate(*exec.Cmd) {}

func terminate() { os.Exit(1) }

func inherited(uintptr) *os.File { return nil }
