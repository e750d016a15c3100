// Package app makes an app of services and environments, so that each service is a function, and each environment a value:
//
//	var shop = app.App{
//		Name: "shop",
//		Environments: []app.Environment{
//			{Name: "sandbox", Region: "eu-central-1", Zones: []string{"eu-central-1a", "eu-central-1b"}, Profile: profile.Sandbox()},
//			{Name: "production", Region: "eu-central-1", Zones: []string{"eu-central-1a", "eu-central-1b", "eu-central-1c"}},
//		},
//		Services: []app.Service{{ID: "Menu", Define: defineMenu}},
//	}
//
//	func main() { os.Exit(app.Run(shop)) }
//
//	func defineMenu(stack awscdk.Stack, env app.Environment) { microservice.New(stack, "Menu", …) }
//
// The context of the CDK selects what is defined, the first environment and everything in it by default:
//
//	cdk deploy --all -c env=production             # an environment
//	cdk deploy -c only=menu,orders                 # services, on shared stacks that are deployed already
//	cdk deploy -c account=111122223333             # the account of the environment
//	cdk deploy --all -c protection=off             # a first deployment, which can be deleted if it fails
//
// Any other key without a namespace, and any other value, is an error.
//
// [Run] synthesizes an app of 120 services or more in several processes: it starts the program again, with the same arguments, for
// each share of the services, and merges what they made into the assembly that one process makes. The context key storefront:jobs
// sets their number. On Windows, and if the program is not started by the CDK CLI, there is one.
//
// Each service has a stack, shop-production-menu, and so have what services share: the teams, the platform and the identity, in
// this order and before all services. Stacks have the tags environment and owner, and termination protection if the profile has
// DeletionProtection. Services refer to the shared stacks by name alone, so that each is deployed by itself.
//
// A shared stack that another app deploys is named in the environment, and is then not defined:
//
//	{Name: "production", Region: "eu-central-1", Platform: platform.Ref{StackName: "shop-production-platform"}},
//
// A service that differs between environments does so by [In], which is the value in one environment and the default in the
// others, or by what the environment has, such as [Environment.Image].
//
// The app sets [environment.Set] on the CDK app, so services read the environment as they do in an app of your own making, and
// may override it. Package apptest tests an app by its templates.
//
// Apps add nothing to a template but the description and the tags of stacks.
//
// [environment.Set]: https://pkg.go.dev/github.com/storefront-cdk/storefront/constructs/environment#Set
package app
