package cron_test

import (
	"errors"
	"testing"
	"time"
	"unicode/utf8"

	"github.com/storefront-cdk/storefront/internal/cron"
)

// Whatever the expression, it is either read or its error points into it.
func FuzzParse(f *testing.F) {
	for _, text := range []string{
		"", "cron(", "cron(0 8 * * ? *)", "cron(0/20 8,10 3W NOV ? 2026-2030)", "cron(0 8 LW * ? *)", "cron(0 8 ? * FRI#2 *)", "cron(0 8 ? * 6L *)",
		"at(2026-11-27T06:00:00)", "at(2026-11-27T06:00:00.999999999)", "at(9999-12-31T23:59:60)", "rate(1 day)", "rate(9007199254740992 minutes)", "rate(ä)", "cron(\xff)",
	} {
		f.Add(text)
	}
	now := time.Date(2026, 11, 26, 8, 0, 0, 0, time.UTC)
	f.Fuzz(func(t *testing.T, text string) {
		when, err := cron.Parse(text)
		when.Fires(now.Add(-time.Hour), now)
		var wrong *cron.Error
		if err != nil && (!errors.As(err, &wrong) || wrong.Column < 1 || wrong.Column > utf8.RuneCountInString(text)+1) {
			t.Errorf("%q: %v", text, err)
		}
	})
}
