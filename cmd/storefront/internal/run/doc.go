// Package run runs a deployed app on this machine, without containers: for each task of its ECS services a process of the program
// in the repository that the image is built from.
//
// What runs where is read from the deployed services, task definitions, target groups and security groups, and not from the
// templates. A supervisor, a process of the tool in the background, starts the tasks, checks their health, registers the healthy
// ones with the load balancer of the emulator, and replaces them. It has what tasks have around them on AWS Fargate: credentials of
// the task role, Service Connect, and an endpoint of AWS.
package run
