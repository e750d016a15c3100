package main

import "slices"

// figures are medians of pairs. Wall and CPU are the ratios of Go to TypeScript.
type figures struct {
	Pairs          int
	Go, TypeScript sample
	Wall, CPU      float64
	// Others is the largest share of the machine that other programs used during a run.
	Others float64
}

// summarize returns the medians of pairs: of each value by itself, and of the ratios pair by pair.
func summarize(pairs []pair) figures {
	of := func(value func(pair) float64) float64 {
		values := make([]float64, len(pairs))
		for n, p := range pairs {
			values[n] = value(p)
		}
		return median(values)
	}
	f := figures{
		Pairs: len(pairs),
		Wall:  of(func(p pair) float64 { return p.Go.Wall / p.TypeScript.Wall }),
		CPU:   of(func(p pair) float64 { return p.Go.CPU / p.TypeScript.CPU }),
	}
	for l, at := range map[*sample]func(pair) sample{
		&f.Go:         func(p pair) sample { return p.Go },
		&f.TypeScript: func(p pair) sample { return p.TypeScript },
	} {
		l.Wall = of(func(p pair) float64 { return at(p).Wall })
		l.CPU = of(func(p pair) float64 { return at(p).CPU })
		l.PeakMiB = of(func(p pair) float64 { return at(p).PeakMiB })
		l.First = of(func(p pair) float64 { return at(p).First })
	}
	for _, p := range pairs {
		f.Others = max(f.Others, p.Go.Others, p.TypeScript.Others)
	}
	return f
}

func median(values []float64) float64 {
	slices.Sort(values)
	middle := len(values) / 2
	if len(values)%2 == 1 {
		return values[middle]
	}
	return (values[middle-1] + values[middle]) / 2
}
