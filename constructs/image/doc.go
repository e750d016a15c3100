// Package image says where a microservice's container image comes from: a registry, an ECR repository of the same
// account, or a folder with a Dockerfile. The language inside is the service's own matter.
//
//	image.Registry("public.ecr.aws/acme/cart:1.4.2")
//	image.ECR("acme/cart", "1.4.2")
//	image.Build("services/cart")
//
// [ECR] adds the permission to pull that repository to the service's execution role. [Build] adds an asset that the
// CDK CLI builds with Docker and pushes to the bootstrap repository when the stack is deployed; synthesis only
// fingerprints the folder.
package image
