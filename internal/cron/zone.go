package cron

import (
	"fmt"
	"regexp"
	"time"
	_ "time/tzdata" // so that every machine has the same time zones, including one that has no database of its own
)

// zoneName excludes what file systems have beside the zones, and "Local" is not a name but the machine's own zone.
var zoneName = regexp.MustCompile(`^[A-Z][A-Za-z0-9+-]*(/[A-Z][A-Za-z0-9_+-]*)*$`)

// LoadLocation returns a time zone by its IANA name, such as Europe/Berlin, and UTC for the empty name.
func LoadLocation(name string) (*time.Location, error) {
	if name == "" {
		return time.UTC, nil
	}
	if !zoneName.MatchString(name) || name == "Local" {
		return nil, fmt.Errorf("%q is not the IANA name of a time zone", name)
	}
	return time.LoadLocation(name)
}
