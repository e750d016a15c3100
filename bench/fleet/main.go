// Command fleet synthesizes as many copies of the storefront's cart as FLEET says, beside the stacks that services share. Its twin
// is twin/fleet.ts.
package main

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/constructs/event"
	"github.com/storefront-cdk/storefront/constructs/microservice"
	"github.com/storefront-cdk/storefront/constructs/platform"
	"github.com/storefront-cdk/storefront/constructs/scaling"
	"github.com/storefront-cdk/storefront/constructs/service"
	"github.com/storefront-cdk/storefront/constructs/table"
	"github.com/storefront-cdk/storefront/stacks"
	"github.com/storefront-cdk/storefront/stacks/events"
)

func main() {
	size, err := strconv.Atoi(os.Getenv("FLEET"))
	if err != nil {
		fmt.Fprintf(os.Stderr, "FLEET must be the number of services, got %q\n", os.Getenv("FLEET"))
		os.Exit(1)
	}
	fleet := stacks.Storefront()
	fleet.Services = nil
	for n := 1; n <= size; n++ {
		fleet.Services = append(fleet.Services, copyOfCart(n))
	}
	os.Exit(app.Run(fleet))
}

// ofPlatform is the number of services of one platform, whose load balancer and API have quotas.
const ofPlatform = 40

// copyOfCart is stacks/cart.go under another ID. Each publishes an event of its own, since an event has one publisher. Copies get
// priorities of their own, since those that follow from hundreds of names collide. Those after the first platform is full are on others, of
// other apps.
func copyOfCart(n int) app.Service {
	id := fmt.Sprintf("Cart%04d", n)
	name := strings.ToLower(id)
	checkedOut := events.CartCheckedOut
	checkedOut.Source = "storefront." + name
	return app.Service{ID: id, Define: func(stack awscdk.Stack, env app.Environment) {
		var on platform.Ref
		if number := 1 + (n-1)/ofPlatform; number > 1 {
			on.StackName = fmt.Sprintf("storefront-%s-platform-%d", env.Name, number)
		}
		cart := microservice.New(stack, id, microservice.Props{
			Owner:    "checkout",
			Image:    env.Image("cart"),
			Routes:   []microservice.Route{{Path: "/" + name + "/{proxy+}"}},
			Scaling:  scaling.Policy{Min: 2, Max: 20, CPUPercent: 60, RequestsPerTask: 8000},
			Priority: n,
			Platform: on,
		})
		items := table.New(cart, "Items", table.Props{
			PartitionKey: table.String("userId"),
			SortKey:      table.String("productId"),
			TTLAttribute: "expiresAt",
			Outbox:       []event.Event{checkedOut},
		})
		cart.Uses(items, table.ReadWrite)
		cart.Calls(service.Ref{StackName: fmt.Sprintf("storefront-%s-catalog", env.Name), Name: "catalog"})
	}}
}
