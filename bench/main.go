// Bench compares the synthesis of the storefront in Go with that of its twin in TypeScript, in the folder twin. Both define the same
// stacks, which it checks before it measures anything. It runs both in turn, each as the CDK's command line would, but without it.
//
//	go run . check    compares the templates of both
//	go run . quick    does that, and prints what a few runs take
//	go run .          measures everything, and writes ../docs/benchmarks.md and the chart beside it
//
// The Makefile of the repository has targets for these, which install and compile what they need. What was measured is kept for the
// commit and the machine, so that a run that was interrupted continues.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM, syscall.SIGINT)
	defer stop()
	if err := run(ctx, os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

func run(ctx context.Context, args []string) error {
	command := ""
	if len(args) > 0 {
		command = args[0]
	}
	commands := map[string]func(context.Context, *bench) error{
		"":      measureAll,
		"check": check,
		"quick": quick,
	}
	do, known := commands[command]
	if !known || len(args) > 1 {
		return fmt.Errorf("the argument must be check, quick or none, got %q", args)
	}
	b, err := newBench(ctx)
	if err != nil {
		return err
	}
	return do(ctx, b)
}
