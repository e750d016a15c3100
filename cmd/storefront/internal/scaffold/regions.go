package scaffold

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// letters are the availability zones, by the last letters of their names, of the regions that have VPC links of HTTP APIs, by
// which requests reach a platform: those zones that VPC links and Fargate support. A region whose names an account maps by itself
// can differ, which preflight checks: us-east-1, us-west-1, us-west-2, ap-northeast-1, ap-southeast-1, ap-southeast-2, eu-west-1
// and sa-east-1, in accounts from before November 2025.
//
// Sources: https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-links-v2.html#apigateway-vpc-links-v2-availability
// and https://docs.aws.amazon.com/global-infrastructure/latest/regions/aws-availability-zones.html
var letters = map[string]string{
	"ap-east-1":      "bc",
	"ap-northeast-1": "acd", // no account from after 2012 has b
	"ap-northeast-2": "abc",
	"ap-south-1":     "abc",
	"ap-southeast-1": "abc",
	"ap-southeast-2": "abc",
	"ca-central-1":   "ab", // and d, without VPC links
	"eu-central-1":   "abc",
	"eu-north-1":     "abc",
	"eu-south-2":     "abc",
	"eu-west-1":      "abc",
	"eu-west-2":      "abc",
	"eu-west-3":      "ac", // and b, without VPC links
	"me-south-1":     "abc",
	"sa-east-1":      "abc",
	"us-east-1":      "abc",
	"us-east-2":      "abc",
	"us-gov-west-1":  "abc",
	"us-west-1":      "ac", // an account has two zones
	"us-west-2":      "abc",
}

// Regions are the regions that an app can be created for.
func Regions() []string { return slices.Sorted(maps.Keys(letters)) }

// CheckRegion returns an error unless an app can be created for the region.
func CheckRegion(region string) error {
	if _, known := letters[region]; !known {
		return fmt.Errorf("--region must be one with VPC links of HTTP APIs, %s, got %q", strings.Join(Regions(), ", "), region)
	}
	return nil
}

// zones are the zones of a region, at most that many, as a list in Go.
func zones(region string, count int) string {
	var names []string
	for _, letter := range letters[region] {
		if len(names) < count {
			names = append(names, strconv.Quote(region+string(letter)))
		}
	}
	return "[]string{" + strings.Join(names, ", ") + "}"
}
