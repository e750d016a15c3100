// Package fargate has the sizes of tasks that AWS Fargate supports.
package fargate

import (
	"fmt"
	"strings"
)

// memory are the memory sizes that Fargate supports with one CPU size: from min to max in steps, in MiB.
type memory struct{ cpu, min, max, step int }

// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
var sizes = []memory{
	{256, 512, 2048, 0}, // 512, 1024 and 2048
	{512, 1024, 4096, 1024},
	{1024, 2048, 8192, 1024},
	{2048, 4096, 16384, 1024},
	{4096, 8192, 30720, 1024},
	{8192, 16384, 61440, 4096},
	{16384, 32768, 122880, 8192},
}

// Check returns an error if Fargate does not support the CPU units and the memory. Its message begins with field.
func Check(field string, cpu, memoryMiB int) error {
	var sold []string
	for _, size := range sizes {
		if size.cpu == cpu {
			return size.check(field, memoryMiB)
		}
		sold = append(sold, fmt.Sprint(size.cpu))
	}
	last := len(sold) - 1
	return fmt.Errorf("%s.CPU must be %s or %s, got %d", field, strings.Join(sold[:last], ", "), sold[last], cpu)
}

func (m memory) check(field string, memoryMiB int) error {
	if m.step == 0 {
		if memoryMiB != m.min && memoryMiB != 2*m.min && memoryMiB != m.max {
			return fmt.Errorf("%s.MemoryMiB must be %d, %d or %d with %[1]s.CPU %[5]d, got %[6]d", field, m.min, 2*m.min, m.max, m.cpu, memoryMiB)
		}
		return nil
	}
	if memoryMiB < m.min || memoryMiB > m.max || memoryMiB%m.step != 0 {
		return fmt.Errorf("%s.MemoryMiB must be from %d to %d in steps of %d with %[1]s.CPU %[5]d, got %[6]d", field, m.min, m.max, m.step, m.cpu, memoryMiB)
	}
	return nil
}
