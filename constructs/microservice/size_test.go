package microservice

import (
	"slices"
	"testing"

	"github.com/storefront-cdk/storefront/internal/expect"
)

// sold is the table of AWS's page, in GiB where a size has steps.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/fargate-tasks-services.html#fargate-tasks-size
var sold = map[int][]int{
	256:   {512, 1024, 2048},
	512:   gib(1, 4, 1),
	1024:  gib(2, 8, 1),
	2048:  gib(4, 16, 1),
	4096:  gib(8, 30, 1),
	8192:  gib(16, 60, 4),
	16384: gib(32, 120, 8),
}

func gib(from, to, step int) (sizes []int) {
	for n := from; n <= to; n += step {
		sizes = append(sizes, n*1024)
	}
	return sizes
}

func TestEverySizeThatFargateSellsAndNoOther(t *testing.T) {
	for cpu, memories := range sold {
		for step := range 130 * 4 {
			for _, memory := range []int{step*256 - 1, step * 256, step*256 + 1} {
				err := Size{CPU: cpu, MemoryMiB: memory}.validate()
				if (err == nil) != slices.Contains(memories, memory) {
					t.Errorf("CPU %d with %d MiB: got %v", cpu, memory, err)
				}
			}
		}
	}
	for cpu := -256; cpu <= 33000; cpu++ {
		if err := (Size{CPU: cpu, MemoryMiB: 4096}).validate(); sold[cpu] == nil && err == nil {
			t.Errorf("CPU %d: got no problem", cpu)
		}
	}
}

func TestSizeDefaults(t *testing.T) {
	for given, want := range map[Size]Size{
		{}:                                     {256, 512, 0},
		{CPU: 1024}:                            {1024, 2048, 0},
		{MemoryMiB: 2048}:                      {256, 2048, 0},
		{CPU: 512, MemoryMiB: 4096}:            {512, 4096, 0},
		{CPU: -1, MemoryMiB: -1}:               {-1, -1, 0},
		{EphemeralStorageGiB: 50}:              {256, 512, 50},
		{CPU: 16384, EphemeralStorageGiB: 200}: {16384, 32768, 200},
		{CPU: 8192, MemoryMiB: 61440}:          {8192, 61440, 0},
	} {
		if got := given.withDefaults(); got != want {
			t.Errorf("%+v: got %+v, want %+v", given, got, want)
		}
	}
	for cpu := range sold {
		expect.Problems(t, Size{CPU: cpu}.withDefaults().validate())
	}
}

func TestSizeProblems(t *testing.T) {
	const (
		cpu     = "Size.CPU must be 256, 512, 1024, 2048, 4096, 8192 or 16384, got "
		storage = "Size.EphemeralStorageGiB must be from 21 to 200, or 0 for the 20 that every task has, got "
	)
	cases := map[string]struct {
		size Size
		want []string
	}{
		"CPU":                   {Size{CPU: 300}, []string{cpu + "300"}},
		"negative CPU":          {Size{CPU: -256}, []string{cpu + "-256"}},
		"memory by name":        {Size{CPU: 256, MemoryMiB: 1536}, []string{"Size.MemoryMiB must be 512, 1024 or 2048 with Size.CPU 256, got 1536"}},
		"memory by step of 1":   {Size{CPU: 512, MemoryMiB: 512}, []string{"Size.MemoryMiB must be from 1024 to 4096 in steps of 1024 with Size.CPU 512, got 512"}},
		"memory by step of 4":   {Size{CPU: 8192, MemoryMiB: 17408}, []string{"Size.MemoryMiB must be from 16384 to 61440 in steps of 4096 with Size.CPU 8192, got 17408"}},
		"memory by step of 8":   {Size{CPU: 16384, MemoryMiB: 131072}, []string{"Size.MemoryMiB must be from 32768 to 122880 in steps of 8192 with Size.CPU 16384, got 131072"}},
		"negative memory":       {Size{MemoryMiB: -1}, []string{"Size.MemoryMiB must be 512, 1024 or 2048 with Size.CPU 256, got -1"}},
		"smallest disk":         {Size{EphemeralStorageGiB: 21}, nil},
		"largest disk":          {Size{EphemeralStorageGiB: 200}, nil},
		"disk that all have":    {Size{EphemeralStorageGiB: 20}, []string{storage + "20"}},
		"too large a disk":      {Size{EphemeralStorageGiB: 201}, []string{storage + "201"}},
		"negative disk":         {Size{EphemeralStorageGiB: -1}, []string{storage + "-1"}},
		"both":                  {Size{1, 2, 3}, []string{cpu + "1", storage + "3"}},
		"memory and disk wrong": {Size{1024, 1024, 1}, []string{"Size.MemoryMiB must be from 2048 to 8192 in steps of 1024 with Size.CPU 1024, got 1024", storage + "1"}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.size.withDefaults().validate(), c.want...) })
	}
}
