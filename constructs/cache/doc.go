// Package cache defines an ElastiCache Serverless cache for Valkey that one microservice owns. Pass the microservice as the
// scope, and declare that it uses the cache:
//
//	prices := cache.New(catalog, "Prices", cache.Props{})
//	catalog.Uses(prices, cache.ReadWrite)
//
// The application reads where the cache is from environment variables named after the construct, here PRICES_HOST and
// PRICES_PORT. It connects with TLS as the user PRICES_USER, and with a token in place of a password, which it signs with the
// credentials of its task role for the cache PRICES_NAME. No secret exists, and none has to be rotated. The page
// docs/recipes/cache.md has the code in Go and in Python.
//
// The cache scales by itself, up to the limits of [Props], which cap what it costs. At the limit of the data it evicts keys that
// have a time to live, and then refuses writes; at the limit of requests it delays or refuses commands. It is in two zones, in
// private subnets, and is encrypted at rest. Only services that use a cache can reach it.
//
// A cache is a copy: keep the data itself in a table or a database, from which it can be filled again. In production it has
// daily snapshots, and is retained with its user and its security group when its stack is deleted; a cache that is retained
// keeps its snapshots. Nothing takes a final snapshot, for which ElastiCache requires a name that is still free when the stack
// is deleted.
//
// Its name, which ElastiCache requires, is made of the path of the construct and of the ID of the stack. So the caches of one
// service, of two environments, and of a stack that is created again have different names. A change for which CloudFormation
// replaces a resource fails, since the new cache would have the name of the old one. To replace a cache, which is then empty, give
// the construct another ID. EncryptData of the profile changes the name, and so replaces the cache.
//
// A service that has alarms has four on each cache that it uses: throttled commands, latency, data near the limit, and
// evictions. [Alarms] sets their thresholds.
//
// In the template: the cache, its user and user group, its security group, and an ingress rule for each service that uses it. In
// the cheaper regions it costs 0.084 USD a GB and hour, for at least 0.1 GB, and 0.0023 USD a million ECPUs, of which a command
// takes one for each kilobyte: 6 USD a month at rest, and at its limits all the time 67 USD with the defaults of the sandbox and
// 370 USD with those of production. Snapshots cost 0.085 USD a GB a month each, and the alarms 0.60 USD a month.
package cache
