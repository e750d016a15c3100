package cache

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestDefaults(t *testing.T) {
	alarms := Alarms{
		Throttled: alarm.Events{Count: 10}, CacheLatency: alarm.Latency{Longest: 10 * time.Millisecond, MinRequests: 100},
		CacheMemory: alarm.Utilization{Percent: 90}, Evictions: alarm.Events{Count: 100},
	}
	retaining := profile.Sandbox()
	retaining.RetainData = true
	own := Props{MaxGB: 7, MaxECPUPerSecond: 8000, SnapshotDays: 2, Alarms: alarms, Retain: profile.Off}
	for name, c := range map[string]struct {
		props   Props
		profile profile.Profile
		want    Props
	}{
		"sandbox":              {Props{}, profile.Sandbox(), Props{MaxGB: 1, MaxECPUPerSecond: 1000, Alarms: alarms}},
		"production":           {Props{}, profile.Production(), Props{MaxGB: 5, MaxECPUPerSecond: 10_000, SnapshotDays: 7, Alarms: alarms}},
		"data that is kept":    {Props{}, retaining, Props{MaxGB: 1, MaxECPUPerSecond: 1000, SnapshotDays: 7, Alarms: alarms}},
		"no snapshots":         {Props{DisableSnapshots: true}, profile.Production(), Props{MaxGB: 5, MaxECPUPerSecond: 10_000, DisableSnapshots: true, Alarms: alarms}},
		"explicit":             {own, profile.Production(), own},
		"explicit in the sand": {own, profile.Sandbox(), own},
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
		gigabytes = "MaxGB must be from 1 to 5000, got "
		units     = "MaxECPUPerSecond must be from 1000 to 15000000, got "
		days      = "SnapshotDays must be from 1 to 35, got "
		hours     = `SnapshotTime must be hours and minutes, such as "03:30", got `
	)
	for name, c := range map[string]struct {
		props Props
		want  []string
	}{
		"nothing":               {Props{}, nil},
		"the most of all":       {Props{MaxGB: 5000, MaxECPUPerSecond: 15_000_000, SnapshotDays: 35, SnapshotTime: "23:59"}, nil},
		"the least of all":      {Props{MaxGB: 1, MaxECPUPerSecond: 1000, SnapshotDays: 1, SnapshotTime: "00:00"}, nil},
		"too much data":         {Props{MaxGB: 5001}, []string{gigabytes + "5001"}},
		"negative data":         {Props{MaxGB: -1}, []string{gigabytes + "-1"}},
		"too few units":         {Props{MaxECPUPerSecond: 999}, []string{units + "999"}},
		"too many units":        {Props{MaxECPUPerSecond: 15_000_001}, []string{units + "15000001"}},
		"snapshots for a year":  {Props{SnapshotDays: 36}, []string{days + "36"}},
		"snapshots of the past": {Props{SnapshotDays: -1}, []string{days + "-1"}},
		"snapshots and none": {
			Props{SnapshotDays: 3, DisableSnapshots: true}, []string{"SnapshotDays must not be set with DisableSnapshots, got 3: remove one of them"},
		},
		"a time of no snapshots": {
			Props{SnapshotTime: "03:30"}, []string{`SnapshotTime needs snapshots, got "03:30" without them: set SnapshotDays, or remove it`},
		},
		"no such hour":     {Props{SnapshotDays: 1, SnapshotTime: "24:00"}, []string{hours + `"24:00"`}},
		"no such minute":   {Props{SnapshotDays: 1, SnapshotTime: "03:60"}, []string{hours + `"03:60"`}},
		"one digit":        {Props{SnapshotDays: 1, SnapshotTime: "3:30"}, []string{hours + `"3:30"`}},
		"a range of times": {Props{SnapshotDays: 1, SnapshotTime: "03:30-04:30"}, []string{hours + `"03:30-04:30"`}},
		"everything": {
			Props{
				MaxGB: -1, MaxECPUPerSecond: -1, SnapshotDays: 40, SnapshotTime: "noon", Retain: 3,
				Alarms: Alarms{alarm.Events{Count: -1}, alarm.Latency{Longest: -1, MinRequests: -1}, alarm.Utilization{Percent: -1}, alarm.Events{Count: -1}},
			},
			[]string{
				gigabytes + "-1", units + "-1", days + "40", hours + `"noon"`,
				"Alarms.Throttled.Count must be from 1 to 1000000000, got -1",
				"Alarms.CacheLatency.Longest must be a multiple of 1ms, less than 30s, got -1ns",
				"Alarms.CacheLatency.MinRequests must be from 1 to 1000000000, got -1",
				"Alarms.CacheMemory.Percent must be more than 0 and less than 100, got -1",
				"Alarms.Evictions.Count must be from 1 to 1000000000, got -1",
				"Retain must be profile.On or profile.Off, or 0 for the profile's, got 3",
			},
		},
	} {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.props.withDefaults(profile.Sandbox()).validate(), c.want...) })
	}
}
