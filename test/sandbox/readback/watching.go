package readback

import (
	"context"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatch"
	alarmtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatch/types"
	"github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs"
	logtypes "github.com/aws/aws-sdk-go-v2/service/cloudwatchlogs/types"
)

func readAlarm(ctx context.Context, a *account, r resource) (properties, error) {
	out, err := a.alarms.DescribeAlarms(ctx, &cloudwatch.DescribeAlarmsInput{AlarmNames: []string{r.PhysicalID}, AlarmTypes: []alarmtypes.AlarmType{alarmtypes.AlarmTypeMetricAlarm}})
	if err != nil {
		return nil, err
	}
	alarm, err := only(out.MetricAlarms)
	if err != nil {
		return nil, err
	}
	return a.alarmTags(ctx, alarm.AlarmArn, shapeOf(alarm))
}

func (a *account) alarmTags(ctx context.Context, alarm *string, p properties) (properties, error) {
	tags, err := a.alarms.ListTagsForResource(ctx, &cloudwatch.ListTagsForResourceInput{ResourceARN: alarm})
	if err != nil {
		return nil, err
	}
	put(p, "Tags", tags.Tags)
	return p, nil
}

func readLogGroup(ctx context.Context, a *account, r resource) (properties, error) {
	var found []logtypes.LogGroup
	pages := cloudwatchlogs.NewDescribeLogGroupsPaginator(a.logs, &cloudwatchlogs.DescribeLogGroupsInput{LogGroupNamePrefix: &r.PhysicalID})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, err
		}
		for _, group := range page.LogGroups {
			if aws.ToString(group.LogGroupName) == r.PhysicalID {
				found = append(found, group)
			}
		}
	}
	group, err := only(found)
	if err != nil {
		return nil, err
	}
	// The API wants the ARN without the ending that stands for the group's streams.
	arn := strings.TrimSuffix(aws.ToString(group.Arn), ":*")
	tags, err := a.logs.ListTagsForResource(ctx, &cloudwatchlogs.ListTagsForResourceInput{ResourceArn: &arn})
	if err != nil {
		return nil, err
	}
	p := shapeOf(group)
	p["Tags"] = tagList(tags.Tags)
	return p, nil
}
