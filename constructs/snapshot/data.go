package snapshot

import (
	"fmt"
	"maps"
	"reflect"
	"slices"
	"strings"
)

// holdsData maps each type whose replacement loses what is in it to the properties that CloudFormation can set only in a new
// resource, for a change of one of them is a replacement too.
//
// Source: createOnlyProperties in the types' CloudFormation schemas. That of a global table has KeySchema as conditional, and
// DynamoDB cannot change the keys of a table.
var holdsData = map[string][]string{
	"AWS::Backup::BackupVault":              {"BackupVaultName", "EncryptionKeyArn"},
	"AWS::Cognito::UserPool":                nil,
	"AWS::DSQL::Cluster":                    nil,
	"AWS::DocDB::DBCluster":                 {"DBClusterIdentifier", "DBSubnetGroupName", "KmsKeyId", "MasterUsername", "StorageEncrypted"},
	"AWS::DynamoDB::GlobalTable":            {"KeySchema", "LocalSecondaryIndexes", "TableName"},
	"AWS::DynamoDB::Table":                  {"KeySchema", "TableName"},
	"AWS::EC2::Volume":                      nil,
	"AWS::ECR::Repository":                  {"EncryptionConfiguration", "RepositoryName"},
	"AWS::EFS::FileSystem":                  {"AvailabilityZoneName", "Encrypted", "KmsKeyId", "PerformanceMode"},
	"AWS::ElastiCache::ReplicationGroup":    {"AtRestEncryptionEnabled", "CacheSubnetGroupName", "DataTieringEnabled", "KmsKeyId", "NetworkType", "Port", "ReplicationGroupId"},
	"AWS::ElastiCache::ServerlessCache":     {"ConnectionType", "KmsKeyId", "NetworkType", "ServerlessCacheName", "SubnetIds"},
	"AWS::KMS::Key":                         nil,
	"AWS::Kinesis::Stream":                  {"Name"},
	"AWS::Logs::LogGroup":                   {"LogGroupName"},
	"AWS::MemoryDB::Cluster":                {"ClusterName", "DataTiering", "KmsKeyId", "NetworkType", "Port", "SubnetGroupName", "TLSEnabled"},
	"AWS::Neptune::DBCluster":               {"AvailabilityZones", "DBClusterIdentifier", "DBSubnetGroupName", "KmsKeyId", "StorageEncrypted"},
	"AWS::OpenSearchServerless::Collection": {"EncryptionConfig", "Name", "StandbyReplicas", "Type"},
	"AWS::OpenSearchService::Domain":        {"DomainName", "EngineMode"},
	"AWS::RDS::DBCluster":                   {"DBClusterIdentifier", "DBSubnetGroupName", "DatabaseName", "EngineMode", "KmsKeyId", "SnapshotIdentifier", "StorageEncrypted"},
	"AWS::RDS::DBInstance":                  {"CharacterSetName", "DBInstanceIdentifier", "DBName", "DBSubnetGroupName", "KmsKeyId", "MasterUsername", "StorageEncrypted"},
	"AWS::Redshift::Cluster":                {"ClusterIdentifier", "ClusterSubnetGroupName", "DBName", "MasterUsername"},
	"AWS::S3::Bucket":                       {"BucketName", "BucketNamePrefix"},
	"AWS::SQS::Queue":                       {"FifoQueue", "QueueName"},
	"AWS::SecretsManager::Secret":           {"Name"},
	"AWS::Timestream::Table":                {"DatabaseName", "TableName"},
}

// losses returns a line for each resource with data that a deployment of got would replace or remove where want is deployed.
func losses(want, got Template) []string {
	var lines []string
	after := map[string]Resource{}
	for _, resource := range got.Resources("") {
		after[resource.LogicalID] = resource
	}
	taken := map[string]bool{}
	for _, resource := range want.Resources("") {
		createOnly, holds := holdsData[resource.Type]
		same, there := after[resource.LogicalID]
		add := func(format string, values ...any) {
			lines = append(lines, fmt.Sprintf("Resources.%s: %s ", resource.LogicalID, resource.Type)+fmt.Sprintf(format, values...))
		}
		switch {
		case !holds:
		case there && same.Type == resource.Type:
			if changed := changedOf(createOnly, resource, same); len(changed) > 0 {
				add("is replaced by an empty one, since %s cannot be changed: its data %s", strings.Join(changed, ", "), fate(same, "UpdateReplacePolicy"))
			}
		default:
			successor := successorOf(resource, want, got, taken)
			if successor == "" {
				add("is removed: its data %s", fate(resource, "DeletionPolicy"))
				continue
			}
			taken[successor] = true
			add("is replaced by %s, which is empty: its data %s", successor, fate(resource, "DeletionPolicy"))
		}
	}
	return lines
}

// changedOf returns which of the properties differ in two versions of a resource.
func changedOf(properties []string, before, after Resource) []string {
	var changed []string
	for _, property := range properties {
		if !reflect.DeepEqual(before.Get("Properties."+property), after.Get("Properties."+property)) {
			changed = append(changed, property)
		}
	}
	return changed
}

// successorOf returns the logical ID of the new resource of the same type that is most like the one that is gone, or "".
func successorOf(gone Resource, want, got Template, taken map[string]bool) string {
	best, most := "", -1.0
	before, _ := want["Resources"].(map[string]any)
	for _, other := range got.Resources(gone.Type) {
		if _, known := before[other.LogicalID]; known || taken[other.LogicalID] {
			continue
		}
		if alike := similarity(gone.Raw, other.Raw); alike > most {
			best, most = other.LogicalID, alike
		}
	}
	return best
}

// fate returns what CloudFormation does with the data of a resource that leaves its stack, by the policy of that name.
func fate(resource Resource, policy string) string {
	switch resource.Get(policy) {
	case "Retain", "RetainExceptOnCreate":
		return "stays in the old one, which the stack no longer has"
	case "Snapshot":
		return "is deleted but for a snapshot"
	}
	return "is deleted"
}

// similarity returns the share of the scalars in two values that are at the same keys in both, from 0 to 1. Indexes of lists do
// not count, since an element that is added shifts all others.
func similarity(a, b any) float64 {
	one, other := map[string]int{}, map[string]int{}
	count("", a, one)
	count("", b, other)
	shared, most := 0, 0
	for _, key := range slices.Sorted(maps.Keys(one)) {
		shared += min(one[key], other[key])
		most += one[key]
	}
	total := 0
	for _, n := range other {
		total += n
	}
	if most = max(most, total); most == 0 {
		return 1
	}
	return float64(shared) / float64(most)
}

func count(path string, value any, into map[string]int) {
	switch value := value.(type) {
	case map[string]any:
		for key, child := range value {
			count(path+"."+key, child, into)
		}
	case []any:
		for _, child := range value {
			count(path, child, into)
		}
	default:
		into[fmt.Sprintf("%s=%v", path, value)]++
	}
}
