// Package microservice defines THE construct of this module: one microservice, as a Fargate service with its routes on
// the environment's API, its scaling policy, its logs and its roles. Three fields make one that is fit for production,
// a worker without routes:
//
//	microservice.New(stack, "Mailer", microservice.Props{
//		Platform: platform.Ref{StackName: "shop-platform"},
//		Owner:    "growth",
//		Image:    image.Registry("public.ecr.aws/acme/mailer:1.4.2"),
//	})
//
// A service owns its stores and declares with [Microservice.Uses] what it does with them. Nobody else does: other
// services call its routes.
//
//	cart := microservice.New(stack, "Cart", microservice.Props{
//		Platform: platform.Ref{StackName: "shop-platform"},
//		Identity: identity.Ref{StackName: "shop-identity"},
//		Owner:    "checkout",
//		Image:    image.Registry("public.ecr.aws/acme/cart:2.0.1"),
//		Routes:   []microservice.Route{{Path: "/cart/{proxy+}"}},
//	})
//	items := table.New(cart, "Items", table.Props{PartitionKey: table.String("userId")})
//	cart.Uses(items, table.ReadWrite)
//
// A [Microservice] is a construct, an awsiam.IGrantable and an awsec2.IConnectable, so that any grant of the CDK takes
// it, and it gives the constructs beneath it to whoever needs more than Props say.
//
// # What the application gets
//
// It listens on the port in PORT and answers 200 on the health path. The root filesystem is read-only, /tmp is
// writable, the user is not root. On SIGTERM it goes on serving until requests stop coming, at most StopTimeout.
// SERVICE_NAME is its own name. Each request carries [HeaderClientIP], the address that called the API, and on routes
// that are not public [HeaderUserID], the caller whom the token names; both are written by the API, whatever the
// client sent.
//
// # What is in the template
//
// For every service, 9 resources: a task definition, two roles (one starts the task, one is the application's), the
// first one's policy, a log group, a security group, the service, a scalable target and a policy for each measure. With
// routes also a target group, a listener rule, an ingress rule, an integration each for public and signed-in routes,
// the routes, and where deployments are gradual, as in production, a second target group and a role by which ECS moves
// requests. With stores, those and the application's policy. Where the profile has alarms, three for the service, five
// for its routes, three for each table that it uses, and one that pages. It costs its tasks: 0.25 vCPU and 512 MiB of
// ARM64 on demand are about 7 USD a month each; and its alarms, about 6 USD a month.
package microservice
