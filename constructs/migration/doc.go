// Package migration runs a task of a new version of a service before its deployment: with the new image, while the old version still
// gets all requests. The deployment begins if the task succeeds. If it fails, the stack is rolled back, and no task of the new version
// has started.
//
//	migration.New(orders, "Schema", migration.Props{
//		Command: []string{"/app", "migrate"},
//	})
//
// It works with every deployment strategy, for services and workers, in the first deployment, and takes up to twelve hours. It
// needs no function and no custom resource: the template of each version has a wait condition of CloudFormation, on which the ECS
// service depends, and a schedule that starts the task at once by AWS Step Functions, which then signals the wait condition.
//
// A version is a task definition: the image, and all that the containers are configured with. A deployment that changes neither runs
// no migration.
//
// The old version runs with the new schema until the deployment is completed, and again if it is rolled back. So a migration only
// adds what the old version does not need to know, and a later one removes what no version uses any more: expand and contract. A
// migration that is started twice, or again after a failure, must do no harm, as tools such as Flyway and golang-migrate
// ensure by a lock and a table of versions.
//
// In the template: a state machine, its role and a policy, a schedule and its role, and a wait condition. A migration costs the task,
// and less than 0.001 USD besides.
package migration
