// Command storefront synthesizes, checks and deploys an app of microservices in any repository: the constructs of this library
// in Go, everything around them here. Run `storefront help` for its commands.
package main

import (
	"os"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/command"
)

func main() { os.Exit(command.Main(os.Args[1:], os.Stdin, os.Stdout, os.Stderr)) }
