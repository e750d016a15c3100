// Package deployment describes how a service is deployed, as a plain value:
//
//	deployment.Canary{Percent: 10, Bake: 5 * time.Minute}
//
// [Rolling] replaces tasks one after another, and works for every service. The other strategies keep all tasks of the
// old version until the new version is proven, so that a rollback takes less than a minute: [Canary] shifts a small
// share of the requests first, [Linear] one equal share after another, [BlueGreen] all requests at once. They shift
// traffic, so a worker without routes cannot use them.
//
// A version whose tasks do not start never gets a request: a rolling deployment is rolled back after about three to ten
// failed tasks (the deployment circuit breaker of ECS), and a gradual one shifts no traffic until all new tasks are healthy.
//
// A deployment is also rolled back when one of its alarms goes into the ALARM state, if it has any. Which it has depends on the
// strategy:
//   - A gradual one has the three alarms on the service's requests in every environment.
//   - A rolling one has them if the service has alarms, as in production. ECS then starts a rolling deployment of the last version
//     that was deployed completely, which takes as long as its tasks take to start; in the meantime callers get both versions.
//   - A worker has no requests, and so none of the three: only the alarms of its own with RollsBack, such as those of a store, if
//     it has alarms.
//
// In the template: a gradual strategy adds a second target group and a role with which ECS shifts traffic between the
// two, in addition to the strategy in the service itself. During a deployment the new tasks are billed in addition to
// the old ones.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service-options.html
package deployment
