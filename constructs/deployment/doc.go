// Package deployment says how a service passes from one version to the next, as a plain value:
//
//	deployment.Canary{Percent: 10, Bake: 5 * time.Minute}
//
// [Rolling] replaces task by task, and works for every service. The others keep the old version whole until the new one
// has shown itself, and so go back within a minute: [Canary] gives it a small share of the requests first, [Linear] one
// equal share after another, [BlueGreen] all at once. They move requests, so a worker without routes cannot have them.
//
// Whatever the strategy, a deployment during which an alarm of the service goes off goes back by itself. A version whose
// tasks do not start never gets a request: a rolling deployment goes back after the third to tenth failure or so (ECS's
// circuit breaker), a gradual one moves nothing until all of its tasks are well.
//
// In the template: a gradual strategy is a second target group and a role with which ECS moves requests between the two,
// beside the strategy in the service itself. It costs the new tasks beside the old ones for as long as it takes.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/ecs_service-options.html
package deployment
