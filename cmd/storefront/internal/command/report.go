package command

import (
	"context"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/deployed"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/emulator"
	"github.com/storefront-cdk/storefront/cmd/storefront/internal/sandbox/target"
)

// report writes a table of the deployed resources, and commands to inspect them.
func report(ctx context.Context, w io.Writer, t *target.Target, storefront *deployed.Storefront, took time.Duration) error {
	var recorded map[string][]string
	if t.Emulator != nil {
		var err error
		if recorded, err = t.Emulator.Recorded(ctx); err != nil {
			return err
		}
	}
	var b strings.Builder
	resources, records := 0, map[string]int{}
	for _, stack := range storefront.Stacks {
		fmt.Fprintf(&b, "\n%s  %s  %d resources\n", stack.Name, stack.Status, len(stack.Resources))
		rows := slices.SortedFunc(maps.Values(stack.Resources), func(a, b deployed.Resource) int {
			return strings.Compare(a.Type+a.LogicalID, b.Type+b.LogicalID)
		})
		for _, r := range rows {
			mark := " "
			if slices.Contains(recorded[r.Type], r.PhysicalID) {
				mark = "*"
				records[r.Type]++
			}
			fmt.Fprintf(&b, "%s %-45s  %-45s  %s\n", mark, r.Type, r.LogicalID, r.PhysicalID)
		}
		resources += len(rows)
	}
	fmt.Fprintf(&b, "\n%d stacks, %d resources in account %s, %s, after %.0f s\n", len(storefront.Stacks), resources,
		storefront.Account, storefront.Config.Region, took.Seconds())
	if len(records) > 0 {
		fmt.Fprintf(&b, "\n* only recorded, since %s has no service for it:\n", emulator.Name)
		for _, kind := range slices.Sorted(maps.Keys(records)) {
			fmt.Fprintf(&b, "  %3d  %s\n", records[kind], kind)
		}
	}
	lookAround(&b, t, storefront)
	_, err := io.WriteString(w, b.String())
	return err
}

// lookAround writes commands that inspect the resources.
func lookAround(b *strings.Builder, t *target.Target, storefront *deployed.Storefront) {
	if t.Emulator == nil {
		fmt.Fprintf(b, "\nstorefront sandbox down with the same variables destroys it. Until then it costs money.\n")
		return
	}
	fmt.Fprintf(b, "\n%s listens on %s, on this machine only. To inspect it:\n\n", emulator.Name, t.Emulator.Endpoint())
	for _, setting := range t.Emulator.Settings() {
		fmt.Fprintf(b, "  export %s\n", setting)
	}
	fmt.Fprintf(b, "\n  aws cloudformation list-stack-resources --stack-name %s\n", storefront.Stacks[0].Name)
	b.WriteString("  aws dynamodb list-tables\n  aws ecs list-services --cluster \"$(aws ecs list-clusters --query clusterArns[0] --output text)\"\n")
	for _, stack := range storefront.Stacks {
		for _, r := range stack.Resources {
			if r.Type == "AWS::ApiGatewayV2::Api" {
				fmt.Fprintf(b, "  curl --cacert \"$AWS_CA_BUNDLE\" -i \"$AWS_ENDPOINT_URL/_aws/execute-api/%s/\\$default/cart\"   # 401: no token\n", r.PhysicalID)
			}
		}
	}
	b.WriteString("\nstorefront sandbox up deploys what you change; storefront sandbox down destroys the stacks and stops it.\n")
}
