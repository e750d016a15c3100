package command

import (
	"encoding/json"
	"errors"
	"fmt"
	"hash/fnv"
	"os"

	"github.com/spf13/cobra"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/progress"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/run"
)

func newRunLogs() *cobra.Command {
	var o logsOptions
	c := &cobra.Command{
		Use:   "logs",
		Short: "Print what the tasks have written, and go on with what they write",
		Example: `  storefront run logs
  storefront run logs --service cart
  storefront run logs --service cart --once --json`,
		Args: arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			return inPlace(c, "", func(p place) error { return p.showLogs(c, o) })
		},
	}
	c.Flags().StringVar(&o.service, "service", "", "only this service")
	c.Flags().IntVar(&o.lines, "lines", 100, "how many lines of the past")
	c.Flags().BoolVar(&o.once, "once", false, "end with the last line that there is")
	c.Flags().BoolVar(&o.json, "json", false, "write a line of JSON for each line")
	return c
}

type logsOptions struct {
	service    string
	lines      int
	once, json bool
}

func (p place) showLogs(c *cobra.Command, o logsOptions) error {
	if o.lines < 0 {
		return usageError{fmt.Errorf("--lines must be zero or more, got %d", o.lines)}
	}
	var done <-chan struct{}
	if !o.once {
		done = c.Context().Done()
	}
	colored, encoder := progress.Colored(p.out), json.NewEncoder(p.out)
	err := run.Follow(run.LogOf(p.programs()), o.lines, func(l run.Line) bool { return o.service == "" || l.Service == o.service }, func(l run.Line) error {
		if o.json {
			return encoder.Encode(l)
		}
		prefix := fmt.Sprintf("%-20s |", l.Task)
		if colored {
			prefix = fmt.Sprintf("\x1b[%dm%s\x1b[0m", colorOf(l.Service), prefix)
		}
		_, err := fmt.Fprintln(p.out, prefix, l.Text)
		return err
	}, done)
	if errors.Is(err, os.ErrNotExist) {
		return fmt.Errorf("there are no logs: %s run up starts what writes them", called())
	}
	return err
}

// colorOf is the color of a service, one of those that are legible on light and dark.
func colorOf(service string) uint32 {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(service))
	return 31 + hash.Sum32()%6
}
