package run

import "context"

// Building is a build of all programs that goes on while the app is deployed.
type Building struct {
	Cancel context.CancelFunc
	ended  chan struct{}
	built  map[string]Program
	err    error
}

// Begin begins to build all programs of the repository.
func (b Builder) Begin(ctx context.Context) *Building {
	ctx, cancel := context.WithCancel(ctx)
	w := &Building{ended: make(chan struct{})}
	w.Cancel = func() { cancel(); <-w.ended }
	go func() {
		defer close(w.ended)
		w.built, w.err = b.All(ctx)
	}()
	return w
}

// Wait returns the programs, by their folder.
func (w *Building) Wait() (map[string]Program, error) {
	<-w.ended
	return w.built, w.err
}
