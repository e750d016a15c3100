package queue

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storefront-cdk/storefront/constructs/alarm"
	"github.com/storefront-cdk/storefront/constructs/profile"
	"github.com/storefront-cdk/storefront/internal/expect"
)

func TestDefaults(t *testing.T) {
	alarms := Alarms{QueueAge: alarm.Age{Oldest: 10 * time.Minute}, DeadLetters: alarm.Events{Count: 1}}
	zero := Props{VisibilityTimeout: 2 * time.Minute, MaxReceiveCount: 5, Retention: 96 * time.Hour, Alarms: alarms}
	own := Props{VisibilityTimeout: 59 * time.Second, MaxReceiveCount: 1, Retention: time.Minute, Delay: time.Second, Retain: profile.Off, Alarms: Alarms{alarm.Age{Oldest: time.Hour}, alarm.Events{Count: 2}}}
	for name, c := range map[string]struct{ props, want Props }{
		"zero":                 {Props{}, zero},
		"nothing to fill in":   {own, own},
		"one of its own":       {Props{MaxReceiveCount: 2}, Props{VisibilityTimeout: 2 * time.Minute, MaxReceiveCount: 2, Retention: 96 * time.Hour, Alarms: alarms}},
		"the longest of all":   {Props{VisibilityTimeout: 12 * time.Hour, MaxReceiveCount: 13, Retention: 168 * time.Hour}, Props{VisibilityTimeout: 12 * time.Hour, MaxReceiveCount: 13, Retention: 168 * time.Hour, Alarms: alarms}},
		"the most receptions":  {Props{MaxReceiveCount: 1000}, Props{VisibilityTimeout: 2 * time.Minute, MaxReceiveCount: 1000, Retention: 96 * time.Hour, Alarms: alarms}},
		"with the least delay": {Props{Delay: time.Second}, Props{VisibilityTimeout: 2 * time.Minute, MaxReceiveCount: 5, Retention: 96 * time.Hour, Delay: time.Second, Alarms: alarms}},
	} {
		t.Run(name, func(t *testing.T) {
			got := c.props.withDefaults()
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("props (-want +got):\n%s", diff)
			}
			expect.Problems(t, got.validate())
		})
	}
}

func TestValidate(t *testing.T) {
	const (
		visibility = "VisibilityTimeout must be whole seconds from 1s to 12h0m0s, got "
		receives   = "MaxReceiveCount must be from 1 to 1000, got "
		retention  = "Retention must be whole seconds from 1m0s to 168h0m0s, got "
		delay      = "Delay must be whole seconds from 0s to 15m0s, got "
	)
	for name, c := range map[string]struct {
		props Props
		want  []string
	}{
		"visible at once":        {Props{VisibilityTimeout: time.Millisecond}, []string{visibility + "1ms"}},
		"half a second":          {Props{VisibilityTimeout: 1500 * time.Millisecond}, []string{visibility + "1.5s"}},
		"hidden too long":        {Props{VisibilityTimeout: 12*time.Hour + time.Second}, []string{visibility + "12h0m1s"}},
		"received a negative":    {Props{MaxReceiveCount: -1}, []string{receives + "-1"}},
		"received too often":     {Props{MaxReceiveCount: 1001}, []string{receives + "1001"}},
		"kept too short":         {Props{Retention: 59 * time.Second}, []string{retention + "59s"}},
		"kept until they expire": {Props{Retention: 14 * 24 * time.Hour}, []string{retention + "336h0m0s"}},
		"before it was sent":     {Props{Delay: -time.Second}, []string{delay + "-1s"}},
		"kept back too long":     {Props{Delay: 16 * time.Minute}, []string{delay + "16m0s"}},
		"gone before the third try": {
			Props{MaxReceiveCount: 3, Retention: 6 * time.Minute},
			[]string{"Retention must be longer than MaxReceiveCount × VisibilityTimeout (3 × 2m0s = 6m0s), else messages expire before they get to the dead-letter queue, got 6m0s"},
		},
		"deduplication of no FIFO queue": {
			Props{ContentBasedDeduplication: true, HighThroughput: true},
			[]string{
				"ContentBasedDeduplication needs FIFO, got a standard queue: set FIFO, or remove it",
				"HighThroughput needs FIFO, got a standard queue: set FIFO, or remove it",
			},
		},
		"two kinds at once": {
			Props{MaxReceiveCount: 3, Retention: 6 * time.Minute, Delay: time.Hour},
			[]string{
				delay + "1h0m0s",
				"Retention must be longer than MaxReceiveCount × VisibilityTimeout (3 × 2m0s = 6m0s), else messages expire before they get to the dead-letter queue, got 6m0s",
			},
		},
		"a choice that is none": {Props{Retain: 3}, []string{"Retain must be profile.On or profile.Off, or 0 for the profile's, got 3"}},
		"everything": {
			Props{VisibilityTimeout: -1, MaxReceiveCount: -2, Retention: -3, Delay: -4, Alarms: Alarms{DeadLetters: alarm.Events{Count: -5}}, Retain: -6},
			[]string{
				visibility + "-1ns", receives + "-2", retention + "-3ns", delay + "-4ns",
				"Alarms.DeadLetters.Count must be from 1 to 1000000000, got -5",
				"Retain must be profile.On or profile.Off, or 0 for the profile's, got -6",
			},
		},
	} {
		t.Run(name, func(t *testing.T) { expect.Problems(t, c.props.withDefaults().validate(), c.want...) })
	}
}
