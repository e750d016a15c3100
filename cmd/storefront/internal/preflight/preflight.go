// Package preflight runs all checks of a cloud assembly.
package preflight

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/arn"
	"github.com/aws/aws-sdk-go-v2/service/sts"
	"github.com/aws/smithy-go"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/assembly"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/preflight/account"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/preflight/changes"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/preflight/need"
)

// Options are what is checked, and with which credentials.
type Options struct {
	// Assembly is the directory that `cdk synth` wrote.
	Assembly string
	// Config is the SDK's configuration. Its region is that of stacks without one.
	Config aws.Config
	// Registry is the transport to registries of images. If nil, the one of package http.
	Registry http.RoundTripper
}

// Run returns what it finds, region by region. An error means that no check could run.
func Run(ctx context.Context, options Options) ([]finding.Finding, error) {
	stacks, err := assembly.Read(options.Assembly)
	if err != nil {
		return nil, err
	}
	if len(stacks) == 0 {
		return nil, fmt.Errorf("%s has no stacks", options.Assembly)
	}
	regions := map[string][]assembly.Stack{}
	for _, stack := range stacks {
		if stack.Region == "" {
			stack.Region = options.Config.Region
		}
		if stack.Region == "" {
			return nil, fmt.Errorf("stack %s has no region: set AWS_REGION", stack.Name)
		}
		regions[stack.Region] = append(regions[stack.Region], stack)
	}
	names := slices.Sorted(maps.Keys(regions))
	if options.Config.Region == "" {
		options.Config.Region = names[0]
	}
	identity, err := sts.NewFromConfig(options.Config).GetCallerIdentity(ctx, nil)
	if err != nil {
		return nil, fmt.Errorf("get the account of the AWS credentials: %w", short(err))
	}
	if err := pinned(stacks, aws.ToString(identity.Account)); err != nil {
		return nil, err
	}
	caller, err := arn.Parse(aws.ToString(identity.Arn))
	if err != nil {
		return nil, fmt.Errorf("get the partition of the AWS credentials: %w", err)
	}
	var findings []finding.Finding
	for _, region := range names {
		config := options.Config.Copy()
		config.Region = region
		in := account.Account{
			Config: config, Registry: options.Registry,
			Environment: need.Environment{Partition: caller.Partition, Account: aws.ToString(identity.Account), Region: region},
		}
		findings = append(findings, in.Check(ctx, regions[region])...)
		findings = append(findings, changes.Check(ctx, config, regions[region])...)
	}
	return findings, nil
}

// pinned returns an error if a stack is of another account than the credentials.
func pinned(stacks []assembly.Stack, got string) error {
	var others []string
	for _, stack := range stacks {
		if stack.Account != "" && stack.Account != got {
			others = append(others, stack.Account)
		}
	}
	if len(others) == 0 {
		return nil
	}
	slices.Sort(others)
	return fmt.Errorf("the credentials must be for the account of the stacks, %[2]s, got credentials for %[1]s: use those of that account", got, strings.Join(slices.Compact(others), ", "))
}

// short is an error of an API without the stages of the SDK around it.
func short(err error) error {
	var api smithy.APIError
	if errors.As(err, &api) {
		return api
	}
	return err
}
