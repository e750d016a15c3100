// Command seed fills a new shop: with products and their photos, users, reviews and orders. It is a client of the API, as a browser
// is. Only what the API lets nobody do it writes as an operator would: users with a password, and who administers the catalog and
// moderates photos.
//
// What is there already stays, so it can be run again. It is always the same.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "seed:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context) error {
	goods, err := fetch(ctx)
	if err != nil {
		return err
	}
	s, err := open(ctx)
	if err != nil {
		return err
	}
	for _, step := range []struct {
		name string
		do   func(context.Context, []product) error
	}{
		{"users", s.users}, {"products", s.products}, {"photos", s.photos}, {"reviews", s.reviews}, {"orders", s.orders},
	} {
		if err := step.do(ctx, goods); err != nil {
			return fmt.Errorf("%s: %w", step.name, err)
		}
	}
	fmt.Printf("Sign in as %s or %s, with the password %s; %s administers the catalog and the photos.\n",
		people[1].email, people[2].email, password, people[0].email)
	fmt.Println("The photos are from Unsplash, each credited to its photographer, see " + creditsFile() + ".")
	return nil
}
