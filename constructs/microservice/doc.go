// Package microservice defines the central construct of this module: one microservice, as a Fargate service with its routes
// on the environment's API, its scaling policy, its logs, its roles and its alarms. In an app that has set its environment
// (see package environment), two fields make one that is fit for production, a worker without routes:
//
//	microservice.New(stack, "Mailer", microservice.Props{
//		Owner: "growth",
//		Image: image.Registry("public.ecr.aws/acme/mailer:1.4.2"),
//	})
//
// A service owns its stores and declares with [Microservice.Uses] what it does with them. No other service uses them:
// other services call it.
//
//	cart := microservice.New(stack, "Cart", microservice.Props{
//		Owner:  "checkout",
//		Image:  image.Registry("public.ecr.aws/acme/cart:2.0.1"),
//		Routes: []microservice.Route{{Path: "/cart/{proxy+}"}},
//	})
//	items := table.New(cart, "Items", table.Props{PartitionKey: table.String("userId")})
//	cart.Uses(items, table.ReadWrite)
//
// Other services call it without the API if it is Callable, and they declare it with [Microservice.Calls] (see package call).
//
//	cart.Calls(service.Ref{StackName: "shop-production-reviews", Name: "reviews"})
//
// What a service uses adds its own permissions, environment variables, secrets and alarms (see package store). Features
// beside a service, such as a dashboard, take it as a service.Service and need no change here. The order of these calls
// does not change the template.
//
// A [Microservice] is a construct, an awsiam.IGrantable and an awsec2.IConnectable, so every grant of the CDK accepts it.
// Its accessors return the constructs beneath it, for what Props do not cover.
//
// # What the application gets
//
// It listens on the port in PORT and responds with 200 on the health check path. The root filesystem is read-only, /tmp
// is writable, and the user is not root. After SIGTERM it continues to serve until no more requests arrive, at most
// StopTimeout. SERVICE_NAME is the name of the service. Each request has [HeaderClientIP], the address of the client,
// and on routes that are not public [HeaderUserID], the caller that the token identifies. API Gateway overwrites both.
//
// # What is in the template
//
// For every service, 9 resources: a task definition, two roles (one starts the task, one is the application's), the
// first one's policy, a log group, a security group, the service, a scalable target and a scaling policy for each
// measure. With routes also a target group, a listener rule, an ingress rule, an integration each for public and
// signed-in routes, the routes, and with gradual deployments, as in production, a second target group and a role with
// which ECS shifts traffic. With stores, those and the application's policy. If the profile has alarms, three for the
// service, five for its routes, those of its stores, and one composite alarm that pages. The template's metadata
// records what the service is and uses. It costs its tasks: 0.25 vCPU and 512 MiB of ARM64 on demand are about 7 USD a
// month each; and its alarms, 4.60 USD a month with one table.
package microservice
