package microservice

import (
	"errors"
	"fmt"

	"github.com/storefront-cdk/storefront/internal/fargate"
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
	return errors.Join(fargate.Check("Size", s.CPU, s.MemoryMiB), s.validateStorage())
}

func (s Size) validateStorage() error {
	if s.EphemeralStorageGiB != 0 && (s.EphemeralStorageGiB < minEphemeralStorageGiB || s.EphemeralStorageGiB > maxEphemeralStorageGiB) {
		return fmt.Errorf("Size.EphemeralStorageGiB must be from %d to %d, or 0 for the 20 that every task has, got %d",
			minEphemeralStorageGiB, maxEphemeralStorageGiB, s.EphemeralStorageGiB)
	}
	return nil
}
