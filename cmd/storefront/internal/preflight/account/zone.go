package account

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ec2"
	"github.com/aws/aws-sdk-go-v2/service/ec2/types"
	"github.com/aws/aws-sdk-go-v2/service/opensearch"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/finding"
)

// vpcLinkZones are the IDs of the zones that a VPC link of an HTTP API can have subnets in, by region. API Gateway refuses
// the others, and regions that are not here have none. No API returns them. Read on 26 November 2026 from
// https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-vpc-links-v2.html#apigateway-vpc-links-v2-availability
var vpcLinkZones = map[string][]string{
	"ap-east-1":      {"ape1-az2", "ape1-az3"},
	"ap-northeast-1": {"apne1-az1", "apne1-az2", "apne1-az4"},
	"ap-northeast-2": {"apne2-az1", "apne2-az2", "apne2-az3"},
	"ap-south-1":     {"aps1-az1", "aps1-az2", "aps1-az3"},
	"ap-southeast-1": {"apse1-az1", "apse1-az2", "apse1-az3"},
	"ap-southeast-2": {"apse2-az1", "apse2-az2", "apse2-az3"},
	"ca-central-1":   {"cac1-az1", "cac1-az2"},
	"eu-central-1":   {"euc1-az1", "euc1-az2", "euc1-az3"},
	"eu-north-1":     {"eun1-az1", "eun1-az2", "eun1-az3"},
	"eu-south-2":     {"eus2-az1", "eus2-az2", "eus2-az3"},
	"eu-west-1":      {"euw1-az1", "euw1-az2", "euw1-az3"},
	"eu-west-2":      {"euw2-az1", "euw2-az2", "euw2-az3"},
	"eu-west-3":      {"euw3-az1", "euw3-az3"},
	"me-south-1":     {"mes1-az1", "mes1-az2", "mes1-az3"},
	"sa-east-1":      {"sae1-az1", "sae1-az2", "sae1-az3"},
	"us-east-1":      {"use1-az1", "use1-az2", "use1-az4", "use1-az5", "use1-az6"},
	"us-east-2":      {"use2-az1", "use2-az2", "use2-az3"},
	"us-gov-west-1":  {"usgw1-az1", "usgw1-az2", "usgw1-az3"},
	"us-west-1":      {"usw1-az1", "usw1-az3"},
	"us-west-2":      {"usw2-az1", "usw2-az2", "usw2-az3", "usw2-az4"},
}

// fargateZones are the IDs of the only zones with Fargate for Linux, for the regions where not all have it. Read on
// 26 November 2026 from https://docs.aws.amazon.com/AmazonECS/latest/developerguide/AWS_Fargate-Regions.html#linux-regions
var fargateZones = map[string][]string{
	"ap-northeast-1": {"apne1-az1", "apne1-az2", "apne1-az4"},
	"us-west-1":      {"usw1-az1", "usw1-az3"},
}

// zones translates the names of zones, which differ by account, to IDs, and checks that they have VPC links and Fargate.
func (l *look) zones(ctx context.Context) []finding.Finding {
	const check = "zones"
	if len(l.need.Zones) == 0 {
		return nil
	}
	got, err := ec2.NewFromConfig(l.Config).DescribeAvailabilityZones(ctx, &ec2.DescribeAvailabilityZonesInput{})
	if err != nil {
		return unknown(check, "ec2:DescribeAvailabilityZones", err)
	}
	ids := map[string]string{}
	for _, zone := range got.AvailabilityZones {
		if zone.State == types.AvailabilityZoneStateAvailable {
			ids[aws.ToString(zone.ZoneName)] = aws.ToString(zone.ZoneId)
		}
	}
	region := l.Environment.Region
	if _, covered := vpcLinkZones[region]; !covered && len(l.need.VPCLinkZones) > 0 {
		return []finding.Finding{{
			Check: check, Detail: region + " has no VPC links of HTTP APIs", Fix: "set the environment's Region to one of " + strings.Join(sorted(vpcLinkZones), ", "),
			Status: finding.Missing,
		}}
	}
	var findings []finding.Finding
	var shown, good []string
	for _, name := range l.need.Zones {
		if reason := l.unfit(name, ids[name]); reason != "" {
			findings = append(findings, finding.Finding{Check: check, Subject: name, Detail: reason, Status: finding.Missing})
		}
		shown = append(shown, fmt.Sprintf("%s is %s", name, ids[name]))
	}
	for _, name := range sorted(ids) {
		if l.unfit(name, ids[name]) == "" {
			good = append(good, name)
		}
	}
	if len(findings) == 0 {
		return []finding.Finding{ok(check, "%s", strings.Join(shown, ", "))}
	}
	fix := "set the environment's Zones to some of " + strings.Join(good, ", ")
	if len(good) == 0 {
		fix = "set the environment's Region to another: this account has no zone in " + region + " that supports all of it"
	}
	for n := range findings {
		findings[n].Fix = fix
	}
	return findings
}

