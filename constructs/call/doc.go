// Package call connects a microservice with those that it calls, by Amazon ECS Service Connect: it is behind Callable of
// microservice.Props and microservice.Microservice.Calls.
//
//	reviews := microservice.New(stack, "Reviews", microservice.Props{
//		Owner:    "community",
//		Image:    env.Image("reviews"),
//		Callable: true,
//	})
//
// In another stack, of this app or of another one, which names the stack by a service.Ref:
//
//	cart.Calls(env.Service("reviews")) // http://reviews, in REVIEWS_URL
//
// # What is in the template
//
// Of a callable service: Service Connect in the service, at port [ProxyPort] of its tasks, and three outputs, which are its
// contract. With a certificate authority a role. Of a caller: Service Connect in the service, and for each call an ingress rule in
// the security group of the callee, and an environment variable; if its Egress is restricted, an egress rule to the VPC. A service
// that neither calls nor is callable has Service Connect turned off, and no proxy.
//
// # What it costs
//
// Service Connect is free, and so are the metrics of its endpoints. Each task has one more container, the proxy, which shares its
// CPU and memory: AWS recommends 256 CPU units and 64 MiB more for it, and twice the CPU units from 500 requests a second. Its
// access logs, in production, are billed as logs: each request is logged by both proxies. Traffic between zones costs 0.01 USD a
// GB in each direction.
//
// Sources: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-concepts-deploy.html and
// https://docs.aws.amazon.com/AmazonECS/latest/developerguide/service-connect-envoy-access-logs.html
package call
