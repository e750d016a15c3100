package run

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"time"
)

// Plan is what runs: the services, the tasks that schedules and migrations run, and what is in front of them.
type Plan struct {
	Began    time.Time // when what it is made of began to be deployed
	Services []Service
	Jobs     []Job
	Front    Front
}

// Service is one deployed service, and the program of its tasks.
type Service struct {
	Name           string // the variable SERVICE_NAME of its tasks, or the family of its task definition
	ARN            string
	Stack          string
	Desired        int
	MaximumPercent int           // of the tasks that may run during a deployment
	Grace          time.Duration // in which a new task may be unhealthy
	Groups         []Group
	SecurityGroups []string
	Namespace      string // of Service Connect; empty if its tasks resolve no names
	Aliases        []Alias
	Task           Task
	Program        Program
}

// Task is what a task definition says about a container: that with the application, or one beside it.
type Task struct {
	Definition    string // its ARN
	Container     string
	Image         string
	Command       []string
	Port          int // that others reach; zero if it has none
	Environment   map[string]string
	Secrets       map[string]string // by variable: the ARN or name that it is read from
	TaskRole      string
	ExecutionRole string
	StopTimeout   time.Duration
	Sidecars      []Sidecar // that have a program
	NotRun        []string  // the other containers
}

// Sidecar is a container beside the application.
type Sidecar struct {
	Task
	Program   Program
	Essential bool   // whether the task ends with it
	Awaited   string // the condition of it on which the application starts
}

// Group is a target group of a service.
type Group struct {
	ARN       string
	Port      int // of the container
	Path      string
	Matcher   string
	Interval  time.Duration
	Timeout   time.Duration
	Healthy   int // the number of successful checks in a row after which a task is healthy
	Unhealthy int // and of failed ones after which it is not any more
	Drain     time.Duration
}

// Alias is a name and port of Service Connect under which other services call a service.
type Alias struct {
	Name    string
	Port    int
	Timeout time.Duration // of one request
	Callers []string      // the services whose requests the security group of the called one admits
}

// Program is a program that was built from a folder of the repository.
type Program struct {
	Command []string // with the arguments before those of the task
	Dir     string   // where it runs
	Environ []string // beside the variables of the task
	Version string   // differs if the program does
}

// Job is a task that a state machine runs, at the times of a schedule or as the migration of a new version.
type Job struct {
	Name        string // of its service and of the state machine
	Service     string
	Command     []string
	Environment map[string]string
	Timeout     time.Duration // of a run; if zero, none
	Alone       bool          // whether a run is left out while another one is under way
	Schedule    *Schedule     // if it is not a migration
	Before      []string      // the services whose new versions wait for it, if it is one
}

// Front is what the front sends requests to.
type Front struct {
	Dist    string // the folder of the page, if there is one
	Routes  []Route
	URLs    map[string]string // of the APIs, by ID
	Origins []string          // of the pages that the APIs admit
}

// Route is a route of an API.
type Route struct{ API, Service, Method, Path string }

// fingerprint differs between versions of a service whose tasks must be replaced. The number of tasks is no part of it.
func (s Service) fingerprint() string {
	s.Desired, s.Aliases = 0, nil
	text, err := json.Marshal(s)
	if err != nil {
		panic(err) // it has only strings and numbers
	}
	sum := sha256.Sum256(text)
	return hex.EncodeToString(sum[:6])
}
