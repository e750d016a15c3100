// Package image describes where a microservice's container image comes from: a registry, a repository of ECR, or a folder
// with a Dockerfile. The image can contain a program in any language.
//
//	image.Registry("public.ecr.aws/acme/cart:1.4.2")
//	image.PrivateRegistry("registry.example.com/acme/cart:1.4.2", credentials)
//	image.ECR("acme/cart", "1.4.2")
//	image.PullThroughCache("docker-hub/library/nginx", "1.27")
//	image.Build("services/cart")
//
// [ECR] and [PullThroughCache] allow the service's task execution role to pull from that repository, [PrivateRegistry] to
// read the credentials. [Build] adds an asset that the CDK CLI builds with Docker and pushes to the bootstrap repository
// when the stack is deployed; synthesis only computes a hash of the folder.
package image
