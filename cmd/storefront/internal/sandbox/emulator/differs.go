package emulator

// Address is the address on which the emulator's load balancer reaches processes of this machine, which stand in for tasks.
const Address = "127.0.0.1"

// URL is the URL of an API. The host name of the endpoint that the API reports does not resolve.
func (e *Emulator) URL(api string) string {
	return e.Endpoint() + "/_aws/execute-api/" + api + "/$default"
}
