package microservice

import (
	"errors"
	"fmt"
	"strings"
)

// Size is the CPU, memory and disk of each task of a service.
type Size struct {
	// CPU is in units of 1/1024 vCPU. If zero, 256. Fargate supports 256, 512, 1024, 2048, 4096, 8192 and 16384.
	CPU int
	// MemoryMiB is the memory. If zero, twice as many MiB as CPU has units. The supported sizes depend on CPU; an error
	// lists them.
	MemoryMiB int
	// EphemeralStorageGiB is the task's disk, from 21 to 200, which also holds the image. If zero, 20, which the
	// application cannot use: its /tmp is then 64 MiB of the task's memory. If set, the root filesystem is on that disk
	// and its /tmp is the image's, writable for every user in every common base image; so it requires
	// WritableRootFilesystem.
	EphemeralStorageGiB int
}

const (
	defaultCPU             = 256
	minEphemeralStorageGiB = 21
	maxEphemeralStorageGiB = 200
)

// memorySizes are the memory sizes that Fargate supports with one CPU size: from min to max in steps, in MiB.
type memorySizes struct{ cpu, min, max, step int }

// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
var fargateSizes = []memorySizes{
	{256, 512, 2048, 0}, // 512, 1024 and 2048
	{512, 1024, 4096, 1024},
	{1024, 2048, 8192, 1024},
	{2048, 4096, 16384, 1024},
	{4096, 8192, 30720, 1024},
	{8192, 16384, 61440, 4096},
	{16384, 32768, 122880, 8192},
}

func (s Size) withDefaults() Size {
	if s.CPU == 0 {
		s.CPU = defaultCPU
	}
	if s.MemoryMiB == 0 {
		s.MemoryMiB = 2 * s.CPU
	}
	return s
}

func (s Size) validate() error {
	return errors.Join(s.validateMemory(), s.validateStorage())
}

func (s Size) validateMemory() error {
	var sold []string
	for _, sizes := range fargateSizes {
		if sizes.cpu == s.CPU {
			return sizes.validate(s)
		}
		sold = append(sold, fmt.Sprint(sizes.cpu))
	}
	last := len(sold) - 1
	return fmt.Errorf("Size.CPU must be %s or %s, got %d", strings.Join(sold[:last], ", "), sold[last], s.CPU)
}

func (m memorySizes) validate(s Size) error {
	if m.step == 0 {
		if s.MemoryMiB != m.min && s.MemoryMiB != 2*m.min && s.MemoryMiB != m.max {
			return fmt.Errorf("Size.MemoryMiB must be %d, %d or %d with Size.CPU %d, got %d", m.min, 2*m.min, m.max, m.cpu, s.MemoryMiB)
		}
		return nil
	}
	if s.MemoryMiB < m.min || s.MemoryMiB > m.max || s.MemoryMiB%m.step != 0 {
		return fmt.Errorf("Size.MemoryMiB must be from %d to %d in steps of %d with Size.CPU %d, got %d", m.min, m.max, m.step, m.cpu, s.MemoryMiB)
	}
	return nil
}

func (s Size) validateStorage() error {
	if s.EphemeralStorageGiB != 0 && (s.EphemeralStorageGiB < minEphemeralStorageGiB || s.EphemeralStorageGiB > maxEphemeralStorageGiB) {
		return fmt.Errorf("Size.EphemeralStorageGiB must be from %d to %d, or 0 for the 20 that every task has, got %d",
			minEphemeralStorageGiB, maxEphemeralStorageGiB, s.EphemeralStorageGiB)
	}
	return nil
}
