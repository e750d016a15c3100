// Package searchdomain defines an OpenSearch Service domain that one microservice owns. Pass the microservice as the
// scope, and declare that it uses the domain:
//
//	index := searchdomain.New(search, "Documents", searchdomain.Props{})
//	search.Uses(index, searchdomain.ReadWrite)
//
// The application reads the domain's URL from an environment variable named after the construct, here
// DOCUMENTS_DOMAIN_URL, and signs its requests with the credentials of its task role.
//
// Domains are in the private subnets and encrypted at rest, in transit and between nodes. Only services that use a
// domain can reach it. An index is a copy: keep the data itself in a table, from which the index can be rebuilt.
//
// Each account needs the service-linked role of OpenSearch Service. Create it once:
// aws iam create-service-linked-role --aws-service-name opensearchservice.amazonaws.com
//
// In production a domain logs its errors and slow requests. An account can have ten domains with logs in a region, since
// each takes one of ten resource policies of CloudWatch Logs. Audit logs are not supported.
//
// In the template: the domain, its security group, and an ingress rule for each service that uses it; with logs, a log group
// and a resource policy. It costs about 27
// USD a month with one t3.small node, and about 300 with three m7g.medium data nodes and three dedicated master nodes.
package searchdomain
