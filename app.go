// Command storefront synthesizes the storefront's stacks. The CDK CLI runs it, as configured in cdk.json.
package main

import (
	"os"

	"github.com/aws/aws-cdk-go/awscdk/v2"

	"github.com/storefront-cdk/storefront/constructs/synth"
	"github.com/storefront-cdk/storefront/stacks"
)

func main() { os.Exit(synth.Run(define)) }

func define(app awscdk.App) error {
	context, _ := app.Node().GetAllContext(nil).(map[string]any)
	config, err := stacks.Configure(context)
	if err != nil {
		return err
	}
	stacks.New(app, config)
	return nil
}
