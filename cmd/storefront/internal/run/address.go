package run

import (
	"errors"
	"fmt"
	"hash/fnv"
	"net"
	"strconv"
	"sync"
)

// addresses gives each task an address of its own in 127.0.0.0/8, so that all of them listen on the port of their task definition.
// macOS has only 127.0.0.1: there each task gets a port of its own instead.
type addresses struct {
	mutex sync.Mutex
	next  uint32
	one   bool // whether there is only 127.0.0.1
}

const loopback = "127.0.0.1"

// newAddresses starts at an address that differs between repositories, of which several may run.
func newAddresses(root string) *addresses {
	hash := fnv.New32a()
	_, _ = hash.Write([]byte(root))
	a := &addresses{next: hash.Sum32()}
	if listener, err := net.Listen("tcp4", a.address(a.next)+":0"); err != nil {
		a.one = true
	} else {
		_ = listener.Close()
	}
	return a
}

// address is the n-th of 127.64.0.0/10, without those that end in 0 or 255.
func (*addresses) address(n uint32) string {
	return net.IPv4(127, 64+byte(n>>16)%64, byte(n>>8), 1+byte(n)%254).String()
}

// take returns an address, and the port on it that a task listens on.
func (a *addresses) take(port int) (string, int, error) {
	a.mutex.Lock()
	defer a.mutex.Unlock()
	if a.one {
		listener, err := net.Listen("tcp4", loopback+":0")
		if err != nil {
			return "", 0, err
		}
		return loopback, listener.Addr().(*net.TCPAddr).Port, listener.Close()
	}
	var problems []error
	for range 100 {
		a.next++
		address := a.address(a.next)
		listener, err := net.Listen("tcp4", net.JoinHostPort(address, strconv.Itoa(port)))
		if err != nil {
			problems = append(problems, err)
			continue
		}
		return address, port, listener.Close()
	}
	return "", 0, fmt.Errorf("no address in 127.64.0.0/10 has port %d free: %w", port, errors.Join(problems[0]))
}
