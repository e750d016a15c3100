package deployed

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/cloudcontrol"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation"
	"github.com/aws/aws-sdk-go-v2/service/cloudformation/types"
	"github.com/aws/smithy-go"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// Schema is the part of a resource type's schema that is used. Its properties are named by pointers such as
// /properties/Endpoint/Address, with * for the elements of a list.
type Schema struct {
	PrimaryIdentifier   []string
	WriteOnlyProperties []string
	Properties          map[string]any
	Definitions         map[string]any
}

// UnsupportedError reports that Cloud Control does not read resources of a type.
type UnsupportedError struct{ Type, Reason string }

func (e *UnsupportedError) Error() string {
	return fmt.Sprintf("Cloud Control does not read %s: %s", e.Type, e.Reason)
}

// Schema returns the schema of a resource type from CloudFormation's registry, or an [UnsupportedError] if the registry
// does not have it.
func (s *App) Schema(ctx context.Context, kind string) (*Schema, error) {
	schema, err := s.once("schema "+kind, func() (any, error) {
		out, err := cloudformation.NewFromConfig(s.Config).DescribeType(ctx, &cloudformation.DescribeTypeInput{
			Type: types.RegistryTypeResource, TypeName: &kind,
		})
		if err != nil {
			return nil, unsupported(kind, err)
		}
		schema := &Schema{}
		if err := json.Unmarshal([]byte(aws.ToString(out.Schema)), schema); err != nil {
			return nil, fmt.Errorf("schema of %s: %w", kind, err)
		}
		return schema, nil
	})
	if err != nil {
		return nil, err
	}
	return schema.(*Schema), nil
}

func unsupported(kind string, err error) error {
	var answer smithy.APIError
	if errors.As(err, &answer) && slices.Contains([]string{"TypeNotFoundException", "UnsupportedActionException"}, answer.ErrorCode()) {
		return &UnsupportedError{Type: kind, Reason: answer.ErrorMessage()}
	}
	return err
}

// Properties returns the properties of a deployed resource as Cloud Control reads them. If Cloud Control does not read
// the type, or the resource cannot be identified, the error is an [UnsupportedError].
func (s *App) Properties(ctx context.Context, stack *Stack, r Resource) (map[string]any, error) {
	schema, err := s.Schema(ctx, r.Type)
	if err != nil {
		return nil, err
	}
	identifier, err := s.identifier(ctx, stack, r, schema)
	if err != nil {
		return nil, err
	}
	out, err := cloudcontrol.NewFromConfig(s.Config).GetResource(ctx, &cloudcontrol.GetResourceInput{TypeName: &r.Type, Identifier: &identifier})
	if err != nil {
		return nil, unsupported(r.Type, err)
	}
	properties, err := snapshot.Parse([]byte(aws.ToString(out.ResourceDescription.Properties)))
	if err != nil {
		return nil, fmt.Errorf("%s %s: %w", r.Type, identifier, err)
	}
	return properties, nil
}

// identifier returns Cloud Control's identifier of a resource: the properties of its type's primary identifier, joined. A
// property that the template does not set is the physical ID; if there are several, the resource is looked up in the list.
func (s *App) identifier(ctx context.Context, stack *Stack, r Resource, schema *Schema) (string, error) {
	parts := schema.PrimaryIdentifier
	if strings.Count(r.PhysicalID, "|") == len(parts)-1 {
		return r.PhysicalID, nil
	}
	values, open := make([]string, len(parts)), 0
	for n, pointer := range parts {
		property := strings.ReplaceAll(strings.TrimPrefix(pointer, "/properties/"), "/", ".")
		asked, err := s.Resolve(ctx, stack, stack.Template.Get("Resources."+r.LogicalID+".Properties."+property))
		if err != nil {
			return "", err
		}
		if asked == nil {
			values[n] = r.PhysicalID
			open++
			continue
		}
		values[n] = fmt.Sprint(asked)
	}
	if open <= 1 {
		return strings.Join(values, "|"), nil
	}
	pages := cloudcontrol.NewListResourcesPaginator(cloudcontrol.NewFromConfig(s.Config), &cloudcontrol.ListResourcesInput{TypeName: &r.Type})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return "", &UnsupportedError{Type: r.Type, Reason: "its resources cannot be listed: " + err.Error()}
		}
		for _, listed := range page.ResourceDescriptions {
			if slices.Contains(strings.Split(aws.ToString(listed.Identifier), "|"), r.PhysicalID) {
				return *listed.Identifier, nil
			}
		}
	}
	return "", &UnsupportedError{Type: r.Type, Reason: r.PhysicalID + " is not among the resources that it lists"}
}

// attribute returns the value of Fn::GetAtt for an attribute such as Endpoint.Address, or nil.
func (s *App) attribute(ctx context.Context, stack *Stack, r Resource, name string) (any, error) {
	properties, err := s.once("properties "+r.Type+" "+r.PhysicalID, func() (any, error) { return s.Properties(ctx, stack, r) })
	if err != nil {
		return nil, err
	}
	value := properties
	for part := range strings.SplitSeq(name, ".") {
		of, _ := value.(map[string]any)
		value = of[part]
	}
	return value, nil
}
