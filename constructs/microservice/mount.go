package microservice

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"

	"github.com/aws/aws-cdk-go/awscdk/v2/awsecs"
	"github.com/aws/jsii-runtime-go"
)

// Mount is a folder of a container that is in a volume of the task: containers that mount a volume of one name share its files.
// The volume is on the task's disk (Size.EphemeralStorageGiB), not in its memory, and writable in a container with a read-only
// root filesystem, too. Each task has its own, which is gone when the task stops.
//
// The folder is empty and belongs to root with the permissions 0755, so that only root can write to it, unless the image of a
// container that mounts it declares the same path as a VOLUME: then it has the files, the owner and the permissions of that.
//
// Source: https://docs.aws.amazon.com/AmazonECS/latest/developerguide/bind-mounts.html
type Mount struct {
	// Volume is the name of the volume: letters, digits, hyphens and underscores. Required.
	Volume string
	// Path is the folder in the container, such as "/var/log/app". Required.
	Path string
	// ReadOnly does not allow the container to write to it.
	ReadOnly bool
}

const tmp = "/tmp"

var (
	volumeName = regexp.MustCompile(`^[A-Za-z0-9_-]{1,255}$`)
	mountPath  = regexp.MustCompile(`^(/[A-Za-z0-9._-]+)+$`)
)

// validateMounts returns what is wrong with the mounts of one container.
func validateMounts(field string, mounts []Mount) error {
	var problems []error
	for n, mount := range mounts {
		field := fmt.Sprintf("%sMounts[%d]", field, n)
		if !volumeName.MatchString(mount.Volume) {
			problems = append(problems, fmt.Errorf("%s.Volume must be 1 to 255 letters, digits, hyphens and underscores, got %q", field, mount.Volume))
		}
		other := slices.IndexFunc(mounts[:n], func(other Mount) bool { return other.Path == mount.Path })
		switch {
		case !mountPath.MatchString(mount.Path) || path.Clean(mount.Path) != mount.Path:
			problems = append(problems, fmt.Errorf("%s.Path must be the absolute path of a folder, such as /var/log/app, got %q", field, mount.Path))
		case mount.Path == tmp:
			problems = append(problems, fmt.Errorf("%s.Path must not be /tmp, to which only root could write: choose another folder, such as /var/tmp/app", field))
		case other >= 0:
			problems = append(problems, fmt.Errorf("%s.Path must differ from that of Mounts[%d], got %q twice", field, other, mount.Path))
		}
	}
	return errors.Join(problems...)
}

// mounts reports whether a container of the task mounts a volume.
func (p Props) mounts() bool {
	return len(p.Mounts) > 0 || slices.ContainsFunc(p.Sidecars, func(s Sidecar) bool { return len(s.Mounts) > 0 })
}

// defineVolumes defines each volume that a container mounts.
func (m *Microservice) defineVolumes(props Props) {
	defined := map[string]bool{}
	define := func(mounts []Mount) {
		for _, mount := range mounts {
			if !defined[mount.Volume] {
				defined[mount.Volume] = true
				m.task.AddVolume(&awsecs.Volume{Name: jsii.String(mount.Volume)})
			}
		}
	}
	define(props.Mounts)
	for _, sidecar := range props.Sidecars {
		define(sidecar.Mounts)
	}
}

func mount(container awsecs.ContainerDefinition, mounts []Mount) {
	for _, mount := range mounts {
		container.AddMountPoints(&awsecs.MountPoint{
			ContainerPath: jsii.String(mount.Path), ReadOnly: jsii.Bool(mount.ReadOnly), SourceVolume: jsii.String(mount.Volume),
		})
	}
}
