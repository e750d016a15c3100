package main

import (
	"context"
	"fmt"
	"path/filepath"
)

// quick checks the twin, and prints what both take for the storefront. It says nothing about how fast they should be: a busy machine,
// such as that of a CI, has no opinion.
func quick(ctx context.Context, b *bench) error {
	if err := check(ctx, b); err != nil {
		return err
	}
	const pairs = 3
	for _, environment := range []string{"sandbox", "production"} {
		s := scenario{Environment: environment}
		var all []pair
		for n := range pairs {
			taken, err := b.pair(ctx, s, n%2 == 1)
			if err != nil {
				return err
			}
			all = append(all, taken)
		}
		f := summarize(all)
		fmt.Printf("%-24s %s: %.2f s, CPU %.2f s; %s: %.2f s, CPU %.2f s; ratio %.2f, CPU %.2f\n", s, inGo, f.Go.Wall, f.Go.CPU,
			inTypeScript, f.TypeScript.Wall, f.TypeScript.CPU, f.Wall, f.CPU)
	}
	return nil
}

// pair is a run in each language, one after the other.
type pair struct{ Go, TypeScript sample }

// pair runs both, the one in TypeScript first if reversed: so neither always comes second.
func (b *bench) pair(ctx context.Context, s scenario, reversed bool) (pair, error) {
	var p pair
	order := []language{inGo, inTypeScript}
	if reversed {
		order = []language{inTypeScript, inGo}
	}
	for _, l := range order {
		taken, err := b.synthesize(ctx, l, s, filepath.Join(b.work, "out", string(l)))
		if err != nil {
			return pair{}, err
		}
		if l == inGo {
			p.Go = taken
		} else {
			p.TypeScript = taken
		}
	}
	return p, nil
}
