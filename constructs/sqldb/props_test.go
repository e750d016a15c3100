package sqldb

import (
	"math"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestDefaults(t *testing.T) {
	alarms := Alarms{
		alarm.Utilization{Percent: 90}, alarm.Utilization{Percent: 80}, alarm.Age{Oldest: time.Second}, alarm.Events{Count: 5}, alarm.Utilization{Percent: 50},
	}
	small := Props{Name: "app", Version: "17.7", MaxCapacity: 2, Pause: profile.On, PauseAfter: 5 * time.Minute, BackupDays: 1, Alarms: alarms}
	awake := small
	awake.Pause, awake.PauseAfter, awake.MinCapacity = profile.Off, 0, 0.5
	large := Props{Name: "app", Version: "17.7", MinCapacity: 1, MaxCapacity: 8, Pause: profile.Off, Readers: 1, BackupDays: 7, Alarms: alarms}
	own := Props{
		Name: "ledger", Version: "16.3", MinCapacity: 4, MaxCapacity: 64.5, Pause: profile.Off, Readers: 3, BackupDays: 35,
		Parameters: map[string]string{"work_mem": "65536"}, Alarms: alarms, Logs: profile.Off, Retain: profile.Off,
	}
	brief := large
	brief.BackupDays = 1
	pausing := large
	pausing.MinCapacity, pausing.Pause, pausing.PauseAfter = 0, profile.On, time.Hour
	for name, c := range map[string]struct {
		props   Props
		profile profile.Profile
		want    Props
	}{
		"sandbox":                      {Props{}, profile.Sandbox(), small},
		"sandbox with a minimum":       {Props{MinCapacity: 0.5}, profile.Sandbox(), awake},
		"production":                   {Props{}, profile.Production(), large},
		"production, one backup":       {Props{BackupDays: 1}, profile.Production(), brief},
		"production that pauses":       {Props{Pause: profile.On, PauseAfter: time.Hour}, profile.Production(), pausing},
		"explicit":                     {own, profile.Production(), own},
		"explicit, in another profile": {own, profile.Sandbox(), own},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.props.withDefaults(c.profile)
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("props (-want +got):\n%s", diff)
			}
			expect.Problems(t, got.validate())
		})
	}
}

