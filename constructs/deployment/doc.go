// Package deployment describes how a service is deployed, as a plain value:
//
//	deployment.Canary{Percent: 10, Bake: 5 * time.Minute}
//
// [Rolling] replaces tasks one after another, and works for every service. The other strategies keep all tasks of the
// old version until the new version is proven, so that a rollback takes less than a minute: [Canary] shifts a small
// share of the requests first, [Linear] one equal share after another, [BlueGreen] all requests at once. They shift
// traffic, so a worker without routes cannot use them.
//
// With every strategy, a deployment is rolled back when one of its alarms goes into the ALARM state. A version whose
// tasks do not start never gets a request: a rolling deployment is rolled back after about three to ten failed tasks
// (the deployment circuit breaker of ECS), and a gradual one shifts no traffic until all new tasks are healthy.
//
// In the template: a gradual strategy adds a second target group and a role with which ECS shifts traffic between the
// two, in addition to the strategy in the service itself. During a deployment the new tasks are billed in addition to
// the old ones.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service-options.html
package deployment
