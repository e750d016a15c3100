// Package image describes where a microservice's container image comes from: a registry, an ECR repository of the same
// account, or a folder with a Dockerfile. The image can contain a program in any language.
//
//	image.Registry("public.ecr.aws/acme/cart:1.4.2")
//	image.ECR("acme/cart", "1.4.2")
//	image.Build("services/cart")
//
// [ECR] allows the service's task execution role to pull from that repository. [Build] adds an asset that the CDK CLI
// builds with Docker and pushes to the bootstrap repository when the stack is deployed; synthesis only computes a hash
// of the folder.
package image
