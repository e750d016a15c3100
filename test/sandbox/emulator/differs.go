package emulator

// Address is where the emulator's balancer reaches processes of this machine, which so can stand in for tasks.
const Address = "127.0.0.1"

// URL is where an API answers. The endpoint that it says it has is a name that nobody resolves.
func (e *Emulator) URL(api string) string {
	return e.Endpoint() + "/_aws/execute-api/" + api + "/$default"
}
