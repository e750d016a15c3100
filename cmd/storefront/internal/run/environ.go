package run

import (
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
)

// environ is the environment of a task: nothing of this process but the PATH, the variables of its task definition, and what Amazon
// ECS and the runner add.
func (s *Supervisor) environ(of Service, name, folder string, p *process) []string {
	tmp := filepath.Join(folder, "tmp")
	variables := map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": folder, "TMPDIR": tmp, "TZ": "UTC", "LANG": "C.UTF-8",
		"AWS_REGION": s.config.Region, "AWS_DEFAULT_REGION": s.config.Region, "AWS_EC2_METADATA_DISABLED": "true",
		"AWS_ENDPOINT_URL": s.forward.url,
	}
	maps.Copy(variables, of.Task.Environment)
	variables["HOST"] = p.address
	if p.port != of.Task.Port {
		variables["PORT"] = strconv.Itoa(p.port)
	}
	if of.Namespace != "" {
		direct := "127.0.0.1,localhost,127.0.0.0/8"
		through := s.calls.admit(name, of.Name)
		for key, value := range map[string]string{"HTTP_PROXY": through, "http_proxy": through, "NO_PROXY": direct, "no_proxy": direct} {
			variables[key] = value
		}
	}
	var environ []string
	for _, key := range slices.Sorted(maps.Keys(variables)) {
		environ = append(environ, key+"="+variables[key])
	}
	return slices.Concat(environ, s.vendor.admit(name, of.Task.TaskRole), of.Program.Environ)
}
