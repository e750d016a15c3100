package run

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2"
	"github.com/aws/aws-sdk-go-v2/service/elasticloadbalancingv2/types"
)

// runTag marks the target groups of the services that run here. The emulator answers with its stand-in for no such group, so that it
// responds with 503 while no task is healthy, as on AWS.
const runTag = "storefront:run"

// claim marks the target groups of a service. A deployment may have removed the mark. Targets that nobody serves are removed: a
// supervisor that was killed has left them. Its own tasks each register themselves.
func (s *Supervisor) claim(ctx context.Context, groups []Group, own []*slot) error {
	for _, group := range groups {
		_, err := s.balancer.AddTags(ctx, &elasticloadbalancingv2.AddTagsInput{
			ResourceArns: []string{group.ARN}, Tags: []types.Tag{{Key: aws.String(runTag), Value: aws.String("true")}},
		})
		if err != nil {
			return fmt.Errorf("mark the target group: %w", err)
		}
		if err := s.clear(ctx, group, own); err != nil {
			return fmt.Errorf("remove targets that are gone: %w", err)
		}
	}
	return nil
}

func (s *Supervisor) clear(ctx context.Context, group Group, own []*slot) error {
	known, err := s.balancer.DescribeTargetHealth(ctx, &elasticloadbalancingv2.DescribeTargetHealthInput{TargetGroupArn: &group.ARN})
	if err != nil {
		return err
	}
	var gone []types.TargetDescription
	for _, each := range known.TargetHealthDescriptions {
		address, port := aws.ToString(each.Target.Id), int(aws.ToInt32(each.Target.Port))
		ours := slices.ContainsFunc(own, func(n *slot) bool { now := n.status(); return now.Address == address && now.Port == port })
		if !ours && connects(ctx, address, port) != nil {
			gone = append(gone, *each.Target)
		}
	}
	if len(gone) == 0 {
		return nil
	}
	_, err = s.balancer.DeregisterTargets(ctx, &elasticloadbalancingv2.DeregisterTargetsInput{TargetGroupArn: &group.ARN, Targets: gone})
	return err
}

// leave removes the marks of a service that has no program any more. Its target groups may be gone with it.
func (s *Supervisor) leave(groups []Group) error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var problems []error
	for _, group := range groups {
		_, err := s.balancer.RemoveTags(ctx, &elasticloadbalancingv2.RemoveTagsInput{ResourceArns: []string{group.ARN}, TagKeys: []string{runTag}})
		if gone := new(types.TargetGroupNotFoundException); !errors.As(err, &gone) {
			problems = append(problems, err)
		}
	}
	return errors.Join(problems...)
}
