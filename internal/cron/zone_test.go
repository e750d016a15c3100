package cron_test

import (
	"testing"
	"time"

	"github.com/storefront-cdk/storefront/internal/cron"
)

// New York goes from summer to winter time on the first of November 2026: the hour from one to two comes twice, the
// first of them four hours behind UTC, the second five.
func TestExpressionsFollowTheClockOnTheWall(t *testing.T) {
	zone, err := cron.LoadLocation("America/New_York")
	if err != nil {
		t.Fatal(err)
	}
	for text, want := range map[string]string{
		"cron(30 0 1 11 ? *)":     "1 4:30",
		"cron(30 1 1 11 ? *)":     "1 5:30 1 6:30",
		"cron(30 2 1 11 ? *)":     "1 7:30",
		"cron(30 20 27 11 ? *)":   "28 1:30",
		"at(2026-11-27T20:30:00)": "28 1:30",
	} {
		if got := fired(t, text, time.November, zone); got != want {
			t.Errorf("%s fires at %q in UTC, want %q", text, got, want)
		}
	}
}

// What file systems have beside the zones, some under other names, is a zone on one machine and none on another.
func TestZonesAreTheSameOnEveryMachine(t *testing.T) {
	for _, name := range []string{"posix/Europe/Berlin", "right/UTC", "posixrules", "Europe//Berlin", "europe/berlin", "/etc/localtime", "Local"} {
		if zone, err := cron.LoadLocation(name); err == nil || err.Error() != `"`+name+`" is not the IANA name of a time zone` {
			t.Errorf("%s is taken for the name of a zone: %v, %v", name, zone, err)
		}
	}
	if _, err := cron.LoadLocation("Europe/Atlantis"); err == nil {
		t.Error("Europe/Atlantis is taken for a zone")
	}
	if zone, err := cron.LoadLocation(""); zone != time.UTC || err != nil {
		t.Errorf("the empty name is %v, %v", zone, err)
	}
}
