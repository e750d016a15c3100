package cdkx

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
)

func TestLogRetentions(t *testing.T) {
	const days = "LogRetentionDays must be one of [1 3 5 7 14 30 60 90 120 150 180 365 400 545 731 1096 1827 2192 2557 2922 3288 3653], got "
	for n, want := range map[int]string{
		1: "", 3653: "",
		0: days + "0", 2: days + "2", -7: days + "-7", 3654: days + "3654", 99999: days + "99999",
	} {
		got := ""
		if err := CheckLogRetention("LogRetentionDays", n); err != nil {
			got = err.Error()
		}
		if got != want {
			t.Errorf("%d: got %q, want %q", n, got, want)
		}
	}
}

func TestEachNumberOfDaysIsItsOwnRetention(t *testing.T) {
	daysOf := map[awslogs.RetentionDays]int{"": 0}
	for days := range 4000 {
		if CheckLogRetention("", days) != nil {
			continue
		}
		retention := LogRetention(days)
		if other, taken := daysOf[retention]; taken {
			t.Errorf("%d and %d days are both %q", days, other, retention)
		}
		daysOf[retention] = days
	}
	for retention, want := range map[awslogs.RetentionDays]int{
		awslogs.RetentionDays_ONE_WEEK: 7, awslogs.RetentionDays_THREE_MONTHS: 90, awslogs.RetentionDays_TEN_YEARS: 3653,
	} {
		if daysOf[retention] != want {
			t.Errorf("%s: got %d days, want %d", retention, daysOf[retention], want)
		}
	}
}

func TestRemoval(t *testing.T) {
	if Removal(true) != awscdk.RemovalPolicy_RETAIN || Removal(false) != awscdk.RemovalPolicy_DESTROY {
		t.Errorf("retained is %s, not retained is %s", Removal(true), Removal(false))
	}
}