func TestValidate(t *testing.T) {
	const (
		name     = "Name must be up to 63 lower-case letters, digits and underscores, starting with a letter, got "
		released = `Version must be one of Aurora PostgreSQL that can pause, such as "17.7", from 13.15, 14.12, 15.7, 16.3, 17.4 or 18.1, got `
		most     = "MaxCapacity must be from 1 to 256 ACU in steps of 0.5, got "
		least    = "MinCapacity must be from 0.5 to 256 ACU in steps of 0.5, got "
		after    = "PauseAfter must be whole seconds from 5m0s to 24h0m0s, got "
	)
	for what, c := range map[string]struct {
		props Props
		want  []string
	}{
		"nothing":               {Props{}, nil},
		"the most of all":       {Props{MaxCapacity: 256, MinCapacity: 256, Readers: 15, BackupDays: 35}, nil},
		"the least of all":      {Props{MaxCapacity: 1, MinCapacity: 0.5, BackupDays: 1, Version: "13.15"}, nil},
		"a name with a hyphen":  {Props{Name: "my-app"}, []string{name + `"my-app"`}},
		"a name in upper case":  {Props{Name: "App"}, []string{name + `"App"`}},
		"a digit in front":      {Props{Name: "1app"}, []string{name + `"1app"`}},
		"a major version":       {Props{Version: "17"}, []string{released + `"17"`}},
		"too old a version":     {Props{Version: "16.2"}, []string{released + `"16.2"`}},
		"no such version":       {Props{Version: "99.1"}, []string{released + `"99.1"`}},
		"a patch":               {Props{Version: "17.7.1"}, []string{released + `"17.7.1"`}},
		"a version with a word": {Props{Version: "17.7-limitless"}, []string{released + `"17.7-limitless"`}},
		"a quarter":             {Props{MaxCapacity: 2.25}, []string{most + "2.25"}},
		"half a unit at most":   {Props{MaxCapacity: 0.5}, []string{most + "0.5"}},
		"too large":             {Props{MaxCapacity: 256.5}, []string{most + "256.5"}},
		"no number":             {Props{MaxCapacity: math.NaN()}, []string{most + "NaN"}},
		"a minimum below":       {Props{MinCapacity: 0.25}, []string{least + "0.25"}},
		"a minimum above":       {Props{MinCapacity: 3}, []string{"MaxCapacity must be at least MinCapacity (3), got 2"}},
		"a minimum that pauses": {
			Props{MinCapacity: 1, Pause: profile.On},
			[]string{"MinCapacity must not be set for a database that pauses, got 1: remove it, or set Pause to profile.Off"},
		},
		"pauses too soon":      {Props{PauseAfter: time.Minute}, []string{after + "1m0s"}},
		"pauses too late":      {Props{PauseAfter: 25 * time.Hour}, []string{after + "25h0m0s"}},
		"pauses and does not":  {Props{PauseAfter: time.Hour, Pause: profile.Off}, []string{"PauseAfter needs Pause, got 1h0m0s: set Pause to profile.On, or remove it"}},
		"too many readers":     {Props{Readers: 16}, []string{"Readers must be from 0 to 15, got 16"}},
		"backups for a year":   {Props{BackupDays: 365}, []string{"BackupDays must be from 1 to 35, got 365"}},
		"no TLS":               {Props{Parameters: map[string]string{"rds.force_ssl": "0"}}, []string{`Parameters["rds.force_ssl"] must not be set, since every connection requires TLS: remove it`}},
		"a parameter of space": {Props{Parameters: map[string]string{" a": "1"}}, []string{`Parameters[" a"] must be the name of a parameter, such as log_min_duration_statement`}},
		"everything": {
			Props{
				Name: "é", Version: "x", MinCapacity: -1, MaxCapacity: -2, Pause: 3, Readers: -1, BackupDays: -1,
				Alarms: Alarms{alarm.Utilization{Percent: -1}, alarm.Utilization{Percent: -1}, alarm.Age{Oldest: -1}, alarm.Events{Count: -1}, alarm.Utilization{Percent: -1}},
				Logs:   3, Retain: 3,
			},
			[]string{
				name + `"é"`, released + `"x"`, "Pause must be profile.On or profile.Off, or 0 for the profile's, got 3", most + "-2", least + "-1",
				"MaxCapacity must be at least MinCapacity (-1), got -2",
				"Readers must be from 0 to 15, got -1", "BackupDays must be from 1 to 35, got -1",
				"Alarms.DatabaseCapacity.Percent must be more than 0 and less than 100, got -1",
				"Alarms.DatabaseConnections.Percent must be more than 0 and less than 100, got -1",
				"Alarms.ReplicaLag.Oldest must be a multiple of 1s, less than 336h0m0s, got -1ns",
				"Alarms.Deadlocks.Count must be from 1 to 1000000000, got -1",
				"Alarms.TransactionIDs.Percent must be more than 0 and less than 100, got -1",
				"Logs must be profile.On or profile.Off, or 0 for the profile's, got 3",
				"Retain must be profile.On or profile.Off, or 0 for the profile's, got 3",
			},
		},
	} {
		t.Run(what, func(t *testing.T) { expect.Problems(t, c.props.withDefaults(profile.Sandbox()).validate(), c.want...) })
	}
}

// What AWS documents is at least as much: 189, 823, 1,669, 3,360 and 5,000.
func TestConnections(t *testing.T) {
	for props, want := range map[*Props]int{
		{MinCapacity: 1, MaxCapacity: 1}: 189, {MinCapacity: 1, MaxCapacity: 4}: 756, {MinCapacity: 1, MaxCapacity: 8}: 1512,
		{MinCapacity: 1, MaxCapacity: 16}: 3024, {MinCapacity: 1, MaxCapacity: 32}: 5000,
		{MinCapacity: 0.5, MaxCapacity: 32}: 2000, {MaxCapacity: 2}: 378,
		{MaxCapacity: 2, Parameters: map[string]string{"max_connections": "700"}}: 700, {MaxCapacity: 2, Parameters: map[string]string{"max_connections": "{formula}"}}: 378,
	} {
		if got := props.connections(); got != want {
			t.Errorf("%g to %g ACU: %d connections, want %d", props.MinCapacity, props.MaxCapacity, got, want)
		}
	}
}
