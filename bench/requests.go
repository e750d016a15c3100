package main

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
)

// tap is run instead of Node.js, and writes to a file what the Go program sends to jsii.
const tap = `#!/bin/sh
tee "$BENCH_REQUESTS" | "$BENCH_NODE" "$@"
`

// requests returns the number of requests to jsii in one run. What it answers to callbacks is not a request.
func (b *bench) requests(ctx context.Context, s scenario) (int, error) {
	out := filepath.Join(b.work, "out", string(inGo))
	script, file := filepath.Join(b.work, "tap"), filepath.Join(b.work, "requests")
	if err := os.WriteFile(script, []byte(tap), 0o755); err != nil { //nolint:gosec // it is run
		return 0, err
	}
	if err := os.RemoveAll(out); err != nil {
		return 0, err
	}
	command, err := b.command(ctx, inGo, s, out)
	if err != nil {
		return 0, err
	}
	// With jsii's own start, which runs one program that reads requests. They are the same.
	command.Env = append(command.Env, "JSII_NODE="+script, "STOREFRONT_JSII=unchanged", "BENCH_NODE="+b.node(), "BENCH_REQUESTS="+file)
	if _, err := measure(command); err != nil {
		return 0, err
	}
	text, err := os.ReadFile(file)
	return bytes.Count(text, []byte(`"api":"`)), err
}
