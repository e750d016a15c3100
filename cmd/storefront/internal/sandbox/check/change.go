package check

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/storefront-cdk/storefront/cmd/storefront/internal/snapshot"
)

// Changed copies an assembly to a folder below dir and changes the template of one stack, by construct ID, as a change of the
// app's code would, with its hash, which the CLI compares. It returns the folder.
func Changed(dir, assembly, stack string, change func(snapshot.Template) error) (string, error) {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", err
	}
	copied, err := os.MkdirTemp(dir, "changed-")
	if err != nil {
		return "", err
	}
	if err := os.CopyFS(copied, os.DirFS(assembly)); err != nil {
		return "", err
	}
	file := filepath.Join(copied, stack+".template.json")
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	template, err := snapshot.Parse(text)
	if err != nil {
		return "", err
	}
	if err := change(template); err != nil {
		return "", err
	}
	text = template.JSON()
	if err := os.WriteFile(file, text, 0o600); err != nil {
		return "", err
	}
	assets := filepath.Join(copied, stack+".assets.json")
	was, err := templateHash(assets, filepath.Base(file))
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256(text)
	for _, file := range []string{assets, filepath.Join(copied, "manifest.json")} {
		text, err := os.ReadFile(file)
		if err != nil {
			return "", err
		}
		if !strings.Contains(string(text), was) {
			return "", fmt.Errorf("%s does not name the template's hash %s", file, was)
		}
		if err := os.WriteFile(file, []byte(strings.ReplaceAll(string(text), was, hex.EncodeToString(sum[:]))), 0o600); err != nil {
			return "", err
		}
	}
	return copied, nil
}

// templateHash is the hash of a stack's template in its list of assets.
func templateHash(file, template string) (string, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return "", err
	}
	var assets struct {
		Files map[string]struct{ Source struct{ Path string } }
	}
	if err := json.Unmarshal(text, &assets); err != nil {
		return "", fmt.Errorf("%s: %w", file, err)
	}
	for hash, asset := range assets.Files {
		if asset.Source.Path == template {
			return hash, nil
		}
	}
	return "", fmt.Errorf("%s has no %s", file, template)
}

// Nobody is the ID of a security group that does not exist.
const Nobody = "sg-00000000000000bad"

// BreakHalfWay adds a resource that cannot be created to a template, which CloudFormation reaches after the resources of the
// given types: a rule of a security group that does not exist.
func BreakHalfWay(template snapshot.Template, after ...string) error {
	var ids []any
	for _, resourceType := range after {
		for _, resource := range template.Resources(resourceType) {
			ids = append(ids, resource.LogicalID)
		}
	}
	resources, _ := template["Resources"].(map[string]any)
	if len(ids) == 0 || resources == nil {
		return fmt.Errorf("the template has no resource of the types %v", after)
	}
	resources["SandboxBroken"] = map[string]any{
		"Type":       "AWS::EC2::SecurityGroupIngress",
		"Properties": map[string]any{"GroupId": Nobody, "IpProtocol": "-1", "CidrIp": "10.0.0.0/8"},
		"DependsOn":  ids,
	}
	return nil
}

// AddVariable adds an environment variable to the first container of each task definition.
func AddVariable(template snapshot.Template, name, value string) {
	for _, task := range template.Resources("AWS::ECS::TaskDefinition") {
		containers, _ := task.Get("Properties.ContainerDefinitions").([]any)
		if len(containers) == 0 {
			continue
		}
		container, _ := containers[0].(map[string]any)
		variables, _ := container["Environment"].([]any)
		container["Environment"] = append(variables, map[string]any{"Name": name, "Value": value})
	}
}
