package cdkx

import (
	"fmt"
	"strings"

	"github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awsiam"
	"github.com/aws/aws-cdk-go/awscdk/v2/awskms"
	"github.com/aws/constructs-go/constructs/v10"
	"github.com/aws/jsii-runtime-go"
)

// DataKey returns the key that encrypts the data of a store: the given one; or, if own is true, one that it defines in the
// store; or nil, for a key that AWS owns. Each store has its own key, which then lives as long as its data does.
func DataKey(store constructs.Construct, given awskms.IKey, own, retain bool) awskms.IKey {
	switch {
	case given != nil:
		return given
	case !own:
		return nil
	}
	return awskms.NewKey(store, jsii.String("Key"), &awskms.KeyProps{
		Description:       jsii.String("Encrypts the data of " + *store.Node().Path()),
		EnableKeyRotation: jsii.Bool(true),
		RemovalPolicy:     Removal(retain),
	})
}

// CheckDataKey returns an error for a key that services would not be allowed to use, or that is not of the stack of scope, in
// which a store is to be defined. Its message begins with field. The CDK drops grants on an alias that it imports.
func CheckDataKey(field string, key awskms.IKey, scope constructs.Construct) error {
	if key != nil && strings.Contains(*key.KeyArn(), ":alias/") {
		return fmt.Errorf("%s is an alias, whose key a service would not be allowed to use: use awskms.Key_FromKeyArn", field)
	}
	return CheckKeyStack(field, key, scope)
}

// CheckKeyStack returns an error for a key that another stack defines. The CDK would export it from that stack, which could
// then neither change nor delete it.
func CheckKeyStack(field string, key awskms.IKey, scope constructs.Construct) error {
	if key == nil || !*awscdk.Token_IsUnresolved(key.KeyArn()) {
		return nil
	}
	if own, other := *awscdk.Stack_Of(scope).Node().Path(), *key.Stack().Node().Path(); own != other {
		return fmt.Errorf("%s is in stack %s and not in %s: define it there, or use awskms.Key_FromKeyArn", field, other, own)
	}
	return nil
}

var (
	decrypting = []string{"kms:Decrypt", "kms:DescribeKey"}
	encrypting = []string{
		"kms:Decrypt", "kms:DescribeKey", "kms:Encrypt", "kms:GenerateDataKey", "kms:GenerateDataKeyWithoutPlaintext",
		"kms:ReEncryptFrom", "kms:ReEncryptTo",
	}
)

// GrantDataKey allows a consumer to read data that key encrypts, and to write it if write is true. Without a key it does
// nothing. The CDK's own grants have wildcards.
func GrantDataKey(key awskms.IKey, consumer awsiam.IGrantable, write bool) {
	if key == nil {
		return
	}
	actions := decrypting
	if write {
		actions = encrypting
	}
	key.Grant(consumer.GrantPrincipal(), *jsii.Strings(actions...)...)
}
