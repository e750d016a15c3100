package test

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// processes returns the command lines of the processes that a process has started, and of those that they have, by Linux's /proc.
func processes(t *testing.T, of string) (all [][]string) {
	t.Helper()
	lists, err := filepath.Glob(filepath.Join("/proc", of, "task", "*", "children"))
	if err != nil {
		t.Fatal(err)
	}
	for _, list := range lists {
		children, _ := os.ReadFile(list) // a thread may have ended
		for _, child := range strings.Fields(string(children)) {
			line, _ := os.ReadFile(filepath.Join("/proc", child, "cmdline"))
			all = append(all, strings.Split(strings.TrimSuffix(string(line), "\x00"), "\x00"))
			all = append(all, processes(t, child)...)
		}
	}
	return all
}

// Importing the library suffices for jsii's kernel to be the only process, and what else a program starts is not changed.
func TestTheKernelIsTheOnlyProcess(t *testing.T) {
	if runtime.GOOS != "linux" || os.Getenv("STOREFRONT_JSII") != "" || os.Getenv("JSII_RUNTIME") != "" {
		t.Skip("needs Linux, and no setting of STOREFRONT_JSII or JSII_RUNTIME")
	}
	environments(t) // so that the runtime is started
	ofJSII := slices.DeleteFunc(processes(t, fmt.Sprint(os.Getpid())), func(line []string) bool { return !strings.Contains(strings.Join(line, " "), "jsii-runtime") })
	if len(ofJSII) != 1 {
		t.Errorf("jsii has the processes %q, want its kernel alone", ofJSII)
	}
	if got := os.Getenv("NODE_OPTIONS"); strings.Contains(got, "--require") {
		t.Errorf("other programs have NODE_OPTIONS=%s", got)
	}
}
