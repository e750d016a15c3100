package main

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// results are what was measured of one state of the repository.
type results struct {
	Commit, Began, Machine string
	Versions               map[string]string
	// Pairs are by scenario.
	Pairs map[string][]pair
	// Runs are those of other commands, by name.
	Runs map[string][]sample
	// Templates are the bytes of all templates of the storefront, by environment and language.
	Templates map[string]map[language]int
	// Requests are those to jsii for a further service, by environment.
	Requests map[string]int
	Profiles map[string]profile
}

func (b *bench) resultsFile() string { return filepath.Join(b.work, "results.json") }

// load returns what was measured before of the same state of the repository, or nothing.
func (b *bench) load(ctx context.Context) (*results, error) {
	commit, err := b.commit(ctx)
	if err != nil {
		return nil, err
	}
	versions, err := b.versions()
	if err != nil {
		return nil, err
	}
	fresh := &results{
		Commit: commit, Began: time.Now().UTC().Format(time.DateOnly), Machine: machine(), Versions: versions,
		Pairs: map[string][]pair{}, Runs: map[string][]sample{}, Templates: map[string]map[language]int{}, Requests: map[string]int{},
		Profiles: map[string]profile{},
	}
	known := &results{}
	text, err := os.ReadFile(b.resultsFile())
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return fresh, nil
	case err != nil:
		return nil, err
	}
	if err := json.Unmarshal(text, known); err != nil || known.Commit != commit || known.Machine != fresh.Machine {
		return fresh, nil
	}
	fmt.Println("continuing with what was measured of this commit before; delete .cache/bench/results.json to begin again")
	return known, nil
}

// save writes the results, so that a run that is interrupted can continue.
func (b *bench) save(r *results) error {
	text, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err
	}
	temporary := b.resultsFile() + ".new"
	if err := os.WriteFile(temporary, text, 0o600); err != nil {
		return err
	}
	return os.Rename(temporary, b.resultsFile())
}

// commit returns the commit that is checked out, with a hash of what differs from it beside the pages that this program writes.
func (b *bench) commit(ctx context.Context) (string, error) {
	git := func(args ...string) (string, error) {
		out, err := exec.CommandContext(ctx, "git", append([]string{"-C", b.root}, args...)...).Output()
		if err != nil {
			return "", fmt.Errorf("git %s: %w", strings.Join(args, " "), err)
		}
		return strings.TrimSpace(string(out)), nil
	}
	head, err := git("rev-parse", "--short=10", "HEAD")
	if err != nil {
		return "", err
	}
	changes, err := git("diff", "HEAD", "--", ".", ":!docs")
	if err != nil || changes == "" {
		return head, err
	}
	return fmt.Sprintf("%s with changes %.4x", head, sha256.Sum256([]byte(changes))), nil
}
