package scaffold

import (
	"fmt"
	"go/token"
	"strings"
)

// Store is a store that a service can own.
type Store struct {
	Kind   string // of its package and of the command
	About  string
	Props  string
	Access string
	Suffix string // of its environment variable
	Note   string // on another access, or on what the application does
}

// Stores are those that add can print.
var Stores = []Store{
	{"table", "a DynamoDB table", `table.Props{PartitionKey: table.String("id")}`, "table.ReadWrite", "TABLE_NAME", ""},
	{
		"queue", "an SQS queue, with a dead-letter queue", "queue.Props{}", "queue.Send", "QUEUE_URL",
		"\nA service that receives the messages, such as a worker without routes, uses it with queue.Consume instead.\n",
	},
	{
		"cache", "an ElastiCache Serverless cache for Valkey", "cache.Props{}", "cache.ReadWrite", "HOST",
		"\nThe application connects with a token in place of a password: docs/recipes/cache.md of the library has the code.\n",
	},
	{
		"sqldb", "an Aurora PostgreSQL database", "sqldb.Props{}", "sqldb.ReadWrite", "HOST",
		"\nThe application connects with a token in place of a password: docs/recipes/sqldb.md of the library has the code.\n",
	},
}

// Paste returns the code of a store by its name.
func (s Store) Paste(name string) (string, error) {
	id := pascal(name)
	if !serviceID.MatchString(id) {
		return "", fmt.Errorf("a %s must have a name of letters and digits, starting with a letter, such as Items, got %q", s.Kind, name)
	}
	variable := camel(id)
	if token.IsKeyword(variable) || variable == s.Kind || variable == "service" || variable == "stack" || variable == "env" {
		variable += strings.ToUpper(s.Kind[:1]) + s.Kind[1:]
	}
	return fmt.Sprintf(`Import the package in the file of the service:

	"%[1]s/constructs/%[2]s"

Keep what microservice.New returns:

	service := microservice.New(…)

Then define %[3]s below it:

	%[4]s := %[2]s.New(service, %[5]q, %[6]s)
	service.Uses(%[4]s, %[7]s) // the permission, and %[8]s_%[9]s for the application
%[10]s
Then run go tool storefront test --update and review the difference.
`, Library, s.Kind, s.About, variable, id, s.Props, s.Access, strings.ToUpper(strings.Join(words(id), "_")), s.Suffix, s.Note), nil
}
