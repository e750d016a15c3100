// Package sqldb defines an Aurora PostgreSQL database that one microservice owns. Pass the microservice as the scope, and declare
// that it uses the database:
//
//	ledger := sqldb.New(billing, "Ledger", sqldb.Props{})
//	billing.Uses(ledger, sqldb.ReadWrite)
//
// The application reads where the database is from environment variables named after the construct, here LEDGER_HOST,
// LEDGER_READER_HOST, LEDGER_PORT and LEDGER_NAME. It connects with TLS as the user LEDGER_USER, and with a token in place of a
// password, which it signs with the credentials of its task role. No password exists, neither in a secret nor in a task, so none is
// rotated while tasks hold the old one. The page docs/recipes/sqldb.md has the code in Go and in Python.
//
// It is Aurora Serverless v2, which scales with its load between two limits. In the sandbox it is one instance, which pauses when no
// client is connected. In production it is a writer and a reader in two zones, of which the reader takes over when the writer
// fails; it has deletion protection and is retained, with its subnets, parameters and security group, when its stack is deleted. It
// can be restored to any second of the last 7 days. docs/decisions/0015-aurora-serverless-v2.md compares it with Aurora DSQL.
//
// The cluster has a name, of the path of the construct and of the ID of the stack. So CloudFormation refuses each change for which
// it would replace the database by an empty one: a change of Name, of the key and of EncryptData in the profile, and of the VPC.
// Capacity, instances, backups, parameters and versions change in place.
//
// A service that has alarms has five on each database that it uses: capacity, connections, lag of the readers, deadlocks, and the
// age of the oldest transaction that is not vacuumed. [Alarms] sets their thresholds.
//
// In the template: the cluster, its instances, subnets and parameters, its security group, and an ingress rule for each service
// that uses it; with logs, their log group. In the cheaper regions it costs 0.12 USD an ACU and hour, 0.10 USD a GB a month, and
// 0.20 USD a million I/O requests: nothing but its storage while it is paused; 175 USD a month at the minimum of production, and
// 1,400 at the maximum all the time. Its alarms cost 0.50 USD a month.
package sqldb