// unfit returns why a zone cannot have what the stacks define in it, or an empty text.
func (l *look) unfit(name, id string) string {
	region := l.Environment.Region
	only, limited := fargateZones[region]
	switch {
	case id == "":
		return "does not exist in this account and region"
	case slices.Contains(l.need.VPCLinkZones, name) && !slices.Contains(vpcLinkZones[region], id):
		return fmt.Sprintf("is %s in this account, which has no VPC links of HTTP APIs", id)
	case slices.Contains(l.need.TaskZones, name) && limited && !slices.Contains(only, id):
		return fmt.Sprintf("is %s in this account, which has no Fargate", id)
	}
	// A zone that the stacks do not use yet must support both.
	if !slices.Contains(l.need.Zones, name) && (!slices.Contains(vpcLinkZones[region], id) || limited && !slices.Contains(only, id)) {
		return "lacks VPC links or Fargate"
	}
	return ""
}

// instanceTypes finds instance types that a zone does not offer.
func (l *look) instanceTypes(ctx context.Context) []finding.Finding {
	const check = "instance types"
	if len(l.need.InstanceZones) == 0 {
		return nil
	}
	kinds := sorted(l.need.InstanceZones)
	offered := map[string][]string{}
	pages := ec2.NewDescribeInstanceTypeOfferingsPaginator(ec2.NewFromConfig(l.Config), &ec2.DescribeInstanceTypeOfferingsInput{
		LocationType: types.LocationTypeAvailabilityZone,
		Filters:      []types.Filter{{Name: aws.String("instance-type"), Values: kinds}},
	})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return unknown(check, "ec2:DescribeInstanceTypeOfferings", err)
		}
		for _, offer := range page.InstanceTypeOfferings {
			offered[string(offer.InstanceType)] = append(offered[string(offer.InstanceType)], aws.ToString(offer.Location))
		}
	}
	var findings []finding.Finding
	for _, kind := range kinds {
		for _, zone := range l.need.InstanceZones[kind] {
			if !slices.Contains(offered[kind], zone) {
				slices.Sort(offered[kind])
				findings = append(findings, finding.Finding{
					Check: check, Subject: kind, Detail: "is not offered in " + zone, Status: finding.Missing,
					Fix: "set the environment's Zones to some in which it is offered: " + strings.Join(offered[kind], ", "),
				})
			}
		}
	}
	if len(findings) == 0 {
		return []finding.Finding{ok(check, "%s: offered in each of its zones", strings.Join(kinds, ", "))}
	}
	return findings
}

// searchTypes finds instance types that OpenSearch Service does not have in the region for the engine's version.
func (l *look) searchTypes(ctx context.Context) []finding.Finding {
	const check = "search domain"
	if len(l.need.SearchTypes) == 0 {
		return nil
	}
	client := opensearch.NewFromConfig(l.Config)
	byEngine := map[string][]string{}
	for _, wanted := range l.need.SearchTypes {
		byEngine[wanted.Engine] = append(byEngine[wanted.Engine], wanted.InstanceType)
	}
	var findings []finding.Finding
	for _, engine := range sorted(byEngine) {
		var offered []string
		pages := opensearch.NewListInstanceTypeDetailsPaginator(client, &opensearch.ListInstanceTypeDetailsInput{EngineVersion: &engine})
		for pages.HasMorePages() {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return unknown(check, "es:ListInstanceTypeDetails", err)
			}
			for _, detail := range page.InstanceTypeDetails {
				offered = append(offered, string(detail.InstanceType))
			}
		}
		good := true
		for _, kind := range byEngine[engine] {
			if !slices.Contains(offered, kind) {
				good = false
				findings = append(findings, finding.Finding{
					Check: check, Subject: kind, Detail: fmt.Sprintf("is not offered in %s for %s", l.Environment.Region, engine), Status: finding.Missing,
					Fix: "set InstanceType to one of aws opensearch list-instance-type-details --engine-version " + engine,
				})
			}
		}
		if good {
			findings = append(findings, ok(check, "%s is offered for %s", strings.Join(byEngine[engine], ", "), engine))
		}
	}
	return findings
}

// sorted returns the keys of a map in order.
func sorted[V any](of map[string]V) []string { return slices.Sorted(maps.Keys(of)) }
