package cron_test

import (
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/internal/cron"
)

func TestTheLongestInterval(t *testing.T) {
	const day = 24 * time.Hour
	for text, want := range map[string]time.Duration{
		"cron(0 3 * * ? *)":         day,
		"cron(0/5 * * * ? *)":       5 * time.Minute,
		"cron(0/20 8-17 * * ? *)":   15*time.Hour - 40*time.Minute, // from 17:40 to 08:00
		"cron(0 8,20 * * ? *)":      12 * time.Hour,
		"cron(0 6,8 * * ? *)":       22 * time.Hour,
		"cron(0 3 ? * MON-FRI *)":   3 * day,
		"cron(0 3 ? * MON *)":       7 * day,
		"cron(0 3 1 * ? *)":         31 * day,
		"cron(0 3 1,8,15,22 * ? *)": 10 * day, // from the 22nd to the 1st
		"cron(0 3 29 FEB ? *)":      1461 * day,
		"cron(0 3 ? * MON 2027)":    0, // it ends
		"cron(0 3 * * ? 2026-2199)": day,
		"cron(0 3 * * ? 2027-2199)": 0, // it has not begun
		"rate(1 minute)":            time.Minute,
		"rate(36 hours)":            36 * time.Hour,
		"at(2026-11-27T06:00:00)":   0,
	} {
		when, err := cron.Parse(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := when.Longest(); got != want {
			t.Errorf("%s: got %s, want %s", text, got, want)
		}
	}
	if got := (cron.Expression{}).Longest(); got != 0 {
		t.Errorf("the zero expression: got %s", got)
	}
}
