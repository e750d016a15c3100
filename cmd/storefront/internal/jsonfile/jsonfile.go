// Package jsonfile decodes files, such as those of a cloud assembly. Package snapshot has its own, since it imports nothing.
package jsonfile

import (
	"encoding/json"
	"fmt"
	"os"
)

// Read decodes the one JSON value in a file. An error names the file.
func Read(file string, into any) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}
