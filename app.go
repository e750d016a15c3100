// Command storefront synthesizes the storefront's stacks. The CDK CLI runs it, as configured in cdk.json.
package main

import (
	"os"

	"github.com/storefront-cdk/storefront/constructs/app"
	"github.com/storefront-cdk/storefront/stacks"
)

func main() { os.Exit(app.Run(stacks.Storefront())) }
