package command

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/cdk"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/check"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/target"
)

func newSandboxTest() *cobra.Command {
	var s selection
	var verbose, asJSON bool
	c := &cobra.Command{
		Use:   "test",
		Short: "Deploy the app to a fresh emulator, check it, break it and destroy it",
		Long: `Test deploys the app to an emulator of its own, whatever is up, and checks it:

  deployed         the CDK CLI deploys every stack
  complete         each stack has what its template has, and nothing else
  true             each property, read back from its service, is the template's
  least privilege  each role may do what its service uses, and nothing else
  routed           a request to each route reaches its service and no other; 401
                   without a valid token; no forged header reaches a service
  events           each event, put on the bus or written to an outbox, arrives
                   in its subscribers' queues and in no other; no role puts others
  drift            changes by hand are found
  rollback         after the failed update of a service all is as it was
  again            a second deployment changes nothing, and cdk diff is empty
  destroy          nothing is left but what the templates retain

Exit status: 0 if nothing was found, 1 if something was.`,
		Example: "  storefront sandbox test\n  storefront sandbox test --env production --protection off\n  storefront sandbox test --json",
		Args:    arguments(0, 0),
		RunE: func(c *cobra.Command, _ []string) error {
			return inPlace(c, "sandbox test", func(p place) error {
				return p.test(c.Context(), s.context(c), newTestReport(p.out, verbose, asJSON))
			})
		},
	}
	s.registerSandbox(c)
	c.Flags().BoolVarP(&verbose, "verbose", "v", false, "write what each check has checked")
	c.Flags().BoolVar(&asJSON, "json", false, "write JSON")
	return c
}

// test deploys the app to a fresh sandbox and checks it.
func (p place) test(ctx context.Context, settings map[string]string, report *testReport) error {
	dir := filepath.Dir(p.tested)
	if err := os.RemoveAll(dir); err != nil {
		return err
	}
	t, err := target.Open(ctx, target.Options{Python: p.Cache("sandbox", "python"), Dir: filepath.Join(dir, "run"), Ask: p.in, Tell: p.problems})
	if ctx.Err() != nil && err != nil {
		return errors.New("interrupted: nothing is left running")
	}
	if err != nil {
		return err
	}
	defer t.Close()
	while, cancel := t.While(ctx)
	defer cancel()
	if err := p.check(while, t, dir, settings, report); err != nil {
		return t.Why(ctx, err)
	}
	return report.end()
}

func (p place) check(ctx context.Context, t *target.Target, dir string, settings map[string]string, report *testReport) error {
	cli := &cdk.CLI{Root: p.Pinned(), App: p.Root, Dir: filepath.Join(dir, "log"), Environ: t.Environ}
	suite := &check.Suite{Target: t, CLI: cli, Assembly: filepath.Join(p.tested, folderOf(settings)), Dir: filepath.Join(dir, "changed")}
	if err := p.synthesize(ctx, cli, t, suite.Assembly, settings); err != nil {
		return err
	}
	stacks, err := deployed.Assembly(suite.Assembly)
	if err != nil {
		return err
	}
	if foreign := deployed.Foreign(stacks); len(foreign) > 0 {
		return fmt.Errorf("the app reads outputs of %s, which another app defines, so it cannot be tested alone", strings.Join(foreign, ", "))
	}
	for _, each := range suite.Checks() {
		start := time.Now()
		result, err := each.Run(ctx)
		if err != nil {
			p.cleanUp(ctx, t, suite)
			return fmt.Errorf("%s: %w", each.Name, err)
		}
		if err := report.add(each.Name, time.Since(start), result); err != nil {
			return err
		}
		if each.Name == check.Deployed && len(result.Findings) > 0 {
			break // nothing that could be checked
		}
	}
	if report.failed() {
		p.cleanUp(ctx, t, suite)
	}
	return nil
}

// cleanUp destroys what a failed check left in an account.
func (p place) cleanUp(ctx context.Context, t *target.Target, suite *check.Suite) {
	if t.Emulator != nil || ctx.Err() != nil {
		return
	}
	if _, err := suite.CLI.Destroy(ctx, suite.Assembly); err != nil {
		_, _ = fmt.Fprintf(p.problems, "stacks may be left in account %s: %v\n", t.Account, err)
	}
}

// testReport is the results of the checks. Its JSON is what --json writes.
type testReport struct {
	Passed  bool         `json:"passed"`
	Seconds float64      `json:"seconds"`
	Checks  []testResult `json:"checks"`

	out             io.Writer
	verbose, asJSON bool
	start           time.Time
}

type testResult struct {
	Name     string   `json:"name"`
	Status   string   `json:"status"` // ok, failed, or not run
	Seconds  float64  `json:"seconds"`
	Findings []string `json:"findings,omitempty"`
	Checked  []string `json:"checked,omitempty"`
	NotRun   []string `json:"notRun,omitempty"`
}

func newTestReport(out io.Writer, verbose, asJSON bool) *testReport {
	return &testReport{Checks: []testResult{}, out: out, verbose: verbose, asJSON: asJSON, start: time.Now()}
}

func (r *testReport) failed() bool {
	for _, each := range r.Checks {
		if each.Status == "failed" {
			return true
		}
	}
	return false
}

// add adds the result of a check, and writes its lines at once.
func (r *testReport) add(name string, took time.Duration, result check.Result) error {
	added := testResult{name, "ok", seconds(took), result.Findings, result.Numbers, result.NotRun}
	switch {
	case len(result.Findings) > 0:
		added.Status = "failed"
	case len(result.Numbers) == 0 && len(result.NotRun) > 0:
		added.Status = "not run"
	}
	r.Checks = append(r.Checks, added)
	if r.asJSON {
		return nil
	}
	var b strings.Builder
	summary := ""
	if len(result.Numbers) > 0 {
		summary = result.Numbers[0]
	}
	b.WriteString(strings.TrimRight(fmt.Sprintf("%-7s  %5.1f s  %-15s  %s", added.Status, added.Seconds, name, summary), " ") + "\n")
	if r.verbose && len(result.Numbers) > 1 {
		for _, line := range result.Numbers[1:] {
			fmt.Fprintf(&b, "%37s%s\n", "", line)
		}
	}
	for _, line := range result.NotRun {
		fmt.Fprintf(&b, "         not run: %s\n", line)
	}
	for _, line := range result.Findings {
		fmt.Fprintf(&b, "         %s\n", line)
	}
	_, err := io.WriteString(r.out, b.String())
	return err
}

// end writes the end of the report.
func (r *testReport) end() error {
	r.Passed, r.Seconds = !r.failed(), seconds(time.Since(r.start))
	var err error
	if r.asJSON {
		err = writeJSON(r.out, r)
	} else {
		findings := 0
		for _, each := range r.Checks {
			findings += len(each.Findings)
		}
		_, err = fmt.Fprintf(r.out, "\n%d checks, %d findings, %.0f s\n", len(r.Checks), findings, r.Seconds)
	}
	if err == nil && !r.Passed {
		err = failure(statusFailed)
	}
	return err
}
