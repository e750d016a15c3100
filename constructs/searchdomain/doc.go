// Package searchdomain defines an OpenSearch domain that one microservice owns. Give the microservice as its scope and
// its platform's network, and let it use the domain:
//
//	index := searchdomain.New(search, "Documents", searchdomain.Props{VPC: search.Platform().VPC()})
//	search.Uses(index, searchdomain.ReadWrite)
//
// The application finds the domain's URL in an environment variable named for the construct, here
// DOCUMENTS_DOMAIN_URL, and signs its requests with its task role.
//
// Domains live in the private subnets, encrypted at rest, in transit and between nodes, and only services that use one
// reach it. They are a copy: keep what is indexed in a table, from which the index can be built again.
//
// The account needs the service-linked role of OpenSearch Service, once:
// aws iam create-service-linked-role --aws-service-name opensearchservice.amazonaws.com
//
// In the template: the domain, its security group, and an ingress rule for each service that uses it. It costs about
// 27 USD a month as one t3.small node, and about 300 as three m7g.medium nodes with three dedicated masters.
package searchdomain
