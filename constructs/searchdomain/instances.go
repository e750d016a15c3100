package searchdomain

import (
	"fmt"
	"strings"
)

// families are the families of instance types for data nodes with gp3 volumes: their sizes, each with the largest volume in
// GiB where AWS documents one below maxVolumeGiB.
//
// Source: https://docs.aws.amazon.com/opensearch-service/latest/developerguide/limits.html#ebsresource and
// https://docs.aws.amazon.com/opensearch-service/latest/developerguide/supported-instance-types.html
var families = map[string]map[string]int{
	"t3":  {"small": 100, "medium": 200},
	"m5":  {"large": 1024, "xlarge": 2048, "2xlarge": 3072, "4xlarge": 6144, "12xlarge": 18432},
	"m6g": {"large": 1024, "xlarge": 2048, "2xlarge": 3072, "4xlarge": 6144, "8xlarge": 12288, "12xlarge": 18432},
	"c5":  {"large": 256, "xlarge": 512, "2xlarge": 1024, "4xlarge": 1536, "9xlarge": 3584, "18xlarge": 7168},
	"c6g": {"large": 256, "xlarge": 512, "2xlarge": 1024, "4xlarge": 1536, "8xlarge": 3072, "12xlarge": 4608},
	"r5":  {"large": 2048, "xlarge": 3072, "2xlarge": 6144, "4xlarge": 12288, "12xlarge": maxVolumeGiB},
	"r6g": {"large": 2048, "xlarge": 3072, "2xlarge": 6144, "4xlarge": 12288, "8xlarge": 16384, "12xlarge": maxVolumeGiB},

	"m7g": sizes("medium", "large"), "m7i": sizes("large"), "m8g": sizes("medium", "large"),
	"c7g": sizes("large"), "c7i": sizes("large"), "c8g": sizes("large"),
	"r7g": sizes("medium", "large"), "r7i": sizes("large"), "r8g": sizes("medium", "large"),
	"or1": sizes("medium", "large"), "or2": sizes("medium", "large"), "om2": sizes("large"),
}

// sizes returns the given sizes and those that all newer families have.
func sizes(small ...string) map[string]int {
	all := map[string]int{}
	for _, size := range append(small, "xlarge", "2xlarge", "4xlarge", "8xlarge", "12xlarge", "16xlarge") {
		all[size] = maxVolumeGiB
	}
	return all
}

// unfit are families that OpenSearch Service has and that a domain of this package cannot use, with the reason.
var unfit = map[string]string{
	"i3": localDisks, "i4g": localDisks, "i4i": localDisks, "i7i": localDisks, "i8g": localDisks, "i8ge": localDisks,
	"im4gn": localDisks, "r6gd": localDisks, "r7gd": localDisks, "r8gd": localDisks,
	"c4": noGP3, "i2": noGP3, "m3": noGP3, "m4": noGP3, "r3": noGP3, "r4": noGP3, "t2": noGP3,
	"ultrawarm1": "is for warm nodes and not for data nodes",
}

const (
	localDisks = "has disks of its own and takes no EBS volume"
	noGP3      = "is of a previous generation and takes no gp3 volume"
)

// checkInstance returns an error if the type cannot be that of a data node, or the volume is not one that it takes.
func checkInstance(instanceType string, volumeGiB int) error {
	family, rest, _ := strings.Cut(instanceType, ".")
	size, suffix, _ := strings.Cut(rest, ".")
	if reason, known := unfit[family]; known && suffix == "search" {
		return fmt.Errorf("InstanceType %q %s: choose another, such as %s", instanceType, reason, exampleInstance)
	}
	largest, known := families[family][size]
	if !known || suffix != "search" {
		return fmt.Errorf("InstanceType must be one that OpenSearch Service has for data nodes, such as %s, got %q", exampleInstance, instanceType)
	}
	if volumeGiB < minVolumeGiB || volumeGiB > largest {
		return fmt.Errorf("VolumeGiB must be from %d to %d with InstanceType %s, got %d", minVolumeGiB, largest, instanceType, volumeGiB)
	}
	return nil
}

// exampleInstance is in every message about an instance type.
const exampleInstance = "r7g.large.search"
