// Package serve is what surrounds the handlers of each service: the process, its configuration, and the HTTP server.
//
//	//go:embed openapi.yaml
//	var spec []byte
//
//	func main() { serve.Main(run) }
//
//	func run(ctx context.Context, s *serve.Service) error {
//		reviews := newReviews(dynamodb.NewFromConfig(s.AWS), s.Env("REVIEWS_TABLE_NAME"))
//		return s.Serve(ctx, spec, api.HandlerWithOptions(…))
//	}
//
// Requests are validated by openapi.yaml before they reach a handler, and an operation with security has a user, whom [UserID]
// returns. A handler returns a [Problem], which the client gets as application/problem+json, or any other error, which is logged
// and which the client gets as status 500 without its text.
//
// GET /health is 200 while the service takes requests, and GET /health/live while the process runs. After SIGTERM the service
// fails the first, finishes the requests that it has and what [Service.Go] started, and exits with 0.
//
// Configuration comes from environment variables alone: those that the construct writes, PORT and SERVICE_NAME among them,
// those of the AWS SDK, and HOST, the address to listen on, which is empty (all addresses) unless several tasks share a machine.
package serve
