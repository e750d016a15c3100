// Package page makes the cursors of lists that are read page by page: the key of the last item of a page, as an opaque text.
package page

import (
	"encoding/base64"
	"encoding/json"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/storefront-cdk/storefront/services/internal/serve"
)

// Encode returns the cursor of the page after a key that Query or Scan returned as LastEvaluatedKey, or nil if that was the last
// page. It panics if an attribute of the key is not a string, as no key of the storefront is.
func Encode(key map[string]types.AttributeValue) *string {
	if len(key) == 0 {
		return nil
	}
	texts := map[string]string{}
	for name, value := range key {
		text, ok := value.(*types.AttributeValueMemberS)
		if !ok {
			panic(fmt.Sprintf("page: the key's attribute %s must be a string, got %T", name, value))
		}
		texts[name] = text.Value
	}
	encoded, _ := json.Marshal(texts) // a map of strings has no error
	cursor := base64.RawURLEncoding.EncodeToString(encoded)
	return &cursor
}

// Decode returns the key of a cursor, for ExclusiveStartKey, or nil without a cursor. The key has the given attributes and no
// others, or the error is 400. Anyone can make a cursor: attributes in fixed, such as the partition of the user, replace those of
// the cursor.
func Decode(cursor *string, fixed map[string]string, attributes ...string) (map[string]types.AttributeValue, error) {
	if cursor == nil || *cursor == "" {
		return nil, nil
	}
	invalid := serve.Invalid("cursor must be the nextCursor of the page before, got %q", *cursor)
	encoded, err := base64.RawURLEncoding.DecodeString(*cursor)
	if err != nil {
		return nil, invalid
	}
	var texts map[string]string
	if err := json.Unmarshal(encoded, &texts); err != nil || len(texts) != len(fixed)+len(attributes) {
		return nil, invalid
	}
	key := map[string]types.AttributeValue{}
	for _, name := range attributes {
		if texts[name] == "" {
			return nil, invalid
		}
		key[name] = &types.AttributeValueMemberS{Value: texts[name]}
	}
	for name, value := range fixed {
		key[name] = &types.AttributeValueMemberS{Value: value}
	}
	return key, nil
}

// Limit returns the number of items of a page: that of the request, or 20.
func Limit(limit *int) int32 {
	if limit == nil {
		return 20
	}
	return int32(*limit) //nolint:gosec // openapi.yaml has a maximum
}
