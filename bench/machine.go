package main

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"
)

// ticksOfSecond is the unit of times in /proc, on every architecture that Go has.
const ticksOfSecond = 100

func processors() float64 { return float64(runtime.NumCPU()) }

// busySeconds returns for how many seconds all processors together have not been idle, or zero where there is no /proc.
func busySeconds() float64 {
	stat, err := os.ReadFile("/proc/stat")
	if err != nil {
		return 0
	}
	line, _, _ := strings.Cut(string(stat), "\n")
	const idle, iowait, last = 3, 4, 8 // those after it are a part of the others
	ticks := 0
	for n, field := range strings.Fields(line)[1:] {
		if value, err := strconv.Atoi(field); err == nil && n != idle && n != iowait && n < last {
			ticks += value
		}
	}
	return float64(ticks) / ticksOfSecond
}

// watch samples a process ten times a second, until the function that it returns is called. That returns the largest memory of the
// process and its descendants together, in MiB, and the CPU time of the process alone, in seconds.
func watch(pid int) func() (peakMiB, cpu float64) {
	stop, stopped := make(chan struct{}), make(chan struct{})
	var pages, ticks int
	go func() {
		defer close(stopped)
		ticker := time.NewTicker(100 * time.Millisecond)
		defer ticker.Stop()
		for {
			select {
			case <-stop:
				return
			case <-ticker.C:
				pages = max(pages, residentPages(strconv.Itoa(pid)))
				ticks = max(ticks, cpuTicks(pid))
			}
		}
	}()
	return func() (peakMiB, cpu float64) {
		close(stop)
		<-stopped
		return float64(pages*os.Getpagesize()) / (1 << 20), float64(ticks) / ticksOfSecond
	}
}

// cpuTicks returns the CPU time of a process without its children, of user and system together, or zero where there is no /proc.
func cpuTicks(pid int) int {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	const user, system = 11, 12 // of the fields after the name, which may have spaces
	_, after, _ := strings.Cut(string(stat), ") ")
	fields := strings.Fields(after)
	if len(fields) <= system {
		return 0
	}
	inUser, _ := strconv.Atoi(fields[user])
	inSystem, _ := strconv.Atoi(fields[system])
	return inUser + inSystem
}

// residentPages returns the memory of a process and its descendants. What has ended has none.
func residentPages(pid string) int {
	pages := 0
	if statm, err := os.ReadFile("/proc/" + pid + "/statm"); err == nil {
		if fields := strings.Fields(string(statm)); len(fields) > 1 {
			pages, _ = strconv.Atoi(fields[1])
		}
	}
	threads, _ := filepath.Glob("/proc/" + pid + "/task/*/children") // the pattern is valid
	for _, thread := range threads {
		children, _ := os.ReadFile(thread)
		for _, child := range strings.Fields(string(children)) {
			pages += residentPages(child)
		}
	}
	return pages
}

// machine describes the processor, the memory and the operating system.
func machine() string {
	model, memory := runtime.GOARCH, ""
	if text, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		for line := range strings.Lines(string(text)) {
			if name, value, _ := strings.Cut(line, ":"); strings.TrimSpace(name) == "model name" {
				model = strings.TrimSpace(value)
				break
			}
		}
	}
	if text, err := os.ReadFile("/proc/meminfo"); err == nil {
		if fields := strings.Fields(string(text)); len(fields) > 1 {
			kib, _ := strconv.Atoi(fields[1]) // MemTotal comes first
			memory = fmt.Sprintf(", %d GiB of memory", (kib+1<<19)>>20)
		}
	}
	return fmt.Sprintf("%s, %d processors%s, %s", model, runtime.NumCPU(), memory, runtime.GOOS)
}
