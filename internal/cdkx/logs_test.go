package cdkx

import (
	"testing"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awslogs"
)

func TestEachNumberOfDaysIsItsOwnRetention(t *testing.T) {
	daysOf := map[awslogs.RetentionDays]int{"": 0}
	for days := range 4000 {
		retention := LogRetention(days)
		if retention == "" {
			continue
		}
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
	if Removal(true) != awscdk.RemovalPolicy_RETAIN_ON_UPDATE_OR_DELETE || Removal(false) != awscdk.RemovalPolicy_DESTROY {
		t.Errorf("retained is %s, not retained is %s", Removal(true), Removal(false))
	}
}
